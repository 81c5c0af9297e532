package optimize_test

import (
	"context"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/function"
	"github.com/auditlake/auditlake/planner/analyze"
	"github.com/auditlake/auditlake/planner/metadata"
	"github.com/auditlake/auditlake/planner/optimize"
	"github.com/auditlake/auditlake/planner/parse"
	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

var update = flag.Bool("update", false, "write the plans into the golden files")

// tables is the catalog of the golden files: an event data store and two small tables.
type tables map[string]*metadata.Table

func (c tables) Table(_ context.Context, name string) (*metadata.Table, error) {
	if t, ok := c[name]; ok {
		return t, nil
	}
	return nil, types.Errorf(types.TableNotFound, types.Pos{}, "Table '%s' does not exist", name)
}

func (c tables) Tables(context.Context) ([]*metadata.Table, error) { return nil, nil }

func table(t *testing.T, name string, rows int64, columns ...string) *metadata.Table {
	out := &metadata.Table{Name: name, Rows: rows, Store: name == "events"}
	for _, c := range columns {
		columnName, typeText, _ := strings.Cut(c, " ")
		parsed, err := types.ParseType(typeText)
		require.NoError(t, err)
		out.Columns = append(out.Columns, metadata.Column{Name: columnName, Type: parsed})
	}
	return out
}

func goldenTables(t *testing.T) tables {
	all := tables{
		"events": table(t, "events", 1_000_000, "eventtime timestamp(3)", "eventname varchar", "errorcode varchar", "readonly boolean",
			"useridentity row(type varchar, arn varchar, sessioncontext row(mfa varchar, created timestamp(3)))",
			"requestparameters map(varchar, varchar)", "resources array(row(arn varchar, type varchar))"),
		"names":   table(t, "names", 10, "name varchar", "n bigint"),
		"numbers": table(t, "numbers", 1000, "name varchar", "v double"),
	}
	// Ten days from 2024-01-01, of 100,000 events each.
	const day = 86_400_000
	for i := range int64(10) {
		from := 1_704_067_200_000 + i*day
		all["events"].Times = append(all["events"].Times, metadata.TimeRows{Min: from, Max: from + day - 1, Rows: 100_000})
	}
	return all
}

var session = &metadata.Session{Now: time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC), Location: time.UTC, Zone: "UTC",
	User: "tester", Catalog: "auditlake", Schema: "default"}

// TestGolden plans the statements of testdata. A file is a list of cases,
// divided by empty lines: "-- name", the statement, "before:" and the analysed
// plan, "after:" and the optimised one.
func TestGolden(t *testing.T) {
	golden(t, "testdata/*.golden", func(t *testing.T, c string) (string, string) {
		name, sql, want := cutCase(c)
		return "-- " + name + "\n" + sql + "\n" + plans(t, goldenTables(t), sql), "-- " + name + "\n" + sql + "\n" + want
	})
}

// TestPushdown plans the statements of testdata/pushdown: the files hold what
// is left of a plan when everything that can reach a scan has reached it.
// engine/exec runs the same statements with and without the optimizer.
func TestPushdown(t *testing.T) {
	golden(t, "testdata/pushdown/*.golden", func(t *testing.T, c string) (string, string) {
		lines := strings.SplitN(c, "\n", 3)
		_, got, _ := strings.Cut(plans(t, goldenTables(t), lines[1]), "\nafter:\n")
		return lines[0] + "\n" + lines[1] + "\n" + got, c
	})
}

// golden compares the cases of files, divided by empty lines, with what they
// are now; with -update it writes them.
func golden(t *testing.T, pattern string, run func(t *testing.T, c string) (got, want string)) {
	files, err := filepath.Glob(pattern)
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".golden"), func(t *testing.T) {
			text, err := os.ReadFile(file)
			require.NoError(t, err)
			var written []string
			for _, c := range strings.Split(strings.TrimSpace(string(text)), "\n\n") {
				got, want := run(t, c)
				written = append(written, got)
				if !*update {
					require.Equal(t, want, got)
				}
			}
			if *update {
				require.NoError(t, os.WriteFile(file, []byte(strings.Join(written, "\n\n")+"\n"), 0o644))
			}
		})
	}
}

func cutCase(text string) (name, sql, want string) {
	head, want, found := strings.Cut(text, "\nbefore:")
	if found {
		want = "before:" + want
	}
	name, sql, _ = strings.Cut(strings.TrimPrefix(head, "-- "), "\n")
	return name, sql, want
}

func plans(t *testing.T, catalog tables, sql string) string {
	stmt, err := parse.Statement(sql)
	require.NoError(t, err, sql)
	before, err := analyze.Statement(context.Background(), stmt, catalog, function.New(), session)
	require.NoError(t, err, sql)
	analysed := plan.Format(before)
	after, err := optimize.Optimize(context.Background(), before, function.New(), session)
	require.NoError(t, err, sql)
	require.Equal(t, analysed, plan.Format(before), "Optimize changed its input")
	return "before:\n" + strings.TrimSpace(analysed) + "\nafter:\n" + strings.TrimSpace(plan.Format(after))
}
