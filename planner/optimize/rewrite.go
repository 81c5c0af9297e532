package optimize

import "github.com/auditlake/auditlake/planner/plan"

// visitNodes visits n and all nodes below it.
func visitNodes(n plan.Node, visit func(plan.Node)) {
	visit(n)
	for _, input := range n.Inputs() {
		visitNodes(input, visit)
	}
}

// rewriteUp rewrites every node, inputs first.
func rewriteUp(n plan.Node, f func(plan.Node) plan.Node) plan.Node {
	return f(mapInputs(n, func(input plan.Node) plan.Node { return rewriteUp(input, f) }))
}

// mapInputs returns n over the inputs that f makes: n itself when none changed.
func mapInputs(n plan.Node, f func(plan.Node) plan.Node) plan.Node {
	inputs := n.Inputs()
	mapped := make([]plan.Node, len(inputs))
	changed := false
	for i, input := range inputs {
		mapped[i] = f(input)
		changed = changed || mapped[i] != input
	}
	if !changed {
		return n
	}
	return withInputs(n, mapped)
}

// withInputs returns a copy of n over other inputs.
func withInputs(n plan.Node, inputs []plan.Node) plan.Node {
	switch n := n.(type) {
	case *plan.Filter:
		c := *n
		c.Input = inputs[0]
		return &c
	case *plan.Project:
		c := *n
		c.Input = inputs[0]
		return &c
	case *plan.Aggregate:
		c := *n
		c.Input = inputs[0]
		return &c
	case *plan.Join:
		c := *n
		c.Left, c.Right = inputs[0], inputs[1]
		return &c
	case *plan.Sort:
		c := *n
		c.Input = inputs[0]
		return &c
	case *plan.TopN:
		c := *n
		c.Input = inputs[0]
		return &c
	case *plan.Limit:
		c := *n
		c.Input = inputs[0]
		return &c
	case *plan.SetOp:
		c := *n
		c.From = inputs
		return &c
	case *plan.PatternRecognition:
		c := *n
		c.Input = inputs[0]
		return &c
	case *plan.Recursion:
		c := *n
		c.Base, c.Step = inputs[0], inputs[1]
		return &c
	case *plan.Unnest:
		c := *n
		c.Input = inputs[0]
		return &c
	case *plan.Window:
		c := *n
		c.Input = inputs[0]
		return &c
	case *plan.Reuse:
		c := *n
		c.Input = inputs[0]
		return &c
	case *plan.EnforceSingleRow:
		return &plan.EnforceSingleRow{Input: inputs[0]}
	case *plan.Output:
		c := *n
		c.Input = inputs[0]
		return &c
	}
	return n
}

// mapExpressions returns n with f applied to each of its own expressions.
func mapExpressions(n plan.Node, f func(plan.Expr) plan.Expr) plan.Node {
	switch n := n.(type) {
	case *plan.Scan:
		if n.Filter == nil {
			return n
		}
		c := *n
		c.Filter = f(n.Filter)
		return &c
	case *plan.Values:
		rows := make([][]plan.Expr, len(n.Rows))
		for i, row := range n.Rows {
			rows[i] = mapAll(row, f)
		}
		return &plan.Values{Cols: n.Cols, Rows: rows}
	case *plan.Filter:
		return &plan.Filter{Input: n.Input, Predicate: f(n.Predicate)}
	case *plan.Project:
		items := make([]plan.Assignment, len(n.Items))
		for i, item := range n.Items {
			items[i] = plan.Assignment{Column: item.Column, Expr: f(item.Expr)}
		}
		return &plan.Project{Input: n.Input, Items: items}
	case *plan.Aggregate:
		c := *n
		c.Aggs = append([]plan.AggCall{}, n.Aggs...)
		for i := range c.Aggs {
			c.Aggs[i].Args = mapAll(c.Aggs[i].Args, f)
		}
		return &c
	case *plan.Join:
		if n.Residual == nil {
			return n
		}
		c := *n
		c.Residual = f(n.Residual)
		return &c
	case *plan.Window:
		c := *n
		c.Calls = append([]plan.WindowCall{}, n.Calls...)
		for i := range c.Calls {
			c.Calls[i].Args = mapAll(c.Calls[i].Args, f)
		}
		return &c
	case *plan.PatternRecognition:
		return n.MapExprs(f)
	}
	return n
}

func mapAll(list []plan.Expr, f func(plan.Expr) plan.Expr) []plan.Expr {
	out := make([]plan.Expr, len(list))
	for i, e := range list {
		out[i] = f(e)
	}
	return out
}

