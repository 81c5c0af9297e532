package systemtable

import "github.com/auditlake/auditlake/planner/metadata"

// informationTables are the tables of information_schema, which each catalog
// has. The hidden columns are those that Trino adds to the standard's: clients
// ask for them by name.
var informationTables = []definition{
	{"applicable_roles", "grantee, grantee_type, role_name, is_grantable", none},
	{"columns", "table_catalog, table_schema, table_name, column_name, ordinal_position bigint, column_default, is_nullable, data_type, " +
		"comment hidden, extra_info hidden, column_comment hidden", columnRows},
	{"enabled_roles", "role_name", none},
	{"roles", "role_name", none},
	{"schemata", "catalog_name, schema_name", schemaRows},
	{"table_privileges", "grantor, grantor_type, grantee, grantee_type, table_catalog, table_schema, table_name, privilege_type, is_grantable, with_hierarchy", none},
	{"tables", "table_catalog, table_schema, table_name, table_type, table_comment hidden", tableRows},
	{"views", "table_catalog, table_schema, table_name, view_definition", none},
}

func schemaRows(l Lake, catalog string) [][]any {
	var out [][]any
	for _, s := range l.schemaNames(catalog) {
		out = append(out, []any{s[0], s[1]})
	}
	return out
}

func tableRows(l Lake, catalog string) [][]any {
	var out [][]any
	for _, p := range l.places(catalog) {
		out = append(out, []any{p.catalog, p.schema, p.name, "BASE TABLE", nil})
	}
	return out
}

// comment is a column's comment, nil for NULL if it has none.
func comment(c metadata.Column) any {
	if c.Comment == "" {
		return nil
	}
	return c.Comment
}

func columnRows(l Lake, catalog string) [][]any {
	var out [][]any
	for _, p := range l.places(catalog) {
		for i, c := range p.columns {
			out = append(out, []any{p.catalog, p.schema, p.name, c.Name, int64(i + 1), nil, "YES", c.Type.String(), comment(c), nil, comment(c)})
		}
	}
	return out
}
