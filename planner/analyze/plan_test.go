package analyze_test

import (
	"context"
	"flag"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/function"
	"github.com/auditlake/auditlake/planner/analyze"
	"github.com/auditlake/auditlake/planner/metadata"
	"github.com/auditlake/auditlake/planner/parse"
	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

var update = flag.Bool("update", false, "rewrite the plans in testdata")

// small is a catalog of two tables and an event data store.
func small(t *testing.T) tables {
	table := func(name string, store bool, columns ...string) *metadata.Table {
		out := &metadata.Table{Name: name, Store: store}
		for _, c := range columns {
			column, text, _ := strings.Cut(c, " ")
			parsed, err := types.ParseType(text)
			require.NoError(t, err)
			out.Columns = append(out.Columns, metadata.Column{Name: column, Type: parsed, Hidden: strings.HasPrefix(column, "_")})
		}
		return out
	}
	return tables{
		"t":   table("t", false, "a integer", "b varchar", "c double", "_h bigint"),
		"u":   table("u", false, "a bigint", "d date", "tags array(varchar)", "r row(x integer, \"Y\" varchar)"),
		"log": table("log", true, "eventtime timestamp(3)", "eventname varchar", "params map(varchar, varchar)", "session row(created timestamp(3))"),
	}
}

func analyzed(t *testing.T, sql string, session *metadata.Session) (plan.Node, error) {
	stmt, err := parse.Statement(sql)
	if err != nil {
		return nil, err
	}
	n, err := analyze.Statement(context.Background(), stmt, small(t), function.New(), session)
	if err == nil {
		require.NoError(t, check(n), plan.Format(n))
	}
	return n, err
}

// TestPlans compares plans with testdata/plans.txt: statements, each followed
// by its plan indented.
func TestPlans(t *testing.T) {
	const file = "testdata/plans.txt"
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	var out strings.Builder
	for _, block := range strings.Split(strings.TrimSpace(string(text)), "\n\n") {
		sql, want, _ := strings.Cut(block, "\n    ")
		want = strings.ReplaceAll(want, "\n    ", "\n")
		t.Run(sql, func(t *testing.T) {
			got := ""
			n, err := analyzed(t, sql, session)
			if err != nil {
				got = err.Error()
			} else {
				got = strings.TrimSpace(plan.Format(n))
			}
			if *update {
				out.WriteString(sql + "\n    " + strings.ReplaceAll(got, "\n", "\n    ") + "\n\n")
				return
			}
			require.Equal(t, want, got)
		})
	}
	if *update {
		require.NoError(t, os.WriteFile(file, []byte(strings.TrimSpace(out.String())+"\n"), 0o644))
	}
}

// TestLakeTimestampsIgnoreTheZone checks that a store's time means the same in
// every session, and that other tables follow the session.
func TestLakeTimestampsIgnoreTheZone(t *testing.T) {
	tokyo, err := time.LoadLocation("Asia/Tokyo")
	require.NoError(t, err)
	inTokyo := *session
	inTokyo.Location, inTokyo.Zone = tokyo, "Asia/Tokyo"
	tests := []struct{ name, sql string }{
		{"text", "SELECT 1 FROM log WHERE eventtime > '2024-01-01'"},
		{"instant", "SELECT 1 FROM log WHERE eventtime > TIMESTAMP '2024-01-01 00:00:00 UTC'"},
		{"clock", "SELECT 1 FROM log WHERE eventtime > now() - INTERVAL '1' HOUR"},
		{"argument", "SELECT date_diff('hour', eventtime, now()) FROM log"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			utc, err := analyzed(t, tt.sql, session)
			require.NoError(t, err)
			far, err := analyzed(t, tt.sql, &inTokyo)
			require.NoError(t, err)
			require.Equal(t, plan.Format(utc), plan.Format(far))
		})
	}
}
