package arrowtype

import (
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/planner/types"
)

func TestAppendDate(t *testing.T) {
	cases := []struct {
		days int64
		want string
	}{
		{0, "1970-01-01"}, {-1, "1969-12-31"}, {19782, "2024-02-29"}, {11016, "2000-02-29"},
		{-719162, "0001-01-01"}, {-719163, "0000-12-31"}, {-719528, "0000-01-01"}, {-719529, "-0001-12-31"},
		{2932896, "9999-12-31"}, {2932897, "+10000-01-01"}, {math.MaxInt32, "+5881580-07-11"}, {math.MinInt32, "-5877641-06-23"},
	}
	for _, c := range cases {
		require.Equal(t, c.want, string(AppendDate(nil, c.days)))
	}
	for day := time.Date(1599, 12, 31, 0, 0, 0, 0, time.UTC); day.Year() < 2401; day = day.AddDate(0, 0, 1) {
		if got := string(AppendDate(nil, day.Unix()/secondsPerDay)); got != day.Format(time.DateOnly) {
			require.Equal(t, day.Format(time.DateOnly), got)
		}
	}
}

func TestAppendTimestamp(t *testing.T) {
	cases := []struct {
		name      string
		precision int
		value     int64
		want      string
	}{
		{"no fraction", 0, 1, "1970-01-01 00:00:01"},
		{"before 1970", 3, -1, "1969-12-31 23:59:59.999"},
		{"day before 1970", 3, -86400000, "1969-12-31 00:00:00.000"},
		{"one digit held in milliseconds", 1, 1100, "1970-01-01 00:00:01.1"},
		{"four digits held in microseconds", 4, 1_000_200, "1970-01-01 00:00:01.0002"},
		{"microseconds", 6, -1, "1969-12-31 23:59:59.999999"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			typ := types.TimestampOf(c.precision)
			require.Equal(t, c.want, string(AppendTimestamp(nil, c.value, UnitsPerSecond(typ), c.precision)))
		})
	}
}

func TestAppendTime(t *testing.T) {
	cases := []struct {
		precision int
		value     int64
		want      string
	}{
		{0, 3723e6, "01:02:03"}, {3, 3723004000, "01:02:03.004"}, {6, 86399999999, "23:59:59.999999"}, {9, 1, "00:00:00.000000001"},
	}
	for _, c := range cases {
		require.Equal(t, c.want, string(AppendTime(nil, types.TimeOf(c.precision), c.value)))
	}
}

func TestAppendWithTimeZone(t *testing.T) {
	zone := func(name string) Zone {
		z, err := ParseZone(name)
		require.NoError(t, err)
		return z
	}
	noon := time.Date(2024, 7, 1, 12, 0, 0, 5e6, time.UTC).UnixMilli()
	winter := time.Date(2024, 1, 1, 3, 0, 0, 0, time.UTC).UnixMilli()
	cases := []struct {
		instant int64
		zone    string
		want    string
	}{
		{noon, "UTC", "2024-07-01 12:00:00.005 UTC"},
		{noon, "+05:30", "2024-07-01 17:30:00.005 +05:30"},
		{noon, "America/New_York", "2024-07-01 08:00:00.005 America/New_York"},
		{winter, "America/New_York", "2023-12-31 22:00:00.000 America/New_York"},
		{-1, "-14:00", "1969-12-31 09:59:59.999 -14:00"},
	}
	for _, c := range cases {
		require.Equal(t, c.want, string(AppendTimestampTZ(nil, types.TimestampTZType, c.instant, zone(c.zone))))
	}
	require.Equal(t, "22:30:00-08:30", string(AppendTimeTZ(nil, types.TimeTZOf(0), 7*3600e6, zone("-08:30"))))
	require.Equal(t, "00:30:00.000+01:00", string(AppendTimeTZ(nil, types.TimeTZOf(3), 84600e6, zone("+01:00"))))
	require.Equal(t, "00:00:00+00:00", string(AppendTimeTZ(nil, types.TimeTZOf(0), 0, UTC)))
}

