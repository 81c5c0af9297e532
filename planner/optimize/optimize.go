// Package optimize rewrites logical plans so that they read and compute less
// and answer the same: an ordered list of rules, one per file.
package optimize

import (
	"context"

	"github.com/auditlake/auditlake/planner/metadata"
	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

// Optimize applies the rules to a plan. It never changes what the plan answers,
// but may leave out the evaluation of an erroring expression whose value
// nothing needs, as Trino does. Of a *plan.Explain it optimises the plan inside. If
// the context ends meanwhile, Optimize returns the context's error.
func Optimize(ctx context.Context, n plan.Node, fns metadata.Functions, session *metadata.Session) (out plan.Node, err error) {
	if e, ok := n.(*plan.Explain); ok {
		input, err := Optimize(ctx, e.Input, fns, session)
		if err != nil {
			return nil, err
		}
		return &plan.Explain{Input: input.(*plan.Output), Analyze: e.Analyze, Form: e.Form, Cols: e.Cols}, nil
	}
	defer recoverCancelled(&err)
	o := &optimizer{ctx: ctx, fns: fns, session: session, lastID: maxColumnID(n), rows: map[plan.Node]float64{}}
	for _, apply := range rules {
		o.checkCancelled()
		n = apply(o, n)
	}
	return n, nil
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
