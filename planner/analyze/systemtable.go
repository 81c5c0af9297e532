package analyze

import (
	"strings"

	"github.com/auditlake/auditlake/planner/ast"
	"github.com/auditlake/auditlake/planner/metadata"
	"github.com/auditlake/auditlake/planner/plan"
)

// systemSchemas lists a catalog's schemas of system tables.
func (a *analyzer) systemSchemas(catalog string) []metadata.SystemSchema {
	if system, ok := a.catalog.(metadata.SystemTables); ok {
		return system.SystemSchemas(strings.ToLower(catalog))
	}
	return nil
}

// systemTable plans a table of a system schema as constant rows. It returns false if the name belongs to no such
// schema.
func (a *analyzer) systemTable(t *ast.Table) (relation, bool) {
	parts := t.Name.Parts
	if len(parts) < 2 || len(parts) > 3 {
		return relation{}, false
	}
	catalog, schema := strings.ToLower(a.session.Catalog), strings.ToLower(parts[len(parts)-2].Name)
	if len(parts) == 3 {
		catalog = strings.ToLower(parts[0].Name)
	}
	for _, s := range a.systemSchemas(catalog) {
		if s.Name != schema {
			continue
		}
		table, err := a.catalog.(metadata.SystemTables).SystemTable(a.ctx, catalog, schema, strings.ToLower(t.Name.Last().Name))
		if err != nil {
			a.failWith(err, t)
		}
		return a.constantRows(table, t), true
	}
	return relation{}, false
}

func (a *analyzer) constantRows(table *metadata.SystemTable, t *ast.Table) relation {
	var written []string
	for _, part := range t.Name.Parts {
		written = append(written, part.Name)
	}
	values := &plan.Values{}
	rel := relation{node: values}
	for _, c := range table.Columns {
		col := a.newColumn(c.Name, c.Type)
		values.Cols = append(values.Cols, col)
		rel.fields = append(rel.fields, field{name: c.Name, table: written, col: col, hidden: c.Hidden})
	}
	for _, row := range table.Rows {
		list := make([]plan.Expr, len(row))
		for i, v := range row {
			list[i] = constant(v)
		}
		values.Rows = append(values.Rows, list)
	}
	return rel
}
