// Package exec runs logical plans. Every node becomes one operator, a pull iterator over batches. Build connects
// the operators.
package exec

import (
	"context"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

// Operator is one step of a running plan. It is used by one goroutine at a time.
type Operator interface {
	// Next returns the next batch, nil at the end. After nil or an error it is not called again. A batch has at
	// least one live row and may have more than batch.Rows rows. The caller may keep it but not change it. Its
	// columns are those that Build reported for the operator, in that order. Next fails with ctx's error soon after
	// ctx ends.
	Next(ctx context.Context) (*batch.Batch, error)
	// Close frees memory and stops background work. It is called once, even if Next failed or was never called.
	Close()
}

// layout maps column IDs to positions in a batch.
func layout(columns []*plan.Column) map[int]int {
	positions := make(map[int]int, len(columns))
	for i, c := range columns {
		positions[c.ID] = i
	}
	return positions
}

// layoutFor is layout with only the columns that e reads.
func layoutFor(e plan.Expr, columns []*plan.Column) map[int]int {
	positions := map[int]int{}
	plan.FreeColumns(e, func(c *plan.Column) { positions[c.ID] = -1 })
	for i, c := range columns {
		if _, read := positions[c.ID]; read {
			positions[c.ID] = i
		}
	}
	return positions
}

// positionOf returns the position of c in columns. A missing column is a defect of the plan.
func positionOf(columns []*plan.Column, c *plan.Column) (int, error) {
	for i, have := range columns {
		if have.ID == c.ID {
			return i, nil
		}
	}
	return 0, types.Errorf(types.GenericInternalError, types.Pos{}, "the plan reads column %s (#%d), which its input does not give", c.Name, c.ID)
}

func positionsOf(columns, wanted []*plan.Column) ([]int, error) {
	positions := make([]int, len(wanted))
	for i, c := range wanted {
		at, err := positionOf(columns, c)
		if err != nil {
			return nil, err
		}
		positions[i] = at
	}
	return positions, nil
}

// compact returns b's live rows without a selection.
func compact(b *batch.Batch) *batch.Batch {
	if b.Sel == nil {
		return b
	}
	return &batch.Batch{Columns: takeAll(b.Columns, b.Sel), Len: len(b.Sel)}
}

// takeAllOwned is takeAll, but its result does not refer to the memory of columns.
func takeAllOwned(columns []batch.Vector, rows []int32) []batch.Vector {
	out := make([]batch.Vector, len(columns))
	for i, v := range columns {
		out[i] = batch.TakeOwned(v, rows)
	}
	return out
}

// liveColumn returns column i of b reduced to the live rows.
func liveColumn(b *batch.Batch, i int) batch.Vector {
	if b.Sel == nil {
		return b.Columns[i]
	}
	return batch.TakeVector(b.Columns[i], b.Sel)
}

// takeAll picks the same rows of every column. A negative row becomes NULLs.
func takeAll(columns []batch.Vector, rows []int32) []batch.Vector {
	out := make([]batch.Vector, len(columns))
	for i, v := range columns {
		out[i] = batch.TakeVector(v, rows)
	}
	return out
}
