// Package optimize rewrites logical plans so that they read and compute less and return the same result. It is an
// ordered list of rules, one per file.
package optimize

import (
	"context"
	"slices"

	"github.com/auditlake/auditlake/planner/metadata"
	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

// Optimize applies the rules to a plan. It never changes the result. As in Trino, it may skip an expression that
// would fail if nothing needs its value. For a *plan.Explain it optimises the plan inside. If the context ends,
// Optimize returns the context's error. Tests pass the IDs of rules to leave out: a plan returns the same without
// any of them.
func Optimize(ctx context.Context, n plan.Node, fns metadata.Functions, session *metadata.Session, without ...string) (out plan.Node, err error) {
	defer recoverCancelled(&err)
	o := &optimizer{ctx: ctx, fns: fns, session: session, lastID: maxColumnID(n), rows: map[plan.Node]float64{}}
	explain, ok := n.(*plan.Explain)
	if !ok {
		return o.apply(n, without, nil), nil
	}
	explained := *explain
	var fired func(id string)
	if explain.Verbose {
		fired = func(id string) {
			if !slices.Contains(explained.Rules, id) {
				explained.Rules = append(explained.Rules, id)
			}
		}
	}
	explained.Input = o.apply(explain.Input, without, fired).(*plan.Output)
	return &explained, nil
}

// apply applies the rules except those left out. If fired is not nil, apply calls it with the ID of each rule that
// changed the plan.
func (o *optimizer) apply(n plan.Node, without []string, fired func(id string)) plan.Node {
	for _, r := range rules {
		if slices.Contains(without, r.id) {
			continue
		}
		o.checkCancelled()
		before := n
		n = r.apply(o, n)
		if fired != nil && plan.Format(before) != plan.Format(n) {
			fired(r.id)
		}
	}
	return n
}

// optimizer holds what the rules share.
type optimizer struct {
	ctx     context.Context
	steps   int // see step
	fns     metadata.Functions
	session *metadata.Session
	lastID  int
	rows    map[plan.Node]float64 // the guesses of estimateRows
}

// newColumn returns a column with an ID that no other column of the plan has.
func (o *optimizer) newColumn(name string, t *types.Type) *plan.Column {
	o.lastID++
	return &plan.Column{ID: o.lastID, Name: name, Type: t}
}

func maxColumnID(n plan.Node) int {
	last := 0
	note := func(c *plan.Column) { last = max(last, c.ID) }
	params := func(e plan.Expr) bool {
		if l, ok := e.(*plan.Lambda); ok {
			for _, p := range l.Params {
				note(p)
			}
		}
		return true
	}
	visitNodes(n, func(n plan.Node) {
		n.VisitMade(note)
		plan.VisitExprs(n, func(e plan.Expr) { plan.Walk(e, params) })
	})
	return last
}
