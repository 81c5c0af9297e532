package engine_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine"
	"github.com/auditlake/auditlake/planner/types"
)

func TestTimeZone(t *testing.T) {
	lake := openLake(t, t.TempDir(), time.Date(2026, 7, 1, 23, 30, 0, 0, time.UTC))
	for _, c := range []struct{ name, zone, sql, want string }{
		{"default", "", "SELECT current_timezone()", "UTC"},
		{"name", "Europe/Berlin", "SELECT current_timezone()", "Europe/Berlin"},
		{"offset", "-05:30", "SELECT current_timezone()", "-05:30"},
		{"now", "Europe/Berlin", "SELECT now()", "2026-07-02 01:30:00.000 Europe/Berlin"},
		{"current_timestamp", "Asia/Kolkata", "SELECT current_timestamp(0)", "2026-07-02 05:00:00 Asia/Kolkata"},
		{"current_date", "Europe/Berlin", "SELECT current_date", "2026-07-02"},
		{"cast adds the zone", "America/New_York", "SELECT CAST(TIMESTAMP '2026-01-31 10:00:00' AS timestamp(0) with time zone)", "2026-01-31 10:00:00 America/New_York"},
		{"cast to the wall clock", "America/New_York", "SELECT CAST(with_timezone(TIMESTAMP '2026-01-31 10:00:00', 'UTC') AS varchar)", "2026-01-31 10:00:00 UTC"},
		{"from epoch", "Europe/Berlin", "SELECT from_unixtime(0)", "1970-01-01 01:00:00.000 Europe/Berlin"},
		{"not folded", "Europe/Berlin", "SELECT max(CAST(x AS timestamp(0) with time zone)) FROM UNNEST(ARRAY[TIMESTAMP '2026-01-31 10:00:00']) t (x)", "2026-01-31 10:00:00 Europe/Berlin"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var options []engine.QueryOption
			if c.zone != "" {
				options = append(options, engine.TimeZone(c.zone))
			}
			rows, _, err := ask(context.Background(), lake, c.sql, options...)
			require.NoError(t, err)
			require.Equal(t, []string{c.want}, rows)
		})
	}
}

func TestTimeZoneThatDoesNotExist(t *testing.T) {
	lake := openLake(t, t.TempDir(), newYear)
	_, _, err := ask(context.Background(), lake, "SELECT 1", engine.TimeZone("Middle/Earth"))
	require.Equal(t, types.NotSupported, types.ErrorName(err))
	require.ErrorContains(t, err, "Time zone not supported: Middle/Earth")
}

func TestUser(t *testing.T) {
	lake := openLake(t, t.TempDir(), newYear)
	rows, _, err := ask(context.Background(), lake, "SELECT current_user, current_catalog, current_schema", engine.User("ann"))
	require.NoError(t, err)
	require.Equal(t, []string{"ann|auditlake|default"}, rows)
}
