package engine_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/planner/types"
)

func TestSystemTables(t *testing.T) {
	lake := openLake(t, t.TempDir(), newYear)
	createStore(t, lake, "Main", 30)
	createStore(t, lake, "other", 30)
	described, err := lake.Stores().Describe(context.Background(), "main")
	require.NoError(t, err)
	comments := map[string]string{}
	for _, c := range described.Columns {
		comments[c.Name] = c.Description
	}
	for _, c := range []struct {
		name, sql string
		want      []string
	}{
		{"catalogs", "SHOW CATALOGS", []string{"auditlake", "system"}},
		{"schemas", "SHOW SCHEMAS", []string{"default", "information_schema"}},
		{"schemas of the other catalog", "SHOW SCHEMAS FROM system", []string{"information_schema", "jdbc", "metadata", "runtime"}},
		{"tables", "SHOW TABLES FROM auditlake.default LIKE 'm%'", []string{"main"}},
		{"tables of a system schema", "SHOW TABLES FROM information_schema", []string{"applicable_roles", "columns", "enabled_roles", "roles", "schemata", "table_privileges", "tables", "views"}},
		{"describe a system table", "DESCRIBE Auditlake.Information_Schema.Schemata", []string{"catalog_name|varchar||", "schema_name|varchar||"}},
		{"information_schema.schemata", "SELECT * FROM information_schema.schemata", []string{"auditlake|default", "auditlake|information_schema"}},
		{"information_schema.tables", "SELECT table_name, table_type FROM auditlake.information_schema.tables WHERE table_schema = 'default'",
			[]string{"main|BASE TABLE", "other|BASE TABLE"}},
		{"information_schema.columns",
			"SELECT column_name, ordinal_position, data_type, is_nullable, column_default FROM information_schema.columns c WHERE table_name = 'main' AND c.column_name IN ('eventtime', 'eventid') ORDER BY 1",
			[]string{"eventid|15|varchar|YES|NULL", "eventtime|3|timestamp(3)|YES|NULL"}},
		{"joined with a store", "SELECT count(*) FROM information_schema.columns c LEFT JOIN main m ON m.eventid = c.column_name WHERE c.table_schema = 'information_schema' AND c.table_name = 'schemata'", []string{"2"}},
		{"jdbc catalogs", "SELECT TABLE_CAT FROM system.jdbc.catalogs ORDER BY TABLE_CAT", []string{"auditlake", "system"}},
		{"jdbc schemas", "SELECT TABLE_SCHEM, TABLE_CATALOG FROM system.jdbc.schemas ORDER BY TABLE_CATALOG, TABLE_SCHEM",
			[]string{"default|auditlake", "information_schema|auditlake", "information_schema|system", "jdbc|system", "metadata|system", "runtime|system"}},
		{"hidden columns are no part of *", "SELECT count(*) FROM (SELECT * FROM information_schema.columns WHERE table_name = 'schemata') WHERE table_catalog = 'auditlake'", []string{"2"}},
		{"hidden columns", "SELECT column_name, comment, extra_info, c.column_comment FROM information_schema.columns c WHERE table_name = 'schemata' ORDER BY 1",
			[]string{"catalog_name|NULL|NULL|NULL", "schema_name|NULL|NULL|NULL"}},
		{"comments of a store's columns", "SELECT comment = column_comment, comment FROM information_schema.columns WHERE table_name = 'main' AND column_name = 'awsregion'",
			[]string{"true|" + comments["awsregion"]}},
		{"a store's columns without a comment", "SELECT count(*) FROM information_schema.columns WHERE table_schema = 'default' AND comment IS NULL", []string{"0"}},
		{"remarks of a store's columns", "SELECT REMARKS FROM system.jdbc.columns WHERE TABLE_NAME = 'main' AND COLUMN_NAME = 'awsregion'", []string{comments["awsregion"]}},
		{"remarks of a system table's columns", "SELECT count(*), count(REMARKS) FROM system.jdbc.columns WHERE TABLE_SCHEM = 'information_schema' AND TABLE_NAME = 'schemata' AND TABLE_CAT = 'auditlake'",
			[]string{"2|0"}},
		{"a comment in SHOW COLUMNS", "SHOW COLUMNS FROM main LIKE 'awsregion'", []string{"awsregion|varchar||" + comments["awsregion"]}},
		{"hidden columns are not described", "SELECT count(*) FROM information_schema.columns WHERE table_name = 'columns' AND column_name = 'comment'", []string{"0"}},
		{"table comment", "SELECT table_name, table_comment FROM information_schema.tables WHERE table_schema = 'default' ORDER BY 1", []string{"main|NULL", "other|NULL"}},
		{"information_schema of the other catalog", "SELECT DISTINCT table_catalog, table_schema FROM system.information_schema.tables ORDER BY 2",
			[]string{"system|information_schema", "system|jdbc", "system|metadata", "system|runtime"}},
		{"comments of tables", "SELECT table_name, comment FROM system.metadata.table_comments WHERE catalog_name = 'auditlake' AND schema_name = 'default' ORDER BY 1",
			[]string{"main|NULL", "other|NULL"}},
		{"metadata catalogs", "SELECT * FROM system.metadata.catalogs ORDER BY 1", []string{"auditlake|auditlake|auditlake", "system|system|system"}},
		{"metadata tables", "SHOW TABLES FROM system.metadata", []string{"analyze_properties", "catalogs", "column_properties",
			"materialized_view_properties", "materialized_views", "schema_properties", "table_comments", "table_properties"}},
		{"properties", "SELECT count(property_name) FROM system.metadata.table_properties", []string{"0"}},
		{"materialized views", "SELECT count(*) FROM system.metadata.materialized_views WHERE last_fresh_time > now()", []string{"0"}},
		{"runtime tables", "SHOW TABLES FROM system.runtime", []string{"nodes", "queries", "transactions"}},
		{"no server", "SELECT count(*) FROM system.runtime.nodes CROSS JOIN system.runtime.queries", []string{"0"}},
		{"jdbc table types", "SELECT TABLE_TYPE FROM system.jdbc.table_types", []string{"TABLE", "VIEW"}},
		{"jdbc tables", `SELECT TABLE_CAT, TABLE_SCHEM, TABLE_NAME, TABLE_TYPE, REMARKS, TYPE_CAT, TYPE_SCHEM, TYPE_NAME, SELF_REFERENCING_COL_NAME, REF_GENERATION
			FROM system.jdbc.tables WHERE TABLE_CAT = 'auditlake' AND TABLE_SCHEM LIKE 'def%' ESCAPE '\' AND TABLE_TYPE IN ('TABLE') ORDER BY TABLE_TYPE, TABLE_CAT, TABLE_SCHEM, TABLE_NAME LIMIT 1`,
			[]string{"auditlake|default|main|TABLE|NULL|NULL|NULL|NULL|NULL|NULL"}},
		{"jdbc columns", "SELECT DATA_TYPE, TYPE_NAME, COLUMN_SIZE, DECIMAL_DIGITS, NUM_PREC_RADIX, NULLABLE, CHAR_OCTET_LENGTH, IS_NULLABLE FROM system.jdbc.columns WHERE TABLE_NAME = 'main' AND COLUMN_NAME = 'eventname'",
			[]string{"12|varchar|2147483647|NULL|NULL|1|2147483647|YES"}},
		{"jdbc types", "SELECT TYPE_NAME, DATA_TYPE, PRECISION, CASE_SENSITIVE, SEARCHABLE FROM system.jdbc.types WHERE DATA_TYPE = -5", []string{"bigint|-5|19|false|3"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			rows, stats, err := ask(context.Background(), lake, c.sql)
			require.NoError(t, err)
			require.Equal(t, c.want, rows)
			require.Zero(t, stats.BytesScanned)
		})
	}
	for _, c := range []struct{ name, sql, want string }{
		{"table", "SELECT * FROM information_schema.nothing", types.TableNotFound},
		{"schema", "SELECT * FROM system.nothing.x", types.SchemaNotFound},
		{"schema to show", "SHOW TABLES FROM nothing", types.SchemaNotFound},
		{"schema of the other catalog", "SHOW TABLES FROM system.nothing", types.SchemaNotFound},
		{"catalog to show", "SHOW SCHEMAS FROM nothing", types.CatalogNotFound},
		{"catalog of a schema to show", "SHOW TABLES FROM nothing.default", types.CatalogNotFound},
		{"only with its schema", "SELECT * FROM schemata", types.TableNotFound},
	} {
		t.Run("no "+c.name, func(t *testing.T) {
			_, _, err := ask(context.Background(), lake, c.sql)
			require.Equal(t, c.want, types.ErrorName(err), err)
		})
	}
}
