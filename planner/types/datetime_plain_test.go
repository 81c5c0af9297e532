package types

import (
	"testing"
	"time"

	"github.com/apache/arrow/go/v15/arrow/decimal128"
	"github.com/stretchr/testify/require"
)

// TestPlainTimestamp: what is read without a pattern is what the pattern reads.
func TestPlainTimestamp(t *testing.T) {
	for text, isPlain := range map[string]bool{
		"2024-08-07 15:04:05": true, "2024-02-29 23:59:59.1": true, "0000-01-01 00:00:00.123456789": true, "9999-12-31 00:00:00.000": true, "1969-12-31 23:59:59.999": true,
		"2023-02-29 00:00:00": false, "2024-13-01 00:00:00": false, "2024-00-01 00:00:00": false, "2024-01-00 00:00:00": false, "2024-01-01 24:00:00": false,
		"2024-01-01 00:60:00": false, "2024-01-01 00:00:60": false, "2024-01-01 00:00:00.": false, "2024-01-01 00:00:00.1234567890": false, "2024-01-01 00:00:00,5": false,
		"2024-01-01T00:00:00": false, "2024-01-01 00:00": false, "2024-01-01": false, "2024-1-01 00:00:000": false, "2024-01-01 00:00:00 UTC": false, "": false,
		"1900-02-29 00:00:00": false, "2000-02-29 00:00:00": true, "2024-01-01 00:00:0x": false, "+024-01-01 00:00:00": false,
		"2024-01-01 00:00:00.12x": false, "2024-01-01 00:00:00x": false,
	} {
		seconds, nanos, digits, ok := PlainTimestamp(text, ' ')
		require.Equal(t, isPlain, ok, text)
		if !isPlain {
			continue
		}
		want, err := ParseTimestamp(text)
		require.NoError(t, err, text)
		require.Equal(t, want.Type.Precision, digits, text)
		value := want.V
		if want.Type.IsLong() {
			micros, picos := SplitPicos(value.(decimal128.Num))
			require.Equal(t, seconds*1e9+nanos, micros*1000+picos/1000, text)
			continue
		}
		units := UnitsPerSecond(want.Type.Precision)
		require.Equal(t, value, seconds*units+nanos/(1e9/units), text)
	}
}

// TestParseDate: days of the usual form, and of others.
func TestParseDate(t *testing.T) {
	for text, want := range map[string]int64{
		"1970-01-01": 0, "1970-1-2": 1, " 1969-12-31\n": -1, "2024-02-29": 19782, "0000-01-01": -719528, "+12345-01-01": 3789391, "-0001-01-01": -719893,
	} {
		days, ok := ParseDate(text)
		require.True(t, ok, text)
		require.Equal(t, want, days, text)
	}
	for _, text := range []string{"", "2023-02-29", "2024-00-01", "2024-01-32", "2024-01-0x", "2024/01/01", "20240-1-01-"} {
		_, ok := ParseDate(text)
		require.False(t, ok, text)
	}
}

// TestOtherCharacters: a byte that is wrong anywhere is seen.
func TestOtherCharacters(t *testing.T) {
	const text = "2011-11-11 11:11:11.111"
	for i := range text {
		for c := range 256 {
			changed := text[:i] + string([]byte{byte(c)}) + text[i+1:]
			_, _, _, ok := PlainTimestamp(changed, ' ')
			isDigit := c >= '0' && c <= '9'
			require.Equal(t, text[i] == byte(c) || isDigit && text[i] >= '0' && text[i] <= '9' && isTime(changed), ok, changed)
		}
	}
}

func isTime(text string) bool {
	_, err := time.Parse("2006-01-02 15:04:05.999", text)
	return err == nil
}
