package optimize

import (
	"slices"

	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

// filterParts lets a scan's filter read single fields and entries of rows and maps that later nodes need whole. The
// scan then builds the whole values only for the rows that the filter keeps.
func filterParts(o *optimizer, n plan.Node) plan.Node {
	return rewriteUp(n, func(n plan.Node) plan.Node {
		s, ok := n.(*plan.Scan)
		if !ok || s.Filter == nil {
			return n
		}
		fields, entries := fieldUses{}, entryUses{}
		for _, c := range s.Cols {
			switch t := c.Column.Type; {
			case !c.Output || c.Keys != nil:
			case t.Kind == types.Row || t.Kind == types.Array:
				fields.addColumn(s, c.Column)
			case s.Table.Store && t.Kind == types.Map && t.Key.Equal(types.VarcharType):
				entries[c.Column.ID] = &entryUse{column: c.Column}
			}
		}
		fields.collectExpr(s.Filter)
		entries.collectExpr(s.Filter)
		out := *s
		out.Cols = slices.Clone(s.Cols)
		for _, c := range s.Cols { // new columns get their IDs in this order
			if use := fields[c.Column.ID]; use != nil && !use.isWhole() {
				use.splitFields(o)
				out.Cols = append(out.Cols, use.columnsIn(c, false)...)
			} else {
				delete(fields, c.Column.ID)
			}
			if use := entries[c.Column.ID]; use != nil && !use.whole && !use.list && use.entries {
				slices.Sort(use.keys)
				part := plan.ScanColumn{Column: o.newColumn(c.Column.Name, c.Column.Type), Path: c.Path, Keys: append([]string{}, use.keys...)}
				out.Cols = append(out.Cols, part)
				out.Filter = readInstead(out.Filter, c.Column, part.Column)
			}
		}
		if len(out.Cols) == len(s.Cols) {
			return n
		}
		out.Filter = fields.rewriteExpr(out.Filter)
		return &out
	})
}

// readInstead returns e reading one column instead of another.
func readInstead(e plan.Expr, column, instead *plan.Column) plan.Expr {
	if ref, ok := e.(*plan.Ref); ok && ref.Column.ID == column.ID {
		return &plan.Ref{Column: instead}
	}
	return plan.MapChildren(e, func(child plan.Expr) plan.Expr { return readInstead(child, column, instead) })
}
