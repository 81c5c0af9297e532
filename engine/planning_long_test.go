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

// longStatements are statements of n parts; most is the n that BenchmarkPlanLong
// takes: what the length of a statement, or another limit, leaves room for.
var longStatements = []struct {
	name string
	most int
	sql  func(n int) string
}{
	{"IN of texts", 100_000, func(n int) string {
		return "SELECT 1 FROM events WHERE eventname IN (" + numbered(n, ",", "'%d'") + ")"
	}},
	{"NOT IN of texts", 100_000, func(n int) string {
		return "SELECT 1 FROM events WHERE eventname NOT IN (" + numbered(n, ",", "'%d'") + ")"
	}},
	{"IN of numbers", 100_000, func(n int) string {
		return "SELECT 1 FROM events WHERE length(eventname) IN (" + numbered(n, ",", "%d") + ")"
	}},
	{"IN of timestamps", 30_000, func(n int) string {
		return "SELECT 1 FROM events WHERE eventtime IN (" + instants(n, "TIMESTAMP ", "") + ")"
	}},
	{"IN of texts as timestamps", 45_000, func(n int) string {
		return "SELECT 1 FROM events WHERE eventtime IN (" + instants(n, "", "") + ")"
	}},
	{"IN of calls", 45_000, func(n int) string {
		return "SELECT 1 FROM events WHERE eventname IN (" + numbered(n, ",", "'v'||'%d'") + ")"
	}},
	{"IN of rows", 45_000, func(n int) string {
		return "SELECT 1 FROM events WHERE (eventname, eventsource) IN (" + numbered(n, ",", "('a%d','b')") + ")"
	}},
	{"IN at a join's key", 100_000, func(n int) string {
		return "SELECT 1 FROM events a JOIN events b ON a.eventname = b.eventname WHERE a.eventname IN (" + numbered(n, ",", "'%d'") + ")"
	}},
	{"OR of texts", 9_000, func(n int) string {
		return "SELECT 1 FROM events WHERE " + numbered(n, " OR ", "eventname = 'v%d'")
	}},
	{"OR of times", 6_000, func(n int) string {
		return "SELECT 1 FROM events WHERE " + repeated(n, " OR ", func(i int) string {
			at := time.Unix(1_704_067_200+int64(3*i), 0).UTC().Format("2006-01-02 15:04:05")
			return fmt.Sprintf("eventtime BETWEEN TIMESTAMP '%s' AND TIMESTAMP '%[1]s.500'", at)
		})
	}},
	{"OR of LIKE", 9_000, func(n int) string {
		return "SELECT 1 FROM events WHERE " + numbered(n, " OR ", "eventname LIKE 'v%d%'")
	}},
	{"AND of texts", 9_000, func(n int) string {
		return "SELECT 1 FROM events WHERE " + numbered(n, " AND ", "eventname <> 'v%d'")
	}},
	{"AND at a join's key", 9_000, func(n int) string {
		return "SELECT 1 FROM events a JOIN events b ON a.eventname = b.eventname WHERE " + numbered(n, " AND ", "a.eventname <> 'v%d'")
	}},
	{"AND of map keys", 9_000, func(n int) string {
		return "SELECT 1 FROM events WHERE " + numbered(n, " AND ", "element_at(requestparameters, 'k%d') = 'v'")
	}},
	{"VALUES", 100_000, func(n int) string { return "SELECT count(*) FROM (VALUES " + numbered(n, ",", "%d") + ") v(a)" }},
	{"VALUES in a join", 50_000, func(n int) string {
		return "SELECT 1 FROM events JOIN (VALUES " + numbered(n, ",", "(%d,'v%d')") + ") v(a, b) ON eventname = b"
	}},
	{"IN (VALUES)", 100_000, func(n int) string {
		return "SELECT 1 FROM events WHERE eventname IN (VALUES " + numbered(n, ",", "'%d'") + ")"
	}},
	{"concatenation", 9_000, func(n int) string { return "SELECT eventname" + strings.Repeat(" || 'x'", n) + " FROM events" }},
	{"additions", 9_000, func(n int) string { return "SELECT length(eventname)" + strings.Repeat(" + 1", n) + " FROM events" }},
	{"CASE WHEN", 20_000, func(n int) string {
		return "SELECT CASE " + numbered(n, " ", "WHEN eventname = 'v%d' THEN %d") + " END FROM events"
	}},
	{"CASE of a value", 40_000, func(n int) string {
		return "SELECT CASE eventname " + numbered(n, " ", "WHEN 'v%d' THEN %d") + " END FROM events"
	}},
	{"COALESCE", 20_000, func(n int) string {
		return "SELECT coalesce(" + numbered(n, ",", "nullif(eventname, 'v%d')") + ") FROM events"
	}},
	{"ARRAY", 100_000, func(n int) string {
		return "SELECT contains(ARRAY[" + numbered(n, ",", "'%d'") + "], eventname) FROM events"
	}},
	{"select list", 9_000, func(n int) string { return "SELECT " + numbered(n, ",", "eventname || '%d'") + " FROM events" }},
	{"aggregates", 9_000, func(n int) string { return "SELECT " + numbered(n, ",", "count_if(eventname = '%d')") + " FROM events" }},
	{"GROUP BY", 9_000, func(n int) string {
		return "SELECT count(*) FROM events GROUP BY " + numbered(n, ",", "eventname || '%d'")
	}},
	{"ORDER BY", 9_000, func(n int) string {
		return "SELECT eventname FROM events ORDER BY " + numbered(n, ",", "eventname || '%d'")
	}},
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
			const n = 1500
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
	c, fns := oneTable{realTable(t)}, function.New()
	for _, s := range longStatements {
		t.Run(s.name, func(t *testing.T) {
			const n = 4000
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
		{"joins", "SELECT 1 FROM events e0" + repeated(60, "", func(i int) string {
			return fmt.Sprintf(" JOIN events e%d ON e%d.eventname = e%[1]d.eventname", i+1, i)
		})},
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
