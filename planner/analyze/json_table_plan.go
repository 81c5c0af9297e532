package analyze

import (
	"strings"

	"github.com/auditlake/auditlake/planner/ast"
	"github.com/auditlake/auditlake/planner/sqljson"
	"github.com/auditlake/auditlake/planner/types"
)

// nestedPath is the root path of JSON_TABLE or a nested one.
type nestedPath struct {
	name   string // "" when it has none
	path   *ast.StringLiteral
	plan   *sqljson.Plan
	nested []*nestedPath
}

// arrange joins the paths as the PLAN clause says, or as PLAN DEFAULT (OUTER, UNION) if there is none.
func (t *jsonTable) arrange(root *nestedPath, x *ast.JSONTable) {
	switch {
	case x.Plan == nil:
		root.join(false, false)
	case x.Plan.Default:
		t.requireNames(root)
		root.join(x.Plan.ParentChild == ast.JSONPlanInner, x.Plan.Siblings == ast.JSONPlanCross)
	default:
		t.specificPlan(root, x)
	}
}

// join joins all paths in the same way.
func (p *nestedPath) join(inner, cross bool) {
	p.plan.Inner = inner
	if len(p.nested) == 0 {
		return
	}
	p.plan.Child = &sqljson.Plan{Cross: cross}
	for _, child := range p.nested {
		child.join(inner, cross)
		p.plan.Child.Siblings = append(p.plan.Child.Siblings, child.plan)
	}
}

func (t *jsonTable) requireNames(p *nestedPath) {
	for _, child := range p.nested {
		if child.name == "" {
			t.fail(types.MissingPathName, child.path, "All nested JSON paths must be named when default plan is given")
		}
	}
	for _, child := range p.nested {
		t.requireNames(child)
	}
}

func (t *jsonTable) specificPlan(root *nestedPath, x *ast.JSONTable) {
	if root.name == "" {
		t.fail(types.MissingPathName, x.Path, "All JSON paths must be named when specific plan is given")
	}
	given := x.Plan.Root
	if given.Op == ast.JSONPlanUnion || given.Op == ast.JSONPlanCross {
		t.fail(types.InvalidPlan, given, "JSON_TABLE plan must either be a single path name or it must be rooted in parent-child relationship (OUTER or INNER)")
	}
	t.checkPlan([]*nestedPath{root}, map[string]*ast.JSONPlanNode{planName(given): given}, given)
	arranged(map[string]*nestedPath{root.name: root}, given)
}

// planName returns the name of the path that a plan is for.
func planName(n *ast.JSONPlanNode) string {
	if n.Op != ast.JSONPlanLeaf {
		n = n.Children[0]
	}
	return canonicalName(*n.Name)
}

// checkPlan compares the paths of a level with those in the plan.
func (t *jsonTable) checkPlan(paths []*nestedPath, given map[string]*ast.JSONPlanNode, root *ast.JSONPlanNode) {
	var missing []string
	for _, p := range paths {
		if given[p.name] == nil {
			missing = append(missing, p.name)
		}
	}
	if len(missing) > 0 {
		t.fail(types.InvalidPlan, root, "JSON_TABLE plan should contain all JSON paths available at each level of nesting. Paths not included: %s", strings.Join(missing, ", "))
	}
	if len(given) > len(paths) {
		t.fail(types.InvalidPlan, root, "JSON_TABLE plan includes unavailable JSON path names")
	}
	for _, p := range paths {
		for _, child := range p.nested {
			if child.name == "" {
				t.fail(types.MissingPathName, child.path, "All JSON paths must be named when specific plan is given")
			}
		}
		below := map[string]*ast.JSONPlanNode{}
		if n := given[p.name]; n.Op != ast.JSONPlanLeaf {
			t.siblings(n.Children[1], below)
		}
		t.checkPlan(p.nested, below, root)
	}
}

// siblings collects the plans of one level's paths by name.
func (t *jsonTable) siblings(n *ast.JSONPlanNode, into map[string]*ast.JSONPlanNode) {
	if n.Op == ast.JSONPlanUnion || n.Op == ast.JSONPlanCross {
		for _, child := range n.Children {
			t.siblings(child, into)
		}
		return
	}
	name := planName(n)
	if into[name] != nil {
		t.fail(types.InvalidPlan, n, "Duplicate reference to JSON path name in sibling plan: %s", name)
	}
	into[name] = n
}

// arranged returns the plan of n, whose paths belong to one level.
func arranged(level map[string]*nestedPath, n *ast.JSONPlanNode) *sqljson.Plan {
	if n.Op == ast.JSONPlanUnion || n.Op == ast.JSONPlanCross {
		all := &sqljson.Plan{Cross: n.Op == ast.JSONPlanCross}
		for _, child := range n.Children {
			all.Siblings = append(all.Siblings, arranged(level, child))
		}
		return all
	}
	p := level[planName(n)]
	if n.Op == ast.JSONPlanLeaf {
		return p.plan
	}
	below := map[string]*nestedPath{}
	for _, child := range p.nested {
		below[child.name] = child
	}
	p.plan.Inner = n.Op == ast.JSONPlanInner
	p.plan.Child = arranged(below, n.Children[1])
	return p.plan
}
