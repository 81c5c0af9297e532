package dashboards

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestLatest: the latest instant of a schedule.
func TestLatest(t *testing.T) {
	for _, tt := range []struct {
		name     string
		schedule Schedule
		now      string
		want     string
	}{
		{"every hour", Schedule{Unit: Hours, Value: 1}, "2026-03-01T10:59:59Z", "2026-03-01T10:00:00Z"},
		{"every hour, at an instant", Schedule{Unit: Hours, Value: 1}, "2026-03-01T11:00:00Z", "2026-03-01T11:00:00Z"},
		{"every hour at half past", Schedule{Unit: Hours, Value: 1, TimeOfDay: "17:30"}, "2026-03-01T11:10:00Z", "2026-03-01T10:30:00Z"},
		{"six hours", Schedule{Unit: Hours, Value: 6, TimeOfDay: "05:15"}, "2026-03-01T06:14:59Z", "2026-03-01T00:15:00Z"},
		{"twelve hours", Schedule{Unit: Hours, Value: 12}, "2026-03-01T23:00:00Z", "2026-03-01T12:00:00Z"},
		{"24 hours", Schedule{Unit: Hours, Value: 24, TimeOfDay: "05:15"}, "2026-03-01T00:14:00Z", "2026-02-28T00:15:00Z"},
		{"a day", Schedule{Unit: Days, Value: 1, TimeOfDay: "05:15"}, "2026-03-01T05:15:00Z", "2026-03-01T05:15:00Z"},
		{"a day, before its time", Schedule{Unit: Days, Value: 1, TimeOfDay: "05:15"}, "2026-03-01T05:14:00Z", "2026-02-28T05:15:00Z"},
		{"another zone", Schedule{Unit: Days, Value: 1}, "2026-03-01T01:00:00+02:00", "2026-02-28T00:00:00Z"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			now, err := time.Parse(time.RFC3339, tt.now)
			require.NoError(t, err)
			require.Equal(t, tt.want, tt.schedule.latest(now).Format(time.RFC3339))
		})
	}
	require.Equal(t, 120, (&Schedule{Unit: Hours, Value: 6, IsEnabled: true}).PerMonth())
	require.Equal(t, 30, (&Schedule{Unit: Days, Value: 1, IsEnabled: true}).PerMonth())
	require.Zero(t, (&Schedule{Unit: Days, Value: 1}).PerMonth())
}

// FuzzFill: whatever a statement is, a value stands in it as a text and nothing else changes.
func FuzzFill(f *testing.F) {
	f.Add("SELECT '?' FROM t WHERE a > ? -- ?\nAND b = 'it''s ?' AND \"c?\" = /* ? */ 1")
	f.Add("'")
	f.Add("'?")
	f.Fuzz(func(t *testing.T, sql string) {
		_, marks := ReplaceQuestionMarks(sql, func(int, bool) string { return "" })
		same, again := ReplaceQuestionMarks(sql, func(_ int, isQuoted bool) string {
			if isQuoted {
				return "'?'"
			}
			return "?"
		})
		require.Equal(t, sql, same)
		require.Equal(t, marks, again)
	})
}
