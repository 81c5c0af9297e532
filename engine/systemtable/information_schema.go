package systemtable

// informationSchema is filled by init, as its tables list themselves.
var informationSchema []definition

func init() {
	informationSchema = []definition{
		{"columns", "table_catalog, table_schema, table_name, column_name, ordinal_position bigint, column_default, is_nullable, data_type", columnRows},
		{"schemata", "catalog_name, schema_name", schemaRows},
		{"tables", "table_catalog, table_schema, table_name, table_type", tableRows},
	}
}

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
			out = append(out, []any{l.Catalog, p.schema, p.name, c.Name, int64(i + 1), nil, "YES", c.Type.Display()})
		}
	}
	return out
}
