package analyze

import (
	"strings"

	"github.com/auditlake/auditlake/planner/ast"
	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

// star expands *, table.* and (row).*.
func (b *block) star(e *env, item *ast.AllColumns) {
	first := len(b.outputs)
	switch {
	case item.Target == nil:
		b.allFields(item)
	case item.Pos() == item.Target.Pos():
		b.tableFields(item)
	default: // in parentheses
		b.rowFields(e, item)
	}
	if len(item.Aliases) == 0 {
		return
	}
	expanded := b.outputs[first:]
	if len(item.Aliases) != len(expanded) {
		b.fail(types.MismatchedColumnAliases, item, "Column alias list has %d entries but relation has %d columns", len(item.Aliases), len(expanded))
	}
	for i, alias := range item.Aliases {
		expanded[i].name = alias.Name
	}
}

func (b *block) allFields(item *ast.AllColumns) {
	if !b.scope.hasFrom {
		b.fail(types.ColumnNotFound, item, "SELECT * not allowed in queries without FROM clause")
	}
	for _, f := range b.scope.fields {
		if !f.hidden {
			b.outputs = append(b.outputs, output{name: f.name, expr: &plan.Ref{Column: f.col}, at: item})
		}
	}
}

// tableFields expands table.*.
func (b *block) tableFields(item *ast.AllColumns) {
	parts, isName := nameParts(item.Target)
	first := len(b.outputs)
	for _, f := range b.scope.fields {
		if isName && f.table != nil && f.qualifiedBy(parts) && !f.hidden {
			b.outputs = append(b.outputs, output{name: f.name, expr: &plan.Ref{Column: f.col}, at: item})
		}
	}
	if len(b.outputs) == first {
		b.fail(types.TableNotFound, item, "Table '%s' not found%s", ast.Format(item.Target), didYouMean(strings.Join(parts, "."), tablesIn(b.scope)))
	}
}

func tablesIn(s *scope) []string {
	var names []string
	for _, f := range s.fields {
		if len(f.table) > 0 {
			names = append(names, f.table[len(f.table)-1])
		}
	}
	return names
}

func (b *block) rowFields(e *env, item *ast.AllColumns) {
	row := e.expr(item.Target)
	if row.Type().Kind != types.Row {
		b.fail(types.TypeMismatch, item.Target, "expected expression of type Row")
	}
	for i, f := range row.Type().Fields {
		b.outputs = append(b.outputs, output{name: f.Name, expr: fieldOf(row, i), at: item})
	}
}
