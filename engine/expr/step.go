package expr

import (
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/function"
	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

// step is the lambda of reduce that takes a state and an element, divided in two: parts do not look at the state, so that they are
// computed for the elements of all rows at once, and rest computes the next state from the state and what the parts give.
type step struct {
	parts []*lambda // each takes an element
	rest  *lambda   // takes the state and the results of parts
}

// stepOfReduce is which argument of reduce is its step.
const stepOfReduce = 2

// step compiles a step of reduce in two. It returns nil if nothing but the element itself is read without the state. Lambdas inside other
// lambdas are left alone: each is compiled once more here, and so would be those inside them, twice at each depth.
func (c *compiler) step(l *plan.Lambda) (*step, error) {
	if len(c.scopes) > 0 || len(l.Params) != 2 {
		return nil, nil
	}
	d := &stepDivision{state: l.Params[0], element: l.Params[1], params: []*plan.Column{l.Params[0]}}
	body := d.divide(l.Body)
	if !d.isWorthwhile {
		return nil, nil
	}
	restOf := &plan.Lambda{Params: d.params, Body: body}
	rest, err := c.lambda(restOf)
	if err != nil {
		return nil, err
	}
	rest.isExtreme = isExtreme(restOf)
	s := &step{rest: rest}
	for _, part := range d.parts {
		compiled, err := c.lambda(&plan.Lambda{Params: []*plan.Column{d.element}, Body: part})
		if err != nil {
			return nil, err
		}
		s.parts = append(s.parts, compiled)
	}
	return s, nil
}

// isExtreme reports whether a step is greatest or least of its two parameters, in any order. Of values that are equal and yet differ both take the
// same one. Types are left out whose values may not be comparable, and floating-point numbers, as NaN is skipped where it does not come first.
func isExtreme(l *plan.Lambda) bool {
	call, ok := l.Body.(*plan.Call)
	if !ok || len(l.Params) != 2 || len(call.Args) != 2 || call.Fn.Name != "greatest" && call.Fn.Name != "least" {
		return false
	}
	switch t := call.Fn.Return; {
	case t.IsInteger(), t.Kind == types.Varchar, t.Kind == types.Date, t.Kind == types.Timestamp:
	default:
		return false
	}
	a, isA := call.Args[0].(*plan.Ref)
	b, isB := call.Args[1].(*plan.Ref)
	if !isA || !isB {
		return false
	}
	state, element := l.Params[0].ID, l.Params[1].ID
	return a.Column.ID == state && b.Column.ID == element || a.Column.ID == element && b.Column.ID == state
}

// stepDivision divides the body of a step.
type stepDivision struct {
	state, element *plan.Column
	parts          []plan.Expr
	params         []*plan.Column // of rest: the state, and a column for each part
	isWorthwhile   bool           // a part is more than the element
}

// divide returns e with its parts replaced. An expression that is not computed for every element is no part, because it may be costly.
func (d *stepDivision) divide(e plan.Expr) plan.Expr {
	if isPart(e) && d.isOfElement(e) {
		d.isWorthwhile = true
		return d.part(e)
	}
	switch e := e.(type) {
	case *plan.Lambda:
		return d.replaceElement(e)
	case *plan.Special:
		switch e.Form {
		case plan.Not, plan.IsNull, plan.MakeRow, plan.MakeArray:
		case plan.Try:
			return d.replaceElement(e)
		default:
			args := []plan.Expr{d.divide(e.Args[0])}
			for _, arg := range e.Args[1:] {
				args = append(args, d.replaceElement(arg))
			}
			return &plan.Special{Form: e.Form, Args: args, T: e.T}
		}
	case *plan.Ref:
		return d.replaceElement(e)
	}
	return plan.MapChildren(e, d.divide)
}

// replaceElement replaces the element alone.
func (d *stepDivision) replaceElement(e plan.Expr) plan.Expr {
	if ref, ok := e.(*plan.Ref); ok {
		if ref.Column.ID == d.element.ID {
			return d.part(ref)
		}
		return e
	}
	return plan.MapChildren(e, d.replaceElement)
}

// isOfElement reports whether e reads the element and not the state, and gives the same each time.
func (d *stepDivision) isOfElement(e plan.Expr) bool {
	readsElement, readsState := false, false
	plan.FreeColumns(e, func(c *plan.Column) {
		readsElement = readsElement || c.ID == d.element.ID
		readsState = readsState || c.ID == d.state.ID
	})
	return readsElement && !readsState && plan.IsDeterministic(e)
}

// part returns the reference to the column of a part.
func (d *stepDivision) part(e plan.Expr) plan.Expr {
	for i, known := range d.parts {
		if plan.Equal(known, e) {
			return &plan.Ref{Column: d.params[i+1]}
		}
	}
	column := &plan.Column{ID: -1 - len(d.parts), Name: "part", Type: e.Type()} // no column of a plan has such an ID
	d.parts, d.params = append(d.parts, e), append(d.params, column)
	return &plan.Ref{Column: column}
}

// boundStep is a step that sees the rows of a frame.
type boundStep struct {
	boundLambda
	step *step
}

// Rest implements function.Step.
func (s *boundStep) Rest() function.Lambda { return &boundLambda{s.step.rest, s.outer} }

// Parts implements function.Step.
func (s *boundStep) Parts(env *function.Env, elements batch.Vector, outer []int32, rows int) ([]batch.Vector, error) {
	out := make([]batch.Vector, len(s.step.parts))
	for i, part := range s.step.parts {
		v, err := (&boundLambda{part, s.outer}).evaluate(env, []batch.Vector{elements}, outer, rows)
		if err != nil {
			return nil, err
		}
		out[i] = v
	}
	return out, nil
}
