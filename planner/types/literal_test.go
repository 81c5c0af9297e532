package types_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/planner/types"
)

// show is a value with its type, or the error's name.
func show(v types.Value, err error) string {
	if err != nil {
		return types.ErrorName(err)
	}
	return v.Type.String() + " " + v.String()
}

func TestParseDecimal(t *testing.T) {
	tests := []struct{ text, want string }{
		{"1.5", "decimal(2,1) 1.5"}, {".5", "decimal(1,1) 0.5"}, {"5.", "decimal(1,0) 5"}, {"0.10", "decimal(2,2) 0.10"},
		{"123.40", "decimal(5,2) 123.40"}, {"-0.0", "decimal(1,1) 0.0"}, {"1_000.5", "decimal(5,1) 1000.5"}, {"00", "decimal(1,0) 0"},
		{"-12", "decimal(2,0) -12"}, {"", types.InvalidLiteral}, {"abc", types.InvalidLiteral}, {"1.2.3", types.InvalidLiteral},
		{".", types.InvalidLiteral}, {"--1", types.InvalidLiteral},
		{"123456789012345678901234567890123456789", types.InvalidLiteral},
	}
	for _, tt := range tests {
		t.Run(tt.text, func(t *testing.T) { require.Equal(t, tt.want, show(types.ParseDecimal(tt.text))) })
	}
}

func TestParseDate(t *testing.T) {
	tests := []struct {
		text string
		days int64
		ok   bool
	}{
		{"1970-01-01", 0, true}, {"2024-2-9", 19762, true}, {" 2024-02-29 ", 19782, true}, {"1969-12-31", -1, true},
		{"+2024-01-01", 19723, true}, {"0000-03-01", -719468, true}, {"2023-02-29", 0, false}, {"2024-01-01 00:00:00", 0, false},
		{"2024-13-01", 0, false}, {"2024-00-01", 0, false}, {"2024-01", 0, false}, {"", 0, false}, {"999999999-01-01", 0, false},
	}
	for _, tt := range tests {
		t.Run(tt.text, func(t *testing.T) {
			days, ok := types.ParseDate(tt.text)
			require.Equal(t, tt.ok, ok)
			require.Equal(t, tt.days, days)
		})
	}
}

func TestParseTimestamp(t *testing.T) {
	tests := []struct{ text, want string }{
		{"2024-01-02", "timestamp(0) TIMESTAMP '2024-01-02 00:00:00'"},
		{"2024-01-02 03:04", "timestamp(0) TIMESTAMP '2024-01-02 03:04:00'"},
		{"2024-01-02 03:04:05.6", "timestamp(1) TIMESTAMP '2024-01-02 03:04:05.6'"},
		{"1969-12-31 23:59:59.999999", "timestamp(6) TIMESTAMP '1969-12-31 23:59:59.999999'"},
		{"2024-01-02 03:04:05Z", "timestamp(0) with time zone TIMESTAMP '2024-01-02 03:04:05 UTC'"},
		{"2024-01-02 GMT", "timestamp(0) with time zone TIMESTAMP '2024-01-02 00:00:00 UTC'"},
		{"2024-01-02 03:04:05.123 +05:30", "timestamp(3) with time zone TIMESTAMP '2024-01-02 03:04:05.123 +05:30'"},
		{"2024-07-02 03:04:05 America/New_York", "timestamp(0) with time zone TIMESTAMP '2024-07-02 03:04:05 America/New_York'"},
		{"2024-11-03 01:30:00 America/New_York", "timestamp(0) with time zone TIMESTAMP '2024-11-03 01:30:00 America/New_York'"},
		{"2024-03-10 02:30:00 America/New_York", types.InvalidLiteral}, // skipped by the clock
		{"2024-01-02 03", types.InvalidLiteral}, {"2024-01-02T03:04:05", types.InvalidLiteral}, {"2024-01-02 25:00", types.InvalidLiteral},
		{"2024-01-02 03:04:05 PST", types.InvalidLiteral}, {"2024-01-02 00:00 ../../etc/passwd", types.InvalidLiteral},
		{"2024-01-02 03:04:05 +15:00", types.NotSupported}, {"2024-01-02 03:04:05.1234567890123", types.NumericValueOutOfRange},
		{"2024-01-02 03:04:05.1234567890", "timestamp(10) TIMESTAMP '2024-01-02 03:04:05.1234567890'"},
		{"3000-01-01 00:00:00.1234567", "timestamp(7) TIMESTAMP '3000-01-01 00:00:00.1234567'"},
		{"1969-12-31 23:59:59.999999999999", "timestamp(12) TIMESTAMP '1969-12-31 23:59:59.999999999999'"},
		{"0001-01-01 00:00:00.12345678 +05:30", "timestamp(8) with time zone TIMESTAMP '0001-01-01 00:00:00.12345678 +05:30'"},
		{"294247-01-10 04:00:54.775807999999", "timestamp(12) TIMESTAMP '294247-01-10 04:00:54.775807999999'"},
		{"294247-01-10 04:00:54.775808", types.InvalidLiteral}, {"294247-01-10 04:00:55", types.InvalidLiteral},
		{"-290308-12-21 19:59:06.0000000", "timestamp(7) TIMESTAMP '-290308-12-21 19:59:06.0000000'"},
		{"-290308-12-21 19:59:05", types.InvalidLiteral}, {"300000-01-01 00:00:00.123 UTC", types.InvalidLiteral},
	}
	for _, tt := range tests {
		t.Run(tt.text, func(t *testing.T) { require.Equal(t, tt.want, show(types.ParseTimestamp(tt.text))) })
	}
	first, err := types.ParseTimestamp("2024-11-03 01:30:00 America/New_York")
	require.NoError(t, err)
	require.Equal(t, int64(1730611800), first.V.(types.Zoned).Instant, "the earlier of the two")
}

