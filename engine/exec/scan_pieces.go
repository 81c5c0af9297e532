package exec

import (
	"context"
	"slices"

	"github.com/auditlake/auditlake/engine/batch"
)

// isUsedOnce says that one condition reads a column, and nothing else does.
func (s *groupScan) isUsedOnce(column int) bool {
	uses := 0
	for _, c := range s.conjuncts {
		if slices.Contains(c.columns, column) {
			uses++
		}
	}
	return uses == 1 && !slices.Contains(s.output, column)
}

// filterInPieces is filter by the one column of a condition, of which nothing is kept. That a piece of it cannot be read comes before what the
// condition says of rows before it, as where the column is read as a whole.
func (g *groupReader) filterInPieces(ctx context.Context, c *scanConjunct) ([]int32, error) {
	column := c.columns[0]
	columns := make([]batch.Vector, len(g.columns))
	passing := make([]int32, 0, 64)
	var failed error
	first := int32(0)
	for piece, err := range g.group.Pieces(ctx, g.scan.paths[column]) {
		if err != nil {
			return nil, err
		}
		if failed != nil {
			continue
		}
		columns[column] = batch.Vector{Array: piece}
		var sel []int32
		if sel, failed = c.condition.Filter(&batch.Batch{Columns: columns, Len: piece.Len()}); failed != nil {
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
	if failed != nil {
		return nil, failed
	}
	if len(passing) == g.count {
		return nil, nil
	}
	return passing, nil
}
