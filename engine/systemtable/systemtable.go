// Package systemtable holds the tables that tell clients what is in a lake:
// information_schema, and system.jdbc for tools that speak JDBC. Their names,
// columns and values are Trino's.
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
}

// Catalogs lists the catalogs that only hold system tables.
func Catalogs() []string { return []string{"system"} }

// Schemas lists the system schemas of a catalog. own is the lake's catalog.
func Schemas(catalog, own string) []metadata.SystemSchema {
	switch catalog {
	case own:
		return []metadata.SystemSchema{{Name: "information_schema", Tables: names(informationSchema)}}
	case "system":
		return []metadata.SystemSchema{{Name: "jdbc", Tables: names(jdbc)}}
	}
	return nil
}

// Find returns a system table, TABLE_NOT_FOUND when there is none of the name.
func (l Lake) Find(schema, name string) (*metadata.SystemTable, error) {
	list := informationSchema
	if schema == "jdbc" {
		list = jdbc
	}
	for _, d := range list {
		if d.name == name {
			return d.make(l), nil
		}
	}
	return nil, types.Errorf(types.TableNotFound, types.Pos{}, "Table '%s.%s' does not exist", schema, name)
}

// definition is one system table. Columns are named like "ordinal_position
// bigint"; varchar is left out.
type definition struct {
	name    string
	columns string
	rows    func(Lake) [][]any // values as types.Value has them, nil for NULL
}

func names(list []definition) []string {
	out := make([]string, len(list))
	for i, d := range list {
		out[i] = d.name
	}
	slices.Sort(out)
	return out
}

func (d definition) make(l Lake) *metadata.SystemTable {
	t := &metadata.SystemTable{Columns: d.describe()}
	for _, row := range d.rows(l) {
		values := make([]types.Value, len(row))
		for i, v := range row {
			values[i] = types.Value{Type: t.Columns[i].Type, V: v}
		}
		t.Rows = append(t.Rows, values)
	}
	return t
}

func (d definition) describe() []metadata.Column {
	byName := map[string]*types.Type{"": types.VarcharType, "bigint": types.BigIntType, "boolean": types.BooleanType}
	var out []metadata.Column
	for _, column := range strings.Split(d.columns, ", ") {
		name, typeName, _ := strings.Cut(column, " ")
		out = append(out, metadata.Column{Name: name, Type: byName[typeName]})
	}
	return out
}

// place is a table where it is, the system tables of information_schema among
// them.
type place struct {
	schema, name string
	columns      []metadata.Column
}

// places lists all tables of the lake's catalog.
func (l Lake) places() []place {
	var out []place
	for _, t := range l.Tables {
		p := place{schema: l.Schema, name: t.Name}
		for _, c := range t.Columns {
			if !c.Hidden {
				p.columns = append(p.columns, c)
			}
		}
		out = append(out, p)
	}
	for _, d := range informationSchema {
		out = append(out, place{"information_schema", d.name, d.describe()})
	}
	return out
}
