package datepattern

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/arrowtype"
)

// hourTimes are times of the same hour and of others, forwards and back, in milliseconds.
func hourTimes() (out []int64) {
	for _, start := range []string{"2026-01-31T23:58:58.5Z", "1969-12-31T23:59:59.999Z", "0000-02-29T11:59:00Z", "9999-12-31T12:00:00Z", "2024-02-29T00:00:00.001Z"} {
		at, err := time.Parse(time.RFC3339Nano, start)
		if err != nil {
			panic(err)
		}
		for _, step := range []time.Duration{0, 1, time.Millisecond, 59 * time.Second, time.Minute, time.Hour, -time.Hour, -time.Second, 25 * time.Hour} {
			out = append(out, at.Add(step).UnixMilli())
		}
	}
	return append(out, -1<<50, 1<<50, math.MinInt64/1000, math.MaxInt64/1000)
}

// TestHourTexts: what is put into an hour's text is what the pattern writes.
func TestHourTexts(t *testing.T) {
	for _, pattern := range []string{"%Y-%m-%d %H:%i:%s", "%i", "%S%i%s%i", "%r|%T|%p", "%T", "%f", "%i.%f", "%j %a %b %c %e %h %I %k %l %M %v %W %x %y %%i", "%é%i", "x", "%i%"} {
		hours := MySQLHours(pattern)
		for _, millis := range hourTimes() {
			want, wantErr := AppendMySQL([]byte("before "), time.UnixMilli(millis).UTC(), pattern)
			got, err := hours.Append([]byte("before "), millis)
			require.Equal(t, wantErr, err)
			require.Equal(t, string(want), string(got), "%s of %d", pattern, millis)
		}
	}
	for _, pattern := range []string{"yyyy-MM-dd HH:mm:ss", "m:s", "mmm:sss", "mm's'ss", "HH:mm:ss.SSS", "KK:mm a", "GG CC YYYY yy xxxx ww e EEEE D MMMM hh kk 'mm'", "ss"} {
		items, err := CompileJoda(pattern)
		require.NoError(t, err)
		hours := JodaHours(items)
		for _, millis := range hourTimes() {
			got, err := hours.Append([]byte("before "), millis)
			require.NoError(t, err)
			require.Equal(t, string(Append([]byte("before "), items, time.UnixMilli(millis).UTC(), arrowtype.UTC, 0)), string(got), "%s of %d", pattern, millis)
		}
	}
	for _, pattern := range []string{"", "%U", "%i %w"} {
		_, err := MySQLHours(pattern).Append(nil, 0)
		require.Error(t, err, pattern)
	}
}
