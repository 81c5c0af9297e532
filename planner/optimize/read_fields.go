package optimize

import (
	"maps"
	"slices"
	"strings"

	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

// readFields makes scans read single fields of a row column if nothing in the plan needs the whole row: every chain
// of field accesses becomes a scan column. If the plan only tests a row or an array for NULL, scans of stores read
// only whether it is present. If UNNEST spreads an array of rows and later nodes read few of their fields, scans
// read lists of these fields.
func readFields(o *optimizer, n plan.Node) plan.Node {
	uses := fieldUses{}
	visitParted(n, func(s *plan.Scan, c *plan.Column) { uses.addColumn(s, c) })
	visitReads(n, uses.collectExpr)
	uses.collectSpread(n)
	for id, use := range uses {
		if use.isWhole() {
			delete(uses, id)
		}
	}
	if len(uses) == 0 {
		return n
	}
	for _, id := range slices.Sorted(maps.Keys(uses)) { // new columns get their IDs in this order
		uses[id].splitFields(o)
	}
	return rewriteUp(n, uses.rewriteNode)
}

// fieldUses has a use for each row column of a scan, by the column's ID.
type fieldUses map[int]*fieldUse

// addColumn adds a use for a column of a scan that may be read in parts.
func (u fieldUses) addColumn(s *plan.Scan, c *plan.Column) {
	if k := c.Type.Kind; k == types.Row || k == types.Array && s.Table.Store {
		u[c.ID] = &fieldUse{column: c, hasPresence: s.Table.Store}
	}
}

type fieldUse struct {
	column *plan.Column
	// hasPresence: the scan can read whether rows and arrays are present without reading them.
	hasPresence bool
	whole       bool    // something reads the row itself
	paths       [][]int // field indexes of the chains that are read
	asked       [][]int // paths to rows or arrays that the plan tests for NULL
	// fields holds, by path, the column that replaces a chain. presences holds the columns, true or NULL, that
	// replace the values of tests for NULL.
	fields, presences []fieldColumn
}

// isWhole reports whether the scan must read the column as it is.
func (f *fieldUse) isWhole() bool { return f.whole || len(f.paths)+len(f.asked) == 0 }

type fieldColumn struct {
	path   []int
	names  []string
	column *plan.Column
}

// visitParted visits the scan columns, from n down, that may be read in parts. A column that a node reads as a key
// is needed whole. Exceptions are UNNEST, which can spread the keys and the values of a map, and an aggregation
// that identifies its groups by a row number.
func visitParted(n plan.Node, visit func(*plan.Scan, *plan.Column)) {
	keys := columnSet{}
	addKey := func(c *plan.Column) { keys[c.ID] = true }
	visitNodes(n, func(n plan.Node) {
		switch n := n.(type) {
		case *plan.Unnest:
		case *plan.Aggregate:
			told := *n
			if n.RowNumber != nil {
				told.Keys = []*plan.Column{n.RowNumber}
			}
			plan.VisitColumns(&told, addKey)
		default:
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

// visitReads visits the expressions of the nodes from n down, except those that only pass a column on.
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
	if c, path := askedPresence(e); c != nil && u[c.ID] != nil && u[c.ID].hasPresence {
		u[c.ID].asked = withPath(u[c.ID].asked, path)
		return
	}
	if c, path := chain(e); c != nil && u[c.ID] != nil {
		use := u[c.ID]
		if len(path) == 0 {
			use.whole = true
		} else {
			use.paths = withPath(use.paths, path)
		}
		return
	}
	for _, child := range plan.Children(e) {
		u.collectExpr(child)
	}
}

// withPath appends path to paths unless it is among them.
func withPath(paths [][]int, path []int) [][]int {
	if slices.ContainsFunc(paths, func(p []int) bool { return slices.Equal(p, path) }) {
		return paths
	}
	return append(paths, path)
}

// askedPresence returns the column and the path of the row or array that e tests for NULL. For other expressions
// the column is nil.
func askedPresence(e plan.Expr) (*plan.Column, []int) {
	isNull, ok := e.(*plan.Special)
	if !ok || isNull.Form != plan.IsNull {
		return nil, nil
	}
	if k := isNull.Args[0].Type().Kind; k != types.Row && k != types.Array {
		return nil, nil
	}
	return chain(isNull.Args[0])
}

// chain returns the column of a chain of field accesses and the indexes of the fields, from the outermost row
// inwards. For other expressions the column is nil.
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
	slices.SortFunc(f.asked, slices.Compare)
	for _, path := range f.asked {
		if f.coveringField(path) == nil {
			names, _ := f.fieldNames(path)
			f.presences = append(f.presences, fieldColumn{path, names, o.newColumn(f.nameOf(names), types.BooleanType)})
		}
	}
}

// addField makes a column for a path.
func (f *fieldUse) addField(o *optimizer, path []int) *plan.Column {
	names, t := f.fieldNames(path)
	column := o.newColumn(f.nameOf(names), t)
	f.fields = append(f.fields, fieldColumn{path, names, column})
	return column
}

// fieldNames returns the names of the fields of a path, and the type at its end.
func (f *fieldUse) fieldNames(path []int) (names []string, t *types.Type) {
	t = f.column.Type
	if t.Kind == types.Array && len(path) > 0 { // the path leads to a field of the array's rows
		field := t.Elem.Fields[path[0]]
		return []string{"element", strings.ToLower(field.Name)}, types.ArrayOf(field.Type)
	}
	for _, index := range path {
		names = append(names, strings.ToLower(t.Fields[index].Name))
		t = t.Fields[index].Type
	}
	return names, t
}

func (f *fieldUse) nameOf(fields []string) string {
	return strings.Join(append([]string{f.column.Name}, fields...), ".")
}

// fieldAt returns the column of exactly this path, nil if there is none.
func (f *fieldUse) fieldAt(path []int) *plan.Column { return columnAt(f.fields, path) }

func columnAt(list []fieldColumn, path []int) *plan.Column {
	for _, field := range list {
		if slices.Equal(field.path, path) {
			return field.column
		}
	}
	return nil
}

// rewriteField returns the column of its own that a field has, or e if e is not such a field.
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

// coveringField returns the field column whose path is a prefix of path, nil if there is none.
func (f *fieldUse) coveringField(path []int) *fieldColumn {
	for i := range f.fields {
		if own := f.fields[i].path; len(own) <= len(path) && slices.Equal(own, path[:len(own)]) {
			return &f.fields[i]
		}
	}
	return nil
}

// columnsIn returns the scan columns for the fields of a row that the scan reads as c.
func (f *fieldUse) columnsIn(c plan.ScanColumn, output bool) []plan.ScanColumn {
	var columns []plan.ScanColumn
	for _, field := range f.fields {
		path := append(slices.Clone(c.Path), field.names...)
		columns = append(columns, plan.ScanColumn{Column: field.column, Path: path, Output: output})
	}
	for _, presence := range f.presences {
		path := append(slices.Clone(c.Path), presence.names...)
		columns = append(columns, plan.ScanColumn{Column: presence.column, Path: path, Keys: []string{}, Output: output})
	}
	return columns
}

func (u fieldUses) rewriteNode(n plan.Node) plan.Node {
	switch n := n.(type) {
	case *plan.Scan:
		return u.rewriteScan(n)
	case *plan.Project:
		return u.rewriteProject(n)
	case *plan.Unnest:
		return u.rewriteUnnest(n)
	case *plan.Aggregate:
		return splitKeys(n, u.partsOf).MapExprs(u.rewriteExpr)
	}
	return n.MapExprs(u.rewriteExpr)
}

// partsOf returns the columns that replace c: c itself if it is read whole.
func (u fieldUses) partsOf(c *plan.Column) []*plan.Column {
	use := u[c.ID]
	if use == nil {
		return []*plan.Column{c}
	}
	var parts []*plan.Column
	for _, part := range slices.Concat(use.fields, use.presences) {
		parts = append(parts, part.column)
	}
	return parts
}

// splitKeys replaces the keys of an aggregation by their parts. Keys that have parts do not identify groups; a row
// number does, see visitParted.
func splitKeys(n *plan.Aggregate, partsOf func(*plan.Column) []*plan.Column) *plan.Aggregate {
	c := *n
	c.Keys = nil
	for _, key := range n.Keys {
		c.Keys = append(c.Keys, partsOf(key)...)
	}
	return &c
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
		for _, part := range slices.Concat(use.fields, use.presences) {
			out.Items = append(out.Items, plan.Assignment{Column: part.column, Expr: &plan.Ref{Column: part.column}})
		}
	}
	return out
}

func (u fieldUses) rewriteExpr(e plan.Expr) plan.Expr {
	if c, path := askedPresence(e); c != nil && u[c.ID] != nil {
		if presence := columnAt(u[c.ID].presences, path); presence != nil {
			return &plan.Special{Form: plan.IsNull, Args: []plan.Expr{&plan.Ref{Column: presence}}, T: types.BooleanType}
		}
	}
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
