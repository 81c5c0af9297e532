package plan

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/planner/types"
)

// TestExprIndex finds expressions by what they compute, not by identity.
func TestExprIndex(t *testing.T) {
	column := &Column{ID: 1, Type: types.BigIntType}
	text := func(s string) Expr { return &Const{Value: types.Value{Type: types.VarcharType, V: s}} }
	double := func(v float64) Expr { return &Const{Value: types.Value{Type: types.DoubleType, V: v}} }
	lambda := func(id int) Expr {
		p := &Column{ID: id, Type: types.BigIntType}
		return &Lambda{Params: []*Column{p}, Body: &Ref{Column: p}}
	}
	isNull := func(e Expr) Expr { return &Special{Form: IsNull, Args: []Expr{e}, T: types.BooleanType} }
	zero := 0.0
	tests := []struct {
		name  string
		a, b  Expr
		equal bool
	}{
		{"columns", &Ref{Column: column}, &Ref{Column: column}, true},
		{"texts", text("a"), text("a"), true},
		{"other texts", text("a"), text("b"), false},
		{"zeros", double(zero), double(-zero * 1), true},
		{"negative zero", double(0), double(1 / -inf()), true},
		{"inside", isNull(text("a")), isNull(text("a")), true},
		{"inside other", isNull(text("a")), isNull(text("b")), false},
		{"lambdas", lambda(7), lambda(8), true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			require.Equal(t, tt.equal, Equal(tt.a, tt.b), "the case itself")
			var x ExprIndex
			require.Equal(t, -1, x.FindExpr(tt.a))
			require.Zero(t, x.AddExpr(tt.a))
			require.Equal(t, tt.equal, x.FindExpr(tt.b) == 0)
		})
	}
}

func inf() float64 { x := 1e308; return x * 10 }
