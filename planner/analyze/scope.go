package analyze

import (
	"fmt"
	"slices"
	"strings"

	"github.com/auditlake/auditlake/planner/ast"
	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

// relation is a planned relation: its node and the names of its columns.
type relation struct {
	node   plan.Node
	fields []field
	// forbidden names the join whose other side must not read the fields.
	forbidden string
	// names finds the fields of a join. The join then owns its list of fields, which grows in place when it is
	// joined in turn.
	names *fieldNames
}

// joinedTo returns a relation with the fields of rel and right, without a node yet.
func (rel relation) joinedTo(right relation) relation {
	if rel.names == nil {
		rel.names = &fieldNames{}
		rel.fields = slices.Clip(rel.fields)
	}
	return relation{fields: append(rel.fields, right.fields...), names: rel.names}
}

// field is a column of a relation as a statement can name it.
type field struct {
	name   string   // "" if it cannot be named
	table  []string // the relation's name, outermost part first; nil: no qualified reference
	col    *plan.Column
	hidden bool // * leaves it out
}

// title is the field's name in a result; i is its position.
func (f field) title(i int) string {
	if f.name == "" {
		return fmt.Sprintf("_col%d", i)
	}
	return f.name
}

// qualifiedBy reports whether the relation's name ends with prefix.
func (f field) qualifiedBy(prefix []string) bool {
	if len(prefix) > len(f.table) {
		return false
	}
	tail := f.table[len(f.table)-len(prefix):]
	for i, part := range prefix {
		if !strings.EqualFold(part, tail[i]) {
			return false
		}
	}
	return true
}

// scope resolves names: first among its fields, then in outer scopes.
type scope struct {
	fields []field
	names  *fieldNames // finds fields
	outer  *scope
	// correlated collects the columns of outer scopes that this scope's query reads. It is set on the scope that
	// begins a subquery.
	correlated *[]*plan.Column
	with       *withScope // the WITH queries in sight
	hasFrom    bool
	forbidden  string // the join that may not read the fields
	// closed: this is the condition of an outer join. It reads nothing outside and hides its own fields from
	// subqueries.
	closed bool
	// selected is the select list computed from the fields. Its names are not visible here.
	selected []ast.SelectItem
	// outputs are the items of the select list. In subqueries of ORDER BY their names take precedence over the
	// fields.
	outputs []output
}

// withScope is a chain of WITH queries, innermost first.
type withScope struct {
	name  string
	query *ast.NamedQuery
	// sight is the scope that the query itself sees; reads are the columns of outer scopes that it reads.
	sight *scope
	reads []*plan.Column
	// planned is the first analysis, which is used once.
	planned *relation
	// recursion is set for a query that reads itself. working is set for the rows that its step reads, instead of a
	// query.
	recursion *recursion
	working   *relation
	outer     *withScope
}

// has reports whether c is a column of the scope itself.
func (s *scope) has(c *plan.Column) bool {
	for _, f := range s.fields {
		if f.col == c {
			return true
		}
	}
	return false
}

func (s *scope) findWith(name string) *withScope {
	for w := s.with; w != nil; w = w.outer {
		if strings.EqualFold(w.name, name) {
			return w
		}
	}
	return nil
}

// inner returns a scope for a part of the same query that sees the fields of rel.
func (s *scope) inner(rel relation) *scope {
	names := rel.names
	if names == nil {
		names = &fieldNames{}
	}
	return &scope{fields: rel.fields, names: names, outer: s.outer, correlated: s.correlated, with: s.with, hasFrom: true}
}

// fieldsNamed returns the fields that may have this name under a prefix.
func (s *scope) fieldsNamed(prefix []string, name string) []field {
	if s.names == nil {
		return s.fields // of a scope without FROM: none
	}
	return s.names.fieldsNamed(s.fields, prefix, name)
}

// beside returns a scope for UNNEST, LATERAL and similar, which read the columns of rel to their left.
func (s *scope) beside(rel relation) *scope {
	out := s.inner(rel)
	out.forbidden = rel.forbidden
	return out
}

// subquery returns a scope for a query nested in an expression over s.
func (s *scope) subquery(correlated *[]*plan.Column) *scope {
	return &scope{outer: s, correlated: correlated, with: s.with}
}

// readsOf makes the outer columns that a WITH query reads correlations of the subqueries around its reference, up
// to the one with the WITH clause.
func (s *scope) readsOf(w *withScope) {
	for ; s != nil && len(w.reads) > 0; s = s.outer {
		if s.correlated != nil {
			*s.correlated = append(*s.correlated, w.reads...)
		}
		if s.outer == w.sight.outer {
			return
		}
	}
}

// outerRead is a subquery's reference to a column outside of it.
type outerRead struct {
	col  *plan.Column
	at   ast.Node
	from *ast.Query // the outermost subquery inside of the column's block
}

// lookup returns a column by its name, qualified or not: first from s, then from the outer scopes.
//
// It returns nil if there is no such column, or if a nearer scope has a column for the first parts alone: the rest
// then names a field of that column. An ambiguous name ends the analysis at n.
func (a *analyzer) lookup(s *scope, parts []string, n ast.Node) *plan.Column {
	var crossed []*[]*plan.Column
	closed := false
	for ; s != nil; s = s.outer {
		found := a.columnIn(s, parts, n)
		if found != nil && s.forbidden != "" {
			a.fail(types.InvalidColumnReference, n, "LATERAL reference not allowed in %s JOIN", s.forbidden)
		}
		closed = closed || s.closed && (found == nil || len(crossed) > 0)
		if found != nil {
			if closed {
				a.fail(types.NotSupported, n, "Reference to column '%s' from outer scope not allowed in this context", strings.Join(parts, "."))
			}
			for _, c := range crossed {
				*c = append(*c, found)
			}
			if len(crossed) > 0 {
				a.outerReads = append(a.outerReads, outerRead{col: found, at: n})
			}
			return found
		}
		if s.hasColumn(parts[:len(parts)-1]) {
			return nil
		}
		if s.correlated != nil {
			crossed = append(crossed, s.correlated)
		}
	}
	return nil
}

// columnIn returns the column that parts name in s itself, nil if there is none.
func (a *analyzer) columnIn(s *scope, parts []string, n ast.Node) *plan.Column {
	if hasOutput(s.outputs, parts[0]) {
		return a.outputColumn(s, parts, n)
	}
	prefix, name := parts[:len(parts)-1], parts[len(parts)-1]
	var found *plan.Column
	for _, f := range s.fieldsNamed(prefix, name) {
		if f.name == "" || !strings.EqualFold(f.name, name) || !f.qualifiedBy(prefix) {
			continue
		}
		if found != nil {
			a.fail(types.AmbiguousName, n, "Column '%s' is ambiguous", strings.Join(parts, "."))
		}
		found = f.col
	}
	return found
}

// outputColumn returns the column of a select item that a subquery of ORDER BY reads; nil if parts name a field of
// the item. An item that computes something is refused, because the subquery is joined before the item is computed.
func (a *analyzer) outputColumn(s *scope, parts []string, n ast.Node) *plan.Column {
	if len(parts) > 1 {
		return nil
	}
	ref, ok := a.outputNamed(s.outputs, parts[0], n).(*plan.Ref)
	if !ok {
		panic(a.notSupported(n, "a computed item of the select list in a subquery of ORDER BY"))
	}
	return ref.Column
}

// isColumn reports whether a prefix of parts names a visible column.
func (s *scope) isColumn(parts []string) bool {
	for ; s != nil; s = s.outer {
		if s.hasColumn(parts) {
			return true
		}
	}
	return false
}

// hasColumn reports whether a prefix of parts names a column of the scope itself.
func (s *scope) hasColumn(parts []string) bool {
	for n := 1; n <= len(parts); n++ {
		if hasOutput(s.outputs, parts[0]) {
			return true
		}
		for _, f := range s.fieldsNamed(parts[:n-1], parts[n-1]) {
			if f.name != "" && strings.EqualFold(f.name, parts[n-1]) && f.qualifiedBy(parts[:n-1]) {
				return true
			}
		}
	}
	return false
}

// selects reports whether the select list computed from the scope's fields has an item of this name.
func (s *scope) selects(name string) bool {
	return slices.ContainsFunc(s.selected, func(item ast.SelectItem) bool {
		column, ok := item.(*ast.SingleColumn)
		return ok && column.Alias != nil && strings.EqualFold(column.Alias.Name, name)
	})
}

// noColumn ends the analysis because no column has this name.
func (a *analyzer) noColumn(s *scope, parts []string, n ast.Node) {
	a.fail(types.ColumnNotFound, n, "Column '%s' cannot be resolved%s", strings.Join(parts, "."), a.columnHint(s, parts, n))
}

// columnHint suggests what was meant by a name that is no visible column, as the end of a message; "" if nothing is
// likely.
func (a *analyzer) columnHint(s *scope, parts []string, n ast.Node) string {
	name := parts[len(parts)-1]
	var known []string
	var columns, all []field
	for o := s; o != nil; o = o.outer {
		all = append(all, o.fields...)
		for _, f := range o.fields {
			if f.name != "" && f.qualifiedBy(parts[:len(parts)-1]) {
				known, columns = append(known, f.name), append(columns, f)
			}
		}
	}
	hint := storeColumnHint(name, columns)
	if hint == "" {
		hint = dottedHint(parts, all)
	}
	if hint == "" && len(parts) == 1 {
		hint = undottedHint(name, columns)
	}
	if hint == "" {
		hint = didYouMean(name, known)
	}
	if c, isColumn := n.(*ast.Column); hint == "" && (!isColumn || !c.Name.Quoted) {
		hint = fieldHint(name, columns)
	}
	if hint == "" {
		hint = notAColumn(name, n)
	}
	if hint == "" && len(parts) == 1 && s.selects(name) {
		hint = "; the names of the select list are known in ORDER BY alone: write the expression once more, or SELECT … FROM (SELECT …) WHERE …"
	}
	if hint == "" && len(parts) == 1 && a.fns.IsAggregate(strings.ToLower(name)) {
		hint = "; an aggregation gets its name from AS, as in count(*) AS calls … ORDER BY calls"
	}
	return hint
}
