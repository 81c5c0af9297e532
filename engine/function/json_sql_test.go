package function

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/batch"

	"github.com/auditlake/auditlake/planner/sqljson"
	"github.com/auditlake/auditlake/planner/types"
)

// jsonPathCall are the kernel and the arguments of a call over JSON texts without parameters.
func jsonPathCall(tb testing.TB, function string, settings sqljson.Settings) (Kernel, []batch.Vector) {
	settings.Input = sqljson.Text
	none, err := Constant(types.Null(types.UnknownType))
	require.NoError(tb, err)
	args, kinds := []batch.Vector{{}, constantText(tb, settings.String()), none}, []*types.Type{types.VarcharType, types.VarcharType, types.UnknownType}
	if function == sqljson.ValueFunction || function == sqljson.CaseFunction {
		result, err := Constant(types.Null(types.VarcharType))
		require.NoError(tb, err)
		args, kinds = append(args, result), append(kinds, types.VarcharType)
	}
	return kernelOf(tb, function, kinds...), args
}

func BenchmarkJSONPath(b *testing.B) {
	texts := eventIDs()
	for i, id := range texts {
		texts[i] = `{"a":"` + id + `","b":[{"c":1},{"c":2}],"d":[1,2,3]}`
	}
	for _, c := range []struct{ function, path string }{
		{sqljson.ValueFunction, "lax $.a"}, {sqljson.QueryFunction, "lax $.b"}, {sqljson.ExistsFunction, "lax $.b[*]?(@.c > 1)"}, {sqljson.ValueFunction, "lax $.d[1]"},
	} {
		b.Run(c.function+" "+c.path, func(b *testing.B) {
			kernel, args := jsonPathCall(b, c.function, sqljson.Settings{Path: c.path})
			args[0] = textVector(b, texts)
			benchmarkRows(b, kernel, args...)
		})
	}
}
