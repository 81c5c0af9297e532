package exec_test

import (
	"context"
	"iter"
	"sync"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/exec"
	"github.com/auditlake/auditlake/engine/function"
	"github.com/auditlake/auditlake/planner/metadata"
	"github.com/auditlake/auditlake/storage"
)

// rowCounter counts the rows that are read of each path in the first row group:
// of the others workers may read ahead.
type rowCounter struct {
	exec.Source
	mu   sync.Mutex
	read map[string]int // mu
}

func (c *rowCounter) Open(ctx context.Context, t *metadata.Table, r exec.ScanRequest) (exec.TableScan, error) {
	scan, err := c.Source.Open(ctx, t, r)
	return countingScan{scan, c}, err
}

type countingScan struct {
	exec.TableScan
	counter *rowCounter
}

func (s countingScan) Next(ctx context.Context) (exec.RowGroup, error) {
	g, err := s.TableScan.Next(ctx)
	if err != nil {
		return nil, err
	}
	return countingGroup{g, s.counter}, nil
}

type countingGroup struct {
	exec.RowGroup
	counter *rowCounter
}

func (g countingGroup) Read(ctx context.Context, paths []string, sel []int32) ([]arrow.Array, error) {
	n := g.Rows()
	if sel != nil {
		n = len(sel)
	}
	if g.Ordinal() == 0 {
		g.counter.mu.Lock()
		defer g.counter.mu.Unlock()
		for _, path := range paths {
			g.counter.read[path] += n
		}
	}
	return g.RowGroup.Read(ctx, paths, sel)
}

func (g countingGroup) Pieces(ctx context.Context, path string, sel []int32) iter.Seq2[arrow.Array, error] {
	return storage.InOnePiece(g.Read(ctx, []string{path}, sel))
}

// TestLimitReadsNoMoreRows runs one worker over row groups of 100 rows.
func TestLimitReadsNoMoreRows(t *testing.T) {
	for _, c := range []struct {
		name, sql       string
		rows            int
		id, digit, text int // rows read
		matched         int64
	}{
		{"the first rows", "SELECT text FROM numbers LIMIT 7", 7, 0, 0, 7, 100},
		{"behind an offset", "SELECT text FROM numbers OFFSET 5 LIMIT 7", 7, 0, 0, 12, 100},
		{"through a projection", "SELECT upper(text) FROM numbers LIMIT 7", 7, 0, 0, 7, 100},
		{"of a filter's", "SELECT text FROM numbers WHERE digit = 3 LIMIT 4", 4, 0, 100, 4, 10},
		{"from two row groups", "SELECT text FROM numbers WHERE digit = 3 LIMIT 14", 14, 0, 100, 10, 20},
		{"all of a row group", "SELECT text FROM numbers LIMIT 100", 100, 0, 0, 100, 100},
		{"sorted first", "SELECT text FROM numbers ORDER BY id LIMIT 3", 3, 100, 0, 3, 200},
		{"distinct", "SELECT DISTINCT digit FROM numbers LIMIT 3", 3, 0, 100, 0, 100},
	} {
		t.Run(c.name, func(t *testing.T) {
			source := numbers(t, 200, 100)
			counter := &rowCounter{Source: source, read: map[string]int{}}
			r := &runner{source: source, optimize: true}
			out, err := r.plan(c.sql)
			require.NoError(t, err)
			stats := exec.NewStats(false)
			o, _, err := exec.Build(t.Context(), out, &exec.Env{Function: function.SessionEnv(session),
				Source: counter, Memory: exec.Accounted(nil), Workers: 1, Stats: stats})
			require.NoError(t, err)
			rows := 0
			for {
				b, err := o.Next(t.Context())
				require.NoError(t, err)
				if b == nil {
					break
				}
				rows += b.Live()
			}
			o.Close()
			require.Equal(t, c.rows, rows)
			require.Equal(t, []int{c.id, c.digit, c.text}, []int{counter.read["id"], counter.read["digit"], counter.read["text"]})
			require.Equal(t, c.matched, stats.Matched())
		})
	}
}
