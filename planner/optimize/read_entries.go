package optimize

import (
	"maps"
	"slices"

	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

// readEntries makes scans of stores read only the needed part of a map column. That is the entries at the constant
// keys that the plan looks up, or the keys as an array for map_keys and cardinality. A map that UNNEST spreads is
// read as two arrays, of its keys and of its values, whose texts are dictionary codes. If any other expression
// reads the map, it is read whole.
func readEntries(o *optimizer, n plan.Node) plan.Node {
	uses := entryUses{}
	visitParted(n, func(s *plan.Scan, c *plan.Column) {
		if t := c.Type; s.Table.Store && t.Kind == types.Map && t.Key.Equal(types.VarcharType) {
			uses[c.ID] = &entryUse{column: c}
		}
	})
	visitReads(n, uses.collectExpr)
	visitNodes(n, uses.collectSpread)
	for id, use := range uses {
		if use.whole || !use.entries && !use.list {
			delete(uses, id)
		}
	}
	if len(uses) == 0 {
		return n
	}
	length, err := o.fns.Resolve("cardinality", []types.Arg{{Type: types.ArrayOf(types.VarcharType)}})
	if err != nil {
		return n
	}
	for _, id := range slices.Sorted(maps.Keys(uses)) { // new columns get their IDs in this order
		use := uses[id]
		slices.Sort(use.keys)
		if use.list {
			use.keyList = o.newColumn(use.column.Name+".key", types.ArrayOf(use.column.Type.Key))
		}
		if use.values {
			use.valueList = o.newColumn(use.column.Name+".value", types.ArrayOf(use.column.Type.Elem))
		}
	}
	return rewriteUp(n, func(n plan.Node) plan.Node { return uses.rewriteNode(n, length) })
}

// entryUses has a use for each map column of a scan, by the column's ID.
type entryUses map[int]*entryUse

type entryUse struct {
	column  *plan.Column
	whole   bool         // something reads all entries
	entries bool         // the plan looks up keys, or tests the map for NULL
	keys    []string     // of the lookups
	list    bool         // the plan reads the keys separately
	keyList *plan.Column // the column of the keys, if list is set
	// values: the plan also reads the values separately, as valueList.
	values    bool
	valueList *plan.Column
}

// collectSpread notes the maps that UNNEST spreads.
func (u entryUses) collectSpread(n plan.Node) {
	unnest, ok := n.(*plan.Unnest)
	if !ok {
		return
	}
	for _, item := range unnest.Items {
		if use := u[item.Column.ID]; use != nil && use.column.Type.Elem.Equal(types.VarcharType) {
			use.list, use.values = true, true
		} else if use != nil {
			use.whole = true
		}
	}
}

// parts returns the columns of the separate keys and values, with their path steps below the map.
func (use *entryUse) parts() (columns []*plan.Column, steps []string) {
	if use.list {
		columns, steps = append(columns, use.keyList), append(steps, "key")
	}
	if use.values {
		columns, steps = append(columns, use.valueList), append(steps, "value")
	}
	return columns, steps
}

// collectExpr notes how an expression reads map columns.
func (u entryUses) collectExpr(e plan.Expr) {
	if use := u.useOf(e); use != nil {
		use.whole = true
		return
	}
	children := plan.Children(e)
	if len(children) > 0 {
		if use := u.useOf(children[0]); use != nil && use.noteUse(e) {
			return
		}
	}
	for _, child := range children {
		u.collectExpr(child)
	}
}

// useOf returns the use of the column that e is, nil if e is not such a column.
func (u entryUses) useOf(e plan.Expr) *entryUse {
	if ref, ok := e.(*plan.Ref); ok {
		return u[ref.Column.ID]
	}
	return nil
}

// noteUse notes an expression whose first argument is the column. It returns false if the expression reads the
// whole map.
func (use *entryUse) noteUse(e plan.Expr) bool {
	switch e := e.(type) {
	case *plan.Special:
		use.entries = use.entries || e.Form == plan.IsNull
		return e.Form == plan.IsNull
	case *plan.Call:
		if isKeyList(e) {
			use.list = true
			return true
		}
		if key, ok := lookedUp(e); ok {
			use.entries = true
			if !slices.Contains(use.keys, key) {
				use.keys = append(use.keys, key)
			}
			return true
		}
	}
	return false
}

// isKeyList reports whether e needs only the keys of the map.
func isKeyList(e *plan.Call) bool {
	return len(e.Args) == 1 && (e.Fn.Name == "map_keys" || e.Fn.Name == "cardinality")
}

// lookedUp returns the constant key of element_at(map, key) and map[key].
func lookedUp(e *plan.Call) (string, bool) {
	if len(e.Args) != 2 || e.Fn.Name != "element_at" && e.Fn.Name != types.OpSubscript {
		return "", false
	}
	key, ok := e.Args[1].(*plan.Const)
	if !ok {
		return "", false
	}
	text, ok := key.Value.V.(string)
	return text, ok
}

// rewriteNode returns n reading only the needed part of the map columns. length is cardinality() of an array.
func (u entryUses) rewriteNode(n plan.Node, length *types.Resolved) plan.Node {
	rewriteExpr := func(e plan.Expr) plan.Expr { return u.rewriteExpr(e, length) }
	switch n := n.(type) {
	case *plan.Scan:
		return u.rewriteScan(n).MapExprs(rewriteExpr)
	case *plan.Project:
		out := &plan.Project{Input: n.Input}
		for _, item := range n.Items {
			use := u[item.Column.ID]
			if use == nil || use.entries {
				out.Items = append(out.Items, plan.Assignment{Column: item.Column, Expr: rewriteExpr(item.Expr)})
			}
			if use == nil {
				continue
			}
			parts, _ := use.parts()
			for _, part := range parts {
				out.Items = append(out.Items, plan.Assignment{Column: part, Expr: &plan.Ref{Column: part}})
			}
		}
		return out
	case *plan.Unnest:
		return u.rewriteUnnest(n)
	case *plan.Aggregate:
		return splitKeys(n, u.partsOf).MapExprs(rewriteExpr)
	}
	return n.MapExprs(rewriteExpr)
}

// partsOf returns the columns that replace c. c is one of them if entries are looked up or the map is read whole.
func (u entryUses) partsOf(c *plan.Column) []*plan.Column {
	use := u[c.ID]
	if use == nil {
		return []*plan.Column{c}
	}
	parts, _ := use.parts()
	if use.entries {
		parts = append(parts, c)
	}
	return parts
}

// rewriteUnnest spreads the keys and the values of a map in parallel lists.
func (u entryUses) rewriteUnnest(n *plan.Unnest) plan.Node {
	return spreadParts(n, func(item plan.UnnestItem) (parts []plan.UnnestItem) {
		use := u[item.Column.ID]
		if use == nil {
			return []plan.UnnestItem{item}
		}
		lists, _ := use.parts()
		for i, list := range lists {
			parts = append(parts, spreadPart(item, i, list))
		}
		return parts
	})
}

func (u entryUses) rewriteScan(n *plan.Scan) plan.Node {
	c := *n
	c.Cols = nil
	for _, column := range n.Cols {
		use := u[column.Column.ID]
		if use == nil {
			c.Cols = append(c.Cols, column)
			continue
		}
		parts, steps := use.parts()
		for i, part := range parts {
			path := append(slices.Clone(column.Path), steps[i])
			c.Cols = append(c.Cols, plan.ScanColumn{Column: part, Path: path, Output: column.Output})
		}
		if use.entries {
			column.Keys = append([]string{}, use.keys...)
			c.Cols = append(c.Cols, column)
		}
	}
	return &c
}

func (u entryUses) rewriteExpr(e plan.Expr, length *types.Resolved) plan.Expr {
	call, ok := e.(*plan.Call)
	if !ok || !isKeyList(call) || u.useOf(call.Args[0]) == nil {
		return plan.MapChildren(e, func(c plan.Expr) plan.Expr { return u.rewriteExpr(c, length) })
	}
	keys := &plan.Ref{Column: u.useOf(call.Args[0]).keyList}
	if call.Fn.Name == "map_keys" {
		return keys
	}
	return &plan.Call{Fn: length, Args: []plan.Expr{keys}, Pos: call.Pos}
}
