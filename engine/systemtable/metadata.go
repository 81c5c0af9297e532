package systemtable

// metadataTables are the tables of system.metadata. A lake has no properties of
// tables, columns and their like, and no views.
var metadataTables = []definition{
	{"analyze_properties", propertyColumns, none},
	{"catalogs", "catalog_name, connector_id, connector_name", catalogRows},
	{"column_properties", propertyColumns, none},
	{"materialized_view_properties", propertyColumns, none},
	{"materialized_views", "catalog_name, schema_name, name, storage_catalog, storage_schema, storage_table, freshness, " +
		"last_fresh_time timestamp, comment, definition", none},
	{"schema_properties", propertyColumns, none},
	{"table_comments", "catalog_name, schema_name, table_name, comment", commentRows},
	{"table_properties", propertyColumns, none},
}

const propertyColumns = "catalog_name, property_name, default_value, type, description"

// catalogRows lists the catalogs with the names of their connectors. The connector of the lake's catalog is
// auditlake.
func catalogRows(l Lake, _ string) [][]any {
	out := [][]any{{l.Catalog, l.Catalog, "auditlake"}}
	for _, name := range Catalogs() {
		out = append(out, []any{name, name, name})
	}
	return out
}

// commentRows lists all tables; none has a comment.
func commentRows(l Lake, _ string) [][]any {
	var out [][]any
	for _, p := range l.places("") {
		out = append(out, []any{p.catalog, p.schema, p.name, nil})
	}
	return out
}
