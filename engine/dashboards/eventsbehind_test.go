package dashboards_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine"
	"github.com/auditlake/auditlake/engine/answer"
	"github.com/auditlake/auditlake/engine/dashboards"
	"github.com/auditlake/auditlake/planner/parse"
)

func TestEventsBehind(t *testing.T) {
	word := func(text string) dashboards.Value { return dashboards.Value{Type: "varchar", Text: text} }
	number, null := dashboards.Value{Type: "bigint", Text: "3"}, dashboards.Value{Type: "varchar", IsNull: true}
	hour := dashboards.Value{Type: "timestamp(3)", Text: "2026-03-01 10:00:00.000"}
	for _, tt := range []struct {
		name, statement string
		row             []dashboards.Value
		want            string // what follows SELECT eventid FROM t, or why there is none
	}{
		{"a group", "SELECT eventname, count(*) FROM t GROUP BY eventname", []dashboards.Value{word("Run"), number}, "\nWHERE eventname = 'Run'"},
		{"by number, with a condition", "SELECT count(*) AS n, useridentity.arn AS who FROM t WHERE a = 1 AND b = 2 GROUP BY 2 HAVING count(*) > 1 ORDER BY 1 LIMIT 5",
			[]dashboards.Value{number, word("o'hara")}, "\nWHERE a = 1\n  AND b = 2\n  AND useridentity.arn = 'o''hara'"},
		{"alternatives stay together", "SELECT a, count(*) FROM t WHERE b OR c GROUP BY 1", []dashboards.Value{word("x"), number}, "\nWHERE (b OR c)\n  AND a = 'x'"},
		{"a NULL", "SELECT a, count(*) FROM t GROUP BY 1", []dashboards.Value{null, number}, "\nWHERE a IS NULL"},
		{"hours are ranges", "SELECT date_trunc('hour', eventtime), count(*) FROM t GROUP BY 1", []dashboards.Value{hour, number},
			"\nWHERE eventtime >= TIMESTAMP '2026-03-01 10:00:00.000'\n  AND eventtime < TIMESTAMP '2026-03-01 10:00:00.000' + INTERVAL '1' HOUR"},
		{"an expression", "SELECT if(a > 1, 'x', 'y') AS k, count(*) FROM t GROUP BY IF(a > 1, 'x', 'y')", []dashboards.Value{word("x"), number}, "\nWHERE (IF(a > 1, 'x', 'y')) = 'x'"},
		{"everything is one row", "SELECT count(*), max(a) FROM t WHERE b = 1", []dashboards.Value{number, word("x")}, "\nWHERE b = 1"},
		{"no groups", "SELECT a, b FROM t ORDER BY a LIMIT 9", []dashboards.Value{word("x"), number}, "\nWHERE a = 'x'\n  AND b = 3"},
		{"a text that would be SQL", "SELECT a, count(*) FROM t GROUP BY 1", []dashboards.Value{word("' OR 1=1 --\n'"), number}, "\nWHERE a = ''' OR 1=1 --\n'''"},
		{"a key that is not shown", "SELECT count(*) FROM t GROUP BY eventname", []dashboards.Value{number}, "it groups by eventname"},
		{"several sets", "SELECT a, count(*) FROM t GROUP BY ROLLUP (a)", []dashboards.Value{word("x"), number}, "several sets"},
		{"a set operation", "SELECT a FROM t UNION SELECT b FROM t", []dashboards.Value{word("x")}, "not one SELECT"},
		{"windows", "SELECT a, rank() OVER (ORDER BY a) FROM t", []dashboards.Value{word("x"), number}, "window"},
		{"a star", "SELECT * FROM t", []dashboards.Value{word("x")}, "selects *"},
		{"parameters", "SELECT a, count(*) FROM t WHERE b = ? GROUP BY 1", []dashboards.Value{word("x"), number}, "parameters"},
		{"a map", "SELECT a, count(*) FROM t GROUP BY 1", []dashboards.Value{{Type: "map(varchar, varchar)", Text: "{}"}, number}, "map(varchar, varchar)"},
		{"no text", "SELECT a, count(*) FROM t GROUP BY 1", []dashboards.Value{word("\xff"), number}, "UTF-8"},
		{"no statement", "SELECT", nil, "mismatched"},
		{"no query", "SHOW TABLES", []dashboards.Value{word("t")}, "no SELECT"},
		{"a number that is no column", "SELECT a FROM t GROUP BY 7", []dashboards.Value{word("x")}, "groups by 7"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := dashboards.EventsBehind(tt.statement, tt.row, "eventid")
			if errors.Is(err, dashboards.ErrNotDerived) {
				require.ErrorContains(t, err, tt.want)
				return
			}
			require.NoError(t, err)
			require.Equal(t, "SELECT eventid\nFROM t"+tt.want, got)
		})
	}
	with, err := dashboards.EventsBehind("WITH x AS (SELECT a FROM t WHERE b = 1) SELECT a, count(*) FROM x GROUP BY 1", []dashboards.Value{word("k"), number}, "a")
	require.NoError(t, err)
	require.Equal(t, "WITH x AS (SELECT a FROM t WHERE b = 1) SELECT a\nFROM x\nWHERE a = 'k'", with)
}

