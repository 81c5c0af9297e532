package answer_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/answer"
	"github.com/auditlake/auditlake/planner/types"
)

func TestTypeSignature(t *testing.T) {
	for _, c := range []struct {
		name string
		of   *types.Type
		want string
	}{
		{"plain", types.BigIntType, `{"rawType":"bigint","arguments":[]}`},
		{"interval", types.IntervalDayType, `{"rawType":"interval day to second","arguments":[]}`},
		{"unbounded varchar", types.VarcharType, `{"rawType":"varchar","arguments":[{"kind":"LONG","value":2147483647}]}`},
		{"varchar", types.VarcharOf(5), `{"rawType":"varchar","arguments":[{"kind":"LONG","value":5}]}`},
		{"decimal", types.DecimalOf(10, 2), `{"rawType":"decimal","arguments":[{"kind":"LONG","value":10},{"kind":"LONG","value":2}]}`},
		{"zoned", types.TimestampTZOf(6), `{"rawType":"timestamp with time zone","arguments":[{"kind":"LONG","value":6}]}`},
		{"map", types.MapOf(types.BigIntType, types.ArrayOf(types.DateType)),
			`{"rawType":"map","arguments":[{"kind":"TYPE","value":{"rawType":"bigint","arguments":[]}},` +
				`{"kind":"TYPE","value":{"rawType":"array","arguments":[{"kind":"TYPE","value":{"rawType":"date","arguments":[]}}]}}]}`},
		{"row", types.RowOf(types.Field{Name: `a"b`, Type: types.DateType}, types.Field{Type: types.UUIDType}),
			`{"rawType":"row","arguments":[{"kind":"NAMED_TYPE","value":{"fieldName":{"name":"a\"b"},"typeSignature":{"rawType":"date","arguments":[]}}},` +
				`{"kind":"NAMED_TYPE","value":{"typeSignature":{"rawType":"uuid","arguments":[]}}}]}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := answer.AppendTypeSignature(nil, c.of)
			require.True(t, json.Valid(got))
			require.Equal(t, c.want, string(got))
		})
	}
}
