package analyze

import (
	"strings"

	"github.com/auditlake/auditlake/planner/ast"
	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

// star expands *, table.* and row.*.
func (b *block) star(e *env, item *ast.AllColumns) {
	first := len(b.outputs)
	if item.Target == nil {
		b.allFields(item)
	} else if !b.tableFields(item) {
		b.rowFields(e, item)
	}
	if len(item.Aliases) == 0 {
		return
	}
	expanded := b.outputs[first:]
	if len(item.Aliases) != len(expanded) {
		b.fail(types.MismatchedColumnAliases, &item.Aliases[0], "Column alias list has %d entries but relation has %d columns", len(item.Aliases), len(expanded))
	}
	for i, alias := range item.Aliases {
		if expanded[i].name = alias.Name; !alias.Quoted {
			expanded[i].name = strings.ToUpper(alias.Name)
		}
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

// tableFields expands table.*, of this query or an outer one. It returns false if the target is a row: any
// expression other than a name, or a name whose first two parts are a table and its column.
func (b *block) tableFields(item *ast.AllColumns) bool {
	parts, isName := nameParts(item.Target)
	if !isName {
		return false
	}
	var crossed []*[]*plan.Column
	for s := b.scope; s != nil; s = s.outer {
		isTable, isRow := s.hasTable(parts), s.hasRow(parts)
		switch {
		case isTable && isRow:
			b.fail(types.AmbiguousName, item, "Reference '%s' is ambiguous", strings.Join(parts, "."))
		case isRow:
			return false
		case isTable:
			b.fieldsOf(item, s, parts, crossed)
			return true
		}
		if s.correlated != nil {
			crossed = append(crossed, s.correlated)
		}
	}
	hint := didYouMean(strings.Join(parts, "."), tablesIn(b.scope))
	if b.scope.hasRowColumn(parts) {
		hint = "; the fields of a row are written (" + ast.Format(item.Target) + ").*"
	}
	b.fail(types.TableNotFound, item, "Table '%s' not found%s", ast.Format(item.Target), hint)
	return false
}

// hasRowColumn reports whether parts name a column of type row of s. Such a column needs parentheses before its
// star.
func (s *scope) hasRowColumn(parts []string) bool {
	for _, f := range s.fields {
		if len(parts) == 1 && strings.EqualFold(f.name, parts[0]) && f.col.Type.Kind == types.Row {
			return true
		}
	}
	return false
}

// hasTable reports whether parts name a relation of s.
func (s *scope) hasTable(parts []string) bool {
	for _, f := range s.fields {
		if len(parts) <= 3 && f.table != nil && f.qualifiedBy(parts) {
			return true
		}
	}
	return false
}

// hasRow reports whether parts begin with a relation of s and its column of type row.
func (s *scope) hasRow(parts []string) bool {
	for _, f := range s.fields {
		if len(parts) > 1 && f.name != "" && strings.EqualFold(f.name, parts[1]) && f.qualifiedBy(parts[:1]) && f.col.Type.Kind == types.Row {
			return true
		}
	}
	return false
}

// fieldsOf expands a relation of s. The subqueries in between record what they read.
func (b *block) fieldsOf(item *ast.AllColumns, s *scope, parts []string, crossed []*[]*plan.Column) {
	for _, f := range s.fields {
		if f.table == nil || !f.qualifiedBy(parts) || f.hidden {
			continue
		}
		if s != b.scope && f.name == "" {
			b.fail(types.NotSupported, b.sel, "SELECT * from outer scope table not supported with anonymous columns")
		}
		for _, c := range crossed {
			*c = append(*c, f.col)
		}
		if len(crossed) > 0 {
			b.outerReads = append(b.outerReads, outerRead{col: f.col, at: item})
		}
		b.outputs = append(b.outputs, output{name: f.name, expr: &plan.Ref{Column: f.col}, at: item})
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
		b.fail(types.TypeMismatch, b.sel, "expected expression of type Row")
	}
	for i, f := range row.Type().Fields {
		b.outputs = append(b.outputs, output{name: f.Name, expr: fieldOf(row, i), at: item})
	}
}
