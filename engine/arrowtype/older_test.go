package arrowtype

import (
	"strings"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/planner/types"
)

// TestFromNanos: tables of before long timestamps have their values, at every level, also in slices.
func TestFromNanos(t *testing.T) {
	nanos := &arrow.TimestampType{Unit: arrow.Nanosecond}
	older := func(dt arrow.DataType, text string) arrow.Array {
		a, _, err := array.FromJSON(memory.DefaultAllocator, dt, strings.NewReader(text))
		require.NoError(t, err)
		return a
	}
	at := types.TimestampOf(9)
	const first, second = "1969-12-31 23:59:59.999999999", "2026-01-31 10:00:00.123456789"
	text := func(a arrow.Array, i int) string {
		return string(AppendLong(nil, a.(*array.Decimal128).Value(i), 9))
	}
	a := older(nanos, `["`+first+`", null, "`+second+`"]`)
	plain := array.MakeFromData(FromNanos(at, array.NewSlice(a, 1, 3).Data()))
	require.True(t, plain.IsNull(0))
	require.Equal(t, second, text(plain, 1))
	require.Equal(t, first, text(array.MakeFromData(FromNanos(at, a.Data())), 0))
	require.True(t, arrow.TypeEqual(Of(at), plain.DataType()))
	again := FromNanos(at, plain.Data())
	require.Equal(t, plain.Data(), again, "the present layout stays")

	zonedType := zoned(&arrow.TimestampType{Unit: arrow.Nanosecond, TimeZone: ZoneKey}, arrow.Metadata{})
	z := array.MakeFromData(FromNanos(types.TimestampTZOf(7), older(zonedType, `[{"instant": "`+second+`", "zone": 1330}]`).Data())).(*array.Struct)
	require.Equal(t, second, text(z.Field(0), 0))
	require.EqualValues(t, 1330, z.Field(1).(*array.Int32).Value(0))

	row := types.RowOf(types.Field{Name: "l", Type: types.ArrayOf(at)}, types.Field{Name: "n", Type: types.BigIntType})
	rowType := arrow.StructOf(arrow.Field{Name: "l", Type: arrow.ListOf(nanos), Nullable: true}, arrow.Field{Name: "n", Type: arrow.PrimitiveTypes.Int64, Nullable: true})
	r := array.MakeFromData(FromNanos(row, older(rowType, `[{"l": ["`+second+`"], "n": 4}]`).Data())).(*array.Struct)
	require.Equal(t, second, text(r.Field(0).(*array.List).ListValues(), 0))
	require.EqualValues(t, 4, r.Field(1).(*array.Int64).Value(0))

	entries := types.MapOf(types.VarcharType, at)
	m := array.MakeFromData(FromNanos(entries, older(arrow.MapOf(arrow.BinaryTypes.String, nanos), `[[{"key": "k", "value": "`+first+`"}]]`).Data())).(*array.Map)
	require.Equal(t, first, text(m.Items(), 0))
	require.False(t, HasLong(types.MapOf(types.VarcharType, types.TimestampOf(6))))
}
