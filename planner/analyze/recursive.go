package analyze

import (
	"strings"

	"github.com/auditlake/auditlake/planner/ast"
	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

// maxRecursion bounds how often the step of a recursive query may return rows, as in Trino.
const maxRecursion = 10

// recursion holds the parts of a WITH RECURSIVE query: base UNION step. Without ALL the steps run as with ALL; only
// the rows of all steps together are made distinct, as in Trino.
type recursion struct {
	union *ast.SetOperation
	query *ast.NamedQuery
}

// recursionOf takes a query of WITH RECURSIVE apart. It returns nil if the query does not read itself.
func (a *analyzer) recursionOf(q *ast.NamedQuery) *recursion {
	if len(q.Columns) == 0 {
		a.fail(types.MissingColumnAliases, q, "missing column aliases in recursive WITH query")
	}
	ast.Inspect(q.Query, func(n ast.Node) bool {
		if w, ok := n.(*ast.With); ok && w.Recursive {
			a.fail(types.NestedRecursive, w, "nested recursive WITH query")
		}
		return true
	})
	references := referencesTo(q.Name.Name, q.Query)
	if len(references) == 0 {
		return nil
	}
	union, ok := q.Query.Body.(*ast.SetOperation)
	if !ok || union.Op != ast.Union {
		a.fail(types.InvalidRecursiveReference, references[0], "recursive reference not allowed in this context")
	}
	if inBase := referencesTo(q.Name.Name, union.Left); len(inBase) > 0 {
		a.fail(types.InvalidRecursiveReference, inBase[0], "WITH table name is referenced in the base relation of recursion")
	}
	if len(references) > 1 {
		a.fail(types.InvalidRecursiveReference, references[1], "multiple recursive references in the step relation of recursion")
	}
	a.checkStep(q.Name.Name, union.Right, references[0])
	a.checkImmediate(q.Query)
	if union.Corresponding != nil {
		panic(a.notSupported(union, "a recursive query with CORRESPONDING"))
	}
	return &recursion{union: union, query: q}
}

// checkImmediate refuses clauses around the union of a recursive query.
func (a *analyzer) checkImmediate(q *ast.Query) {
	switch {
	case q.With != nil:
		a.fail(types.NotSupported, q.With, "immediate WITH clause in recursive query")
	case len(q.OrderBy) > 0:
		a.fail(types.NotSupported, q.OrderAt, "immediate ORDER BY clause in recursive query")
	case q.Offset != nil:
		a.fail(types.NotSupported, q.Offset, "immediate OFFSET clause in recursive query")
	case q.Limit != nil:
		a.fail(types.InvalidLimitClause, q.Limit, "immediate FETCH FIRST / LIMIT clause in recursive query")
	}
}

// checkStep checks that the recursive reference is in the step's FROM clause, where each of its rows counts once.
func (a *analyzer) checkStep(name string, step ast.QueryBody, reference ast.Node) {
	for {
		q, ok := step.(*ast.Query)
		if !ok {
			break
		}
		if q.Limit != nil {
			a.fail(types.InvalidLimitClause, q.Limit, "FETCH FIRST/LIMIT clause in the step relation of recursion")
		}
		step = q.Body
	}
	sel, ok := step.(*ast.Select)
	if !ok || sel.From == nil || len(referencesTo(name, sel.From)) == 0 {
		a.fail(types.InvalidRecursiveReference, reference, "recursive reference outside of FROM clause of the step relation of recursion")
	}
	ast.Inspect(sel.From, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.Join:
			a.checkRecursiveJoin(name, n)
		case *ast.SetOperation:
			a.checkRecursiveSet(name, n)
		}
		return true
	})
}