// TestEventsBehindMarks: behind each row of the managed dashboards' widgets are as many events as the row says that it counts, and at least one.
func TestEventsBehindMarks(t *testing.T) {
	lake, storeIDs := plantedLake(t)
	derived, counted := 0, 0
	for _, m := range dashboards.ManagedDashboards() {
		values, err := dashboards.ParseValues(map[string]string{dashboards.StoreID: storeIDs[m.Category], dashboards.StartTime: "2026-03-01", dashboards.EndTime: "2026-03-02"},
			planted, func(id string) (string, error) { return id, nil })
		require.NoError(t, err)
		for _, w := range m.Widgets {
			sql, err := w.Fill(values)
			require.NoError(t, err)
			row := firstValues(t, lake, sql)
			events, err := dashboards.EventsBehind(sql, row.values, "count(*)")
			if errors.Is(err, dashboards.ErrNotDerived) {
				continue
			}
			require.NoError(t, err, w.Title())
			derived++
			found := firstValues(t, lake, events).values[0].Text
			require.NotEqual(t, "0", found, "%s: %s", w.Title(), events)
			if says, isCount := row.counts["eventCount"]; isCount {
				counted++
				require.Equal(t, says, found, "%s: %s", w.Title(), events)
			}
		}
	}
	require.Greater(t, derived, 95)
	require.Greater(t, counted, 40)
}

type valuesRow struct {
	values []dashboards.Value
	counts map[string]string // by name of the column
}

// firstValues returns the first row of a statement's answer.
func firstValues(t *testing.T, lake *engine.Lake, sql string) (row valuesRow) {
	t.Helper()
	rows, err := lake.Query(context.Background(), sql)
	require.NoError(t, err, sql)
	defer rows.Close()
	require.True(t, rows.Next(), sql)
	row.counts = map[string]string{}
	for i, c := range rows.Columns() {
		v := dashboards.Value{Type: c.Type.String(), IsNull: answer.IsNull(rows.Arrays()[i], 0)}
		if !v.IsNull {
			v.Text = string(answer.AppendShown(nil, c.Type, rows.Arrays()[i], 0))
		}
		row.values = append(row.values, v)
		row.counts[c.Name] = v.Text
	}
	return row
}

// FuzzEventsBehind: whatever the statement and the value, what is derived is a statement, and holds the value as nothing but a value.
func FuzzEventsBehind(f *testing.F) {
	f.Add("SELECT a, count(*) FROM t WHERE b OR c GROUP BY a", "x")
	f.Add("WITH x AS (SELECT 1 AS a) SELECT date_trunc('hour', a), 1 FROM x, UNNEST(ARRAY[1]) AS u (n) GROUP BY 1, 2", "2026-01-01 00:00:00.000")
	f.Add("SELECT a AS b, if(c, d) FROM t AS s TABLESAMPLE BERNOULLI (10)", "'; DROP TABLE t --")
	f.Fuzz(func(t *testing.T, statement, value string) {
		for _, kind := range []string{"varchar", "timestamp(3)", "bigint"} {
			row := []dashboards.Value{{Type: kind, Text: value}, {Type: "bigint", IsNull: true}}
			if kind == "bigint" {
				row[0].Text = "7"
			}
			derived, err := dashboards.EventsBehind(statement, row, "*")
			if err != nil {
				require.ErrorIs(t, err, dashboards.ErrNotDerived)
				continue
			}
			_, err = parse.Statement(derived)
			require.NoError(t, err, derived)
		}
	})
}