func TestParseTime(t *testing.T) {
	tests := []struct{ text, want string }{
		{"01:02", "time(0) TIME '01:02:00'"}, {"01:02:03.456", "time(3) TIME '01:02:03.456'"},
		{"01:02:03 +05:30", "time(0) with time zone TIME '01:02:03 +05:30'"}, {"23:59:60", types.InvalidLiteral}, {"25:00:00", types.InvalidLiteral},
		{"01", types.InvalidLiteral}, {"01:02:03 +15:00", types.InvalidLiteral}, {"01:02:03.1234567890123", types.NumericValueOutOfRange},
	}
	for _, tt := range tests {
		t.Run(tt.text, func(t *testing.T) { require.Equal(t, tt.want, show(types.ParseTime(tt.text))) })
	}
}

func TestParseInterval(t *testing.T) {
	tests := []struct {
		text     string
		negative bool
		from, to string
		want     any
	}{
		{"1", false, "DAY", "", int64(86400000)}, {"25", true, "HOUR", "", int64(-90000000)}, {"-1", true, "SECOND", "", int64(1000)},
		{"1 2:03:04.5678", false, "DAY", "SECOND", int64(93784567)}, {"3:04", false, "MINUTE", "SECOND", int64(184000)},
		{"1-2", false, "YEAR", "MONTH", int64(14)}, {"-3", false, "YEAR", "", int64(-36)},
		{"2", false, "HOUR", "DAY", nil}, {"2", false, "MONTH", "DAY", nil}, {"99999999999", false, "DAY", "", nil},
		{"1:2", false, "DAY", "", nil}, {"", false, "DAY", "", int64(0)}, {"1-", false, "YEAR", "MONTH", int64(12)}, {"178956970-8", false, "YEAR", "MONTH", nil}, {"1.5", false, "HOUR", "", nil}, {"2147483647", false, "YEAR", "", nil},
	}
	for _, tt := range tests {
		t.Run(tt.text+" "+tt.from+" "+tt.to, func(t *testing.T) {
			v, err := types.ParseInterval(tt.text, tt.negative, tt.from, tt.to)
			require.Equal(t, tt.want == nil, err != nil)
			require.Equal(t, tt.want, v.V)
			if err != nil {
				require.Equal(t, types.InvalidLiteral, types.ErrorName(err))
			}
		})
	}
}

func TestParseLakeTimestamp(t *testing.T) {
	tests := []struct{ text, want string }{
		{"2024-01-02", "timestamp(3) TIMESTAMP '2024-01-02 00:00:00.000'"}, {"2024-01-02 03:04", "timestamp(3) TIMESTAMP '2024-01-02 03:04:00.000'"},
		{"2024-01-02T03:04:05Z", "timestamp(3) TIMESTAMP '2024-01-02 03:04:05.000'"}, {"2024-01-02 03:04:05+05:30", "timestamp(3) TIMESTAMP '2024-01-01 21:34:05.000'"},
		{"2024-01-02 03:04:05.678901", "timestamp(6) TIMESTAMP '2024-01-02 03:04:05.678901'"}, {"2024-01-02 03:04:05.5000", "timestamp(3) TIMESTAMP '2024-01-02 03:04:05.500'"},
		{"2024-01-02 00:00:00.000 UTC", "timestamp(3) TIMESTAMP '2024-01-02 00:00:00.000'"},
		{"2024-1-2", ""}, {"yesterday", ""}, {"2024-01-02 24:00", ""}, {"2024-02-30", ""}, {"", ""}, {"2024-01-02 03:04:05 America/New_York", ""},
	}
	for _, tt := range tests {
		t.Run(tt.text, func(t *testing.T) {
			v, ok := types.ParseLakeTimestamp(tt.text, 3)
			require.Equal(t, tt.want != "", ok)
			if ok {
				require.Equal(t, tt.want, show(v, nil))
			}
		})
	}
}

func FuzzParseType(f *testing.F) {
	for _, text := range []string{"decimal(10, 2)", "map(varchar, array(row(a bigint, \"b c\" json)))", "timestamp(3) with time zone",
		"interval day to second", "row(", "array(array(array(", "varchar(99999999999999999999)", "\"", "double precision"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		parsed, err := types.ParseType(text)
		if err != nil {
			require.NotEmpty(t, types.ErrorName(err))
			return
		}
		again, err := types.ParseType(parsed.String())
		require.NoError(t, err, parsed)
		require.True(t, parsed.Equal(again), "%s and %s", parsed, again)
	})
}

func FuzzLiterals(f *testing.F) {
	for _, text := range []string{"2024-01-02 03:04:05.678 America/New_York", "-292277020-12-31", "01:02:03.123456789+14:00", "1 2:03:04.567",
		"12345678901234567890123456789012345678", "2024-01-02T03:04:05Z", "9999-12-31 23:59:59.999999999"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, parse := range []func(string) (types.Value, error){types.ParseDecimal, types.ParseTime, types.ParseTimestamp,
			func(s string) (types.Value, error) { return types.ParseInterval(s, true, "DAY", "SECOND") }} {
			v, err := parse(text)
			if err != nil {
				require.NotEmpty(t, types.ErrorName(err))
				continue
			}
			require.NotEmpty(t, v.String())
		}
		types.ParseDate(text)
		types.ParseLakeTimestamp(text, 3)
	})
}
