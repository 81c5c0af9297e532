package optimize

import (
	"math"

	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

// monotonicDomains handles f(x) op constant for an expression that keeps or reverses the order of its column:
// date(eventtime) = DATE '…', date_trunc('hour', eventtime) < …. It finds the bounds of x by bisection, evaluating
// the expression itself.
func (o *optimizer) monotonicDomains(operator string, e plan.Expr, v types.Value) domains {
	c, ok := o.courseOf(e)
	if !ok || v.IsNull() {
		return nil
	}
	if operator == types.OpNotEqual {
		less, greater := o.monotonicDomains(types.OpLess, e, v), o.monotonicDomains(types.OpGreater, e, v)
		return unionDomains([]domains{less, greater})
	}
	s := &bisection{o: o, e: e, course: c, bound: v, operators: map[string]*types.Resolved{}}
	s.low, s.high = c.limits()
	d, ok := s.findDomain(operator)
	if !ok {
		return nil
	}
	if c.bounded {
		d = unionAll([]domain{d, s.outside()})
	}
	return domains{place{column: c.column.ID}: d}
}

// limits returns the least and the greatest column value for which the expression is computed.
func (c course) limits() (low, high int64) {
	low, high = valueLimits(c.column.Type)
	switch {
	case c.text:
		// Years have four digits.
		const firstDay = -354285 // 1000-01-01
		if c.column.Type.Kind == types.Date {
			return firstDay, high
		}
		return firstDay * 86_400 * types.UnitsPerSecond(c.column.Type.Precision), high
	case c.bounded && c.column.Type.IsInteger():
		return low / 2, high / 2
	}
	return low, high
}

// valueLimits returns the bounds of the search for a column's values: for times, the years that a four-digit date
// can name.
func valueLimits(t *types.Type) (low, high int64) {
	const firstDay, lastDay = -719162, 2932896 // 0001-01-01 and 9999-12-31
	switch t.Kind {
	case types.Date:
		return firstDay, lastDay
	case types.Timestamp:
		unit := types.UnitsPerSecond(t.Precision)
		return firstDay * 86_400 * unit, (lastDay+1)*86_400*unit - 1
	case types.TinyInt:
		return math.MinInt8, math.MaxInt8
	case types.SmallInt:
		return math.MinInt16, math.MaxInt16
	case types.Integer:
		return math.MinInt32, math.MaxInt32
	}
	return math.MinInt64 / 2, math.MaxInt64 / 2
}

// bisection finds the first value of a column at which a monotonic expression reaches a bound.
type bisection struct {
	o *optimizer
	e plan.Expr
	course
	bound     types.Value
	low, high int64 // the range to search

	found     *int64                     // where e reaches the bound; the search for where e passes it starts there
	operators map[string]*types.Resolved // for the types of e and bound
}

// findDomain returns the column's values for which the comparison may hold. It returns false if the expression
// cannot be computed for a value that the search tries.
func (s *bisection) findDomain(operator string) (domain, bool) {
	var from, to *int64 // the first value inside the range, the first value after it
	var ok1, ok2 = true, true
	switch operator {
	case types.OpEqual:
		from, ok1 = s.firstInside(types.OpGreaterEq)
		s.found = from
		to, ok2 = s.firstInside(types.OpGreater)
	case types.OpGreater, types.OpGreaterEq:
		from, ok1 = s.firstInside(operator)
	case types.OpLess:
		to, ok1 = s.firstInside(types.OpGreaterEq)
	case types.OpLessEqual:
		to, ok1 = s.firstInside(types.OpGreater)
	default:
		return domain{}, false
	}
	if !ok1 || !ok2 {
		return domain{}, false
	}
	r := plan.Range{}
	switch {
	case s.falling:
		if from != nil {
			r.High, r.HighIncl = s.valueAt(s.mirrored(*from)), true
		}
		if to != nil {
			r.Low = s.valueAt(s.mirrored(*to))
		}
	default:
		if from != nil {
			r.Low, r.LowIncl = s.valueAt(*from), true
		}
		if to != nil {
			r.High = s.valueAt(*to)
		}
	}
	if isEmptyRange(r) {
		return nothing(), true
	}
	return domain{ranges: []plan.Range{r}}, true
}

func (s *bisection) valueAt(v int64) *types.Value {
	return &types.Value{Type: s.column.Type, V: v}
}

// outside returns the values beyond the limits within which the expression was computed.
func (s *bisection) outside() domain {
	return domain{ranges: []plan.Range{{High: s.valueAt(s.low)}, {Low: s.valueAt(s.high)}}}
}

// mirrored reverses the column's axis, so that a falling expression rises along it.
func (s *bisection) mirrored(v int64) int64 { return s.low + s.high - v }

// firstInside returns the least value for which e op bound is true. It returns nil if that value is outside the
// limits; that end of the range then stays open.
func (s *bisection) firstInside(operator string) (*int64, bool) {
	low, high := s.low, s.high
	atLow, ok := s.holdsAt(operator, low)
	if !ok {
		return nil, false
	}
	atHigh, ok := s.holdsAt(operator, high)
	if !ok {
		return nil, false
	}
	if atLow || !atHigh {
		return nil, true
	}
	if low, high, ok = s.narrowNear(operator, low, high); !ok {
		return nil, false
	}
	for high-low > 1 {
		middle := low + (high-low)/2
		reached, ok := s.holdsAt(operator, middle)
		switch {
		case !ok:
			return nil, false
		case reached:
			high = middle
		default:
			low = middle
		}
	}
	return &high, true
}

// narrowNear narrows the values among which e may reach the bound. It tries the usual values of times first: the
// bound itself or an earlier finding, and whole units after it.
func (s *bisection) narrowNear(operator string, low, high int64) (newLow, newHigh int64, ok bool) {
	start, perDay, ok := s.likelyStart()
	if !ok || start-1 <= low || start > high {
		return low, high, true
	}
	tries := []int64{start - 1, start}
	for _, seconds := range likelySeconds {
		if step := seconds * perDay / 86_400; step > 0 && start+step < high {
			tries = append(tries, start+step-1, start+step)
		}
	}
	for _, at := range tries {
		if at <= low {
			continue
		}
		reached, ok := s.holdsAt(operator, at)
		if !ok {
			return 0, 0, false
		}
		if reached {
			return low, at, true
		}
		low = at
	}
	return low, high, true
}

// likelySeconds are a second, a minute, an hour, a day, a week, the months and the years.
var likelySeconds = []int64{1, 60, 3600, 86_400, 7 * 86_400, 28 * 86_400, 29 * 86_400, 30 * 86_400, 31 * 86_400, 365 * 86_400, 366 * 86_400}

// likelyStart returns a column value near which e may reach the bound, and the number of values in a day.
func (s *bisection) likelyStart() (at, perDay int64, ok bool) {
	if s.falling {
		return 0, 0, false
	}
	perDay = 1
	switch s.column.Type.Kind {
	case types.Timestamp:
		perDay = 86_400 * types.UnitsPerSecond(s.column.Type.Precision)
	case types.Date:
	default:
		return 0, 0, false
	}
	if s.found != nil {
		return *s.found, perDay, true
	}
	v, isWhole := s.bound.V.(int64)
	switch t := s.bound.Type; {
	case !isWhole:
		return 0, 0, false
	case t.Kind == types.Date && s.low/perDay <= v && v <= s.high/perDay:
		return v * perDay, perDay, true
	case t.Equal(s.column.Type):
		return v, perDay, true
	}
	return 0, 0, false
}

// holdsAt computes e op bound for one value of the column; op is > or >=. For a falling e, the value is on the
// mirrored axis.
func (s *bisection) holdsAt(operator string, v int64) (result, ok bool) {
	if s.falling {
		v = s.mirrored(v)
	}
	value := constant(*s.valueAt(v))
	left, ok := s.o.foldExpr(plan.Substitute(s.e, map[int]plan.Expr{s.column.ID: value})).(*plan.Const)
	if !ok || left.Value.IsNull() {
		return false, false
	}
	if t := left.Value.Type; t.Equal(s.bound.Type) && supported(t) && !isFloat(t) {
		order := compareValues(left.Value, s.bound)
		return order > 0 || order == 0 && operator == types.OpGreaterEq, true
	}
	fn := s.operators[operator]
	if fn == nil {
		var err error
		fn, err = s.o.fns.Resolve(operator, []types.Arg{{Type: left.Value.Type}, {Type: s.bound.Type}})
		if err != nil || !fn.Args[0].Equal(left.Value.Type) || !fn.Args[1].Equal(s.bound.Type) {
			return false, false
		}
		s.operators[operator] = fn
	}
	out, err := s.o.fns.Fold(fn, []types.Value{left.Value, s.bound}, s.o.session)
	if err != nil || out.IsNull() {
		return false, false
	}
	return out.V.(bool), true
}
