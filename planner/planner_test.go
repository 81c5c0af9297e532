package planner_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/function"
	"github.com/auditlake/auditlake/planner"
	"github.com/auditlake/auditlake/planner/metadata"
	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

// one is a catalog of one store.
type one struct{ table *metadata.Table }

func (c one) Table(_ context.Context, name string) (*metadata.Table, error) {
	if name != c.table.Name {
		return nil, types.Errorf(types.TableNotFound, types.Pos{}, "Table '%s' does not exist", name)
	}
	return c.table, nil
}

func (c one) Tables(context.Context) ([]*metadata.Table, error) {
	return []*metadata.Table{c.table}, nil
}

var (
	catalog = one{&metadata.Table{Name: "log", Store: true, Columns: []metadata.Column{
		{Name: "eventtime", Type: types.TimestampType}, {Name: "eventname", Type: types.VarcharType}}}}
	session = &metadata.Session{Now: time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC), Location: time.UTC, Zone: "UTC", Catalog: "auditlake", Schema: "default"}
)

// TestPlanPrunesByTheClock checks the whole way from text to a scan that knows
// the time range it must read.
func TestPlanPrunesByTheClock(t *testing.T) {
	n, err := planner.Plan(context.Background(), "SELECT eventname FROM log WHERE eventtime > now() - INTERVAL '1' DAY", catalog, function.New(), session)
	require.NoError(t, err)
	scan, ok := n.(*plan.Output).Input.(*plan.Scan)
	require.True(t, ok, plan.Format(n))
	require.Len(t, scan.Domains, 1)
	require.Equal(t, []string{"eventtime"}, scan.Domains[0].Path)
	low := scan.Domains[0].Ranges[0].Low
	require.Equal(t, "TIMESTAMP '2026-10-31 12:00:00.000'", low.String())
}

func TestPlanErrorsHaveAPlace(t *testing.T) {
	tests := []struct{ name, sql, want string }{
		{"syntax", "SELECT FROM log", types.SyntaxError},
		{"name", "SELECT nope FROM log", types.ColumnNotFound},
		{"type", "SELECT eventname + 1 FROM log", types.TypeMismatch},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := planner.Plan(context.Background(), tt.sql, catalog, function.New(), session)
			var e *types.Error
			require.ErrorAs(t, err, &e)
			require.Equal(t, tt.want, e.Name)
			require.Equal(t, 1, e.Pos.Line)
		})
	}
}

// planned plans with two prepared statements.
func planned(sql string) (plan.Node, error) {
	with := *session
	with.Prepared = map[string]string{"q": "SELECT eventname, ? AS x FROM log LIMIT ?", "Loop": "EXPLAIN EXECUTE q", "broken": "SELEC"}
	return planner.Plan(context.Background(), sql, catalog, function.New(), &with)
}

func TestPrepared(t *testing.T) {
	for _, tt := range []struct{ name, sql, same string }{
		{"execute", "EXECUTE q USING 'a', 5", "SELECT eventname, 'a' AS x FROM log LIMIT 5"},
		{"any letter case", "EXECUTE Q USING 1 + 1, 5", "SELECT eventname, 1 + 1 AS x FROM log LIMIT 5"},
		{"immediate", "EXECUTE IMMEDIATE 'SELECT ?' USING lower('A')", "SELECT lower('A')"},
		{"explain", "EXPLAIN EXECUTE q USING 'a', 5", "EXPLAIN SELECT eventname, 'a' AS x FROM log LIMIT 5"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := planned(tt.sql)
			require.NoError(t, err)
			want, err := planned(tt.same)
			require.NoError(t, err)
			require.Equal(t, plan.Format(want), plan.Format(got))
		})
	}
	n, err := planned("DESCRIBE INPUT q")
	require.NoError(t, err)
	require.Equal(t, []string{"Position", "Type"}, n.(*plan.Output).Names)
	require.Len(t, n.(*plan.Output).Input.(*plan.Values).Rows, 2)
	n, err = planned("DESCRIBE OUTPUT q")
	require.NoError(t, err)
	require.Equal(t, []string{"Column Name", "Catalog", "Schema", "Table", "Type", "Type Size", "Aliased"}, n.(*plan.Output).Names)
}

// TestDescribedOrigins: columns are said to be of the table and column that they were read from, by whichever name.
func TestDescribedOrigins(t *testing.T) {
	with := *session
	with.Prepared = map[string]string{"q": `SELECT b.eventname, a.eventtime AS t, 1 AS one, lower(a.eventname) AS low, c.*
		FROM log a JOIN log b ON a.eventname = b.eventname CROSS JOIN (SELECT count(*) AS n, max(eventtime) FROM log) c`}
	n, err := planner.Plan(context.Background(), "DESCRIBE OUTPUT q", catalog, function.New(), &with)
	require.NoError(t, err)
	var got [][3]string
	for _, row := range n.(*plan.Output).Input.(*plan.Values).Rows {
		got = append(got, [3]string{plan.FormatExpr(row[0]), plan.FormatExpr(row[3]), plan.FormatExpr(row[6])})
	}
	require.Equal(t, [][3]string{
		{"'eventname'", "'log'", "false"},
		{"'t'", "'log'", "true"},
		{"'one'", "''", "true"},
		{"'low'", "''", "true"},
		{"'n'", "''", "true"},
		{"'_col5'", "''", "false"},
	}, got)
}

func TestPreparedErrors(t *testing.T) {
	for _, tt := range []struct{ sql, want string }{
		{"EXECUTE q", "INVALID_PARAMETER_USAGE at 1:1: Incorrect number of parameters: expected 2 but found 0"},
		{"EXECUTE nope", "NOT_FOUND at 1:9: Prepared statement not found: nope"},
		{"EXPLAIN EXECUTE nope", "NOT_FOUND at 1:17: Prepared statement not found: nope"},
		{"EXECUTE loop", "NOT_SUPPORTED at 1:9: EXECUTE inside of another EXECUTE is not supported"},
		{"EXECUTE broken", "SYNTAX_ERROR at 1:1: mismatched input 'SELEC'"},
		{"DESCRIBE INPUT broken", "SYNTAX_ERROR at 1:1: mismatched input 'SELEC'"},
		{"DESCRIBE OUTPUT nope", "NOT_FOUND at 1:17: Prepared statement not found: nope"},
		{"EXECUTE IMMEDIATE 'SELECT eventname,\n nope FROM log'", "COLUMN_NOT_FOUND at 2:2: Column 'nope' cannot be resolved"},
		{"EXPLAIN DESCRIBE INPUT q", "NOT_SUPPORTED at 1:9: DESCRIBE INPUT is not supported"},
		{"USE default", "NOT_SUPPORTED at 1:1: USE changes a session, and this statement runs in none"},
		{"EXECUTE IMMEDIATE 'SET TIME ZONE LOCAL'", "NOT_SUPPORTED at 1:20: SET TIME ZONE changes a session, and this statement runs in none"},
	} {
		t.Run(tt.sql, func(t *testing.T) {
			_, err := planned(tt.sql)
			require.ErrorContains(t, err, tt.want)
		})
	}
}
