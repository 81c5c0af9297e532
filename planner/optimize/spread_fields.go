package optimize

import (
	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

// collectSpread notes which fields of rows are read from arrays that UNNEST spreads.
func (u fieldUses) collectSpread(n plan.Node) {
	read := setOf(n.Columns())
	visitNodes(n, func(n plan.Node) { read.addReads(n) })
	visitNodes(n, func(n plan.Node) {
		unnest, ok := n.(*plan.Unnest)
		if !ok {
			return
		}
		for _, item := range unnest.Items {
			if use := u[item.Column.ID]; use != nil {
				use.noteSpread(item, read)
			}
		}
	})
}

// noteSpread notes the fields of a spread row that the plan reads, at least one. The array is read whole if these
// are more than half of the fields, or include a row.
func (f *fieldUse) noteSpread(item plan.UnnestItem, read columnSet) {
	row := f.column.Type.Elem
	if row.Kind != types.Row {
		f.whole = true
		return
	}
	for _, index := range spreadFields(item, read) {
		f.paths = withPath(f.paths, []int{index})
		f.whole = f.whole || row.Fields[index].Type.Kind == types.Row
	}
	f.whole = f.whole || 2*len(f.paths) > len(row.Fields)
}

// spreadFields lists the fields that the plan reads of an item's rows, the first field if it reads none.
func spreadFields(item plan.UnnestItem, read columnSet) []int {
	var fields []int
	for index, c := range item.Out {
		if read[c.ID] {
			fields = append(fields, index)
		}
	}
	if len(fields) == 0 {
		fields = []int{0}
	}
	return fields
}

// rewriteUnnest spreads the lists of fields instead of the array of rows.
func (u fieldUses) rewriteUnnest(n *plan.Unnest) plan.Node {
	return spreadParts(n, func(item plan.UnnestItem) (parts []plan.UnnestItem) {
		use := u[item.Column.ID]
		if use == nil {
			return []plan.UnnestItem{item}
		}
		for _, field := range use.fields {
			parts = append(parts, spreadPart(item, field.path[0], field.column))
		}
		return parts
	})
}

// spreadParts returns n with each item replaced by its parts.
func spreadParts(n *plan.Unnest, partsOf func(plan.UnnestItem) []plan.UnnestItem) plan.Node {
	c := *n
	c.Items = nil
	for _, item := range n.Items {
		c.Items = append(c.Items, partsOf(item)...)
	}
	return &c
}

// spreadPart returns the item that spreads list into the column item.Out[at].
func spreadPart(item plan.UnnestItem, at int, list *plan.Column) plan.UnnestItem {
	return plan.UnnestItem{Column: list, Out: item.Out[at : at+1 : at+1]}
}
