package expr_test

import (
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/expr"
	"github.com/auditlake/auditlake/planner/types"
)

// TestNestedCallsFailOnce: what fails within many calls is computed about once for each call around it, not twice as often for each.
func TestNestedCallsFailOnce(t *testing.T) {
	const depth = 15
	text := strings.Repeat("to_hex(to_utf8(", depth) + "CAST(length(lower(s)) / (n - n) AS varchar)" + strings.Repeat("))", depth)
	list, layout := planned(t, text)
	var times atomic.Int64 // that lower is computed
	list[0] = withCounted(list[0], &times)
	evaluator, err := expr.CompileList(list, layout, statementEnv())
	require.NoError(t, err)
	_, err = evaluator.Eval(fixtureBatch(t, true))
	require.Equal(t, types.DivisionByZero, types.ErrorName(err))
	require.Positive(t, times.Load())
	require.LessOrEqual(t, times.Load(), int64(2*depth))
}
