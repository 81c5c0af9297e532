package optimize

import (
	"slices"

	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

// groupParts groups by the parts of texts before they are put together: GROUP BY a || ' ' || b, or a DISTINCT of it, groups by a and b, for which
// the codes of dictionaries are enough, puts the texts of these groups together, which are fewer than the rows, and groups by them.
// The first grouping is partial: where the parts hardly repeat it is given up. It reads rows ahead of a LIMIT, or of what wants a single row, which may
// have had enough before: with one in the plan what gives distinct rows as they come stays as it is.
func groupParts(o *optimizer, n plan.Node) plan.Node {
	mayEnd := false // early
	visitNodes(n, func(n plan.Node) {
		switch n.(type) {
		case *plan.Limit, *plan.EnforceSingleRow:
			mayEnd = true
		}
	})
	return rewriteUp(n, func(n plan.Node) plan.Node {
		switch n := n.(type) {
		case *plan.Aggregate:
			if p := projectionOfScan(n.Input); p != nil && !(mayEnd && len(n.Aggs) == 0) {
				return o.groupPartsOf(n, p)
			}
		case *plan.SetOp:
			if n.Distinct && !mayEnd {
				return n.MapInputs(func(input plan.Node) plan.Node {
					if p := projectionOfScan(input); p != nil {
						return o.distinctParts(p)
					}
					return input
				})
			}
		}
		return n
	})
}

// projectionOfScan returns n if it is a projection of a scan's rows, else nil.
func projectionOfScan(n plan.Node) *plan.Project {
	if p, ok := n.(*plan.Project); ok && bareScan(p) != nil {
		return p
	}
	return nil
}

// distinctParts returns a projection of whose rows the repeats do not matter, over the distinct parts of its columns.
func (o *optimizer) distinctParts(p *plan.Project) plan.Node {
	parts := textParts{optimizer: o, joined: map[plan.Expr]bool{}}
	items := parts.splitItems(p.Items)
	if !parts.pays() {
		return p
	}
	return &plan.Project{Input: &plan.Aggregate{Input: &plan.Project{Input: p.Input, Items: parts.items}, Keys: parts.columns, Partial: true}, Items: items}
}

func (o *optimizer) groupPartsOf(a *plan.Aggregate, p *plan.Project) plan.Node {
	made := map[int]plan.Expr{}
	for _, item := range p.Items {
		made[item.Column.ID] = item.Expr
	}
	grouped, read, ok := readOfParts(a, made)
	if !ok {
		return a
	}
	parts := textParts{optimizer: o, joined: map[plan.Expr]bool{}}
	above := parts.splitItems(itemsOf(p, grouped))
	sum, err := o.fns.Resolve("sum", []types.Arg{{Type: types.BigIntType}})
	if err != nil || !parts.pays() {
		return a
	}
	own := setOf(parts.columns)
	for _, item := range itemsOf(p, read) {
		if !own[item.Column.ID] {
			parts.items = append(parts.items, item)
		}
	}
	partial := &plan.Aggregate{Input: &plan.Project{Input: p.Input, Items: parts.items}, Keys: parts.columns, Partial: true}
	merged, computed := *a, map[int]plan.Expr{}
	merged.Aggs = slices.Clone(a.Aggs)
	for i, call := range a.Aggs {
		if call.Distinct || takesGroups(call, made) {
			continue
		}
		part := call
		part.Column = o.newColumn(call.Column.Name, call.Column.Type)
		partial.Aggs = append(partial.Aggs, part)
		merge := plan.AggCall{Column: call.Column, Fn: call.Fn, Args: []plan.Expr{&plan.Ref{Column: part.Column}}}
		if countingAggregates[call.Fn.Name] {
			merge.Fn = sum
			if len(a.Keys) == 0 { // of no rows there are no parts, and 0
				merge.Column = o.newColumn("sum", sum.Return)
				zero := constant(types.Value{Type: sum.Return, V: int64(0)})
				computed[call.Column.ID] = &plan.Special{Form: plan.Coalesce, Args: []plan.Expr{&plan.Ref{Column: merge.Column}, zero}, T: sum.Return}
			}
		}
		merged.Aggs[i] = merge
		above = append(above, plan.Assignment{Column: part.Column, Expr: &plan.Ref{Column: part.Column}})
	}
	merged.Input = &plan.Project{Input: partial, Items: above}
	if len(computed) == 0 {
		return &merged
	}
	return &plan.Project{Input: &merged, Items: passComputed(a.Columns(), computed)}
}

// readOfParts returns the columns that groups are of, and those that calls read of each row; not ok if a cannot be made of groups of parts.
func readOfParts(a *plan.Aggregate, made map[int]plan.Expr) (grouped, read columnSet, ok bool) {
	if a.Sets != nil || a.RowNumber != nil || a.Counts || a.Partial {
		return nil, nil, false
	}
	grouped, read = setOf(a.Keys), columnSet{}
	for _, call := range a.Aggs {
		switch {
		case call.Distinct && takesText(call, made), !call.Distinct && takesGroups(call, made):
			grouped.addExpr(call.Args[0])
		case call.Distinct || !isMergeable(call, made):
			return nil, nil, false
		default:
			for _, arg := range call.Args {
				read.addExpr(arg)
			}
			if call.Filter != nil {
				read[call.Filter.ID] = true
			}
		}
	}
	return grouped, read, true
}

// itemsOf returns the items of a projection that make columns of a set.
func itemsOf(p *plan.Project, columns columnSet) []plan.Assignment {
	return slices.DeleteFunc(slices.Clone(p.Items), func(item plan.Assignment) bool { return !columns[item.Column.ID] })
}

// takesGroups reports whether a call takes a text that is put together of several columns, of which it is enough to see each value once, in the order in
// which they come.
func takesGroups(call plan.AggCall, made map[int]plan.Expr) bool {
	switch call.Fn.Name {
	case "min", "max", "any_value", "arbitrary":
		return takesText(call, made)
	}
	return false
}

// takesText reports whether a call of all rows takes nothing but a text that is put together of several columns.
func takesText(call plan.AggCall, made map[int]plan.Expr) bool {
	return call.Filter == nil && len(call.OrderBy) == 0 && len(call.Args) == 1 && isJoinedText(call.Args[0], made)
}

// isJoinedText reports whether an argument is put together of several columns.
func isJoinedText(arg plan.Expr, made map[int]plan.Expr) bool {
	ref, ok := arg.(*plan.Ref)
	return ok && joinsColumns(made[ref.Column.ID])
}

// countingAggregates are merged by adding them up.
var countingAggregates = map[string]bool{"count": true, "count_if": true}

// isMergeable reports whether a call of a group can be made of the same calls of the group's parts, of which each holds little: of the least and the
// greatest, those of types of a fixed length, of which equal values are the same; of sums those of small numbers, as others may be too large of a part.
// Counts of texts that are put together would be of each row.
func isMergeable(call plan.AggCall, made map[int]plan.Expr) bool {
	if len(call.OrderBy) > 0 || len(call.Args) > 1 || len(call.Args) == 1 && isJoinedText(call.Args[0], made) {
		return false
	}
	switch call.Fn.Name {
	case "count", "count_if", "bool_and", "bool_or", "every":
		return true
	case "min", "max":
		t := call.Fn.Return
		return isOneValue(t) && t.Kind != types.Varchar && t.Kind != types.Varbinary
	case "sum":
		ref, ok := call.Args[0].(*plan.Ref)
		return ok && call.Fn.Return.Kind == types.BigInt && made[ref.Column.ID] != nil && isSmall(made[ref.Column.ID])
	}
	return false
}

// textParts are what texts are put together of.
type textParts struct {
	*optimizer
	items   []plan.Assignment  // that make them
	columns []*plan.Column     // that they are then
	index   plan.ExprIndex     // of items
	joined  map[plan.Expr]bool // whether a text is put together of several columns in it, of what items compute
	joins   bool               // a text is put together of several columns
	fails   bool               // one cannot be computed for each row, or equal ones may give different texts
}

// pays reports whether there is a text to be put together of several parts.
func (t *textParts) pays() bool { return t.joins && !t.fails }

// splitItems returns items over the columns of the parts.
func (t *textParts) splitItems(items []plan.Assignment) []plan.Assignment {
	out := make([]plan.Assignment, len(items))
	for i, item := range items {
		t.fails = t.fails || !plan.IsDeterministic(item.Expr)
		_, joins := joinedColumns(item.Expr, t.joined)
		t.joins = t.joins || joins
		out[i] = plan.Assignment{Column: item.Column, Expr: t.split(item.Expr, true)}
	}
	return out
}

// split returns e over the columns of its parts: what no text is put together in. isComputed: e is computed for each row.
func (t *textParts) split(e plan.Expr, isComputed bool) plan.Expr {
	t.step()
	if _, isConst := e.(*plan.Const); isConst {
		return e
	}
	if t.joined[e] {
		_, isCall := e.(*plan.Call)
		return plan.MapChildren(e, func(child plan.Expr) plan.Expr { return t.split(child, isComputed && isCall) })
	}
	_, isLambda := e.(*plan.Lambda)
	if isLambda || !isOneValue(e.Type()) || !isComputed && t.canFail(e) {
		t.fails = true
		return e
	}
	at := t.index.FindExpr(e)
	if at < 0 {
		at = t.index.AddExpr(e)
		c := t.newColumn("part", e.Type())
		if ref, ok := e.(*plan.Ref); ok {
			c = ref.Column
		}
		t.columns, t.items = append(t.columns, c), append(t.items, plan.Assignment{Column: c, Expr: e})
	}
	return &plan.Ref{Column: t.columns[at]}
}

// joinsColumns reports whether a text is put together of several columns in e.
func joinsColumns(e plan.Expr) bool {
	_, joins := joinedColumns(e, nil)
	return joins
}

// severalColumns stands for the id of more than one column, 0 for that of none.
const severalColumns = -1

// joinedColumns returns the id of the column that e reads, and whether a text is put together of several columns in it. What it finds of calls it notes in
// known, unless that is nil, so that they are looked at once.
func joinedColumns(e plan.Expr, known map[plan.Expr]bool) (column int, joins bool) {
	read := func(id int) {
		if column != 0 && column != id {
			id = severalColumns
		}
		column = id
	}
	switch e := e.(type) {
	case *plan.Ref, *plan.Lambda:
		plan.FreeColumns(e, func(c *plan.Column) { read(c.ID) })
		return column, false
	default:
		for _, child := range plan.Children(e) {
			id, isJoined := joinedColumns(child, known)
			if id != 0 {
				read(id)
			}
			joins = joins || isJoined
		}
	}
	if call, ok := e.(*plan.Call); ok && (call.Fn.Name == "concat" || call.Fn.Name == "concat_ws") && call.Type().IsText() {
		joins = joins || column == severalColumns
	}
	if known != nil {
		known[e] = joins
	}
	return column, joins
}
