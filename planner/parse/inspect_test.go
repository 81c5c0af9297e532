package parse_test

import (
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/planner/ast"
	"github.com/auditlake/auditlake/planner/parse"
)

// TestInspectVisitsEverything compares the expressions, relations and query
// bodies that Inspect meets with all that reflection finds.
func TestInspectVisitsEverything(t *testing.T) {
	found := 0
	for _, tt := range statements {
		t.Run(tt.name, func(t *testing.T) {
			tree, err := parse.Statement(tt.sql)
			require.NoError(t, err)
			met := map[ast.Node]int{}
			ast.Inspect(tree, func(n ast.Node) bool {
				met[n]++
				return true
			})
			eachNode(reflect.ValueOf(tree), func(n ast.Node) {
				found++
				require.Equal(t, 1, met[n], "%T at %s", n, n.Pos())
			})
		})
	}
	require.Greater(t, found, 1000)
}

// eachNode calls f for every expression, relation and query body below v. The
// strings of paths and separators outside expressions are no expressions.
func eachNode(v reflect.Value, f func(ast.Node)) {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			return
		}
		if v.Kind() == reflect.Pointer && v.Type() != reflect.TypeFor[*ast.StringLiteral]() {
			switch n := v.Interface().(type) {
			case ast.Expr:
				f(n)
			case ast.Relation:
				f(n)
			case ast.QueryBody:
				f(n)
			}
		}
		eachNode(v.Elem(), f)
	case reflect.Slice:
		for i := range v.Len() {
			eachNode(v.Index(i), f)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			eachNode(v.Field(i), f)
		}
	}
}

func TestInspectStopsWhereTold(t *testing.T) {
	x, err := parse.Expression("a + (SELECT b FROM t)")
	require.NoError(t, err)
	var names []string
	ast.Inspect(x, func(n ast.Node) bool {
		if c, ok := n.(*ast.Column); ok {
			names = append(names, c.Name.Name)
		}
		_, isSubquery := n.(*ast.Subquery)
		return !isSubquery
	})
	require.Equal(t, []string{"a"}, names)
}
