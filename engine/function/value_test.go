package function

import (
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/decimal128"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/planner/types"
)

func typed(t *types.Type, vals ...any) []types.Value {
	out := make([]types.Value, len(vals))
	for i, v := range vals {
		out[i] = types.Value{Type: t, V: v}
	}
	return out
}

// samples are constants of every kind of type, with NULLs.
var samples = [][]types.Value{
	typed(types.BooleanType, true, nil, false),
	typed(types.TinyIntType, int64(-128), nil, int64(7)),
	typed(types.SmallIntType, int64(-32768), nil, int64(7)),
	typed(types.IntegerType, int64(-1), nil, int64(7)),
	typed(types.BigIntType, int64(1)<<62, nil, int64(7)),
	typed(types.RealType, float32(1.5), nil, float32(-2)),
	typed(types.DoubleType, 1.5, nil, -2.0),
	typed(types.DecimalOf(38, 2), decimal128.FromI64(-12345), nil, decimal128.FromI64(1)),
	typed(types.VarcharType, "", nil, "héllo"),
	typed(types.VarbinaryType, []byte{0, 255}, nil, []byte{}),
	typed(types.UUIDType, []byte("0123456789abcdef"), nil, []byte("ABCDEFGHIJKLMNOP")),
	typed(types.DateType, int64(-1), nil, int64(19000)),
	typed(types.TimeOf(0), int64(3600), nil, int64(0)),
	typed(types.TimeOf(3), int64(3600001), nil, int64(0)),
	typed(types.TimeOf(9), int64(1), nil, int64(0)),
	typed(types.TimestampType, int64(-1), nil, int64(1700000000000)),
	typed(types.TimestampTZType, types.Zoned{Instant: 5, Zone: "Europe/Paris"}, nil, types.Zoned{Instant: -5, Zone: "+05:30"}),
	typed(types.TimeTZOf(3), types.Zoned{Instant: 5, Zone: "+05:30"}, nil, types.Zoned{Instant: 6, Zone: "UTC"}),
	typed(types.IntervalYearType, int64(14), nil, int64(-1)),
	typed(types.ArrayOf(types.VarcharType), typed(types.VarcharType, "a", nil), nil, typed(types.VarcharType)),
	typed(types.MapOf(types.VarcharType, types.BigIntType),
		types.MapValue{Keys: typed(types.VarcharType, "a", "b"), Values: typed(types.BigIntType, int64(1), nil)}, nil,
		types.MapValue{Keys: typed(types.VarcharType), Values: typed(types.BigIntType)}),
	typed(types.RowOf(types.Field{Name: "a", Type: types.BigIntType}, types.Field{Type: types.VarcharType}),
		[]types.Value{{Type: types.BigIntType, V: int64(1)}, {Type: types.VarcharType}}, nil,
		[]types.Value{{Type: types.BigIntType}, {Type: types.VarcharType, V: "x"}}),
	typed(types.UnknownType, nil, nil, nil),
}

func valuesOf(t *types.Type, a arrow.Array) []types.Value {
	return valuesAt(t, a, 0, int32(a.Len()))
}

func TestConstantsAndArrays(t *testing.T) {
	for _, vals := range samples {
		typ := vals[0].Type
		t.Run(typ.String(), func(t *testing.T) {
			a, err := ArrayOf(typ, vals)
			require.NoError(t, err)
			require.Equal(t, vals, valuesOf(typ, a))

			taken := batch.Take(a, []int32{2, -1, 0, 0})
			require.Equal(t, []types.Value{vals[2], types.Null(typ), vals[0], vals[0]}, valuesOf(typ, taken))

			joined := batch.Concat([]arrow.Array{a, taken})
			require.Equal(t, append(vals[:3:3], valuesOf(typ, taken)...), valuesOf(typ, joined))

			nulls := batch.Nulls(a.DataType(), 3)
			require.Equal(t, 3, nulls.Len())
			require.Equal(t, []types.Value{types.Null(typ), types.Null(typ), types.Null(typ)}, valuesOf(typ, nulls))
		})
	}
}
