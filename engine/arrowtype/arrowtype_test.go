package arrowtype

import (
	"testing"
	"time"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/planner/types"
)

func TestFromArrowInvertsOf(t *testing.T) {
	for _, typ := range []*types.Type{
		types.BooleanType, types.TinyIntType, types.SmallIntType, types.IntegerType, types.BigIntType,
		types.RealType, types.DoubleType, types.VarcharType, types.VarbinaryType, types.DateType,
		types.TimestampType, types.TimestampOf(6), types.DecimalOf(38, 7), types.UnknownType,
		types.ArrayOf(types.VarcharType), types.MapOf(types.VarcharType, types.BigIntType),
		types.RowOf(types.Field{Name: "a", Type: types.BigIntType}),
	} {
		back, err := FromArrow(Of(typ))
		require.NoError(t, err)
		require.Equal(t, typ.String(), back.String())
	}
	_, err := FromArrow(arrow.FixedWidthTypes.Float16)
	require.ErrorContains(t, err, "float16")
}

func TestZones(t *testing.T) {
	cases := []struct{ in, name string }{
		{"UTC", "UTC"}, {"Z", "UTC"}, {"GMT", "UTC"}, {"+00:00", "UTC"},
		{"+05:30", "+05:30"}, {"UTC-1:00", "-01:00"}, {"+14:00", "+14:00"}, {"-0830", "-08:30"},
		{"America/New_York", "America/New_York"}, {"EST5EDT", "EST5EDT"},
		{"Etc/GMT+3", "-03:00"}, {"UTC+5", "+05:00"}, {"-0", "UTC"}, {"Etc/UTC-0", "UTC"},
	}
	for _, c := range cases {
		z, err := ParseZone(c.in)
		require.NoError(t, err, c.in)
		require.Equal(t, c.name, ZoneName(z), c.in)
	}
	for _, bad := range []string{"", "PST", "EST", "Local", "utc", "america/new_york", "-1:00", "+05:30:15", "posix/Europe/London", "Nowhere/Town", "+15:00", "+", "+1:2", "../etc/passwd"} {
		_, err := ParseZone(bad)
		require.Error(t, err, bad)
	}
	ny, err := ParseZone("America/New_York")
	require.NoError(t, err)
	require.EqualValues(t, -4*3600, OffsetSeconds(ny, time.Date(2024, 7, 1, 0, 0, 0, 0, time.UTC).Unix()))
	require.EqualValues(t, -5*3600, OffsetSeconds(ny, time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC).Unix()))
}
