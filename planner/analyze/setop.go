package analyze

import (
	"strings"

	"github.com/auditlake/auditlake/planner/ast"
	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

var setKinds = map[ast.SetOp]plan.SetKind{ast.Union: plan.Union, ast.Intersect: plan.Intersect, ast.Except: plan.Except}

// setOperation plans UNION, INTERSECT and EXCEPT.
func (a *analyzer) setOperation(x *ast.SetOperation, s *scope) relation {
	a.enter(x)
	defer a.leave()
	left := visible(a.queryBody(x.Left, s, false))
	right := visible(a.queryBody(x.Right, s, false))
	if x.Corresponding != nil {
		left, right = a.corresponding(x, left, right)
	}
	if len(left.fields) != len(right.fields) {
		a.fail(types.TypeMismatch, x, "%s query has different number of fields: %d, %d", x.Op, len(left.fields), len(right.fields))
	}
	common := make([]*types.Type, len(left.fields))
	for i, f := range left.fields {
		t, ok := types.CommonSuperType(f.col.Type, right.fields[i].col.Type)
		if !ok {
			a.fail(types.TypeMismatch, x, "column %d in %s query has incompatible types: %s, %s", i+1, x.Op, f.col.Type, right.fields[i].col.Type)
		}
		if (!x.All || x.Op != ast.Union) && !t.IsComparable() {
			a.fail(types.TypeMismatch, x, "Type %s is not comparable and therefore cannot be used in %s", t, x.Op)
		}
		common[i] = t
	}
	op := &plan.SetOp{Kind: setKinds[x.Op], Distinct: !x.All}
	a.addInput(op, a.coerceFields(left, common, x))
	a.addInput(op, a.coerceFields(right, common, x))
	out := relation{node: op}
	for i, f := range left.fields {
		c := a.newColumn(f.name, common[i])
		a.fromStore[c.ID] = a.fromStore[op.Map[0][i].ID] && a.fromStore[op.Map[1][i].ID]
		op.Cols = append(op.Cols, c)
		out.fields = append(out.fields, field{name: f.name, col: c})
	}
	return out
}

func (a *analyzer) addInput(op *plan.SetOp, rel relation) {
	columns := make([]*plan.Column, len(rel.fields))
	for i, f := range rel.fields {
		columns[i] = f.col
	}
	op.From = append(op.From, rel.node)
	op.Map = append(op.Map, columns)
}

// coerceFields coerces the fields of rel to these types.
func (a *analyzer) coerceFields(rel relation, want []*types.Type, n ast.Node) relation {
	p := &projection{analyzer: a, input: rel.node}
	out := relation{fields: append([]field{}, rel.fields...)}
	for i, f := range rel.fields {
		out.fields[i].col = p.column(a.coerce(&plan.Ref{Column: f.col}, want[i], n), f.name)
	}
	out.node = p.node()
	return out
}

// corresponding keeps the columns that both sides have by name.
func (a *analyzer) corresponding(x *ast.SetOperation, left, right relation) (relation, relation) {
	outLeft, outRight := relation{node: left.node}, relation{node: right.node}
	if len(x.Corresponding.Columns) > 0 {
		a.fail(types.NotSupported, x, "CORRESPONDING with columns is unsupported")
	}
	a.checkNames(x, left)
	a.checkNames(x, right)
	for _, f := range left.fields {
		if l, r := a.fieldByName(left, f.name, x), a.fieldByName(right, f.name, x); l != nil && r != nil {
			outLeft.fields, outRight.fields = append(outLeft.fields, *l), append(outRight.fields, *r)
		}
	}
	if len(outLeft.fields) == 0 {
		a.fail(types.MismatchedColumnAliases, x, "No corresponding columns")
	}
	return outLeft, outRight
}

// checkNames refuses a side of CORRESPONDING with a repeated name or a column without a name.
func (a *analyzer) checkNames(x *ast.SetOperation, rel relation) {
	seen := map[string]bool{}
	for _, f := range rel.fields {
		if f.name == "" {
			a.fail(types.MissingColumnName, x, "Anonymous columns are not allowed in set operations with CORRESPONDING")
		}
		name := strings.ToLower(f.name)
		if seen[name] {
			a.fail(types.AmbiguousName, x, "Duplicate columns found when using CORRESPONDING in set operations: %s", f.name)
		}
		seen[name] = true
	}
}

func (a *analyzer) fieldByName(rel relation, name string, n ast.Node) *field {
	var found *field
	for i, f := range rel.fields {
		if f.name == "" || !strings.EqualFold(f.name, name) {
			continue
		}
		if found != nil {
			a.fail(types.AmbiguousName, n, "Column '%s' is ambiguous", name)
		}
		found = &rel.fields[i]
	}
	return found
}
