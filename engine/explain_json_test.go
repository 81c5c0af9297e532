package engine_test

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/planner/types"
)

// explained is a node of EXPLAIN (FORMAT JSON).
type explained struct {
	ID, Name   string
	Descriptor map[string]string
	Outputs    []struct{ Type, Name string }
	Details    []string
	Estimates  []map[string]any
	Children   []explained
}

func TestExplainJSON(t *testing.T) {
	lake := openLake(t, t.TempDir(), newYear)
	createStore(t, lake, "main", 30)
	ctx := context.Background()
	sql := "SELECT eventname, count(*) FROM main WHERE readonly GROUP BY 1"
	rows, stats, err := ask(ctx, lake, "EXPLAIN (TYPE LOGICAL, FORMAT JSON) "+sql)
	require.NoError(t, err)
	require.Zero(t, stats.BytesScanned)
	var logical explained
	require.NoError(t, json.Unmarshal([]byte(rows[0]), &logical))
	require.Equal(t, "Output", logical.Name)
	require.Equal(t, "varchar", logical.Outputs[0].Type)
	require.Equal(t, "bigint", logical.Outputs[1].Type)
	ids := map[string]bool{}
	node := logical
	for len(node.Children) > 0 {
		ids[node.ID] = true
		node = node.Children[0]
		require.False(t, ids[node.ID])
	}
	require.Equal(t, "Scan", node.Name)
	require.Equal(t, "auditlake:default.main", node.Descriptor["table"])
	require.Equal(t, "NaN", node.Estimates[0]["outputRowCount"])

	for _, options := range []string{"FORMAT JSON", "FORMAT JSON, TYPE DISTRIBUTED"} {
		rows, _, err = ask(ctx, lake, "EXPLAIN ("+options+") "+sql)
		require.NoError(t, err)
		var fragments map[string]explained
		require.NoError(t, json.Unmarshal([]byte(rows[0]), &fragments))
		require.Equal(t, map[string]explained{"0": logical}, fragments)
	}
	_, _, err = ask(ctx, lake, "EXPLAIN (FORMAT GRAPHVIZ) "+sql)
	require.Equal(t, types.NotSupported, types.ErrorName(err))
	rows, _, err = ask(ctx, lake, "EXPLAIN SHOW CATALOGS")
	require.NoError(t, err)
	require.Contains(t, rows[0], "Values")
}

// TestExplainInputOutput: the tables that a statement reads, and the values that
// matter, as Trino describes them.
func TestExplainInputOutput(t *testing.T) {
	lake := openLake(t, t.TempDir(), newYear)
	createStore(t, lake, "main", 30)
	createStore(t, lake, "other", 30)
	const nothing = `{"outputRowCount":"NaN","outputSizeInBytes":"NaN","cpuCost":"NaN","maxMemory":"NaN","networkCost":"NaN"}`
	const filtered = `{"outputRowCount":"NaN","outputSizeInBytes":"NaN","cpuCost":"NaN","maxMemory":0,"networkCost":0}`
	const empty = `{"outputRowCount":0,"outputSizeInBytes":"NaN","cpuCost":"NaN","maxMemory":0,"networkCost":0}`
	table := func(name, constraint, estimate string) string {
		return `{"table":{"catalog":"auditlake","schemaTable":{"schema":"default","table":"` + name + `"}},"constraint":` + constraint + `,"estimate":` + estimate + `}`
	}
	const all = `{"none":false,"columnConstraints":[]}`
	for _, c := range []struct{ name, sql, want string }{
		{"no table", "SELECT 1", ""},
		{"a table", "SELECT count(*) FROM main", table("main", all, empty)},
		{"once", "SELECT count(*) FROM main UNION ALL SELECT count(*) FROM main", table("main", all, empty)},
		{"two tables", "SELECT count(*) FROM main UNION ALL SELECT count(*) FROM other", table("main", all, empty) + "," + table("other", all, empty)},
		{"equal", "SELECT count(*) FROM main WHERE eventname = 'it''s'", table("main", `{"none":false,"columnConstraints":[{"columnName":"eventname","type":"varchar",`+
			`"domain":{"nullsAllowed":false,"ranges":[{"low":{"value":"it's","bound":"EXACTLY"},"high":{"value":"it's","bound":"EXACTLY"}}]}}]}`, filtered)},
		{"range", "SELECT count(*) FROM main WHERE eventtime >= TIMESTAMP '2026-01-31 10:00:00' AND eventtime < TIMESTAMP '2026-02-01'",
			table("main", `{"none":false,"columnConstraints":[{"columnName":"eventtime","type":"timestamp(3)","domain":{"nullsAllowed":false,`+
				`"ranges":[{"low":{"value":"2026-01-31 10:00:00.000","bound":"EXACTLY"},"high":{"value":"2026-02-01 00:00:00.000","bound":"BELOW"}}]}}]}`, filtered)},
		{"open", "SELECT count(*) FROM main WHERE eventid > 'a'", table("main", `{"none":false,"columnConstraints":[{"columnName":"eventid","type":"varchar",`+
			`"domain":{"nullsAllowed":false,"ranges":[{"low":{"value":"a","bound":"ABOVE"},"high":{"bound":"BELOW"}}]}}]}`, filtered)},
		{"null", "SELECT count(*) FROM main WHERE eventid IS NULL", table("main", `{"none":false,"columnConstraints":[{"columnName":"eventid","type":"varchar",`+
			`"domain":{"nullsAllowed":true,"ranges":[]}}]}`, filtered)},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, options := range []string{"TYPE IO", "TYPE IO, FORMAT JSON", "FORMAT TEXT, TYPE IO"} {
				rows, _, err := ask(context.Background(), lake, "EXPLAIN ("+options+") "+c.sql)
				require.NoError(t, err)
				require.JSONEq(t, `{"inputTableColumnInfos":[`+c.want+`],"estimate":`+nothing+`}`, rows[0])
			}
		})
	}
}
