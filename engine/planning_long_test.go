package engine_test

import (
	"context"
	"fmt"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/exec"
	"github.com/auditlake/auditlake/engine/function"
	"github.com/auditlake/auditlake/engine/memory"
	"github.com/auditlake/auditlake/planner"
	"github.com/auditlake/auditlake/planner/metadata"
)

// repeated joins what item makes of 0 to n-1.
func repeated(n int, separator string, item func(i int) string) string {
	list := make([]string, n)
	for i := range list {
		list[i] = item(i)
	}
	return strings.Join(list, separator)
}

// numbered joins n items made of a format with one %d.
func numbered(n int, separator, format string) string {
	return repeated(n, separator, func(i int) string { return strings.ReplaceAll(format, "%d", strconv.Itoa(i)) })
}

// instants joins n texts of instants, a second apart.
func instants(n int, before, after string) string {
	return repeated(n, ",", func(i int) string {
		return before + time.Unix(1_704_067_200+int64(i), 0).UTC().Format("'2006-01-02 15:04:05'") + after
	})
}

// longStatement makes statements of n parts.
type longStatement struct {
	name string
	most int // the n that BenchmarkPlanLong takes: what the length of a statement, or another limit, leaves room for
	sql  func(n int) string
	few  int // the n that tests take, 0: manyParts
}

// manyParts is the n of tests for statements whose parts are expressions.
const manyParts = 1500

func (s longStatement) parts() int {
	if s.few > 0 {
		return s.few
	}
	return manyParts
}

