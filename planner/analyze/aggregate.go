package analyze

import (
	"github.com/auditlake/auditlake/planner/ast"
	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

// regrouped rewrites expressions over the FROM clause's columns to read the rows of the aggregation. The zero value
// is for blocks without one.
type regrouped struct {
	*analyzer
	active  bool
	keys    []plan.Expr
	index   *plan.ExprIndex   // of keys
	columns []*plan.Column    // of keys
	input   map[int]bool      // columns below the aggregation
	replace map[int]plan.Expr // GROUPING calls
	refused map[int]func()    // GROUPING calls with an argument that is not a key
}

// aggregate plans the aggregation, if the block has one.
func (b *block) aggregate() *regrouped {
	g := &b.aggregates
	if len(g.groupings) > 0 && !g.grouped {
		b.fail(types.MissingGroupBy, b.sel, "A GROUPING() operation can only be used with a corresponding GROUPING SET/CUBE/ROLLUP/GROUP BY clause")
	}
	over := &regrouped{analyzer: b.analyzer}
	if !g.grouped && !g.forced && len(g.calls) == 0 {
		return over
	}
	over.active, over.keys, over.index = true, g.keys, &g.keyIndex
	p := &projection{analyzer: b.analyzer, input: b.attach(b.node, g.subqueries)}
	columns := p.input.Columns()
	over.input = make(map[int]bool, len(columns))
	for _, c := range columns {
		over.input[c.ID] = true
	}
	node := &plan.Aggregate{}
	for _, k := range g.keys {
		over.columns = append(over.columns, p.column(k, ""))
	}
	node.Keys = over.columns
	if !g.oneSet() {
		node.Sets = g.sets
		node.GroupID = b.newColumn("groupid", types.BigIntType)
	}
	for _, call := range g.calls {
		node.Aggs = append(node.Aggs, call.plan(p))
	}
	node.Input = p.node()
	b.groupingValues(over, node.GroupID)
	b.node = node
	return over
}

// oneSet reports whether the only grouping set has all keys.
func (g *aggregation) oneSet() bool {
	return !g.grouped || len(g.sets) == 1 && len(g.sets[0]) == len(g.keys)
}

func (g *aggregate) plan(p *projection) plan.AggCall {
	call := plan.AggCall{Column: g.col, Fn: g.fn, Distinct: g.distinct}
	for _, arg := range g.args {
		switch arg.(type) {
		case *plan.Const, *plan.Lambda:
			call.Args = append(call.Args, arg)
		default:
			call.Args = append(call.Args, &plan.Ref{Column: p.column(arg, "")})
		}
	}
	if g.filter != nil {
		call.Filter = p.column(g.filter, "")
	}
	for _, o := range g.order {
		call.OrderBy = append(call.OrderBy, sortKey(o.item, p.column(o.expr, "")))
	}
	return call
}

// groupingValues computes GROUPING from the group id: an argument's bit is set in the sets without the argument.
func (b *block) groupingValues(over *regrouped, groupID *plan.Column) {
	over.replace, over.refused = map[int]plan.Expr{}, map[int]func(){}
	for _, call := range b.aggregates.groupings {
		keys, unknown := b.groupingKeys(call)
		if unknown != nil {
			over.refused[call.col.ID] = func() {
				b.fail(types.InvalidArguments, call.at, "The arguments to GROUPING() must be expressions referenced by the GROUP BY at the associated query level. Mismatch due to %s.", ast.Format(unknown))
			}
			continue
		}
		var args []plan.Expr
		for i, set := range b.aggregates.sets {
			bits := int64(0)
			for _, k := range keys {
				bits <<= 1
				if len(appendNew(set[:len(set):len(set)], k)) > len(set) {
					bits |= 1
				}
			}
			value := constant(types.Value{Type: call.col.Type, V: bits})
			if i == len(b.aggregates.sets)-1 {
				args = append(args, value)
				break
			}
			same, _ := b.compareCall(types.OpEqual, &plan.Ref{Column: groupID}, longConst(int64(i)), call.at)
			args = append(args, same, value)
		}
		over.replace[call.col.ID] = args[0]
		if len(args) > 1 {
			over.replace[call.col.ID] = special(plan.Case, call.col.Type, args...)
		}
	}
}

// groupingKeys returns the keys that GROUPING asks for, or, if an argument is
// not a key, the first such argument.
func (b *block) groupingKeys(call *groupingCall) (keys []int, unknown ast.Expr) {
	for i, arg := range call.args {
		at := b.aggregates.keyIndex.FindExpr(arg)
		if at < 0 {
			return nil, call.at.Args[i]
		}
		keys = append(keys, at)
	}
	return keys, nil
}

// checkReads refuses a subquery that reads a column below the aggregation which
// is not grouped by.
func (r *regrouped) checkReads(g *aggregation) {
	for _, read := range g.outerReads {
		if !r.active || !r.input[read.col.ID] || g.isKey(read.from) {
			continue
		}
		grouped := false
		for _, k := range r.keys {
			ref, ok := k.(*plan.Ref)
			grouped = grouped || ok && ref.Column == read.col
		}
		if !grouped {
			r.fail(types.ExpressionNotAggregate, read.at, "Subquery uses '%s' which must appear in GROUP BY clause", ast.Format(read.at))
		}
	}
}

// isKey reports whether a subquery is part of an item that is grouped by.
func (g *aggregation) isKey(q *ast.Query) bool {
	found := false
	for _, item := range g.keyItems {
		ast.Inspect(item, func(n ast.Node) bool {
			found = found || n == ast.Node(q)
			return !found
		})
	}
	return found
}

// rewrite makes x read the aggregation's rows: grouping expressions become their keys' columns. A column that is
// neither part of one nor aggregated is an error at n.
func (r *regrouped) rewrite(x plan.Expr, n ast.Node, message string) plan.Expr {
	if !r.active {
		return x
	}
	if c, ok := x.(*plan.Const); ok {
		if at := r.index.FindExpr(c); at >= 0 {
			return &plan.Ref{Column: r.columns[at]}
		}
	}
	return r.rewriteInner(x, n, message)
}

func (r *regrouped) rewriteInner(x plan.Expr, n ast.Node, message string) plan.Expr {
	if _, ok := x.(*plan.Const); ok {
		return x
	}
	if at := r.index.FindExpr(x); at >= 0 {
		return &plan.Ref{Column: r.columns[at]}
	}
	if ref, ok := x.(*plan.Ref); ok {
		if refuse := r.refused[ref.Column.ID]; refuse != nil {
			refuse()
		}
		if value := r.replace[ref.Column.ID]; value != nil {
			return value
		}
		if r.input[ref.Column.ID] {
			r.fail(types.ExpressionNotAggregate, n, message, ast.Format(n))
		}
		return x
	}
	return plan.MapChildren(x, func(c plan.Expr) plan.Expr { return r.rewriteInner(c, n, message) })
}
