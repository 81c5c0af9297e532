package analyze

import (
	"slices"
	"strings"

	"github.com/auditlake/auditlake/planner/ast"
	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

// joinUsing joins on columns of the same name. Each appears once, before all other columns.
func (a *analyzer) joinUsing(x *ast.Join, left, right relation) relation {
	kind := joinKinds[x.Kind]
	l, r := &projection{analyzer: a, input: left.node}, &projection{analyzer: a, input: right.node}
	join := &plan.Join{Kind: kind}
	var residual []plan.Expr
	var used []using
	for i := range x.Using {
		a.checkUsedOnce(x.Using, i)
		u := a.usingColumn(left, right, &x.Using[i])
		lx, rx := plan.Expr(&plan.Ref{Column: u.left.col}), plan.Expr(&plan.Ref{Column: u.right.col})
		equal, ok := a.compareCall(types.OpEqual, lx, rx, &x.Using[i])
		if !ok {
			a.fail(types.TypeMismatch, &x.Using[i], "Column types of left and right side of JOIN USING do not match: %s vs %s", u.left.col.Type, u.right.col.Type)
		}
		args := equal.(*plan.Call).Args
		u.leftKey, u.rightKey = l.column(args[0], u.name), r.column(args[1], u.name)
		join.Equal = append(join.Equal, plan.JoinKey{Left: u.leftKey, Right: u.rightKey})
		if !exactKey(u.leftKey.Type) {
			same, _ := a.compareCall(types.OpEqual, &plan.Ref{Column: u.leftKey}, &plan.Ref{Column: u.rightKey}, &x.Using[i])
			residual = append(residual, same)
		}
		used = append(used, u)
	}
	join.Left, join.Right, join.Residual = l.node(), r.node(), and(residual...)
	return a.usingFields(join, used, left, right)
}

func (a *analyzer) checkUsedOnce(names []ast.Ident, i int) {
	for _, before := range names[:i] {
		if strings.EqualFold(before.Name, names[i].Name) {
			a.fail(types.DuplicateColumnName, &names[i], "Column '%s' appears multiple times in USING clause", names[i].Name)
		}
	}
}

// using is a column of JOIN USING.
type using struct {
	name              string
	left, right       *field
	leftKey, rightKey *plan.Column // of the common type
}

func (a *analyzer) usingColumn(left, right relation, name *ast.Ident) using {
	l, r := a.fieldByName(left, name.Name, name), a.fieldByName(right, name.Name, name)
	if l == nil {
		a.fail(types.ColumnNotFound, name, "Column '%s' is missing from left side of join", name.Name)
	}
	if r == nil {
		a.fail(types.ColumnNotFound, name, "Column '%s' is missing from right side of join", name.Name)
	}
	return using{name: name.Name, left: l, right: r}
}

func (a *analyzer) usingFields(join *plan.Join, used []using, left, right relation) relation {
	p := &projection{analyzer: a, input: join}
	var out relation
	taken := map[*field]bool{}
	for _, u := range used {
		taken[u.left], taken[u.right] = true, true
		c := p.column(u.value(join.Kind), u.name)
		a.fromStore[c.ID] = a.fromStore[u.left.col.ID] && a.fromStore[u.right.col.ID]
		out.fields = append(out.fields, field{name: u.name, col: c})
	}
	for _, side := range []relation{left, right} {
		for i := range side.fields {
			if !taken[&side.fields[i]] {
				out.fields = append(out.fields, side.fields[i])
			}
		}
	}
	out.node = p.node()
	return out
}

// value is the left side's value if there is one. For RIGHT JOIN it is read from the right side if equal values
// look the same, because filters on it then reach that side.
func (u using) value(kind plan.JoinKind) plan.Expr {
	left, right := plan.Expr(&plan.Ref{Column: u.leftKey}), plan.Expr(&plan.Ref{Column: u.rightKey})
	switch {
	case kind == plan.RightJoin && !showsMore(u.leftKey.Type):
		return right
	case kind == plan.RightJoin || kind == plan.FullJoin:
		return special(plan.Coalesce, u.leftKey.Type, left, right)
	}
	return left
}

// showsMore reports whether equal values of a type can look different: instants in other zones, 0 and -0, maps in
// another order.
func showsMore(t *types.Type) bool {
	switch t.Kind {
	case types.Real, types.Double, types.TimeTZ, types.TimestampTZ, types.JSON, types.Map:
		return true
	case types.Array:
		return showsMore(t.Elem)
	case types.Row:
		return slices.ContainsFunc(t.Fields, func(f types.Field) bool { return showsMore(f.Type) })
	}
	return false
}
