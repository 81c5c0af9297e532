package engine_test

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine"
	"github.com/auditlake/auditlake/engine/answer"
	"github.com/auditlake/auditlake/engine/enginetest/conformance"
	"github.com/auditlake/auditlake/engine/tableimport"
	"github.com/auditlake/auditlake/internal/material"
)

func writeFile(t *testing.T, name, text string) string {
	path := filepath.Join(t.TempDir(), name)
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

func createTable(t *testing.T, lake *engine.Lake, name, path, columns string) *engine.Table {
	table, err := lake.Tables().Create(context.Background(), engine.TableOptions{Name: name, Path: path, Columns: columns})
	require.NoError(t, err)
	return table
}

// askLake returns an answer, cells as the client protocol writes them.
func askLake(ctx context.Context, lake *engine.Lake, sql string) (*conformance.Answer, error) {
	rows, err := lake.Query(ctx, sql)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	a := &conformance.Answer{}
	for _, c := range rows.Columns() {
		a.Names, a.Types = append(a.Names, c.Name), append(a.Types, c.Type.Display())
	}
	for rows.Next() {
		for i := range rows.Arrays()[0].Len() {
			var cells []string
			for c, array := range rows.Arrays() {
				cells = append(cells, string(answer.AppendJSON(nil, rows.Columns()[c].Type, array, i)))
			}
			a.Rows = append(a.Rows, cells)
		}
	}
	return a, rows.Err()
}

func answerLines(t *testing.T, lake *engine.Lake, sql string) []string {
	a, err := askLake(context.Background(), lake, sql)
	require.NoError(t, err, sql)
	var out []string
	for _, row := range a.Rows {
		out = append(out, strings.Join(row, " "))
	}
	return out
}

func TestReferenceTablesJoinEvents(t *testing.T) {
	dir := logsLakeFolder(t)
	lake := openLake(t, dir, time.Date(2026, 1, 31, 0, 0, 0, 0, time.UTC))
	accounts := answerLines(t, lake, "SELECT DISTINCT recipientaccountid FROM main ORDER BY 1")
	require.NotEmpty(t, accounts)

	text := "account,owner\n" + strings.Trim(accounts[0], `"`) + ",Payments\n000000000007,Nobody\n"
	table := createTable(t, lake, "Owners", writeFile(t, "owners.csv", text), "")
	require.Equal(t, "owners", table.Name)
	require.EqualValues(t, 2, table.Rows)

	joined := "SELECT o.owner, count(*) > 0 FROM main m JOIN owners o ON m.recipientaccountid = o.account GROUP BY 1"
	require.Equal(t, []string{`"Payments" true`}, answerLines(t, lake, joined))
	rows, err := lake.Query(context.Background(), "SELECT count(*) FROM owners")
	require.NoError(t, err)
	for rows.Next() {
	}
	require.NoError(t, rows.Close())
	require.Zero(t, rows.Stats().BytesScanned, "reference tables are free")
	require.Zero(t, rows.Stats().EventsMatched, "their rows are no events")
	require.Equal(t, []string{`"main"`, `"owners"`}, answerLines(t, lake, "SHOW TABLES"))

	require.NoError(t, lake.Close())
	orphan := filepath.Join(dir, "tables", "2b1f31bb-2d1e-4f8e-9b7a-5f0f35f5c1aa.arrow")
	require.NoError(t, os.WriteFile(orphan, nil, 0o600))
	lake = openLake(t, dir, time.Date(2026, 1, 31, 0, 0, 0, 0, time.UTC))
	require.NoFileExists(t, orphan)
	require.Equal(t, []string{`"Payments" true`}, answerLines(t, lake, joined), "after a restart")
}

func TestReferenceTableNames(t *testing.T) {
	ctx := context.Background()
	lake := openLake(t, t.TempDir(), time.Date(2026, 1, 31, 0, 0, 0, 0, time.UTC))
	createStore(t, lake, "main", 366)
	path := writeFile(t, "a.csv", "a\n1\n")
	createTable(t, lake, "list", path, "")
	for _, name := range []string{"LIST", "Main"} {
		_, err := lake.Tables().Create(ctx, engine.TableOptions{Name: name, Path: path})
		require.ErrorIs(t, err, engine.ErrTableExists, name)
	}
	for _, name := range []string{"", " a", "a\n", "\xff", strings.Repeat("a", 129)} {
		_, err := lake.Tables().Create(ctx, engine.TableOptions{Name: name, Path: path})
		require.ErrorIs(t, err, engine.ErrInvalidParameter, name)
	}
	_, err := lake.Stores().Create(ctx, engine.StoreOptions{Name: "List"})
	require.ErrorIs(t, err, engine.ErrTableExists)
	_, err = lake.Stores().Update(ctx, "main", engine.StoreUpdate{Name: "list"})
	require.ErrorIs(t, err, engine.ErrTableExists)

	require.NoError(t, lake.Tables().Drop(ctx, "List"))
	require.ErrorIs(t, lake.Tables().Drop(ctx, "list"), engine.ErrTableNotFound)
	_, err = lake.Query(ctx, "SELECT * FROM list")
	require.ErrorContains(t, err, "Table 'list' does not exist; the lake has main")
	tables, err := lake.Tables().List(ctx)
	require.NoError(t, err)
	require.Empty(t, tables)
}

func TestDamagedTableIsAnError(t *testing.T) {
	ctx, dir := context.Background(), t.TempDir()
	now := time.Date(2026, 1, 31, 0, 0, 0, 0, time.UTC)
	lake := openLake(t, dir, now)
	table := createTable(t, lake, "numbers", writeFile(t, "n.csv", "n\n1\n"), "")
	verification, err := lake.Verify(ctx, engine.VerifyOptions{})
	require.NoError(t, err)
	require.Empty(t, verification.Problems)
	require.NoError(t, lake.Close())

	path := filepath.Join(dir, "tables", table.ID+".arrow")
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	content[len(content)/2] ^= 1
	require.NoError(t, os.WriteFile(path, content, 0o600))
	lake = openLake(t, dir, now)
	_, err = lake.Query(ctx, "SELECT n FROM numbers")
	require.ErrorContains(t, err, "damaged file "+path)
	verification, err = lake.Verify(ctx, engine.VerifyOptions{})
	require.NoError(t, err)
	require.Len(t, verification.Problems, 1)
}

func TestDroppedTableIsReadToItsEnd(t *testing.T) {
	lake := openLake(t, t.TempDir(), time.Date(2026, 1, 31, 0, 0, 0, 0, time.UTC))
	text := "n\n" + strings.Repeat("1\n", 50_000)
	createTable(t, lake, "numbers", writeFile(t, "n.csv", text), "")
	rows, err := lake.Query(context.Background(), "SELECT n FROM numbers")
	require.NoError(t, err)
	require.True(t, rows.Next())
	count := rows.Arrays()[0].Len()
	require.NoError(t, lake.Tables().Drop(context.Background(), "numbers"))
	for rows.Next() {
		count += rows.Arrays()[0].Len()
	}
	require.NoError(t, rows.Err())
	require.NoError(t, rows.Close())
	require.Equal(t, 50_000, count)
}

// TestRecordedQueriesOverReferenceTables loads the tables of the recorded cases as people load lists, and asks
// the recorded statements of the lake.
func TestRecordedQueriesOverReferenceTables(t *testing.T) {
	home := material.Own(t, "trino")
	lake := openLake(t, t.TempDir(), time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC))
	loadFixtures(t, lake, home)
	asked := 0
	for _, file := range []string{"query.jsonl.gz", "error.jsonl"} {
		cases, err := conformance.ReadFile(filepath.Join(home, file))
		require.NoError(t, err)
		for _, c := range cases {
			if strings.Contains(c.SQL, "memory") || strings.Contains(c.SQL, "SHOW") || strings.Contains(c.SQL, "information_schema") {
				continue // the recorded lake had another catalog
			}
			got, err := askLake(context.Background(), lake, c.SQL)
			outcome, problem := c.Judge(got, err)
			require.NotEqual(t, conformance.Wrong, outcome, "%s: %s\n%s", c.ID, c.SQL, problem)
			asked++
		}
	}
	require.Greater(t, asked, 1000)
}

func loadFixtures(t *testing.T, lake *engine.Lake, home string) {
	text, err := os.ReadFile(filepath.Join(home, "fixtures.json"))
	require.NoError(t, err)
	var fixtures []struct {
		Table   string
		Columns []conformance.Column
		Rows    []json.RawMessage
	}
	require.NoError(t, json.Unmarshal(text, &fixtures))
	require.NotEmpty(t, fixtures)
	for _, f := range fixtures {
		var columns []string
		for _, c := range f.Columns {
			columns = append(columns, strconv.Quote(c.Name)+" "+c.Type)
		}
		var lines bytes.Buffer
		for _, row := range f.Rows {
			require.NoError(t, json.Compact(&lines, row))
			lines.WriteByte('\n')
		}
		table := createTable(t, lake, f.Table, writeFile(t, f.Table+".ndjson", lines.String()), strings.Join(columns, ", "))
		declared, err := tableimport.ParseColumns(engine.DescribeColumns(table))
		require.NoError(t, err)
		require.Len(t, declared, len(columns))
	}
}
