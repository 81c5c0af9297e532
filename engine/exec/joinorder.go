package exec

import (
	"context"
	"slices"

	"github.com/apache/arrow/go/v15/arrow"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/planner/types"
)

// orderBy orders the rows with one key by values, one for each row. Rows without a value are no longer found.
func (t *joinTable) orderBy(ctx context.Context, valueType *types.Type, values arrow.Array, memory *account) error {
	byValue := []sortKey{{valueType: valueType}}
	sorted := &table{columns: []arrow.Array{values}, rows: len(t.rowIDs)}
	if arrowdata.Validity(values) == nil && !isFloat(values) && areInOrder(sorted, byValue, t.by) {
		return nil
	}
	// Values may be missing or nested, or rows have no key: the others may be in order.
	compare, missing := batch.Ordering(valueType, values, values), missingIn(values)
	last, inOrder, anyMissing := -1, true, false
	for row := range t.rowIDs {
		switch {
		case missing(row):
			t.rowIDs[row], anyMissing = batch.Absent, true
			continue
		case last >= 0 && inOrder:
			inOrder = compare(last, row) <= 0
		}
		last = row
	}
	// Events are mostly ordered by their time, and keys of texts mostly have few rows.
	if inOrder || t.mostMembers() <= membersSortedAlone {
		if anyMissing {
			if err := t.index(nil, memory); err != nil {
				return err
			}
		}
		if inOrder {
			return nil
		}
		return t.sortMembers(ctx, compare)
	}
	done, err := memory.during(int64(len(t.rowIDs)) * 16)
	if err != nil {
		return err
	}
	defer done()
	order, err := sortedRows(ctx, sorted, byValue, 1, memory)
	if err != nil {
		return err
	}
	return t.index(order, memory)
}

// Up to membersSortedAlone rows with one key are sorted in place, which takes fewer comparisons than sorting all
// rows of the table.
const membersSortedAlone = 64

// mostMembers returns the largest number of rows with one key.
func (t *joinTable) mostMembers() int32 {
	most := int32(0)
	for id := range t.ids.groups {
		most = max(most, t.starts[id+1]-t.starts[id])
	}
	return most
}

// sortMembers sorts the rows with each key; equal ones stay in the order of the table.
func (t *joinTable) sortMembers(ctx context.Context, compare func(a, b int) int) error {
	const idsBetweenLooks = 1 << 14
	t.by((t.ids.groups+idsBetweenLooks-1)/idsBetweenLooks, func(piece int) {
		if ctx.Err() != nil {
			return
		}
		for id := piece * idsBetweenLooks; id < min(t.ids.groups, (piece+1)*idsBetweenLooks); id++ {
			if members := t.matches(int32(id)); len(members) > 1 {
				slices.SortStableFunc(members, func(a, b int32) int { return compare(int(a), int(b)) })
			}
		}
	})
	return ctx.Err()
}
