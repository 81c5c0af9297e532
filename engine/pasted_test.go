package engine_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine"
	"github.com/auditlake/auditlake/internal/material"
)

// TestPastedStatements: the guide's page of statements from elsewhere is what the planner answers, row by row.
func TestPastedStatements(t *testing.T) {
	lake := logsLake(t)
	page, err := os.ReadFile(filepath.Join(material.Module(t), "docs", "guide", "pasted.md"))
	require.NoError(t, err)
	rows := 0
	for line := range strings.Lines(string(page)) {
		cells := strings.Split(strings.TrimSpace(line), "` | `")
		if !strings.HasPrefix(line, "| `") || len(cells) != 2 {
			continue
		}
		rows++
		plain := func(cell string) string { return strings.ReplaceAll(cell, `\|`, "|") }
		sql, want := plain(strings.TrimPrefix(cells[0], "| `")), plain(strings.TrimSuffix(cells[1], "` |"))
		t.Run(sql, func(t *testing.T) {
			_, _, err := ask(context.Background(), lake, sql)
			var wrong *engine.Error
			require.ErrorAs(t, err, &wrong)
			require.Contains(t, wrong.Message, want)
		})
	}
	require.GreaterOrEqual(t, rows, 60)
	for _, sql := range []string{ // names that a statement gives itself are no columns of a store
		"SELECT region FROM (VALUES 'x') t (region)", "SELECT day FROM (SELECT date(eventtime) AS day FROM main LIMIT 1)",
		"SELECT try_cast('x' AS ipaddress)", "SELECT CAST('1' AS bigint)",
	} {
		_, _, err := ask(context.Background(), lake, sql)
		require.NoError(t, err, sql)
	}
	for sql, want := range map[string]string{
		"SELECT dt FROM (VALUES 1) t (x)": "Column 'dt' cannot be resolved",
		"SELECT 1 FROM main WHERE CAST(eventname AS bigint) = 1 OR CAST(eventname AS ipaddress) IS NULL": "the cast is CAST(eventname AS bigint) at 1:26: try_cast(eventname AS bigint) is NULL",
	} {
		_, _, err := ask(context.Background(), lake, sql)
		var wrong *engine.Error
		require.ErrorAs(t, err, &wrong)
		require.Contains(t, wrong.Message, want)
		require.False(t, want == "Column 'dt' cannot be resolved" && wrong.Message != want, "a hint about a store where none is read: %s", wrong.Message)
	}
}
