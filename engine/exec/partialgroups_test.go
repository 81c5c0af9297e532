package exec_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/enginetest/conformance"
	"github.com/auditlake/auditlake/engine/exec"
	"github.com/auditlake/auditlake/engine/memory"
	"github.com/auditlake/auditlake/internal/process"
	"github.com/auditlake/auditlake/planner/plan"
)

// ofParts are statements that group by what is put together of several columns, about the table grouped.
var ofParts = []string{
	"SELECT few || some AS k, count(*), count(n), count_if(b), min(n), max(at), bool_and(b), sum(length(many)) FROM grouped GROUP BY 1",
	"SELECT concat_ws('-', few, CAST(n AS varchar)) AS k, b, count(*) FILTER (WHERE n > 0), min(id) FILTER (WHERE b) FROM grouped GROUP BY 1, 2",
	"SELECT count(DISTINCT few || ' ' || some), max(few || some), count(*) FROM grouped GROUP BY CAST(n AS varchar) || few || 'x'",
	"SELECT few || some || CAST(n AS varchar) AS k, count(*), max(id) FROM grouped WHERE id % 3 > 0 GROUP BY 1",
	"SELECT upper(many || '/' || few) AS k, count(*), min(id) FROM grouped GROUP BY 1",
	"SELECT CASE WHEN few IS NULL THEN 'none' ELSE CAST(id AS varchar) || few END AS k, count(*), any_value(few || 'x' || some) FROM grouped GROUP BY 1",
	"SELECT CAST(id AS varchar) || ' ' || coalesce(few, '-') AS k, count(*), count(n), min(n), sum(length(some)) FROM grouped GROUP BY 1 HAVING count(n) > 0",
	"SELECT CAST(id AS varchar) || few || some AS k, count(*), max(b) FROM grouped WHERE n > 1 GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 50",
	"SELECT count(DISTINCT few || some), min(many || few), max(n), bool_or(b), count(*), count(n) FROM grouped",
	"SELECT count(DISTINCT few || some), min(many || few), max(n), count(*), count_if(b) FROM grouped WHERE n > 99",
	"SELECT DISTINCT few || many FROM grouped",
	"SELECT DISTINCT few || CAST(id AS varchar), b FROM grouped",
	"SELECT few || some FROM grouped WHERE b EXCEPT SELECT few || some FROM grouped WHERE n = 2",
	"SELECT many || some FROM grouped INTERSECT SELECT many || coalesce(few, some) FROM grouped",
	"SELECT many || some FROM grouped UNION SELECT many || few FROM grouped",
}

// TestPartialGroups: groups of the parts of texts, given up where there are nearly as many as rows, change neither an answer nor its order, with one worker
// or several, and with less memory.
func TestPartialGroups(t *testing.T) {
	rows := 45_000
	if testing.Short() {
		rows = 25_000
	}
	source := grouped(t, rows)
	source.GroupRows, source.Dictionaries = 5000, true
	type limits struct {
		workers int
		bytes   int64
	}
	ways := []limits{{1, 0}, {2, 0}, {7, 0}, {2, 24 << 20}, {1, 12 << 20}}
	if process.UnderRace {
		ways = []limits{{7, 0}}
	}
	raw := &conformance.Runner{Source: source, Raw: true}
	for i, sql := range ofParts {
		p, err := (&conformance.Runner{Source: source}).Plan(t.Context(), sql)
		require.NoError(t, err, sql)
		require.Contains(t, plan.Format(p), "Aggregate partially", sql)
		answer, err := raw.Run(t.Context(), sql)
		require.NoError(t, err, sql)
		want := rowTexts(answer)
		for w, q := range ways {
			if len(ways) > 1 && exec.IsLeftOut(i, w) {
				continue
			}
			got, _, err := limitedQuery{memory: memory.NewPool(q.bytes), workers: q.workers, inScans: true}.run(t.Context(), t, source, sql)
			require.NoError(t, err, "%s: %+v", sql, q)
			require.Equal(t, want, got, "%s: %+v", sql, q)
		}
	}
}
