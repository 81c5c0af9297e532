// Package systemtable holds the tables that tell clients what is in a lake:
// information_schema, system.metadata, system.jdbc for tools that speak JDBC, and
// system.runtime about a running server. Their names, columns and values are Trino's.
package systemtable

import (
	"slices"
	"strings"

	"github.com/auditlake/auditlake/planner/metadata"
	"github.com/auditlake/auditlake/planner/types"
)

// Lake is what the tables tell about.
type Lake struct {
	Catalog, Schema string
	Tables          []*metadata.Table
	Server          *Server // nil outside of a server
}

const (
	systemCatalog     = "system"
	informationSchema = "information_schema"
)

// schema is a schema of system tables.
type schema struct {
	name   string
	tables []definition
}

// schemasOf maps a catalog, "" for the lake's own, to its schemas of system
// tables. init fills it, as some tables list all tables.
var schemasOf map[string][]schema

func init() {
	information := schema{informationSchema, informationTables}
	schemasOf = map[string][]schema{
		"":            {information},
		systemCatalog: {information, {"jdbc", jdbcTablesOf}, {"metadata", metadataTables}, {"runtime", runtimeTables}},
	}
}

// Catalogs lists the catalogs that only hold system tables.
func Catalogs() []string { return []string{systemCatalog} }

// schemas lists the schemas of system tables of a catalog; own is the lake's.
func schemas(catalog, own string) []schema {
	if catalog == own {
		catalog = ""
	}
	return schemasOf[catalog]
}

// Schemas lists the system schemas of a catalog. own is the lake's catalog.
func Schemas(catalog, own string) []metadata.SystemSchema {
	var out []metadata.SystemSchema
	for _, s := range schemas(catalog, own) {
		out = append(out, metadata.SystemSchema{Name: s.name, Tables: names(s.tables)})
	}
	return out
}

// Find returns a system table, TABLE_NOT_FOUND when there is none of the name.
func (l Lake) Find(catalog, schema, name string) (*metadata.SystemTable, error) {
	for _, s := range schemas(catalog, l.Catalog) {
		if s.name != schema {
			continue
		}
		for _, d := range s.tables {
			if d.name == name {
				return d.make(l, catalog), nil
			}
		}
	}
	return nil, types.Errorf(types.TableNotFound, types.Pos{}, "Table '%s.%s' does not exist", schema, name)
}

// definition is one system table. Columns are named like "ordinal_position
// bigint"; varchar is left out, and "hidden" in its place is a varchar column
// that is no part of *.
type definition struct {
	name    string
	columns string
	rows    func(l Lake, catalog string) [][]any // values as types.Value has them, nil for NULL
}

// none returns no rows, for tables about what a lake does not have.
func none(Lake, string) [][]any { return nil }

func names(list []definition) []string {
	out := make([]string, len(list))
	for i, d := range list {
		out[i] = d.name
	}
	slices.Sort(out)
	return out
}

// make builds the table as the catalog it is asked in has it.
func (d definition) make(l Lake, catalog string) *metadata.SystemTable {
	t := &metadata.SystemTable{Columns: d.describe()}
	for _, row := range d.rows(l, catalog) {
		values := make([]types.Value, len(row))
		for i, v := range row {
			values[i] = types.Value{Type: t.Columns[i].Type, V: v}
		}
		t.Rows = append(t.Rows, values)
	}
	return t
}

var columnTypes = map[string]*types.Type{
	"": types.VarcharType, "hidden": types.VarcharType, "bigint": types.BigIntType, "boolean": types.BooleanType,
	"timestamp": types.TimestampTZType, "array": types.ArrayOf(types.VarcharType),
}

func (d definition) describe() []metadata.Column {
	var out []metadata.Column
	for _, column := range strings.Split(d.columns, ", ") {
		name, typeName, _ := strings.Cut(column, " ")
		out = append(out, metadata.Column{Name: name, Type: columnTypes[typeName], Hidden: typeName == "hidden"})
	}
	return out
}

// place is a table where it is, a system table among them.
type place struct {
	catalog, schema, name string
	columns               []metadata.Column // without the hidden ones
}

// places lists all tables of a catalog, of every catalog for "".
func (l Lake) places(catalog string) []place {
	var out []place
	for _, c := range append([]string{l.Catalog}, Catalogs()...) {
		if catalog != "" && c != catalog {
			continue
		}
		if c == l.Catalog {
			for _, t := range l.Tables {
				out = append(out, place{c, l.Schema, t.Name, shown(t.Columns)})
			}
		}
		for _, s := range schemas(c, l.Catalog) {
			for _, d := range s.tables {
				out = append(out, place{c, s.name, d.name, shown(d.describe())})
			}
		}
	}
	return out
}

func shown(columns []metadata.Column) []metadata.Column {
	return slices.DeleteFunc(slices.Clone(columns), func(c metadata.Column) bool { return c.Hidden })
}

// schemaNames lists catalog and schema of each schema of a catalog, of every
// catalog for "".
func (l Lake) schemaNames(catalog string) [][2]string {
	var out [][2]string
	for _, c := range append([]string{l.Catalog}, Catalogs()...) {
		if catalog != "" && c != catalog {
			continue
		}
		if c == l.Catalog {
			out = append(out, [2]string{c, l.Schema})
		}
		for _, s := range schemas(c, l.Catalog) {
			out = append(out, [2]string{c, s.name})
		}
	}
	return out
}