var longStatements = []longStatement{
	{name: "IN of texts", most: 100_000, sql: func(n int) string {
		return "SELECT 1 FROM events WHERE eventname IN (" + numbered(n, ",", "'%d'") + ")"
	}},
	{name: "NOT IN of texts", most: 100_000, sql: func(n int) string {
		return "SELECT 1 FROM events WHERE eventname NOT IN (" + numbered(n, ",", "'%d'") + ")"
	}},
	{name: "IN of numbers", most: 100_000, sql: func(n int) string {
		return "SELECT 1 FROM events WHERE length(eventname) IN (" + numbered(n, ",", "%d") + ")"
	}},
	{name: "IN of timestamps", most: 30_000, sql: func(n int) string {
		return "SELECT 1 FROM events WHERE eventtime IN (" + instants(n, "TIMESTAMP ", "") + ")"
	}},
	{name: "IN of texts as timestamps", most: 45_000, sql: func(n int) string {
		return "SELECT 1 FROM events WHERE eventtime IN (" + instants(n, "", "") + ")"
	}},
	{name: "IN of calls", most: 45_000, sql: func(n int) string {
		return "SELECT 1 FROM events WHERE eventname IN (" + numbered(n, ",", "'v'||'%d'") + ")"
	}},
	{name: "IN of rows", most: 45_000, sql: func(n int) string {
		return "SELECT 1 FROM events WHERE (eventname, eventsource) IN (" + numbered(n, ",", "('a%d','b')") + ")"
	}},
	{name: "IN at a join's key", most: 100_000, sql: func(n int) string {
		return "SELECT 1 FROM events a JOIN events b ON a.eventname = b.eventname WHERE a.eventname IN (" + numbered(n, ",", "'%d'") + ")"
	}},
	{name: "OR of texts", most: 9_000, sql: func(n int) string {
		return "SELECT 1 FROM events WHERE " + numbered(n, " OR ", "eventname = 'v%d'")
	}},
	{name: "OR of times", most: 6_000, sql: func(n int) string {
		return "SELECT 1 FROM events WHERE " + repeated(n, " OR ", func(i int) string {
			at := time.Unix(1_704_067_200+int64(3*i), 0).UTC().Format("2006-01-02 15:04:05")
			return fmt.Sprintf("eventtime BETWEEN TIMESTAMP '%s' AND TIMESTAMP '%[1]s.500'", at)
		})
	}},
	{name: "OR of LIKE", most: 9_000, sql: func(n int) string {
		return "SELECT 1 FROM events WHERE " + numbered(n, " OR ", "eventname LIKE 'v%d%'")
	}},
	{name: "AND of texts", most: 9_000, sql: func(n int) string {
		return "SELECT 1 FROM events WHERE " + numbered(n, " AND ", "eventname <> 'v%d'")
	}},
	{name: "AND at a join's key", most: 9_000, sql: func(n int) string {
		return "SELECT 1 FROM events a JOIN events b ON a.eventname = b.eventname WHERE " + numbered(n, " AND ", "a.eventname <> 'v%d'")
	}},
	{name: "AND of map keys", most: 9_000, sql: func(n int) string {
		return "SELECT 1 FROM events WHERE " + numbered(n, " AND ", "element_at(requestparameters, 'k%d') = 'v'")
	}},
	{name: "VALUES", most: 100_000, sql: func(n int) string { return "SELECT count(*) FROM (VALUES " + numbered(n, ",", "%d") + ") v(a)" }},
	{name: "VALUES in a join", most: 50_000, sql: func(n int) string {
		return "SELECT 1 FROM events JOIN (VALUES " + numbered(n, ",", "(%d,'v%d')") + ") v(a, b) ON eventname = b"
	}},
	{name: "IN (VALUES)", most: 100_000, sql: func(n int) string {
		return "SELECT 1 FROM events WHERE eventname IN (VALUES " + numbered(n, ",", "'%d'") + ")"
	}},
	{name: "concatenation to group by", most: 9_000, sql: func(n int) string {
		return "SELECT count(*) FROM events GROUP BY eventname || awsregion" + strings.Repeat(" || 'x' || eventsource", n/2)
	}},
	{name: "concatenation", most: 9_000, sql: func(n int) string { return "SELECT eventname" + strings.Repeat(" || 'x'", n) + " FROM events" }},
	{name: "additions", most: 9_000, sql: func(n int) string { return "SELECT length(eventname)" + strings.Repeat(" + 1", n) + " FROM events" }},
	{name: "CASE WHEN", most: 20_000, sql: func(n int) string {
		return "SELECT CASE " + numbered(n, " ", "WHEN eventname = 'v%d' THEN %d") + " END FROM events"
	}},
	{name: "CASE of a value", most: 40_000, sql: func(n int) string {
		return "SELECT CASE eventname " + numbered(n, " ", "WHEN 'v%d' THEN %d") + " END FROM events"
	}},
	{name: "COALESCE", most: 20_000, sql: func(n int) string {
		return "SELECT coalesce(" + numbered(n, ",", "nullif(eventname, 'v%d')") + ") FROM events"
	}},
	{name: "ARRAY", most: 100_000, sql: func(n int) string {
		return "SELECT contains(ARRAY[" + numbered(n, ",", "'%d'") + "], eventname) FROM events"
	}},
	{name: "select list", most: 9_000, sql: func(n int) string { return "SELECT " + numbered(n, ",", "eventname || '%d'") + " FROM events" }},
	{name: "aggregates", most: 9_000, sql: func(n int) string { return "SELECT " + numbered(n, ",", "count_if(eventname = '%d')") + " FROM events" }},
	{name: "GROUP BY", most: 9_000, sql: func(n int) string {
		return "SELECT count(*) FROM events GROUP BY " + numbered(n, ",", "eventname || '%d'")
	}},
	{name: "ORDER BY", most: 9_000, sql: func(n int) string {
		return "SELECT eventname FROM events ORDER BY " + numbered(n, ",", "eventname || '%d'")
	}},
	{name: "names of a long list", most: 9_000, sql: func(n int) string {
		return "SELECT " + numbered(n, ",", "c%d") + " FROM (SELECT " + numbered(n, ",", "eventname || '%d' AS c%d") + " FROM events)"
	}},
	{name: "lambdas", most: 9_000, sql: func(n int) string {
		return "SELECT " + numbered(n, ",", "any_match(ARRAY[eventname], x -> x = '%d')") + " FROM events"
	}},
	{name: "measures", most: 5_000, few: 500, sql: func(n int) string {
		return "SELECT * FROM events MATCH_RECOGNIZE (PARTITION BY awsregion ORDER BY eventtime MEASURES " +
			numbered(n, ",", "last(A.eventname) || '%d' AS m%d") + " PATTERN (A+) DEFINE A AS eventname = 'x')"
	}},
	{name: "joins in a row", most: 1_000, few: 100, sql: func(n int) string { return joinsOf(n, "JOIN", "e%d.eventname = e%d.eventname") }},
	{name: "left joins in a row", most: 1_000, few: 100, sql: func(n int) string { return joinsOf(n, "LEFT JOIN", "e%d.eventname = e%d.eventname") }},
	{name: "joins with one table", most: 1_000, few: 100, sql: func(n int) string {
		return "SELECT 1 FROM events e" + numbered(n, "", " JOIN events e%d ON e%d.eventname = e.eventname")
	}},
	{name: "joins with filters", most: 1_000, few: 100, sql: func(n int) string {
		return joinsOf(n, "JOIN", "e%d.eventname = e%d.eventname") + " WHERE " + numbered(n, " AND ", "e%d.awsregion = 'r%d'")
	}},
	{name: "cross joins", most: 2_000, few: 100, sql: func(n int) string {
		return "SELECT 1 FROM (VALUES 1) t" + numbered(n, "", ", (VALUES 1) t%d")
	}},
	{name: "UNION ALL", most: 5_000, few: 300, sql: func(n int) string {
		return numbered(n, " UNION ALL ", "SELECT eventname, %d FROM events WHERE awsregion = 'r%d'")
	}},
	{name: "UNION ALL of times", most: 5_000, few: 300, sql: func(n int) string {
		return repeated(n, " UNION ALL ", func(i int) string {
			return "SELECT eventname FROM events WHERE eventtime > " + instants(1, "TIMESTAMP ", "") + fmt.Sprintf(" + INTERVAL '%d' SECOND", i)
		})
	}},
	{name: "equal branches", most: 5_000, few: 300, sql: func(n int) string {
		return numbered(n, " UNION ALL ", "SELECT eventname, %d FROM (SELECT DISTINCT eventname FROM events)")
	}},
	{name: "INTERSECT", most: 5_000, few: 300, sql: func(n int) string {
		return numbered(n, " INTERSECT ", "SELECT eventname FROM events WHERE awsregion = 'r%d'")
	}},
	{name: "windows", most: 1_000, few: 50, sql: func(n int) string {
		return "SELECT " + numbered(n, ",", "row_number() OVER (PARTITION BY eventname || '%d' ORDER BY eventtime)") + " FROM events"
	}},
	{name: "calls over one window", most: 9_000, few: 500, sql: func(n int) string {
		return "SELECT " + numbered(n, ",", "lag(eventname, %d) OVER (PARTITION BY awsregion ORDER BY eventtime)") + " FROM events"
	}},
	{name: "subqueries of IN", most: 500, few: 60, sql: func(n int) string {
		return "SELECT 1 FROM events WHERE " + numbered(n, " AND ", "eventname IN (SELECT eventsource FROM events WHERE awsregion = 'r%d')")
	}},
	{name: "scalar subqueries", most: 500, few: 60, sql: func(n int) string {
		return "SELECT " + numbered(n, ",", "(SELECT max(eventname) FROM events WHERE awsregion = 'r%d')")
	}},
	{name: "correlated subqueries", most: 500, few: 60, sql: func(n int) string {
		return "SELECT " + numbered(n, ",", "(SELECT max(eventname) FROM events b WHERE b.eventsource = a.eventsource || '%d')") + " FROM events a"
	}},
	{name: "EXISTS", most: 500, few: 30, sql: func(n int) string {
		return "SELECT 1 FROM events a WHERE " + numbered(n, " AND ", "EXISTS (SELECT 1 FROM events b WHERE b.eventsource = a.eventsource || '%d')")
	}},
	{name: "WITH queries", most: 900, few: 40, sql: func(n int) string {
		return "WITH a0 AS (SELECT eventname FROM events)" + repeated(n, "", func(i int) string {
			return fmt.Sprintf(", a%d AS (SELECT eventname FROM a%d WHERE eventname <> 'v%d')", i+1, i, i)
		}) + fmt.Sprintf(" SELECT * FROM a%d", n)
	}},
	{name: "queries inside of another", most: 200, few: 50, sql: func(n int) string {
		return strings.Repeat("SELECT eventname || 'x' AS eventname FROM (", n) + "SELECT eventname FROM events" + numbered(n, "", ") t%d")
	}},
}

