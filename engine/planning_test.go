package engine_test

import (
	"bufio"
	"context"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/arrowtype"
	"github.com/auditlake/auditlake/engine/enginetest/conformance"
	"github.com/auditlake/auditlake/engine/function"
	"github.com/auditlake/auditlake/internal/material"
	"github.com/auditlake/auditlake/planner"
	"github.com/auditlake/auditlake/planner/ast"
	"github.com/auditlake/auditlake/planner/metadata"
	"github.com/auditlake/auditlake/planner/parse"
	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
	"github.com/auditlake/auditlake/storage/schema"
)

// oneTable is a catalog of one table.
type oneTable struct{ table *metadata.Table }

func (c oneTable) Table(_ context.Context, name string) (*metadata.Table, error) {
	if name != c.table.Name {
		return nil, types.Errorf(types.TableNotFound, types.Pos{}, "Table '%s' does not exist", name)
	}
	return c.table, nil
}

func (c oneTable) Tables(context.Context) ([]*metadata.Table, error) {
	return []*metadata.Table{c.table}, nil
}

var planningSession = &metadata.Session{Now: time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC), Location: time.UTC, Zone: "UTC", Catalog: "auditlake", Schema: "default"}

// realTable is a store of management events with all its columns.
func realTable(t testing.TB) *metadata.Table {
	described, ok := schema.ForCategory("Management")
	require.True(t, ok)
	table := &metadata.Table{Name: "events", Store: true, Rows: 1_000_000}
	for _, c := range described.Columns {
		columnType, err := arrowtype.FromArrow(c.Type)
		require.NoError(t, err)
		table.Columns = append(table.Columns, metadata.Column{Name: c.Name, Type: columnType})
	}
	for day := range int64(30) {
		from := 1_704_067_200_000 + day*86_400_000
		table.Times = append(table.Times, metadata.TimeRows{Min: from, Max: from + 86_399_999, Rows: 33_333})
	}
	return table
}

// realQueries are the published queries over event data stores that plan, the
// largest first.
func realQueries(t testing.TB, c metadata.Catalog) []string {
	file, err := os.Open(material.Outside(t, "queries/lake-queries.jsonl"))
	require.NoError(t, err)
	defer file.Close()
	var list []string
	fns := function.New()
	for lines := bufio.NewScanner(file); lines.Scan(); {
		var q struct{ SQL string }
		require.NoError(t, json.Unmarshal(lines.Bytes(), &q))
		sql := strings.ReplaceAll(q.SQL, "$EDS_ID", "events")
		if _, err := planner.Plan(context.Background(), sql, c, fns, planningSession); err == nil {
			list = append(list, sql)
		}
	}
	require.NotEmpty(t, list)
	slices.SortStableFunc(list, func(a, b string) int { return len(b) - len(a) })
	return list
}

// TestOwnQuestionsPlan: the questions of testdata/queries have a plan, and the columns that a Trino server gave them.
func TestOwnQuestionsPlan(t *testing.T) {
	fns := function.New()
	own, err := conformance.ReadFile(material.Own(t, "queries/own.jsonl"))
	require.NoError(t, err)
	require.Len(t, own, 40)
	main := realTable(t)
	main.Name = "main"
	for _, c := range own {
		node, err := planner.Plan(context.Background(), c.SQL, oneTable{main}, fns, planningSession)
		if c.Error != nil {
			require.Equal(t, c.Error.Name, types.ErrorName(err), c.SQL)
			continue
		}
		require.NoError(t, err, c.SQL)
		output, ok := node.(*plan.Output)
		require.True(t, ok, c.SQL)
		require.Len(t, output.Cols, len(c.Columns), c.SQL)
		for i, want := range c.Columns {
			require.Equal(t, want.Name, output.Names[i], c.SQL)
			require.True(t, strings.EqualFold(want.Type, output.Cols[i].Type.Display()), "%s: %s, want %s\n%s", want.Name, output.Cols[i].Type.Display(), want.Type, c.SQL)
		}
	}

	text, err := os.ReadFile(material.Own(t, "queries/bench.json"))
	require.NoError(t, err)
	var bench struct {
		Table   string
		Queries []struct{ ID, Trino string }
	}
	require.NoError(t, json.Unmarshal(text, &bench))
	require.Len(t, bench.Queries, 20)
	main.Name = bench.Table
	for _, q := range bench.Queries {
		_, err := planner.Plan(context.Background(), q.Trino, oneTable{main}, fns, planningSession)
		require.NoError(t, err, q.ID)
	}
}

// TestParsedStatementsPlanAgain: planning leaves a statement as it was parsed, so that a door that has parsed it
// may plan it, look at the plan, and run the same.
func TestParsedStatementsPlanAgain(t *testing.T) {
	fns := function.New()
	own, err := conformance.ReadFile(material.Own(t, "queries/own.jsonl"))
	require.NoError(t, err)
	main := realTable(t)
	main.Name = "main"
	for _, c := range own {
		if c.Error != nil {
			continue
		}
		stmt, err := planner.Statement(c.SQL, nil)
		require.NoError(t, err, c.SQL)
		text := ast.Format(stmt)
		first, err := planner.PlanStatement(context.Background(), stmt, oneTable{main}, fns, planningSession)
		require.NoError(t, err, c.SQL)
		second, err := planner.PlanStatement(context.Background(), stmt, oneTable{main}, fns, planningSession)
		require.NoError(t, err, c.SQL)
		require.Equal(t, plan.Format(first), plan.Format(second), c.SQL)
		require.Equal(t, text, ast.Format(stmt), "the statement was changed")
	}
}

// BenchmarkPlanLargest is the way from text to the optimised plan for the
// largest published query.
func BenchmarkPlanLargest(b *testing.B) {
	c := oneTable{realTable(b)}
	benchmarkPlans(b, c, realQueries(b, c)[:1])
}

// BenchmarkPlanAll is the same for all published queries together.
func BenchmarkPlanAll(b *testing.B) {
	c := oneTable{realTable(b)}
	benchmarkPlans(b, c, realQueries(b, c))
}

func benchmarkPlans(b *testing.B, c metadata.Catalog, queries []string) {
	fns := function.New()
	bytes := 0
	for _, sql := range queries {
		bytes += len(sql)
	}
	b.SetBytes(int64(bytes))
	b.ReportAllocs()
	for b.Loop() {
		for _, sql := range queries {
			if _, err := planner.Plan(context.Background(), sql, c, fns, planningSession); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*len(queries)), "µs/query")
}

// BenchmarkPlanComputedTimes finds the time range of computed values, by asking
// for many of them what they are.
func BenchmarkPlanComputedTimes(b *testing.B) {
	c := oneTable{realTable(b)}
	benchmarkPlans(b, c, []string{"SELECT count(*) FROM events WHERE date_trunc('day', eventtime) IN " +
		"(TIMESTAMP '2024-01-05', TIMESTAMP '2024-01-07', TIMESTAMP '2024-01-09') AND date_format(eventtime, '%Y-%m') = '2024-01'"})
}

// BenchmarkParseLargest is the parser's part of BenchmarkPlanLargest.
func BenchmarkParseLargest(b *testing.B) {
	sql := realQueries(b, oneTable{realTable(b)})[0]
	b.SetBytes(int64(len(sql)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := parse.Statement(sql); err != nil {
			b.Fatal(err)
		}
	}
}
