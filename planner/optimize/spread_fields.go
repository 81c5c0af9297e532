package optimize

import (
	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

// collectSpread notes which fields are read of the rows in arrays that UNNEST spreads.
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

// noteSpread notes the fields of which the columns that an item becomes are read, one where none is. The array is read whole where these are more
// than half of the fields, or rows themselves.
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

// spreadFields lists the fields that are read of the rows that an item spreads, the first one where none is.
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

// rewriteUnnest spreads the lists of fields beside each other.
func (u fieldUses) rewriteUnnest(n *plan.Unnest) plan.Node {
	c := *n
	c.Items = nil
	for _, item := range n.Items {
		use := u[item.Column.ID]
		if use == nil {
			c.Items = append(c.Items, item)
			continue
		}
		for _, field := range use.fields {
			at := field.path[0]
			c.Items = append(c.Items, plan.UnnestItem{Column: field.column, Out: item.Out[at : at+1 : at+1]})
		}
	}
	return &c
}
