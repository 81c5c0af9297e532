package systemtable

// informationSchema is filled by init, as its tables list themselves.
var informationSchema []definition

func init() {
	informationSchema = []definition{
		{"applicable_roles", "grantee, grantee_type, role_name, is_grantable", none},
		{"columns", "table_catalog, table_schema, table_name, column_name, ordinal_position bigint, column_default, is_nullable, data_type", columnRows},
		{"enabled_roles", "role_name", none},
		{"roles", "role_name", none},
		{"schemata", "catalog_name, schema_name", schemaRows},
		{"table_privileges", "grantor, grantor_type, grantee, grantee_type, table_catalog, table_schema, table_name, privilege_type, is_grantable, with_hierarchy", none},
		{"tables", "table_catalog, table_schema, table_name, table_type", tableRows},
		{"views", "table_catalog, table_schema, table_name, view_definition", none},
	}
}

// none are the rows of tables about what a lake does not have.
func none(Lake) [][]any { return nil }

func schemaRows(l Lake) [][]any {
	return [][]any{{l.Catalog, l.Schema}, {l.Catalog, "information_schema"}}
}

func tableRows(l Lake) [][]any {
	var out [][]any
	for _, p := range l.places() {
		out = append(out, []any{l.Catalog, p.schema, p.name, "BASE TABLE"})
	}
	return out
}

func columnRows(l Lake) [][]any {
	var out [][]any
	for _, p := range l.places() {
		for i, c := range p.columns {
			out = append(out, []any{l.Catalog, p.schema, p.name, c.Name, int64(i + 1), nil, "YES", c.Type.String()})
		}
	}
	return out
}
