package exec

import (
	"context"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/expr"
)

// groupScan reads row groups of a table. It evaluates the filter conjunct by conjunct, and reads a column only when
// needed and only for the rows left. It is safe for concurrent use.
type groupScan struct {
	paths     []string // by column
	conjuncts []scanConjunct
	output    []int // columns to return
	// locate adds a column with the position of each row, see RowGroup.
	locate bool
	// stages are the operators above the scan that need only single batches.
	stages []expander
	// enough limits the rows returned of one row group; 0: no limit.
	enough int
}

// scanConjunct is a part of the filter and the columns it reads.
type scanConjunct struct {
	condition expr.Evaluator
	columns   []int
	settledBy string // path of the domain that implies the condition, "" for none
}

// read returns the rows of a group that pass the filter, at most enough, and how many pass. The batch is nil if
// none do.
func (s *groupScan) read(ctx context.Context, group RowGroup) (*batch.Batch, int, error) {
	live, err := group.Live(ctx)
	if err != nil {
		return nil, 0, err
	}
	g := &groupReader{scan: s, group: group, rows: live, count: group.Rows(), columns: make([]batch.Vector, len(s.paths))}
	if live != nil {
		g.count = len(live)
	}
	for left := s.conjuncts; len(left) > 0; {
		if g.count == 0 {
			return nil, 0, nil
		}
		if by := left[0].settledBy; by != "" && group.Settled(by) {
			left = left[1:]
			continue
		}
		var sel []int32
		if sel, left, err = g.filter(ctx, left); err != nil {
			return nil, 0, err
		}
		if sel != nil {
			g.narrow(sel)
		}
	}
	matched := g.count
	if matched == 0 {
		return nil, 0, nil
	}
	if s.enough > 0 && s.enough < matched {
		g.narrow(iota32(s.enough))
	}
	if err := g.need(ctx, s.output); err != nil {
		return nil, 0, err
	}
	columns := pickColumns(&batch.Batch{Columns: g.columns}, s.output)
	if s.locate {
		columns = append(columns, batch.Vector{Array: g.positions()})
	}
	return &batch.Batch{Columns: columns, Len: g.count}, matched, nil
}

// groupReader is the work on one row group: the columns read so far, with only the rows left.
type groupReader struct {
	scan    *groupScan
	group   RowGroup
	rows    []int32 // left; nil: all
	count   int     // rows left
	columns []batch.Vector
}

// need reads those of columns that are not read yet.
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

// filter evaluates the first condition, or the first few that read one column. It returns the rows that pass, as
// indexes among the rows left (nil: all), and the remaining conditions.
func (g *groupReader) filter(ctx context.Context, conjuncts []scanConjunct) (sel []int32, left []scanConjunct, err error) {
	c := &conjuncts[0]
	if len(c.columns) == 1 && g.columns[c.columns[0]].Array == nil {
		if n := g.scan.soleReaders(c.columns[0], conjuncts); n > 0 {
			sel, err = g.filterInPieces(ctx, conjuncts[:n])
			return sel, conjuncts[n:], err
		}
	}
	if err := g.need(ctx, c.columns); err != nil {
		return nil, nil, err
	}
	sel, err = c.condition.Filter(&batch.Batch{Columns: g.columns, Len: g.count})
	return sel, conjuncts[1:], err
}

// narrow keeps only the rows at indexes sel of those left.
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
