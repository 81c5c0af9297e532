package analyze

import (
	"errors"
	"slices"
	"strings"

	"github.com/auditlake/auditlake/planner/ast"
	"github.com/auditlake/auditlake/planner/metadata"
	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

// from plans an element of FROM. It sees s, but nothing of its siblings.
func (a *analyzer) from(r ast.Relation, s *scope) relation {
	a.enter(r)
	defer a.leave()
	switch r := r.(type) {
	case *ast.Table:
		return a.table(r, s)
	case *ast.Aliased:
		return a.aliased(r, a.from(r.Relation, s))
	case *ast.TableSubquery:
		return visible(a.query(r.Query, s, false))
	case *ast.Lateral:
		return visible(a.query(r.Query, s, false))
	case *ast.Unnest:
		return a.unnest(relation{node: oneRow()}, r, s, false)
	case *ast.Join:
		return a.join(r, s)
	case *ast.Sample:
		return a.sample(r, s)
	case *ast.TableFunction:
		return a.tableFunction(r, s)
	case *ast.JSONTable:
		return a.jsonTable(relation{node: oneRow()}, r, s, false)
	case *ast.PatternRelation:
		return a.matchRecognize(r, s)
	}
	panic(a.notSupported(r, "this relation"))
}

// oneRow returns a node with one row and no columns, the input of a SELECT without FROM.
func oneRow() plan.Node { return &plan.Values{Rows: [][]plan.Expr{{}}} }

// table finds a WITH query or a table of the catalog.
func (a *analyzer) table(t *ast.Table, s *scope) relation {
	if t.Version != nil {
		panic(a.notSupported(t.Version, "reading a version of a table"))
	}
	name := t.Name.Last().Name
	if len(t.Name.Parts) == 1 {
		if w := s.findWith(name); w != nil {
			rel := a.readWith(w, t)
			s.readsOf(w)
			return rel
		}
	}
	if rel, ok := a.systemTable(t); ok {
		return rel
	}
	a.checkQualifier(t)
	table, err := a.catalog.Table(a.ctx, name)
	if isError(err, types.TableNotFound) {
		a.tableNotFound(t, err)
	}
	if err != nil {
		a.failWith(err, t)
	}
	return a.scan(table, t)
}

func (a *analyzer) tableNames() []string {
	tables, err := a.catalog.Tables(a.ctx)
	if err != nil {
		return nil
	}
	names := make([]string, len(tables))
	for i, t := range tables {
		names[i] = t.Name
	}
	return names
}

// tableNotFound ends the analysis with the name of a similar table, or with the catalog's message if there is none.
func (a *analyzer) tableNotFound(t *ast.Table, err error) {
	if hint := didYouMean(t.Name.Last().Name, a.tableNames()); hint != "" {
		a.fail(types.TableNotFound, t, "Table '%s' does not exist%s", t.Name, hint)
	}
	var e *types.Error
	errors.As(err, &e)
	a.fail(types.TableNotFound, t, "%s", e.Message)
}

func (a *analyzer) checkQualifier(t *ast.Table) {
	parts := t.Name.Parts
	if len(parts) > 3 {
		panic(bailout{types.Errorf(types.SyntaxError, types.Pos{}, "Too many dots in table name: %s", t.Name)})
	}
	own := len(parts) < 3 || strings.EqualFold(parts[0].Name, a.session.Catalog)
	if !own && len(a.systemSchemas(parts[0].Name)) == 0 {
		a.fail(types.CatalogNotFound, t, "Catalog '%s' not found; the lake's is %s: FROM %s", parts[0].Name, a.session.Catalog, t.Name.Last().Name)
	}
	if !own || len(parts) > 1 && !strings.EqualFold(parts[len(parts)-2].Name, a.session.Schema) {
		a.fail(types.SchemaNotFound, t, "Schema '%s' does not exist", parts[len(parts)-2].Name)
	}
}

// readWith returns the plan of a WITH query. Each further reference plans the query again, because a column may
// occur only once in a plan.
func (a *analyzer) readWith(w *withScope, t *ast.Table) relation {
	var rel relation
	switch {
	case w.working != nil:
		rel = *w.working
	case w.planned != nil:
		rel, w.planned = *w.planned, nil
	default:
		rel = a.namedQuery(w)
	}
	out := relation{node: rel.node, fields: append([]field{}, rel.fields...)}
	for i := range out.fields {
		out.fields[i].table = []string{t.Name.Last().Name}
	}
	return out
}

func (a *analyzer) scan(table *metadata.Table, t *ast.Table) relation {
	scan := &plan.Scan{Table: table}
	a.tables = append(a.tables, readTable{table: table, lastID: a.lastID})
	rel := relation{node: scan}
	var written []string
	for _, part := range t.Name.Parts {
		written = append(written, part.Name)
	}
	// All columns and paths are allocated together, because a store has many columns.
	columns := make([]plan.Column, len(table.Columns))
	a.fromStore = slices.Grow(a.fromStore, 2*len(table.Columns))
	scan.Cols = make([]plan.ScanColumn, len(table.Columns))
	rel.fields = make([]field, len(table.Columns))
	paths := make([]string, len(table.Columns))
	for i, c := range table.Columns {
		col := &columns[i]
		*col = plan.Column{Name: c.Name, Type: c.Type}
		a.number(col)
		a.fromStore[col.ID] = table.Store
		paths[i] = c.Name
		scan.Cols[i] = plan.ScanColumn{Column: col, Path: paths[i : i+1 : i+1], Output: true}
		rel.fields[i] = field{name: c.Name, table: written, col: col, hidden: c.Hidden}
	}
	return rel
}

// aliased renames a relation and, if the alias lists names, its columns.
func (a *analyzer) aliased(x *ast.Aliased, rel relation) relation {
	if len(x.Columns) > 0 {
		rel = visible(rel)
		if len(x.Columns) != len(rel.fields) {
			a.fail(types.MismatchedColumnAliases, x, "Column alias list has %d entries but '%s' has %d columns available%s", len(x.Columns), x.Alias.Name, len(rel.fields), unnestHint(x))
		}
	}
	out := relation{node: rel.node, fields: append([]field{}, rel.fields...)}
	for i := range out.fields {
		out.fields[i].table = []string{x.Alias.Name}
		if len(x.Columns) > 0 {
			out.fields[i].name = columnAlias(x, i)
		}
	}
	return out
}

// columnAlias returns the name of a column in the alias list of x as written. An unquoted name for a column of a
// table function is in capitals, as in Trino.
func columnAlias(x *ast.Aliased, i int) string {
	if _, ok := x.Relation.(*ast.TableFunction); ok {
		return canonicalName(x.Columns[i])
	}
	return x.Columns[i].Name
}