// mapKeys returns n with f applied to every column it names outside its
// expressions: keys, orders, argument columns. Columns that n itself makes
// stay.
func mapKeys(n plan.Node, f func(*plan.Column) *plan.Column) plan.Node {
	switch n := n.(type) {
	case *plan.Aggregate:
		c := *n
		c.Keys = mapColumns(n.Keys, f)
		c.Aggs = append([]plan.AggCall{}, n.Aggs...)
		for i := range c.Aggs {
			if c.Aggs[i].Filter != nil {
				c.Aggs[i].Filter = f(c.Aggs[i].Filter)
			}
			c.Aggs[i].OrderBy = mapSortKeys(c.Aggs[i].OrderBy, f)
		}
		return &c
	case *plan.Join:
		c := *n
		c.Equal = append([]plan.JoinKey{}, n.Equal...)
		for i, k := range c.Equal {
			c.Equal[i] = plan.JoinKey{Left: f(k.Left), Right: f(k.Right)}
		}
		return &c
	case *plan.Sort:
		return &plan.Sort{Input: n.Input, Keys: mapSortKeys(n.Keys, f)}
	case *plan.TopN:
		c := *n
		c.Keys = mapSortKeys(n.Keys, f)
		return &c
	case *plan.SetOp:
		c := *n
		c.Map = make([][]*plan.Column, len(n.Map))
		for i, from := range n.Map {
			c.Map[i] = mapColumns(from, f)
		}
		return &c
	case *plan.PatternRecognition:
		c := n.MapSources(f)
		c.PartitionBy, c.OrderBy = mapColumns(n.PartitionBy, f), mapSortKeys(n.OrderBy, f)
		return c
	case *plan.Recursion:
		c := *n
		c.BaseCols, c.StepCols = mapColumns(n.BaseCols, f), mapColumns(n.StepCols, f)
		return &c
	case *plan.Unnest:
		c := *n
		c.Items = append([]plan.UnnestItem{}, n.Items...)
		for i := range c.Items {
			c.Items[i].Column = f(c.Items[i].Column)
		}
		return &c
	case *plan.Window:
		return mapWindowKeys(n, f)
	case *plan.Output:
		c := *n
		c.Cols = mapColumns(n.Cols, f)
		return &c
	}
	return n
}

func mapWindowKeys(n *plan.Window, f func(*plan.Column) *plan.Column) plan.Node {
	c := *n
	c.PartitionBy = mapColumns(n.PartitionBy, f)
	c.OrderBy = mapSortKeys(n.OrderBy, f)
	c.Calls = append([]plan.WindowCall{}, n.Calls...)
	for i := range c.Calls {
		c.Calls[i].Frame = c.Calls[i].Frame.MapColumns(f)
		c.Calls[i].OrderBy = mapSortKeys(c.Calls[i].OrderBy, f)
	}
	return &c
}

func mapColumns(list []*plan.Column, f func(*plan.Column) *plan.Column) []*plan.Column {
	out := make([]*plan.Column, len(list))
	for i, c := range list {
		out[i] = f(c)
	}
	return out
}

func mapSortKeys(keys []plan.SortKey, f func(*plan.Column) *plan.Column) []plan.SortKey {
	out := make([]plan.SortKey, len(keys))
	for i, k := range keys {
		out[i] = k
		out[i].Column = f(k.Column)
	}
	return out
}

// substitute replaces references to columns by expressions, also inside lambdas.
func substitute(e plan.Expr, by map[int]plan.Expr) plan.Expr {
	if len(by) == 0 {
		return e
	}
	if ref, ok := e.(*plan.Ref); ok {
		if other, ok := by[ref.Column.ID]; ok {
			return other
		}
		return e
	}
	return plan.MapChildren(e, func(c plan.Expr) plan.Expr { return substitute(c, by) })
}

// columnSet is a set of columns by ID.
type columnSet map[int]bool

func setOf(columns []*plan.Column) columnSet {
	s := make(columnSet, len(columns))
	for _, c := range columns {
		s[c.ID] = true
	}
	return s
}

func (s columnSet) addExpr(e plan.Expr) {
	plan.FreeColumns(e, func(c *plan.Column) { s[c.ID] = true })
}

// reads reports whether all columns that e reads are in the set.
func (s columnSet) reads(e plan.Expr) bool {
	all := true
	plan.FreeColumns(e, func(c *plan.Column) { all = all && s[c.ID] })
	return all
}

// touches reports whether e reads a column of the set.
func (s columnSet) touches(e plan.Expr) bool {
	any := false
	plan.FreeColumns(e, func(c *plan.Column) { any = any || s[c.ID] })
	return any
}

// conjunction joins conditions with AND; nil for none.
func conjunction(list []plan.Expr) plan.Expr {
	switch len(list) {
	case 0:
		return nil
	case 1:
		return list[0]
	}
	return &plan.Special{Form: plan.And, Args: list, T: list[0].Type()}
}

// filtered puts a filter over n, none for no conditions.
func filtered(n plan.Node, conditions []plan.Expr) plan.Node {
	if len(conditions) == 0 {
		return n
	}
	return &plan.Filter{Input: n, Predicate: conjunction(conditions)}
}