// joinsOf joins events with itself n times, each time with the table before; on is
// the condition, of the names of the new and of the last one.
func joinsOf(n int, join, on string) string {
	return "SELECT 1 FROM events e0" + repeated(n, "", func(i int) string {
		return fmt.Sprintf(" %s events e%d ON ", join, i+1) + fmt.Sprintf(on, i+1, i)
	})
}

// planned plans a statement and builds its operators.
func planned(t testing.TB, ctx context.Context, c metadata.Catalog, fns *function.Registry, sql string) error {
	n, err := planner.Plan(ctx, sql, c, fns, planningSession)
	if err != nil {
		return err
	}
	operator, _, err := exec.Build(ctx, n, &exec.Env{Function: function.SessionEnv(planningSession), Source: noRows{},
		Memory: exec.Accounted(memory.NewPool(0)), Stats: exec.NewStats(false)})
	if err == nil {
		operator.Close()
	}
	return err
}

// noRows is a source whose tables are only opened.
type noRows struct{}

func (noRows) Open(context.Context, *metadata.Table, exec.ScanRequest) (exec.TableScan, error) {
	return noScan{}, nil
}

type noScan struct{ exec.TableScan }

func (noScan) Close() {}

// asked is a context that counts how often it is looked at, and ends after
// that has happened so many times; 0: never.
type asked struct {
	context.Context
	times, endsAt int
}

