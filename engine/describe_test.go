package engine_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine"
	"github.com/auditlake/auditlake/planner/types"
)

func TestTablesAreFoundByNameIDAndARN(t *testing.T) {
	lake := logsLake(t)
	s, err := lake.Stores().Get(context.Background(), "main")
	require.NoError(t, err)
	for _, table := range []string{"main", "MAIN", `"Main"`, s.ID, strings.ToUpper(s.ID), `"` + s.ID + `"`, `"` + s.ARN() + `"`} {
		require.Equal(t, []string{"2000"}, answerOf(t, lake, "SELECT count(*) FROM "+table), table)
		require.Equal(t, []string{"2000"}, answerOf(t, lake, "SELECT count(e.eventid) FROM "+table+" AS e"), table)
	}
	require.Equal(t, []string{"2000"}, answerOf(t, lake, "SELECT count(*) FROM "+s.ID+" JOIN main USING (eventid)"))
}

func TestStoreNamesOfAllShapesAreTables(t *testing.T) {
	lake := openLake(t, t.TempDir(), newYear)
	for name, written := range map[string]string{
		"abc-def": "abc-def", "a.b": `"a.b"`, "2026-audit": "2026-audit", "select": `"select"`, "Prod_1": "prod_1",
	} {
		createStore(t, lake, name, 30)
		require.Equal(t, []string{"0"}, answerOf(t, lake, "SELECT count(*) FROM "+written), name)
	}
	require.Equal(t, []string{"2026-audit", "a.b", "abc-def", "prod_1", "select"}, answerOf(t, lake, "SHOW TABLES"))
}

func TestShowStatements(t *testing.T) {
	lake := logsLake(t)
	columns := answerOf(t, lake, "SHOW COLUMNS FROM main")
	require.Equal(t, columns, answerOf(t, lake, "DESCRIBE main"))
	description, err := lake.Stores().Describe(context.Background(), "main")
	require.NoError(t, err)
	require.Len(t, columns, len(description.Columns))
	for i, c := range description.Columns {
		require.NotEmpty(t, c.Description, c.Name)
		require.Equal(t, c.Name+"|"+c.Type+"||"+c.Description, columns[i])
	}
	created := answerOf(t, lake, "SHOW CREATE TABLE main")
	require.Len(t, created, 1)
	require.Contains(t, created[0], `CREATE TABLE "auditlake"."default"."main" (`+"\n   \"eventversion\" varchar,\n")
	require.NotEmpty(t, answerOf(t, lake, "SHOW FUNCTIONS"))
	require.NotEmpty(t, answerOf(t, lake, "SHOW FUNCTIONS LIKE 'date%'"))
}

func TestDescribe(t *testing.T) {
	d, err := logsLake(t).Stores().Describe(context.Background(), "MAIN")
	require.NoError(t, err)
	require.EqualValues(t, 2000, d.Events)
	require.EqualValues(t, 30, d.Days)
	require.EqualValues(t, 30, d.Segments)
	require.Positive(t, d.StoredBytes)
	require.Equal(t, time.Date(2025, 12, 2, 0, 32, 21, 0, time.UTC), d.MinTime)
	require.Equal(t, time.Date(2025, 12, 31, 23, 41, 45, 0, time.UTC), d.MaxTime)
	require.Equal(t, engine.ColumnInfo{Name: "onbehalfof", Type: "row(userid varchar, identitystorearn varchar)", Description: "identity-centre user the request was made for", Fields: []engine.ColumnInfo{
		{Name: "userid", Type: "varchar", Description: "id of that user", Example: "90677f8a-1111-4c2d-9e8f-0a1b2c3d4e5f"},
		{Name: "identitystorearn", Type: "varchar", Description: "identity store that holds the user", Example: "arn:aws:identitystore::111122223333:identitystore/d-9067642ac7"},
	}}, d.Columns[1].Fields[7])
	requireDescribed(t, "", d.Columns)
}

