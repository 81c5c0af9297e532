package dashboards_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/dashboards"
)

func TestAsOf(t *testing.T) {
	at := time.Date(2026, 3, 1, 10, 11, 12, 345678901, time.FixedZone("", 3600))
	for _, tt := range []struct{ name, statement, want string }{
		{"now", "SELECT count(*) FROM t WHERE eventtime > now() - INTERVAL '1' DAY", "SELECT count(*) FROM t WHERE eventtime > TIMESTAMP '2026-03-01 09:11:12.345 UTC' - INTERVAL '1' DAY"},
		{"twice in a line after other scripts", "SELECT 'żółw', Now( ), now()", "SELECT 'żółw', TIMESTAMP '2026-03-01 09:11:12.345 UTC', TIMESTAMP '2026-03-01 09:11:12.345 UTC'"},
		{"in lines", "SELECT current_date,\n  localtimestamp,\n\tcurrent_timestamp", "SELECT DATE '2026-03-01',\n  TIMESTAMP '2026-03-01 09:11:12.345',\n\tTIMESTAMP '2026-03-01 09:11:12.345 UTC'"},
		{"texts, names and comments", "SELECT 'now()' AS \"now()\", now -- now()\nFROM t", "SELECT 'now()' AS \"now()\", now -- now()\nFROM t"},
		{"more digits", "SELECT current_timestamp(6)", "SELECT current_timestamp(6)"},
		{"users", "SELECT current_user", "SELECT current_user"},
		{"no statement", "SELEC now()", "SELEC now()"},
	} {
		t.Run(tt.name, func(t *testing.T) { require.Equal(t, tt.want, dashboards.AsOf(tt.statement, at)) })
	}
}
