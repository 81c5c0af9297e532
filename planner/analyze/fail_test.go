package analyze_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/function"
	"github.com/auditlake/auditlake/planner/analyze"
	"github.com/auditlake/auditlake/planner/parse"
	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

// failing is a library that has the function which raises an error.
type failing struct{ *function.Registry }

var failSignature = types.MustSignature("$fail(varchar, varchar) -> boolean")

func (f failing) Exists(name string) bool { return name == types.OpFail || f.Registry.Exists(name) }

func (f failing) Resolve(name string, args []types.Arg) (*types.Resolved, error) {
	if name == types.OpFail {
		return types.Resolve(name, []*types.Signature{failSignature}, args)
	}
	return f.Registry.Resolve(name, args)
}

// TestCorrelatedRow plans a subquery that must not give two rows for one outer
// row, in a library that can raise the error for it.
func TestCorrelatedRow(t *testing.T) {
	stmt, err := parse.Statement("SELECT (SELECT b FROM t x WHERE x.a = t.a) FROM t")
	require.NoError(t, err)
	n, err := analyze.Statement(context.Background(), stmt, small(t), failing{function.New()}, session)
	require.NoError(t, err)
	require.NoError(t, check(n))
	require.Equal(t, `Output [_col0 := #11]
  Project [#11 := IF(((count#10 > 1) AND $fail('SUBQUERY_MULTIPLE_ROWS', 'Scalar sub-query has returned multiple rows')), NULL, b#9)]
    Join left on a#1 = a#5
      Scan t [a#1, b#2, c#3, _h#4]
      Aggregate by [a#5] [b#9 := any_value(b#6), count#10 := count()]
        Project [b#6, a#5]
          Scan t [a#5, b#6, c#7, _h#8]
`, plan.Format(n))
}
