package difftest

import (
	"slices"
	"strings"

	"github.com/auditlake/auditlake/planner/types"
)

// Questions about names: few of them, for tables, columns, fields, lambda
// parameters and items of the select list alike, so that what a name means
// depends on where it stands.

var fewNames = []string{"a", "b", "c", "t"}

// fewFields is the row type of the questions about names.
var fewFields = types.RowOf(types.Field{Name: "a", Type: integer}, types.Field{Name: "b", Type: integer}, types.Field{Name: "t", Type: integer})

// place has the names at one level of a question.
type place []namedColumn

// namedColumn is a column with its name and its relation's, "" for none.
type namedColumn struct {
	table, name string
	t           *types.Type
	eval        func(row []any) (any, error)
}

// sight is the places that a name can mean something of, the innermost last.
type sight []place

// The errors that names can have.
const (
	ambiguous = fault(types.AmbiguousName)
	notFound  = fault(types.ColumnNotFound)
	mismatch  = fault(types.TypeMismatch)
)

// called lists the columns of a place that parts name.
func (p place) called(parts []string) []namedColumn {
	var found []namedColumn
	for _, c := range p {
		switch {
		case len(parts) == 1 && c.name == parts[0]:
			found = append(found, c)
		case len(parts) == 2 && c.table == parts[0] && c.name == parts[1] && c.table != "":
			found = append(found, c)
		}
	}
	return found
}

// begins reports whether the first parts, but for the last one, name a column.
func (p place) begins(parts []string) bool {
	for n := 1; n < len(parts); n++ {
		if len(p.called(parts[:n])) > 0 {
			return true
		}
	}
	return false
}

// meaning resolves a dotted name, or returns its error. The innermost place counts that has a column of that name,
// or a column with such a field.
func (s sight) meaning(parts []string) (expression, error) {
	sql := strings.Join(parts, ".")
	for i := len(s) - 1; i >= 0; i-- {
		found := s[i].called(parts)
		switch {
		case len(found) > 1:
			return expression{}, ambiguous
		case len(found) == 1:
			return expression{sql: sql, t: found[0].t, eval: found[0].eval}, nil
		case s[i].begins(parts):
			return s.field(parts)
		}
	}
	return expression{}, notFound
}

func (s sight) field(parts []string) (expression, error) {
	base, err := s.meaning(parts[:len(parts)-1])
	switch {
	case err != nil:
		return base, err
	case base.t.Kind != types.Row:
		return base, mismatch
	}
	last := parts[len(parts)-1]
	at := slices.IndexFunc(base.t.Fields, func(f types.Field) bool { return f.Name == last })
	if at < 0 {
		return base, fault(types.InvalidColumnReference)
	}
	return call(strings.Join(parts, "."), base.t.Fields[at].Type, func(v []any) (any, error) { return items(v[0])[at].V, nil }, base), nil
}
