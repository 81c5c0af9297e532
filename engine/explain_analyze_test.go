package engine_test

import (
	"context"
	"encoding/json"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine"
	"github.com/auditlake/auditlake/planner/types"
)

// ranPlan is what EXPLAIN ANALYZE says as JSON.
type ranPlan struct {
	Statistics struct {
		Rows, BytesScanned, BytesStored, PeakMemoryBytes, SpilledBytes int64
	}
	Plan ranNode
}

type ranNode struct {
	Name   string
	Actual *struct {
		Rows                     *int64
		ElapsedMillis, CPUMillis float64
		PeakMemoryBytes          int64
		SpilledBytes             int64
		Scan                     *struct {
			BytesScanned, BytesStored, EventsScanned int64
			Pruned                                   map[string]int64
			DynamicFilters                           []string
		}
	}
	Children []ranNode
}

// each visits a node and all below it.
func (n *ranNode) each(visit func(*ranNode)) {
	visit(n)
	for i := range n.Children {
		n.Children[i].each(visit)
	}
}

func analyzedJSON(t *testing.T, lake *engine.Lake, sql string) (out ranPlan, nodes []*ranNode) {
	text, err := lake.Explain(context.Background(), sql, true, engine.ExplainAsJSON())
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal([]byte(text), &out))
	out.Plan.each(func(n *ranNode) { nodes = append(nodes, n) })
	return out, nodes
}

// TestExplainAnalyzeSaysWhatEachStepTook: rows, time and memory of each, and of scans the bytes, which add up to what the statement
// scanned.
func TestExplainAnalyzeSaysWhatEachStepTook(t *testing.T) {
	lake, ctx := logsLake(t), context.Background()
	const sql = "SELECT a.eventname, count(*) AS n FROM main a JOIN main b ON a.eventid = b.eventid WHERE b.awsregion <> 'none' GROUP BY 1 ORDER BY 2, 1"
	want, stats, err := ask(ctx, lake, sql)
	require.NoError(t, err)
	ran, nodes := analyzedJSON(t, lake, sql)
	require.Equal(t, stats.BytesScanned, ran.Statistics.BytesScanned)
	require.Equal(t, stats.BytesStored, ran.Statistics.BytesStored)
	require.EqualValues(t, len(want), ran.Statistics.Rows)

	rows, memory, cpu, scanned := map[string]int64{}, map[string]int64{}, 0.0, int64(0)
	for _, n := range nodes {
		require.NotNil(t, n.Actual, n.Name)
		rows[n.Name] += *n.Actual.Rows
		memory[n.Name] += n.Actual.PeakMemoryBytes
		cpu += n.Actual.CPUMillis
		require.LessOrEqual(t, n.Actual.PeakMemoryBytes, ran.Statistics.PeakMemoryBytes, n.Name)
		require.Equal(t, n.Name == "Scan", n.Actual.Scan != nil)
		if n.Actual.Scan != nil {
			scanned += n.Actual.Scan.BytesScanned
			require.EqualValues(t, 2000, n.Actual.Scan.EventsScanned)
			require.EqualValues(t, 30, n.Actual.Scan.Pruned["partitionsTotal"])
		}
	}
	require.Equal(t, stats.BytesScanned, scanned)
	require.EqualValues(t, 4000, rows["Scan"])
	require.EqualValues(t, 2000, rows["Join"])
	require.EqualValues(t, len(want), rows["Output"])
	for _, holder := range []string{"Join", "Aggregate", "Sort"} {
		require.Positive(t, memory[holder], holder)
	}
	require.Zero(t, memory["Output"])
	if runtime.GOOS == "linux" {
		require.Positive(t, cpu)
	}

	text := strings.Join(answerOf(t, lake, "EXPLAIN ANALYZE "+sql), "\n")
	require.Regexp(t, regexp.MustCompile(`(?m)^  · in all [^,]+, memory [^,]+, \d+ of \d+ bytes scanned, \d+ read$`), text)
	require.Regexp(t, regexp.MustCompile(`(?m)Join .*\n +· 2000 rows, [^,]+,( CPU [^,]+,)? memory `), text)
	again, err := lake.Explain(ctx, sql, true)
	require.NoError(t, err)
	require.Contains(t, again, "2000 rows")
}

// TestExplainAsJSON: without a run it is the tree of EXPLAIN (TYPE LOGICAL, FORMAT JSON); other forms stay what they are.
func TestExplainAsJSON(t *testing.T) {
	lake, ctx := logsLake(t), context.Background()
	const sql = "SELECT count(*) FROM main WHERE readonly"
	text, err := lake.Explain(ctx, sql, false, engine.ExplainAsJSON())
	require.NoError(t, err)
	var got, want explained
	require.NoError(t, json.Unmarshal([]byte(text), &got))
	require.NoError(t, json.Unmarshal([]byte(answerOf(t, lake, "EXPLAIN (TYPE LOGICAL, FORMAT JSON) "+sql)[0]), &want))
	require.Equal(t, want, got)
	require.NotContains(t, text, "actual")
	text, err = lake.Explain(ctx, "EXPLAIN (TYPE IO) "+sql, false, engine.ExplainAsJSON())
	require.NoError(t, err)
	require.Contains(t, text, "inputTableColumnInfos")
	_, err = lake.Explain(ctx, "SELECT nope FROM main", true, engine.ExplainAsJSON())
	require.Equal(t, "COLUMN_NOT_FOUND", types.ErrorName(err))
}
