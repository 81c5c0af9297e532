package exec_test

import (
	"context"
	"fmt"
	"iter"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/exec"
	"github.com/auditlake/auditlake/engine/function"
	"github.com/auditlake/auditlake/planner/metadata"
)

// piecewise gives columns of row groups in pieces of a few rows, and counts them.
type piecewise struct {
	exec.Source
	rows, pieces int
}

func (p *piecewise) Open(ctx context.Context, t *metadata.Table, r exec.ScanRequest) (exec.TableScan, error) {
	scan, err := p.Source.Open(ctx, t, r)
	return piecewiseScan{scan, p}, err
}

type piecewiseScan struct {
	exec.TableScan
	source *piecewise
}

func (s piecewiseScan) Next(ctx context.Context) (exec.RowGroup, error) {
	g, err := s.TableScan.Next(ctx)
	if err != nil {
		return nil, err
	}
	return piecewiseGroup{g, s.source}, nil
}

type piecewiseGroup struct {
	exec.RowGroup
	source *piecewise
}

func (g piecewiseGroup) Pieces(ctx context.Context, path string, sel []int32) iter.Seq2[arrow.Array, error] {
	return func(yield func(arrow.Array, error) bool) {
		columns, err := g.Read(ctx, []string{path}, sel)
		for from := 0; err == nil && from < columns[0].Len(); from += g.source.rows {
			g.source.pieces++
			if !yield(array.NewSlice(columns[0], int64(from), int64(min(columns[0].Len(), from+g.source.rows))), nil) {
				return
			}
		}
		if err != nil {
			yield(nil, err)
		}
	}
}

// TestConditionsOnPieces: conditions on a column that nothing else reads are applied to pieces of it, and select, or fail, as over all of it.
func TestConditionsOnPieces(t *testing.T) {
	const pieceRows = 7
	for _, c := range []struct {
		name, where string
		pieces      int // of the first row group, of a hundred rows
	}{
		{"one condition", "text LIKE '%3%'", 15},
		{"two", "text LIKE '%3%' AND text LIKE '%7%'", 15},
		{"three, of which one settles the other two", "text LIKE '%x%' AND text LIKE '%3%' AND length(text) > 5", 15},
		{"all rows", "text LIKE '%w%' AND text LIKE '%o%'", 15},
		{"one of another column before", "id > 9 AND id < 80 AND text LIKE '%3%' AND text LIKE '%7%'", 10},
		{"before one of another column", "text LIKE '%3%' AND text LIKE '%7%' AND (id + digit) % 7 < 5", 15},
		{"read by one of two columns, too", "text LIKE '%3%' AND text LIKE '%7%' AND length(text) + id > 20", 0},
		{"fails late", "text LIKE '%o%' AND 10 / (length(text) - 6) > -20 AND text LIKE '%3%'", 15},
		{"the second fails in a piece before", "10 / (99 - CAST(substr(text, 5) AS bigint)) > -20 AND CAST(IF(text = 'row 5', 'x', '1') AS bigint) = 1", 15},
		{"the first fails in a piece before", "CAST(IF(text = 'row 5', 'x', '1') AS bigint) = 1 AND 10 / (99 - CAST(substr(text, 5) AS bigint)) > -20", 15},
	} {
		t.Run(c.name, func(t *testing.T) {
			sql := "SELECT digit FROM numbers WHERE " + c.where
			source := numbers(t, 200, 100)
			r := &runner{source: source, optimize: true}
			out, err := r.plan(sql)
			require.NoError(t, err)
			answers := make([]string, 2)
			pieces := &piecewise{Source: source, rows: pieceRows}
			for i, from := range []exec.Source{&piecewise{Source: source, rows: 100}, pieces} {
				o, _, err := exec.Build(t.Context(), out, &exec.Env{Function: function.SessionEnv(session),
					Source: from, Memory: exec.Accounted(nil), Workers: 1, Stats: exec.NewStats(false)})
				require.NoError(t, err)
				for {
					b, err := o.Next(t.Context())
					if b == nil || err != nil {
						answers[i] += fmt.Sprint(err)
						break
					}
					digits := b.Columns[0]
					if b.Sel != nil {
						digits = batch.TakeVector(digits, b.Sel)
					}
					answers[i] += fmt.Sprint(digits.Array)
				}
				o.Close()
			}
			require.Equal(t, answers[0], answers[1])
			require.GreaterOrEqual(t, pieces.pieces, c.pieces)
			require.LessOrEqual(t, pieces.pieces, 2*c.pieces)
		})
	}
}
