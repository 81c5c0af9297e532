package function

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/arrowtype"
)

// TestPlainISO: what is read without a pattern is what the patterns read.
func TestPlainISO(t *testing.T) {
	env := &Env{Zone: "Asia/Tokyo"}
	for text, isPlain := range map[string]bool{
		"2024-08-07T15:04:05Z": true, "2024-02-29T23:59:59.1Z": true, "0001-01-01T00:00:00.123456789Z": true, "9999-12-31T00:00:00.000Z": true,
		"2023-02-29T00:00:00Z": false, "2024-13-01T00:00:00Z": false, "2024-00-01T00:00:00Z": false, "2024-01-01T24:00:00Z": false,
		"2024-01-01T00:60:00Z": false, "2024-01-01T00:00:60Z": false, "2024-01-01T00:00:00.Z": false, "2024-01-01T00:00:00.1234567890Z": false,
		"2024-01-01T00:00:00,5Z": false, "2024-01-01T00:00:00": true, "2024-01-01T00:00:00.25": true, "2024-01-01T00:00:00.": false, "2024-01-01T00:00": false, "2024-01-01T00:00:00z": false, "2024-01-01T00:00:00+01:00": false,
		"2024-01-01 00:00:00Z": false, "2024-1-01T00:00:000Z": false, "Z": false, "": false, "0000-01-01T00:00:00Z": false,
	} {
		plain, isUTC, ok := plainISO(text)
		require.Equal(t, isPlain, ok, text)
		want, zone, err := parseISO(env, text)
		if isPlain {
			require.NoError(t, err, text)
			require.Equal(t, isUTC, zone == arrowtype.UTC, text)
			require.True(t, want.Equal(plain), "%s: %s, %s", text, want, plain)
			_, got, err := fromISO(env, text)
			require.NoError(t, err, text)
			require.Equal(t, zone, got, text)
		}
	}
}
