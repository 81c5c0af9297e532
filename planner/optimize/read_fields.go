package optimize

import (
	"maps"
	"slices"
	"strings"

	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

// readFields makes scans read single fields of a row column where nothing in
// the plan needs the whole row: every chain of field accesses becomes a scan
// column of its own.
func readFields(o *optimizer, n plan.Node) plan.Node {
	uses := fieldUses{}
	visitParted(n, func(_ *plan.Scan, c *plan.Column) {
		if c.Type.Kind == types.Row {
			uses[c.ID] = &fieldUse{column: c}
		}
	})
	visitReads(n, uses.collectExpr)
	for id, use := range uses {
		if use.whole || len(use.paths) == 0 {
			delete(uses, id)
		}
	}
	if len(uses) == 0 {
		return n
	}
	for _, id := range slices.Sorted(maps.Keys(uses)) { // new columns are numbered in this order
		uses[id].splitFields(o)
	}
	return rewriteUp(n, uses.rewriteNode)
}

// fieldUses has a use for each row column of a scan, by the column's ID.
type fieldUses map[int]*fieldUse

type fieldUse struct {
	column *plan.Column
	whole  bool    // something reads the row itself
	paths  [][]int // field indexes of the chains that are read
	// fields holds, by path, the column that replaces the chain.
	fields []fieldColumn
}

type fieldColumn struct {
	path   []int
	names  []string
	column *plan.Column
}

// visitParted visits the columns of the scans from n down of which a part may be
// enough: no node reads them as keys, which takes the whole value. UNNEST, of the keys and
// of the values of a map, may do with parts.
func visitParted(n plan.Node, visit func(*plan.Scan, *plan.Column)) {
	keys := columnSet{}
	addKey := func(c *plan.Column) { keys[c.ID] = true }
	visitNodes(n, func(n plan.Node) {
		if _, ok := n.(*plan.Unnest); !ok {
			plan.VisitColumns(n, addKey)
		}
	})
	visitNodes(n, func(n plan.Node) {
		s, ok := n.(*plan.Scan)
		if !ok {
			return
		}
		for _, c := range s.Cols {
			if !keys[c.Column.ID] {
				visit(s, c.Column)
			}
		}
	})
}

// visitReads visits the expressions of the nodes from n down, except those that only
// pass a column on.
func visitReads(n plan.Node, read func(plan.Expr)) {
	visitNodes(n, func(n plan.Node) {
		p, ok := n.(*plan.Project)
		if !ok {
			plan.VisitExprs(n, read)
			return
		}
		for _, item := range p.Items {
			if !item.PassesOn() {
				read(item.Expr)
			}
		}
	})
}

// collectExpr notes how an expression reads row columns.
func (u fieldUses) collectExpr(e plan.Expr) {
	if c, path := chain(e); c != nil && u[c.ID] != nil {
		use := u[c.ID]
		if len(path) == 0 {
			use.whole = true
		} else if !slices.ContainsFunc(use.paths, func(p []int) bool { return slices.Equal(p, path) }) {
			use.paths = append(use.paths, path)
		}
		return
	}
	for _, child := range plan.Children(e) {
		u.collectExpr(child)
	}
}

// chain returns the column of a chain of field accesses and the indexes of the fields,
// from the outermost row inwards. For other expressions the column is nil.
func chain(e plan.Expr) (*plan.Column, []int) {
	switch e := e.(type) {
	case *plan.Ref:
		return e.Column, nil
	case *plan.FieldOf:
		if c, path := chain(e.Arg); c != nil {
			return c, append(path[:len(path):len(path)], e.Index)
		}
	}
	return nil, nil
}

// splitFields makes a column for each path that no shorter path covers.
func (f *fieldUse) splitFields(o *optimizer) {
	slices.SortFunc(f.paths, slices.Compare)
	for _, path := range f.paths {
		if f.coveringField(path) == nil {
			f.addField(o, path)
		}
	}
}

// addField makes a column for a path.
func (f *fieldUse) addField(o *optimizer, path []int) *plan.Column {
	t, names := f.column.Type, []string(nil)
	for _, index := range path {
		names = append(names, strings.ToLower(t.Fields[index].Name))
		t = t.Fields[index].Type
	}
	column := o.newColumn(f.column.Name+"."+strings.Join(names, "."), t)
	f.fields = append(f.fields, fieldColumn{path, names, column})
	return column
}

// fieldAt returns the column of just this path, nil if there is none.
func (f *fieldUse) fieldAt(path []int) *plan.Column {
	for _, field := range f.fields {
		if slices.Equal(field.path, path) {
			return field.column
		}
	}
	return nil
}

// rewriteField returns e reading a column of its own if it is nothing but a field that has one.
func (u fieldUses) rewriteField(e plan.Expr) plan.Expr {
	c, path := chain(e)
	if c == nil || u[c.ID] == nil {
		return e
	}
	if column := u[c.ID].fieldAt(path); column != nil {
		return &plan.Ref{Column: column}
	}
	return e
}

// coveringField returns the field column that a path starts with, nil if there is none.
func (f *fieldUse) coveringField(path []int) *fieldColumn {
	for i := range f.fields {
		if own := f.fields[i].path; len(own) <= len(path) && slices.Equal(own, path[:len(own)]) {
			return &f.fields[i]
		}
	}
	return nil
}

// columnsIn are the scan's columns of the fields, of a row that the scan has as c.
func (f *fieldUse) columnsIn(c plan.ScanColumn, output bool) []plan.ScanColumn {
	var columns []plan.ScanColumn
	for _, field := range f.fields {
		path := append(slices.Clone(c.Path), field.names...)
		columns = append(columns, plan.ScanColumn{Column: field.column, Path: path, Output: output})
	}
	return columns
}

func (u fieldUses) rewriteNode(n plan.Node) plan.Node {
	switch n := n.(type) {
	case *plan.Scan:
		return u.rewriteScan(n)
	case *plan.Project:
		return u.rewriteProject(n)
	}
	return n.MapExprs(u.rewriteExpr)
}

func (u fieldUses) rewriteScan(n *plan.Scan) plan.Node {
	c := *n
	c.Cols = nil
	for _, column := range n.Cols {
		use := u[column.Column.ID]
		if use == nil {
			c.Cols = append(c.Cols, column)
			continue
		}
		c.Cols = append(c.Cols, use.columnsIn(column, column.Output)...)
	}
	return c.MapExprs(u.rewriteExpr)
}

func (u fieldUses) rewriteProject(n *plan.Project) plan.Node {
	out := &plan.Project{Input: n.Input}
	for _, item := range n.Items {
		use := u[item.Column.ID]
		if use == nil {
			out.Items = append(out.Items, plan.Assignment{Column: item.Column, Expr: u.rewriteExpr(item.Expr)})
			continue
		}
		for _, field := range use.fields {
			out.Items = append(out.Items, plan.Assignment{Column: field.column, Expr: &plan.Ref{Column: field.column}})
		}
	}
	return out
}

func (u fieldUses) rewriteExpr(e plan.Expr) plan.Expr {
	c, path := chain(e)
	if c == nil || u[c.ID] == nil {
		return plan.MapChildren(e, u.rewriteExpr)
	}
	field := u[c.ID].coveringField(path)
	var out plan.Expr = &plan.Ref{Column: field.column}
	for _, index := range path[len(field.path):] {
		out = &plan.FieldOf{Arg: out, Index: index}
	}
	return out
}