// requireDescribed: each column and field says what it is, and has the name that its type has for it.
func requireDescribed(t *testing.T, parent string, columns []engine.ColumnInfo) {
	for _, c := range columns {
		require.NotEmpty(t, c.Description, parent+c.Name)
		for _, f := range c.Fields {
			require.Contains(t, c.Type, f.Name+" "+f.Type, parent+c.Name)
		}
		requireDescribed(t, parent+c.Name+".", c.Fields)
	}
}

func TestExplain(t *testing.T) {
	lake := logsLake(t)
	const sql = "SELECT eventname FROM main WHERE eventtime >= '2025-12-31' LIMIT 3"
	plain := strings.Join(answerOf(t, lake, "EXPLAIN "+sql), "\n")
	require.Contains(t, plain, "main")
	require.Contains(t, plain, "eventtime")
	analyzed := strings.Join(answerOf(t, lake, "EXPLAIN ANALYZE "+sql), "\n")
	require.Contains(t, analyzed, "bytes")
	require.NotEqual(t, plain, analyzed)
}

// TestExplainVerbose: the plan of EXPLAIN, then each rule that changed it once, and no other.
func TestExplainVerbose(t *testing.T) {
	lake := logsLake(t)
	const sql = "SELECT eventname FROM (SELECT * FROM main) WHERE eventtime >= TIMESTAMP '2025-12-31' AND 1 = 1"
	plain := answerOf(t, lake, "EXPLAIN "+sql)
	verbose := answerOf(t, lake, "EXPLAIN VERBOSE "+sql)
	require.Equal(t, []string{plain[0] + "Rules: prune_columns, fold_constants, push_filters, derive_domains, remove_projections\n"}, verbose)
	explained, err := lake.Explain(context.Background(), "EXPLAIN VERBOSE "+sql, false)
	require.NoError(t, err)
	require.Contains(t, explained, "\nRules: prune_columns, ")
	_, err = lake.Explain(context.Background(), "EXPLAIN VERBOSE "+sql, false, engine.ExplainAsJSON())
	require.Equal(t, types.NotSupported, types.ErrorName(err))
}

func TestOnlyQueriesAreStatements(t *testing.T) {
	lake := logsLake(t)
	for _, sql := range []string{
		"INSERT INTO main SELECT * FROM main", "DELETE FROM main", "UPDATE main SET eventname = 'x'", "DROP TABLE main",
		"CREATE TABLE x AS SELECT 1 AS y", "TRUNCATE TABLE main", "GRANT SELECT ON main TO bob", "CALL x()",
	} {
		_, _, err := ask(context.Background(), lake, sql)
		require.Equal(t, types.NotSupported, types.ErrorName(err), sql)
		require.ErrorContains(t, err, "Only SELECT statements are allowed", sql)
	}
	for _, sql := range []string{"", " ", ";", "-- nothing", "SELECT", "SELECT 1; SELECT 2"} {
		_, _, err := ask(context.Background(), lake, sql)
		require.Equal(t, types.SyntaxError, types.ErrorName(err), sql)
	}
	require.Equal(t, []string{"1"}, answerOf(t, lake, "SELECT 1;"))
}

func TestFunctions(t *testing.T) {
	all := engine.Functions("")
	require.Greater(t, len(all), 200)
	found := engine.Functions("DATE_TRUNC")
	require.NotEmpty(t, found)
	for _, f := range found {
		require.Equal(t, "date_trunc", f.Name)
		require.Equal(t, "scalar", f.Kind)
		require.NotEmpty(t, f.Doc)
		require.Contains(t, f.Signature, "date_trunc(")
	}
	for _, f := range all {
		require.False(t, strings.HasPrefix(f.Name, "$"), "operator %s is listed as a function", f.Name)
		require.NotContains(t, f.Signature, "-1", "no type has such a precision")
	}
}
