package optimize

import (
	"math"
	"slices"

	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

// monotonicDomains handles f(x) op constant for a function that keeps the
// order of its argument x, a whole-numbered column: date(eventtime) =
// DATE '…', date_trunc('hour', eventtime) < …. It finds the bounds of x by
// bisection, asking the function itself.
func (o *optimizer) monotonicDomains(operator string, e plan.Expr, v types.Value) domains {
	column := o.monotonicArgument(e)
	if column == nil || v.IsNull() {
		return nil
	}
	s := &bisection{o: o, e: e, column: column, bound: v}
	s.low, s.high = valueLimits(column.Type)
	d, ok := s.domain(operator)
	if !ok {
		return nil
	}
	return domains{place{column: column.ID}: d}
}

// monotonicArgument returns the column that e is a monotonic function of, nil
// if it is none.
func (o *optimizer) monotonicArgument(e plan.Expr) *plan.Column {
	arg := e
	for {
		switch x := arg.(type) {
		case *plan.Ref:
			if arg == e || !wholeNumbered(x.Type()) {
				return nil
			}
			return x.Column
		case *plan.Cast:
			if x.Try || !o.monotonicCast(x.Arg.Type(), x.Type()) {
				return nil
			}
			arg = x.Arg
		case *plan.Call:
			last := len(x.Args) - 1
			if !x.Fn.Monotonic || x.Fn.NonDeterministic || last < 0 || !allConstants(x.Args[:last]) {
				return nil
			}
			arg = x.Args[last]
		default:
			return nil
		}
	}
}

func wholeNumbered(t *types.Type) bool {
	return t.Kind == types.Date || t.Kind == types.Timestamp || t.IsInteger()
}

// monotonicCast reports whether casting keeps order. A wall time becomes an
// instant in order only in a zone without jumps.
func (o *optimizer) monotonicCast(from, to *types.Type) bool {
	switch from.Kind {
	case types.Date, types.Timestamp:
		return to.Kind == types.Date || to.Kind == types.Timestamp || to.Kind == types.TimestampTZ && o.session.Zone == "UTC"
	}
	return from.IsInteger() && (to.IsInteger() || to.Kind == types.Double || to.Kind == types.Decimal)
}

// valueLimits are the bounds within which a column's values are looked for:
// for times the years that a four-digit date can name.
func valueLimits(t *types.Type) (low, high int64) {
	const firstDay, lastDay = -719162, 2932896 // 0001-01-01 and 9999-12-31
	switch t.Kind {
	case types.Date:
		return firstDay, lastDay
	case types.Timestamp:
		unit := types.UnitsPerSecond(t.Precision)
		if unit == 1e9 {
			return math.MinInt64 / 2, math.MaxInt64 / 2
		}
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

// bisection finds the first value of a column at which a monotonic expression
// reaches a bound.
type bisection struct {
	o         *optimizer
	e         plan.Expr
	column    *plan.Column
	bound     types.Value
	low, high int64 // where to look
}

// domain returns the column's values for which the comparison may hold; false
// when the expression cannot be computed where it was asked.
func (s *bisection) domain(operator string) (domain, bool) {
	var from, to *int64 // first value inside, first value behind
	var ok1, ok2 = true, true
	switch operator {
	case types.OpEqual:
		from, ok1 = s.first(types.OpGreaterEq)
		to, ok2 = s.first(types.OpGreater)
	case types.OpGreater, types.OpGreaterEq:
		from, ok1 = s.first(operator)
	case types.OpLess:
		to, ok1 = s.first(types.OpGreaterEq)
	case types.OpLessEqual:
		to, ok1 = s.first(types.OpGreater)
	default:
		return domain{}, false
	}
	if !ok1 || !ok2 {
		return domain{}, false
	}
	r := plan.Range{}
	if from != nil {
		r.Low, r.LowIncl = s.value(*from), true
	}
	if to != nil {
		r.High = s.value(*to)
	}
	if isEmptyRange(r) {
		return nothing(), true
	}
	return domain{ranges: []plan.Range{r}}, true
}

func (s *bisection) value(v int64) *types.Value {
	return &types.Value{Type: s.column.Type, V: v}
}

// first returns the least value for which e op bound is true; nil when that
// is outside the limits, which leaves that end of the range open.
func (s *bisection) first(operator string) (*int64, bool) {
	low, high := s.low, s.high
	atLow, ok := s.holds(operator, low)
	if !ok {
		return nil, false
	}
	atHigh, ok := s.holds(operator, high)
	if !ok {
		return nil, false
	}
	if atLow || !atHigh {
		return nil, true
	}
	for high-low > 1 {
		middle := low + (high-low)/2
		reached, ok := s.holds(operator, middle)
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

// holds computes e op bound for one value of the column.
func (s *bisection) holds(operator string, v int64) (result, ok bool) {
	value := constant(*s.value(v))
	left, ok := s.o.fold(substitute(s.e, map[int]plan.Expr{s.column.ID: value})).(*plan.Const)
	if !ok || left.Value.IsNull() {
		return false, false
	}
	fn, err := s.o.fns.Resolve(operator, []types.Arg{{Type: left.Value.Type}, {Type: s.bound.Type}})
	if err != nil || !fn.Args[0].Equal(left.Value.Type) || !fn.Args[1].Equal(s.bound.Type) {
		return false, false
	}
	out, err := s.o.fns.Fold(fn, []types.Value{left.Value, s.bound}, s.o.session)
	if err != nil || out.IsNull() {
		return false, false
	}
	return out.V.(bool), true
}

func sortPlaces(keys []place) {
	slices.SortFunc(keys, func(a, b place) int {
		if a.mapKey < b.mapKey {
			return -1
		}
		if a.mapKey > b.mapKey {
			return 1
		}
		return boolOrder(a.isMap) - boolOrder(b.isMap)
	})
}
