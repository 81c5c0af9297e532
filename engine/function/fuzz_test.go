package function

import (
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/planner/metadata"
	"github.com/auditlake/auditlake/planner/types"
)

// FuzzCastText: no text crashes a cast; TRY_CAST is NULL exactly where CAST
// fails; what a cast made is unchanged by a round through its own text.
func FuzzCastText(f *testing.F) {
	for _, seed := range []string{"", " 1 ", "1e999999999", "-0x1p-3", "2024-02-29 01:02:03.9999999 Europe/Paris", "12:30:00+05:30",
		`{"a":[1,null]}`, "[", "10.0.0.1", "12151fd2-7586-11e9-8f9e-2a86e4085a59", "9e18", "99999-12-31", "-290000-01-01 00:00:00"} {
		f.Add(seed)
	}
	targets := []*types.Type{
		types.BooleanType, types.TinyIntType, types.BigIntType, types.RealType, types.DoubleType, types.DecimalOf(38, 10), types.CharOf(3),
		types.DateType, types.TimeOf(3), types.TimeTZOf(9), types.TimestampOf(9), types.TimestampOf(0), types.TimestampTZType,
		types.UUIDType, types.IPAddressType,
	}
	fromJSON := []*types.Type{types.BigIntType, types.DoubleType, types.VarcharType, types.ArrayOf(types.DecimalOf(10, 2)),
		types.MapOf(types.BigIntType, types.JSONType), types.RowOf(types.Field{Name: "a", Type: types.ArrayOf(types.BooleanType)})}
	registry := New()
	session := &metadata.Session{Now: time.Unix(1700000000, 0), Location: time.UTC, Zone: "UTC"}
	cast := func(t *testing.T, v types.Value, to *types.Type, try bool) (types.Value, error) {
		fn, ok := registry.ResolveCast(v.Type, to, try)
		require.True(t, ok)
		return registry.Fold(fn, []types.Value{v}, session)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if !utf8.ValidString(text) || len(text) > 1000 {
			t.Skip()
		}
		check := func(from, to *types.Type) {
			v := types.Value{Type: from, V: text}
			got, err := cast(t, v, to, false)
			tried, tryErr := cast(t, v, to, true)
			require.NoError(t, tryErr, to.String())
			if err != nil {
				require.True(t, tried.IsNull(), to.String())
				return
			}
			require.Equal(t, got.IsNull(), tried.IsNull(), to.String())
			if got.IsNull() || from.Kind == types.JSON || to.Kind == types.Char {
				return
			}
			shown, err := cast(t, got, types.VarcharType, false)
			require.NoError(t, err, to.String())
			again, err := cast(t, shown, to, false)
			if err != nil { // year 12024 and the like are shown in a form that is not read
				return
			}
			reshown, err := cast(t, again, types.VarcharType, false)
			require.NoError(t, err)
			if to.Kind != types.Real { // seven digits are shown, more are held
				require.Equal(t, shown, reshown, to.String())
			}
		}
		for _, to := range targets {
			check(types.VarcharType, to)
		}
		for _, to := range fromJSON {
			check(types.JSONType, to)
		}
	})
}
