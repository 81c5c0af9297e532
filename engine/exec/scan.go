package exec

import (
	"context"
	"errors"
	"io"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/expr"
	"github.com/auditlake/auditlake/planner/types"
)

// scan reads a table row group by row group. It evaluates the filter conjunct
// by conjunct, and reads a column only when it is needed and only for the rows
// that are left then.
type scan struct {
	rows      TableScan
	paths     []string // by column
	conjuncts []scanConjunct
	output    []int // columns to give out
	budget    *scanBudget
	stats     *ScanNode
}

// scanConjunct is a part of the filter and the columns it reads.
type scanConjunct struct {
	condition expr.Evaluator
	columns   []int
}

func (s *scan) Next(ctx context.Context) (*batch.Batch, error) {
	for {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		group, err := s.rows.Next(ctx)
		if errors.Is(err, io.EOF) {
			s.stats.set(s.rows.Stats())
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		b, err := s.read(ctx, group)
		if err != nil {
			return nil, err
		}
		stats := s.rows.Stats()
		s.stats.set(stats)
		if err := s.budget.check(s, stats.BytesScanned); err != nil {
			return nil, err
		}
		if b != nil {
			s.stats.matched(int64(b.Len))
			return b, nil
		}
	}
}

func (s *scan) Close() { s.rows.Close() }

// read returns the rows of a group that pass the filter, nil if there are none.
func (s *scan) read(ctx context.Context, group RowGroup) (*batch.Batch, error) {
	live, err := group.Live(ctx)
	if err != nil {
		return nil, err
	}
	g := &groupReader{scan: s, group: group, rows: live, count: group.Rows(), columns: make([]batch.Vector, len(s.paths))}
	if live != nil {
		g.count = len(live)
	}
	for _, c := range s.conjuncts {
		if g.count == 0 {
			return nil, nil
		}
		if err := g.need(ctx, c.columns); err != nil {
			return nil, err
		}
		sel, err := c.condition.Filter(&batch.Batch{Columns: g.columns, Len: g.count})
		if err != nil {
			return nil, err
		}
		if sel != nil {
			g.narrow(sel)
		}
	}
	if g.count == 0 {
		return nil, nil
	}
	if err := g.need(ctx, s.output); err != nil {
		return nil, err
	}
	return &batch.Batch{Columns: pickColumns(&batch.Batch{Columns: g.columns}, s.output), Len: g.count}, nil
}

// groupReader is the work on one row group: the columns read so far, dense
// over the rows left.
type groupReader struct {
	scan    *scan
	group   RowGroup
	rows    []int32 // left, nil: all
	count   int     // rows left
	columns []batch.Vector
}

// need reads the columns that were not read yet.
func (g *groupReader) need(ctx context.Context, columns []int) error {
	var missing []int
	var paths []string
	for _, c := range columns {
		if g.columns[c].Array == nil {
			missing, paths = append(missing, c), append(paths, g.scan.paths[c])
		}
	}
	if len(missing) == 0 {
		return nil
	}
	arrays, err := g.group.Read(ctx, paths, g.rows)
	if err != nil {
		return err
	}
	for i, c := range missing {
		g.columns[c] = batch.Vector{Array: arrays[i]}
	}
	return nil
}

// narrow keeps the rows at sel of those left.
func (g *groupReader) narrow(sel []int32) {
	for i, v := range g.columns {
		if v.Array != nil {
			g.columns[i] = batch.TakeVector(v, sel)
		}
	}
	if g.rows == nil {
		g.rows = sel
	} else {
		g.rows = gather(g.rows, sel, make([]int32, len(sel)))
	}
	g.count = len(sel)
}

// scanBudget is the limit on the bytes that all scans of a statement may read.
type scanBudget struct {
	maxBytes int64 // 0: no limit
	scanned  map[*scan]int64
	total    int64
}

// check notes what a scan has read and fails when the limit is passed.
func (b *scanBudget) check(by *scan, bytes int64) error {
	b.total += bytes - b.scanned[by]
	b.scanned[by] = bytes
	if b.maxBytes > 0 && b.total > b.maxBytes {
		return types.Errorf(types.ExceededScanLimit, types.Pos{}, "Query exceeded the limit of %d bytes scanned", b.maxBytes)
	}
	return nil
}