func (a *asked) Err() error {
	a.times++
	if a.endsAt > 0 && a.times >= a.endsAt {
		return context.Canceled
	}
	return nil
}

// TestLongStatementsPlanLinearly plans statements of n and of four times n parts:
// the second takes about four times the memory in all, and as many steps, which
// the looks at the context count.
func TestLongStatementsPlanLinearly(t *testing.T) {
	if testing.Short() {
		t.Skip("one goroutine does it all; the unit stage runs it")
	}
	c, fns := oneTable{realTable(t)}, function.New()
	for _, s := range longStatements {
		t.Run(s.name, func(t *testing.T) {
			work := func(n int) (bytes, steps int64) {
				sql, ctx := s.sql(n), &asked{Context: context.Background()}
				var before, after runtime.MemStats
				runtime.ReadMemStats(&before)
				require.NoError(t, planned(t, ctx, c, fns, sql))
				runtime.ReadMemStats(&after)
				return int64(after.TotalAlloc - before.TotalAlloc), int64(ctx.times)
			}
			n := s.parts()
			work(n) // what is made once
			bytes, steps := work(n)
			moreBytes, moreSteps := work(4 * n)
			require.LessOrEqual(t, moreBytes, 6*bytes, "%d bytes for %d parts", bytes, n)
			require.LessOrEqual(t, moreSteps, 6*steps)
		})
	}
}

// TestPlanningIsCancelled ends the context amid planning: at that look planning
// ends.
func TestPlanningIsCancelled(t *testing.T) {
	if testing.Short() {
		t.Skip("one goroutine does it all; the unit stage runs it")
	}
	c, fns := oneTable{realTable(t)}, function.New()
	for _, s := range longStatements {
		t.Run(s.name, func(t *testing.T) {
			n := 2 * s.parts()
			sql, whole := s.sql(n), &asked{Context: context.Background()}
			require.NoError(t, planned(t, whole, c, fns, sql))
			require.Greater(t, whole.times, n/1024, "the context is looked at now and then")
			for _, at := range []int{1, whole.times / 2, whole.times} {
				ctx := &asked{Context: context.Background(), endsAt: max(1, at)}
				require.ErrorIs(t, planned(t, ctx, c, fns, sql), context.Canceled)
				require.LessOrEqual(t, ctx.times, ctx.endsAt+1)
			}
		})
	}
}

// TestManyInputsPlan plans as many joins, subqueries and branches as people
// write: their cost is counted in looks at the context.
func TestManyInputsPlan(t *testing.T) {
	c, fns := oneTable{realTable(t)}, function.New()
	tests := []struct{ name, sql string }{
		{"joins", joinsOf(60, "JOIN", "e%d.eventname = e%d.eventname")},
		{"subqueries", "SELECT 1 FROM events WHERE " +
			numbered(120, " AND ", "eventname IN (SELECT eventsource FROM events WHERE awsregion = 'r%d')")},
		{"scalar subqueries", "SELECT " + numbered(120, ",", "(SELECT max(eventname) FROM events WHERE awsregion = 'r%d')")},
		{"cross joins", "SELECT 1 FROM (VALUES 1) t" + numbered(200, "", ", (VALUES 1) t%d")},
		{"union", numbered(400, " UNION ALL ", "SELECT eventname, %d FROM events WHERE awsregion = 'r%d'")},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			ctx := &asked{Context: context.Background()}
			require.NoError(t, planned(t, ctx, c, fns, tt.sql))
			require.Less(t, ctx.times, 20_000)
		})
	}
}

// BenchmarkPlanLong is the way from text to operators for long statements.
func BenchmarkPlanLong(b *testing.B) {
	c, fns := oneTable{realTable(b)}, function.New()
	for _, s := range longStatements {
		b.Run(fmt.Sprintf("%s/%d", s.name, s.most), func(b *testing.B) {
			sql := s.sql(s.most)
			b.SetBytes(int64(len(sql)))
			b.ReportAllocs()
			for b.Loop() {
				require.NoError(b, planned(b, context.Background(), c, fns, sql))
			}
		})
	}
}