func TestAppendIntervals(t *testing.T) {
	days := []struct {
		millis int64
		want   string
	}{
		{0, "0 00:00:00.000"}, {93784567, "1 02:03:04.567"}, {-86400000, "-1 00:00:00.000"}, {-18000000, "-0 05:00:00.000"},
		{math.MinInt64, "-106751991167 07:12:55.808"},
	}
	for _, c := range days {
		require.Equal(t, c.want, string(AppendIntervalDay(nil, c.millis)))
	}
	years := []struct {
		months int64
		want   string
	}{{0, "0-0"}, {14, "1-2"}, {-14, "-1-2"}, {-1, "-0-1"}}
	for _, c := range years {
		require.Equal(t, c.want, string(AppendIntervalYear(nil, c.months)))
	}
}

// TestAppendDouble: what Java's Double.toString and Float.toString print.
func TestAppendDouble(t *testing.T) {
	cases := []struct {
		value float64
		bits  int
		want  string
	}{
		{0, 64, "0.0"}, {math.Copysign(0, -1), 64, "-0.0"}, {1, 64, "1.0"}, {-1.5, 64, "-1.5"}, {0.1, 64, "0.1"},
		{0.001, 64, "0.001"}, {0.00099, 64, "9.9E-4"}, {9999999, 64, "9999999.0"}, {1e7, 64, "1.0E7"}, {12345678.9, 64, "1.23456789E7"},
		{-1e-10, 64, "-1.0E-10"}, {1e100, 64, "1.0E100"}, {math.MaxFloat64, 64, "1.7976931348623157E308"}, {1.0 / 3, 64, "0.3333333333333333"},
		{math.NaN(), 64, "NaN"}, {math.Inf(1), 64, "Infinity"}, {math.Inf(-1), 64, "-Infinity"},
		{float64(float32(0.1)), 32, "0.1"}, {16777216, 32, "1.6777216E7"}, {float64(float32(1e10)), 32, "1.0E10"},
	}
	for _, c := range cases {
		require.Equal(t, c.want, string(AppendDouble(nil, c.value, c.bits)))
	}
}

// TestAppendDoubleOfThousandths: numbers of few digits are written as the shortest text that reads back as them.
func TestAppendDoubleOfThousandths(t *testing.T) {
	random := rand.New(rand.NewPCG(91, 92))
	for range 200_000 {
		f := float64(random.Int64N(2e10)-1e10) / 1000
		switch random.IntN(4) {
		case 0:
			f = math.Trunc(f)
		case 1:
			f = math.Nextafter(f, 0)
		case 2:
			f = math.Trunc(f*10) / 1e6
		}
		if magnitude := math.Abs(f); magnitude < 1e-3 || magnitude >= 1e7 {
			continue
		}
		want := strconv.FormatFloat(f, 'f', -1, 64)
		if !strings.Contains(want, ".") {
			want += ".0"
		}
		require.Equal(t, want, string(AppendDouble(nil, f, 64)))
	}
}

// TestTimestampsOfColumns: what is written of a timestamp does not depend on those before it.
func TestTimestampsOfColumns(t *testing.T) {
	random := rand.New(rand.NewPCG(93, 94))
	for _, precision := range []int{0, 3, 6} {
		typ := types.TimestampOf(precision)
		stamps, units := TimestampsOf(typ), UnitsPerSecond(typ)
		value := int64(0)
		for i := range 20_000 {
			switch random.IntN(20) {
			case 0:
				value = int64(random.Uint64())
			case 1:
				value = []int64{math.MinInt64, math.MinInt64 + 1, math.MaxInt64, -1, 0, secondsPerDay*units - 1, secondsPerDay * units}[i%7]
			default:
				value += random.Int64N(secondsPerDay*units) - secondsPerDay*units/3
			}
			require.Equal(t, string(AppendTimestamp(nil, value, units, precision)), string(stamps.Append(nil, value)), value)
		}
	}
}
