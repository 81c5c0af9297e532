package exec_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/enginetest/conformance"
	"github.com/auditlake/auditlake/engine/exec"
	"github.com/auditlake/auditlake/engine/function"
	"github.com/auditlake/auditlake/internal/process"
	"github.com/auditlake/auditlake/planner/metadata"
	"github.com/auditlake/auditlake/planner/types"
)

// randomTable makes a table whose values are those that the statements of
// planner/optimize/testdata/pushdown look for, and NULLs.
func randomTable(t *testing.T, name string, rows int, random *rand.Rand, columns ...string) *conformance.Table {
	table := &conformance.Table{Rows: rows, Meta: &metadata.Table{Name: name, Store: name == "events", Rows: int64(rows)}}
	for _, c := range columns {
		columnName, typeText, _ := strings.Cut(c, " ")
		columnType, err := types.ParseType(typeText)
		require.NoError(t, err)
		values := make([]types.Value, rows)
		for i := range values {
			values[i] = randomValue(columnType, random)
		}
		a, err := function.ArrayOf(columnType, values)
		require.NoError(t, err)
		table.Meta.Columns = append(table.Meta.Columns, metadata.Column{Name: columnName, Type: columnType})
		table.Columns = append(table.Columns, a)
	}
	return table
}

var someTexts = []string{"a", "b", "x", "AccessDenied", "PutObject", "GetObject", "DeleteObject", "Root", "true", ""}

func randomValue(t *types.Type, random *rand.Rand) types.Value {
	v := types.Null(t)
	if random.IntN(8) == 0 {
		return v
	}
	switch t.Kind {
	case types.Boolean:
		v.V = random.IntN(2) == 0
	case types.BigInt:
		v.V = random.Int64N(12)
	case types.Double:
		v.V = float64(random.IntN(12)) / 2
	case types.Varchar:
		v.V = someTexts[random.IntN(len(someTexts))]
	case types.Timestamp:
		days := []int64{19721, 19722, 19727, 19728, 19729, 19754, 19755, 20385, 20742, 20757} // 2023-12-30 … 2026-10-31
		v.V = days[random.IntN(len(days))]*86_400_000 + random.Int64N(48)*oneHour/2
	case types.Row:
		fields := make([]types.Value, len(t.Fields))
		for i, f := range t.Fields {
			fields[i] = randomValue(f.Type, random)
		}
		v.V = fields
	case types.Array:
		items := make([]types.Value, random.IntN(3))
		for i := range items {
			items[i] = randomValue(t.Elem, random)
		}
		v.V = items
	case types.Map:
		m := types.MapValue{}
		key := types.Value{Type: t.Key, V: "bucketName"}
		m.Keys, m.Values = append(m.Keys, key), append(m.Values, randomValue(t.Elem, random))
		v.V = m
	}
	return v
}

// TestPushdownKeepsAnswers runs the statements of the pushdown plans with and
// without the optimizer.
func TestPushdownKeepsAnswers(t *testing.T) {
	if process.UnderRace {
		t.Skip("one goroutine does it all; the unit stage runs it")
	}
	files, err := filepath.Glob("../../planner/optimize/testdata/pushdown/*.golden")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	some := 0
	seeds := uint64(1)
	if exec.TriesAll() {
		seeds = 3
	}
	for seed := range seeds {
		random := rand.New(rand.NewPCG(seed, 7))
		source := &conformance.Source{GroupRows: 2, Prune: true, Tables: map[string]*conformance.Table{
			"events": randomTable(t, "events", 150, random, "eventtime timestamp(3)", "eventname varchar", "errorcode varchar", "readonly boolean",
				"useridentity row(type varchar, arn varchar, sessioncontext row(mfa varchar, created timestamp(3)))",
				"requestparameters map(varchar, varchar)", "resources array(row(arn varchar, type varchar))"),
			"names":   randomTable(t, "names", 20, random, "name varchar", "n bigint"),
			"numbers": randomTable(t, "numbers", 40, random, "name varchar", "v double"),
		}}
		for _, file := range files {
			text, err := os.ReadFile(file)
			require.NoError(t, err)
			for _, c := range strings.Split(strings.TrimSpace(string(text)), "\n\n") {
				lines := strings.SplitN(c, "\n", 3)
				t.Run(fmt.Sprint(strings.TrimPrefix(lines[0], "-- "), " ", seed), func(t *testing.T) {
					some += sameAnswers(t, source, lines[1])
				})
			}
		}
	}
	require.Greater(t, some, 300*int(seeds), "most statements must have an answer")
}

// sameAnswers compares a statement's rows with and without the optimizer, and
// returns how many there are. Of rows that a LIMIT picks only the number counts.
func sameAnswers(t *testing.T, source *conformance.Source, sql string) int {
	want, wantErr := (&runner{source: source}).conformance().Run(context.Background(), sql)
	got, err := (&runner{source: source, optimize: true}).conformance().Run(context.Background(), sql)
	if wantErr != nil {
		require.Error(t, err)
		require.Equal(t, wantErr.Error(), err.Error())
		return 0
	}
	require.NoError(t, err)
	if strings.Contains(sql, "LIMIT") || strings.Contains(sql, "row_number") {
		require.Len(t, got.Rows, len(want.Rows))
	} else {
		require.ElementsMatch(t, want.Rows, got.Rows)
	}
	return len(want.Rows)
}
