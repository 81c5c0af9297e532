package plan_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/planner/metadata"
	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

var (
	a       = column(1, "a")
	b       = column(2, "b")
	sum     = &types.Resolved{Signature: types.MustSignature("$add(bigint, bigint) -> bigint"), Args: []*types.Type{types.BigIntType, types.BigIntType}, Return: types.BigIntType}
	random  = &types.Resolved{Signature: types.MustSignature("random() -> bigint", types.NonDeterministic), Return: types.BigIntType}
	compare = &types.Resolved{Signature: types.MustSignature("$lt(bigint, bigint) -> boolean"), Args: sum.Args, Return: types.BooleanType}
)

func column(id int, name string) *plan.Column {
	return &plan.Column{ID: id, Name: name, Type: types.BigIntType}
}

func ref(c *plan.Column) plan.Expr { return &plan.Ref{Column: c} }

func number(n int64) plan.Expr {
	return &plan.Const{Value: types.Value{Type: types.BigIntType, V: n}}
}

func call(fn *types.Resolved, args ...plan.Expr) plan.Expr { return &plan.Call{Fn: fn, Args: args} }

func lambda(p *plan.Column, body plan.Expr) plan.Expr {
	return &plan.Lambda{Params: []*plan.Column{p}, Body: body}
}

func TestEqual(t *testing.T) {
	x, y := column(8, "x"), column(9, "y")
	text := func(n int, s string) plan.Expr {
		return &plan.Const{Value: types.Value{Type: types.VarcharOf(n), V: s}}
	}
	tests := []struct {
		name string
		a, b plan.Expr
		want bool
	}{
		{"same column", ref(a), ref(column(1, "other name")), true},
		{"other column", ref(a), ref(b), false},
		{"same call", call(sum, ref(a), number(1)), call(sum, ref(a), number(1)), true},
		{"other constant", call(sum, ref(a), number(1)), call(sum, ref(a), number(2)), false},
		{"order counts", call(sum, ref(a), ref(b)), call(sum, ref(b), ref(a)), false},
		{"type of a constant", text(1, "x"), text(2, "x"), false},
		{"parameters by position", lambda(x, call(sum, ref(x), ref(a))), lambda(y, call(sum, ref(y), ref(a))), true},
		{"parameter is no column", lambda(x, ref(x)), lambda(y, ref(x)), false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			require.Equal(t, tt.want, plan.Equal(tt.a, tt.b))
			require.Equal(t, tt.want, plan.Equal(tt.b, tt.a))
		})
	}
}

func TestFreeColumnsLeaveParametersOut(t *testing.T) {
	x := column(8, "x")
	var seen []string
	plan.FreeColumns(call(sum, lambda(x, call(sum, ref(x), ref(a))), ref(b)), func(c *plan.Column) { seen = append(seen, c.Name) })
	require.Equal(t, []string{"a", "b"}, seen)
}

func TestMapChildrenKeepsWhatDoesNotChange(t *testing.T) {
	e := call(sum, ref(a), number(1))
	require.Same(t, e, plan.MapChildren(e, func(c plan.Expr) plan.Expr { return c }))
	changed := plan.MapChildren(e, func(c plan.Expr) plan.Expr {
		if _, ok := c.(*plan.Ref); ok {
			return ref(b)
		}
		return c
	})
	require.Equal(t, "(b#2 + 1)", plan.FormatExpr(changed))
	require.Equal(t, "(a#1 + 1)", plan.FormatExpr(e))
}

func TestConjuncts(t *testing.T) {
	less := func(n int64) plan.Expr { return call(compare, ref(a), number(n)) }
	and := func(terms ...plan.Expr) plan.Expr {
		return &plan.Special{Form: plan.And, Args: terms, T: types.BooleanType}
	}
	var texts []string
	for _, term := range plan.Conjuncts(and(less(1), and(less(2), less(3)))) {
		texts = append(texts, plan.FormatExpr(term))
	}
	require.Equal(t, []string{"(a#1 < 1)", "(a#1 < 2)", "(a#1 < 3)"}, texts)
}

func TestIsDeterministic(t *testing.T) {
	require.True(t, plan.IsDeterministic(call(sum, ref(a), number(1))))
	require.False(t, plan.IsDeterministic(call(sum, ref(a), call(random))))
}

func TestFormatScan(t *testing.T) {
	value := func(n int64) *types.Value { return &types.Value{Type: types.BigIntType, V: n} }
	key := "k"
	scan := &plan.Scan{
		Table:  &metadata.Table{Name: "t"},
		Cols:   []plan.ScanColumn{{Column: a, Path: []string{"a"}, Output: true}, {Column: b, Path: []string{"r", "b"}}},
		Filter: call(compare, ref(b), number(9)),
		Domains: []plan.Domain{
			{Path: []string{"r", "b"}, Ranges: []plan.Range{{High: value(9)}}},
			{Path: []string{"a"}, Ranges: []plan.Range{{Low: value(1), High: value(1), LowIncl: true, HighIncl: true}, {Low: value(3), LowIncl: true}}, NullAllowed: true},
			{Path: []string{"m"}, MapKey: &key},
		},
	}
	require.Equal(t, "Scan t [a#1, b#2 := r.b (filter only)] filter (b#2 < 9) "+
		"domain r.b in {(-∞, 9)} domain a in {1, [3, ∞), NULL} domain m['k'] in {}\n", plan.Format(scan))
}