// checkRecursiveJoin refuses the reference on a side whose rows may be missing from the join.
func (a *analyzer) checkRecursiveJoin(name string, j *ast.Join) {
	sides := map[ast.JoinKind][]ast.Relation{ast.LeftJoin: {j.Right}, ast.RightJoin: {j.Left}, ast.FullJoin: {j.Left, j.Right}}
	where := map[ast.JoinKind]string{ast.LeftJoin: "right source of LEFT join", ast.RightJoin: "left source of RIGHT join", ast.FullJoin: "FULL join"}
	for _, side := range sides[j.Kind] {
		if found := referencesTo(name, side); len(found) > 0 {
			a.fail(types.InvalidRecursiveReference, found[0], "recursive reference in %s", where[j.Kind])
		}
	}
}

func (a *analyzer) checkRecursiveSet(name string, x *ast.SetOperation) {
	refuse := func(side ast.QueryBody, where string) {
		if found := referencesTo(name, side); len(found) > 0 {
			a.fail(types.InvalidRecursiveReference, found[0], "recursive reference in %s", where)
		}
	}
	switch x.Op {
	case ast.Intersect:
		if x.All {
			refuse(x.Left, "INTERSECT ALL")
			refuse(x.Right, "INTERSECT ALL")
		}
	case ast.Except:
		refuse(x.Right, "right relation of EXCEPT")
		if x.All {
			refuse(x.Left, "left relation of EXCEPT ALL")
		}
	}
}

// referencesTo lists the nodes below n that read a table by this bare name.
func referencesTo(name string, n ast.Node) []ast.Node {
	var found []ast.Node
	ast.Inspect(n, func(n ast.Node) bool {
		if t, ok := n.(*ast.Table); ok && len(t.Name.Parts) == 1 && strings.EqualFold(t.Name.Last().Name, name) {
			found = append(found, t)
		}
		return true
	})
	return found
}

// recursive plans a query that reads itself. The base determines the columns' types.
func (a *analyzer) recursive(w *withScope) relation {
	q, union := w.recursion.query, w.recursion.union
	base := visible(a.queryBody(union.Left, w.sight, false))
	if len(q.Columns) != len(base.fields) {
		a.fail(types.MismatchedColumnAliases, &q.Columns[0], "Column alias list has %d entries but relation has %d columns", len(q.Columns), len(base.fields))
	}
	node := &plan.Recursion{MaxSteps: maxRecursion, Working: &plan.WorkingRows{}}
	out, working := relation{node: node}, relation{node: node.Working}
	for i, f := range base.fields {
		name := q.Columns[i].Name
		c, previous := a.newColumn(name, f.col.Type), a.newColumn(name, f.col.Type)
		node.Cols, node.Working.Cols = append(node.Cols, c), append(node.Working.Cols, previous)
		out.fields = append(out.fields, field{name: name, col: c})
		working.fields = append(working.fields, field{name: name, col: previous})
		node.BaseCols = append(node.BaseCols, f.col)
	}
	sight := *w.sight
	sight.with = &withScope{name: w.name, working: &working, outer: w.sight.with}
	step := visible(a.queryBody(union.Right, &sight, false))
	step = a.coerceStep(union, step, base)
	for _, f := range step.fields {
		node.StepCols = append(node.StepCols, f.col)
	}
	node.Base, node.Step = base.node, step.node
	if !union.All {
		out.node = distinctNode(node, out.fields)
	}
	return out
}

func (a *analyzer) coerceStep(union *ast.SetOperation, step, base relation) relation {
	if len(step.fields) != len(base.fields) {
		a.fail(types.TypeMismatch, union.Right, "base and step relations of recursion have different number of fields: %d, %d", len(base.fields), len(step.fields))
	}
	want := make([]*types.Type, len(base.fields))
	for i, f := range base.fields {
		want[i] = f.col.Type
		if from := step.fields[i].col.Type; !types.CanCoerce(from, want[i]) {
			a.fail(types.TypeMismatch, union.Right, "recursion step relation output type (%s) is not coercible to recursion base relation output type (%s) at column %d", from, want[i], i+1)
		}
	}
	return a.coerceFields(step, want, union.Right)
}
