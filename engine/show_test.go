package engine_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine"
	"github.com/auditlake/auditlake/planner/types"
)

// TestShow: what SHOW answers, with the names and types of Trino's columns.
func TestShow(t *testing.T) {
	lake := openLake(t, t.TempDir(), newYear)
	createStore(t, lake, "Main", 30)
	none := []string(nil)
	for _, c := range []struct {
		sql, columns string
		want         []string
	}{
		{"SHOW CATALOGS", "Catalog varchar(9)", []string{"auditlake", "system"}},
		{"SHOW CATALOGS LIKE 's%'", "Catalog varchar(9)", []string{"system"}},
		{"SHOW SESSION", "Name varchar(29), Value varchar(3), Default varchar(0), Type varchar(7), Description varchar(56)", []string{
			"query_max_run_time|||varchar|Maximum run time of a query (includes the queueing time)",
			"query_max_scan_physical_bytes|2GB||varchar|Maximum scan physical bytes of a query",
			"time_zone_id|||varchar|Time Zone Id for the current session",
		}},
		{"SHOW SESSION LIKE 'time%'", "", []string{"time_zone_id|||varchar|Time Zone Id for the current session"}},
		{"SHOW ROLES", "Role varchar", none},
		{"SHOW CURRENT ROLES", "Role varchar", none},
		{"SHOW ROLE GRANTS", "Role Grants varchar", none},
		{"SHOW GRANTS", "Grantor varchar, Grantor Type varchar, Grantee varchar, Grantee Type varchar, Catalog varchar, Schema varchar, " +
			"Table varchar, Privilege varchar, Grantable varchar, With Hierarchy varchar", none},
		{"SHOW GRANTS ON TABLE main", "", none},
		{"SHOW CREATE SCHEMA default", "Create Schema varchar(31)", []string{"CREATE SCHEMA auditlake.default"}},
		{"SHOW CREATE SCHEMA system.runtime", "", []string{"CREATE SCHEMA system.runtime"}},
		{"SHOW STATS FOR system.information_schema.schemata", "column_name varchar, data_size double, distinct_values_count double, nulls_fraction double, " +
			"row_count double, low_value varchar, high_value varchar", []string{
			"catalog_name|NULL|NULL|NULL|NULL|NULL|NULL", "schema_name|NULL|NULL|NULL|NULL|NULL|NULL", "NULL|NULL|NULL|NULL|4.0|NULL|NULL",
		}},
		{"SHOW STATS FOR (SELECT eventid AS a FROM main)", "", []string{"a|NULL|NULL|NULL|NULL|NULL|NULL", "NULL|NULL|NULL|NULL|NULL|NULL|NULL"}},
	} {
		t.Run(c.sql, func(t *testing.T) {
			rows, err := lake.Query(context.Background(), c.sql, engine.MaxBytes(2<<30))
			require.NoError(t, err)
			var columns []string
			for _, column := range rows.Columns() {
				columns = append(columns, fmt.Sprintf("%s %s", column.Name, column.Type))
			}
			require.NoError(t, rows.Close())
			if c.columns != "" {
				require.Equal(t, c.columns, strings.Join(columns, ", "))
			}
			got, _, err := ask(context.Background(), lake, c.sql, engine.MaxBytes(2<<30))
			require.NoError(t, err)
			require.Equal(t, c.want, got)
		})
	}
	for _, c := range []struct{ sql, want string }{
		{"SHOW ROLES FROM auditlake", types.NotSupported},
		{"SHOW ROLES FROM nothing", types.CatalogNotFound},
		{"SHOW GRANTS ON nothing", types.TableNotFound},
		{"SHOW STATS FOR nothing", types.TableNotFound},
		{"SHOW STATS FOR (SELECT nope FROM main)", types.ColumnNotFound},
		{"SHOW CREATE SCHEMA nothing", types.SchemaNotFound},
	} {
		t.Run(c.sql, func(t *testing.T) {
			_, _, err := ask(context.Background(), lake, c.sql)
			require.Equal(t, c.want, types.ErrorName(err), err)
		})
	}
}

// TestShowFunctions: the columns are as wide as their longest text, whatever LIKE
// keeps, and whether a function is deterministic is a boolean.
func TestShowFunctions(t *testing.T) {
	lake := openLake(t, t.TempDir(), newYear)
	rows, err := lake.Query(context.Background(), "SHOW FUNCTIONS LIKE 'random'")
	require.NoError(t, err)
	defer rows.Close()
	var names []string
	for i, column := range rows.Columns() {
		names = append(names, column.Name)
		if i == 4 {
			require.Equal(t, types.Boolean, column.Type.Kind)
			continue
		}
		require.Equal(t, types.Varchar, column.Type.Kind)
		require.NotEqual(t, types.Unbounded, column.Type.Length)
	}
	require.Equal(t, []string{"Function", "Return Type", "Argument Types", "Function Type", "Deterministic", "Description"}, names)
	require.Greater(t, rows.Columns()[0].Type.Length, len("random"))
	require.True(t, rows.Next())
}

// TestShowStats: a store's rows, and the times of its first and last event.
func TestShowStats(t *testing.T) {
	lake := logsLake(t)
	got, stats, err := ask(context.Background(), lake, "SHOW STATS FOR main")
	require.NoError(t, err)
	require.Zero(t, stats.BytesScanned, "it reads nothing")
	want, _, err := ask(context.Background(), lake, "SELECT CAST(count(*) AS double), CAST(min(eventtime) AS varchar), CAST(max(eventtime) AS varchar) FROM main")
	require.NoError(t, err)
	values := strings.Split(want[0], "|")
	require.Equal(t, "NULL|NULL|NULL|NULL|"+values[0]+"|NULL|NULL", got[len(got)-1])
	require.Contains(t, got, "eventtime|NULL|NULL|NULL|NULL|"+values[1]+"|"+values[2])
}
