package analyze

import (
	"maps"

	"github.com/auditlake/auditlake/planner/ast"
	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

var joinKinds = map[ast.JoinKind]plan.JoinKind{
	ast.ImplicitJoin: plan.CrossJoin, ast.CrossJoin: plan.CrossJoin, ast.InnerJoin: plan.InnerJoin,
	ast.LeftJoin: plan.LeftJoin, ast.RightJoin: plan.RightJoin, ast.FullJoin: plan.FullJoin,
}

func (a *analyzer) join(x *ast.Join, s *scope) relation {
	if x.Natural {
		panic(a.notSupported(x, "NATURAL JOIN"))
	}
	left := a.from(x.Left, s)
	switch right := unaliased(x.Right).(type) {
	case *ast.Unnest:
		return a.joinUnnest(x, left, right, s)
	case *ast.JSONTable:
		return a.joinJSONTable(x, left, right, s)
	case *ast.Lateral:
		if x.Kind != ast.RightJoin && x.Kind != ast.FullJoin {
			return a.joinLateral(x, left, right, s)
		}
	}
	right := a.rightSide(x, left, s)
	if len(x.Using) > 0 {
		return a.joinUsing(x, left, right)
	}
	out := left.joinedTo(right)
	if x.On == nil {
		out.node = a.cross(left.node, right.node)
		return out
	}
	var subqueries []*pending
	e := &env{analyzer: a, scope: s.inner(out), clause: "JOIN clause", subqueries: &subqueries}
	kind := joinKinds[x.Kind]
	if kind == plan.InnerJoin {
		e.addConjuncts(x.On, false)
	}
	e.scope.closed = kind != plan.InnerJoin
	condition := e.boolean(x.On, "JOIN ON clause")
	switch {
	case len(subqueries) == 0:
		out.node = a.joinOn(kind, left.node, right.node, condition)
	case kind != plan.InnerJoin:
		l, r := a.attachToSides(left.node, right.node, subqueries)
		out.node = a.joinOn(kind, l, r, condition)
	default:
		node := a.attach(a.cross(left.node, right.node), subqueries)
		out.node = &plan.Filter{Input: node, Predicate: condition}
	}
	return out
}

func (a *analyzer) cross(left, right plan.Node) plan.Node {
	j := &plan.Join{Kind: plan.CrossJoin, Left: left, Right: right}
	a.joined(j, a.columnsOf(left), a.columnsOf(right))
	return j
}

// rightSide plans the right side of a join that reads nothing of the left one. A LATERAL of RIGHT and FULL JOIN
// could see the left side but must not read it.
func (a *analyzer) rightSide(x *ast.Join, left relation, s *scope) relation {
	side, ok := unaliased(x.Right).(*ast.Lateral)
	if !ok {
		return a.from(x.Right, s)
	}
	if len(x.Using) > 0 {
		a.fail(types.NotSupported, x, "%s JOIN involving LATERAL is not supported", x.Kind)
	}
	if x.Kind == ast.FullJoin && !isTrue(x.On) {
		a.fail(types.NotSupported, x.On, "FULL JOIN involving LATERAL relation is only supported with condition ON TRUE")
	}
	sight := s.beside(relation{fields: left.fields, forbidden: string(x.Kind)})
	return a.realias(x.Right, visible(a.query(side.Query, sight.subquery(new([]*plan.Column)), false)))
}

// attachToSides joins the subqueries of an outer join's condition to the side whose columns they read.
func (a *analyzer) attachToSides(left, right plan.Node, subqueries []*pending) (l, r plan.Node) {
	for _, s := range subqueries {
		leftIDs, rightIDs := columnIDs(left), columnIDs(right)
		ofLeft, ofRight := false, false
		for _, x := range s.exprs {
			ofLeft = ofLeft || readsAny(x, leftIDs)
			ofRight = ofRight || readsAny(x, rightIDs)
		}
		switch {
		case ofLeft && ofRight: // as an operand: correlated ones are refused
			panic(a.notSupported(s.at, "a subquery over both sides in the condition of an outer join"))
		case ofRight:
			right = s.join(right, s.exprs)
		default:
			left = s.join(left, s.exprs)
		}
	}
	return left, right
}

// unaliased returns the relation below an alias, or the relation itself.
func unaliased(r ast.Relation) ast.Relation {
	if aliased, ok := r.(*ast.Aliased); ok {
		return aliased.Relation
	}
	return r
}

// realias applies the alias of r, if any, to a relation.
func (a *analyzer) realias(r ast.Relation, rel relation) relation {
	if aliased, ok := r.(*ast.Aliased); ok {
		return a.aliased(aliased, rel)
	}
	return rel
}

// joinUnnest plans left CROSS JOIN UNNEST(…) and left … JOIN UNNEST(…) ON TRUE.
func (a *analyzer) joinUnnest(x *ast.Join, left relation, right *ast.Unnest, s *scope) relation {
	a.checkSpreadJoin(x, "UNNEST")
	if alone, ok := spreadAlone(x, left); ok {
		return a.joinAlone(x, left, a.unnest(alone, right, s, false))
	}
	return a.joinSpread(x, left, a.unnest(left, right, s, x.Kind == ast.LeftJoin))
}

// spreadAlone handles UNNEST and JSON_TABLE on the right side of RIGHT and FULL JOIN. They spread over one row,
// whose fields are those of left and must not be read. It returns false for other joins.
func spreadAlone(x *ast.Join, left relation) (alone relation, ok bool) {
	if x.Kind != ast.RightJoin && x.Kind != ast.FullJoin {
		return relation{}, false
	}
	return relation{node: oneRow(), fields: left.fields, forbidden: string(x.Kind)}, true
}

// joinAlone joins the rows of an UNNEST or JSON_TABLE that was planned without the left side.
func (a *analyzer) joinAlone(x *ast.Join, left, spread relation) relation {
	right := a.realias(x.Right, spread)
	out := left.joinedTo(right)
	out.node = a.joinOn(joinKinds[x.Kind], left.node, right.node, boolConst(true))
	return out
}

// joinJSONTable plans a join with JSON_TABLE, which reads the left side as UNNEST does.
func (a *analyzer) joinJSONTable(x *ast.Join, left relation, right *ast.JSONTable, s *scope) relation {
	a.checkSpreadJoin(x, "JSON_TABLE")
	if alone, ok := spreadAlone(x, left); ok {
		return a.joinAlone(x, left, a.jsonTable(alone, right, s, false))
	}
	return a.joinSpread(x, left, a.jsonTable(left, right, s, x.Kind == ast.LeftJoin))
}

func (a *analyzer) checkSpreadJoin(x *ast.Join, what string) {
	switch {
	case len(x.Using) > 0:
		a.fail(types.NotSupported, x, "%s JOIN involving %s is only supported with condition ON TRUE", x.Kind, what)
	case x.On != nil && !isTrue(x.On):
		a.fail(types.NotSupported, x.On, "%s JOIN involving %s is only supported with condition ON TRUE", x.Kind, what)
	}
}

// joinSpread returns the relation of a join with UNNEST: the columns of left come before the new ones.
func (a *analyzer) joinSpread(x *ast.Join, left, spread relation) relation {
	spread = a.realias(x.Right, spread)
	out := left.joinedTo(spread)
	out.node = spread.node
	return out
}

// joinOn joins with a condition: equalities between the sides become keys.
func (a *analyzer) joinOn(kind plan.JoinKind, left, right plan.Node, condition plan.Expr) plan.Node {
	j := &joiner{analyzer: a, leftIDs: a.columnsOf(left), rightIDs: a.columnsOf(right)}
	j.left = &projection{analyzer: a, input: left, have: j.leftIDs}
	j.right = &projection{analyzer: a, input: right, have: j.rightIDs}
	for _, term := range plan.Conjuncts(condition) {
		j.addTerm(term)
	}
	out := &plan.Join{Kind: kind, Left: j.left.node(), Right: j.right.node(), Equal: j.equal, Residual: and(j.residual...)}
	j.left.noteAdded(j.leftIDs)
	j.right.noteAdded(j.rightIDs)
	a.joined(out, j.leftIDs, j.rightIDs)
	return out
}

// columnsOf returns the IDs of the columns of n. For a join they are the set that joined has noted; the join above
// takes it over.
func (a *analyzer) columnsOf(n plan.Node) map[int]bool {
	if ids, ok := a.joinColumns[n]; ok {
		delete(a.joinColumns, n)
		return ids
	}
	return columnIDs(n)
}

// joined notes the columns of a join, those of both sides together, so that a long chain of joins does not list
// them at each join. It adds to the larger set.
func (a *analyzer) joined(j plan.Node, left, right map[int]bool) {
	if len(left) < len(right) {
		left, right = right, left
	}
	maps.Copy(left, right)
	if a.joinColumns == nil {
		a.joinColumns = map[plan.Node]map[int]bool{}
	}
	a.joinColumns[j] = left
}

// joiner sorts the terms of a join condition.
type joiner struct {
	*analyzer
	left, right       *projection
	leftIDs, rightIDs map[int]bool
	equal             []plan.JoinKey
	residual          []plan.Expr
}

func columnIDs(n plan.Node) map[int]bool {
	ids := map[int]bool{}
	for _, c := range n.Columns() {
		ids[c.ID] = true
	}
	return ids
}

func (j *joiner) addTerm(term plan.Expr) {
	if c, ok := term.(*plan.Const); ok && c.Value.V == true {
		return
	}
	x, y, ok := equality(term)
	if !ok {
		j.residual = append(j.residual, term)
		return
	}
	if reads(x, j.rightIDs) {
		x, y = y, x
	}
	if !reads(x, j.leftIDs) || !reads(y, j.rightIDs) || !plan.IsDeterministic(term) {
		j.residual = append(j.residual, term)
		return
	}
	j.equal = append(j.equal, plan.JoinKey{Left: j.left.column(x, ""), Right: j.right.column(y, "")})
	if !exactKey(x.Type()) {
		j.residual = append(j.residual, term)
	}
}

// exactKey reports whether two keys that hash and compare as one value are always equal in SQL. They are not for
// NaN and for NULLs inside values.
func exactKey(t *types.Type) bool {
	switch t.Kind {
	case types.Real, types.Double, types.Array, types.Map, types.Row:
		return false
	}
	return true
}

// equality returns the two sides of x = y, and false for other expressions.
func equality(term plan.Expr) (x, y plan.Expr, ok bool) {
	c, ok := term.(*plan.Call)
	if !ok || c.Fn.Name != types.OpEqual {
		return nil, nil, false
	}
	return c.Args[0], c.Args[1], true
}

// reads reports whether x reads columns and all of them are among ids.
func reads(x plan.Expr, ids map[int]bool) bool {
	some, all := false, true
	plan.FreeColumns(x, func(c *plan.Column) {
		some, all = true, all && ids[c.ID]
	})
	return some && all
}
