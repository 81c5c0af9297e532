package exec

import (
	"context"
	"slices"

	"github.com/apache/arrow/go/v15/arrow"

	"github.com/auditlake/auditlake/engine/batch"
)

// soleReaders returns how many conditions, from the first on, read only this column; 0 if anything else reads it.
func (s *groupScan) soleReaders(column int, conjuncts []scanConjunct) int {
	n, uses := 0, 0
	for n < len(conjuncts) && slices.Equal(conjuncts[n].columns, []int{column}) && (n == 0 || conjuncts[n].settledBy == "") {
		n++
	}
	for _, c := range s.conjuncts {
		if slices.Contains(c.columns, column) {
			uses++
		}
	}
	if uses != n || slices.Contains(s.output, column) {
		return 0
	}
	return n
}

// filterInPieces is filter for conditions on one column, which is not kept. Errors are those of reading the column
// as a whole: failing to read a piece comes before a condition's error, and an earlier condition's error before a
// later one's.
func (g *groupReader) filterInPieces(ctx context.Context, conjuncts []scanConjunct) ([]int32, error) {
	column := conjuncts[0].columns[0]
	f := &pieceFilter{conjuncts: conjuncts, column: column, columns: make([]batch.Vector, len(g.columns))}
	passing := make([]int32, 0, 64)
	first := int32(0)
	for piece, err := range g.group.Pieces(ctx, g.scan.paths[column], g.rows) {
		if err != nil {
			return nil, err
		}
		sel := f.filter(piece)
		if f.failed != nil {
			continue
		}
		if piece.Len() == g.count {
			return sel, nil
		}
		if sel == nil {
			sel = iota32(piece.Len())
		}
		for _, row := range sel {
			passing = append(passing, first+row)
		}
		first += int32(piece.Len())
	}
	if f.failed != nil {
		return nil, f.failed
	}
	if len(passing) == g.count {
		return nil, nil
	}
	return passing, nil
}

// pieceFilter applies conditions to pieces of the only column that they read.
type pieceFilter struct {
	conjuncts []scanConjunct // those before the failed one
	column    int
	columns   []batch.Vector // memory for a batch's columns
	failed    error          // of the first condition that has failed in any piece; nil: none
}

// filter returns the rows of a piece that meet the conditions; nil: all.
func (f *pieceFilter) filter(piece arrow.Array) []int32 {
	f.columns[f.column] = batch.Vector{Array: piece}
	b := &batch.Batch{Columns: f.columns, Len: piece.Len()}
	for i, c := range f.conjuncts {
		sel, err := c.condition.Filter(b)
		if err != nil {
			f.conjuncts, f.failed = f.conjuncts[:i], err
			return nil
		}
		if sel == nil {
			continue
		}
		if b.Sel = sel; len(sel) == 0 {
			break
		}
	}
	return b.Sel
}
