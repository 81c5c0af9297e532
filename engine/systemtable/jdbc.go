package systemtable

import "github.com/auditlake/auditlake/planner/types"

// jdbcTablesOf are the tables of system.jdbc, which the JDBC driver reads for java.sql's DatabaseMetaData.
var jdbcTablesOf = []definition{
	{"attributes", "type_cat, type_schem, type_name, attr_name, data_type bigint, attr_type_name, attr_size bigint, decimal_digits bigint, " +
		"num_prec_radix bigint, nullable bigint, remarks, attr_def, sql_data_type bigint, sql_datetime_sub bigint, char_octet_length bigint, " +
		"ordinal_position bigint, is_nullable, scope_catalog, scope_schema, scope_table, source_data_type bigint", none},
	{"catalogs", "table_cat", jdbcCatalogs},
	{"columns", "table_cat, table_schem, table_name, column_name, data_type bigint, type_name, column_size bigint, " +
		"buffer_length bigint, decimal_digits bigint, num_prec_radix bigint, nullable bigint, remarks, column_def, " +
		"sql_data_type bigint, sql_datetime_sub bigint, char_octet_length bigint, ordinal_position bigint, is_nullable, " +
		"scope_catalog, scope_schema, scope_table, source_data_type bigint, is_autoincrement, is_generatedcolumn", jdbcColumns},
	{"procedure_columns", "procedure_cat, procedure_schem, procedure_name, column_name, column_type bigint, data_type bigint, type_name, " +
		"precision bigint, length bigint, scale bigint, radix bigint, nullable bigint, remarks, column_def, sql_data_type bigint, " +
		"sql_datetime_sub bigint, char_octet_length bigint, ordinal_position bigint, is_nullable, specific_name", none},
	{"procedures", "procedure_cat, procedure_schem, procedure_name, remarks, procedure_type bigint, specific_name", none},
	{"pseudo_columns", "table_cat, table_schem, table_name, column_name, data_type bigint, column_size bigint, decimal_digits bigint, " +
		"num_prec_radix bigint, column_usage, remarks, char_octet_length bigint, is_nullable", none},
	{"schemas", "table_schem, table_catalog", jdbcSchemas},
	{"super_tables", "table_cat, table_schem, table_name, supertable_name", none},
	{"super_types", "type_cat, type_schem, type_name, supertype_cat, supertype_schem, supertype_name", none},
	{"table_types", "table_type", jdbcTableTypes},
	{"tables", "table_cat, table_schem, table_name, table_type, remarks, type_cat, type_schem, type_name, " +
		"self_referencing_col_name, ref_generation", jdbcTables},
	{"types", "type_name, data_type bigint, precision bigint, literal_prefix, literal_suffix, create_params, nullable bigint, " +
		"case_sensitive boolean, searchable bigint, unsigned_attribute boolean, fixed_prec_scale boolean, auto_increment boolean, " +
		"local_type_name, minimum_scale bigint, maximum_scale bigint, sql_data_type bigint, sql_datetime_sub bigint, num_prec_radix bigint", jdbcTypes},
	{"udts", "type_cat, type_schem, type_name, class_name, data_type bigint, remarks, base_type bigint", none},
}

func jdbcCatalogs(l Lake, _ string) [][]any { return [][]any{{l.Catalog}, {systemCatalog}} }

func jdbcSchemas(l Lake, _ string) [][]any {
	var out [][]any
	for _, s := range l.schemaNames("") {
		out = append(out, []any{s[1], s[0]})
	}
	return out
}

func jdbcTableTypes(Lake, string) [][]any { return [][]any{{"TABLE"}, {"VIEW"}} }

func jdbcTables(l Lake, _ string) [][]any {
	var out [][]any
	for _, p := range l.places("") {
		out = append(out, []any{p.catalog, p.schema, p.name, "TABLE", nil, nil, nil, nil, nil, nil})
	}
	return out
}

// columnNullable is java.sql.DatabaseMetaData.columnNullable.
const columnNullable = int64(1)

func jdbcColumns(l Lake, _ string) [][]any {
	var out [][]any
	for _, p := range l.places("") {
		for i, c := range p.columns {
			size, digits, radix := measures(c.Type)
			out = append(out, []any{
				p.catalog, p.schema, p.name, c.Name, jdbcType(c.Type), c.Type.String(), size, nil, digits, radix, columnNullable,
				comment(c), nil, nil, nil, octets(c.Type), int64(i + 1), "YES", nil, nil, nil, nil, nil, nil,
			})
		}
	}
	return out
}

// The type codes of java.sql.Types.
var jdbcCodes = map[types.Kind]int64{
	types.Boolean: 16, types.TinyInt: -6, types.SmallInt: 5, types.Integer: 4, types.BigInt: -5, types.Real: 7, types.Double: 8,
	types.Decimal: 3, types.Varchar: 12, types.Char: 1, types.Varbinary: -3, types.Date: 91, types.Time: 92, types.TimeTZ: 2013,
	types.Timestamp: 93, types.TimestampTZ: 2014, types.Array: 2003,
}

const javaObject = int64(2000)

func jdbcType(t *types.Type) int64 {
	if code, ok := jdbcCodes[t.Kind]; ok {
		return code
	}
	return javaObject
}

// measures are COLUMN_SIZE, DECIMAL_DIGITS and NUM_PREC_RADIX, nil where they
// mean nothing.
func measures(t *types.Type) (size, digits, radix any) {
	decimals := map[types.Kind]int64{types.TinyInt: 3, types.SmallInt: 5, types.Integer: 10, types.BigInt: 19}
	switch t.Kind {
	case types.TinyInt, types.SmallInt, types.Integer, types.BigInt:
		return decimals[t.Kind], int64(0), int64(10)
	case types.Real:
		return int64(24), nil, int64(2)
	case types.Double:
		return int64(53), nil, int64(2)
	case types.Decimal:
		return int64(t.Precision), int64(t.Scale), int64(10)
	}
	return octets(t), nil, nil
}

// octets is CHAR_OCTET_LENGTH, or the length in characters: the driver asks
// for the limit that was declared.
func octets(t *types.Type) any {
	switch {
	case t.Kind == types.Varchar && t.Length == types.Unbounded, t.Kind == types.Varbinary:
		return int64(1<<31 - 1)
	case t.IsText():
		return int64(t.Length)
	}
	return nil
}

func jdbcTypes(Lake, string) [][]any {
	const nullable, searchable = int64(1), int64(3)
	var out [][]any
	for _, t := range []*types.Type{
		types.BooleanType, types.BigIntType, types.IntegerType, types.SmallIntType, types.TinyIntType, types.RealType, types.DoubleType,
		types.VarcharType, types.VarbinaryType, types.DateType, types.TimestampType, types.TimestampTZType, types.JSONType, types.UUIDType, types.IPAddressType,
	} {
		size, _, radix := measures(t)
		out = append(out, []any{
			t.String(), jdbcType(t), size, nil, nil, nil, nullable, t.IsText(), searchable, nil, false, nil, nil, int64(0), int64(0), nil, nil, radix,
		})
	}
	return out
}
