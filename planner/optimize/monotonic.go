package optimize

import (
	"slices"
	"strings"

	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

// course describes how the value of an expression changes with its only column, a column of whole numbers.
type course struct {
	column *plan.Column
	// falling is set if a greater column value never gives a greater value. Otherwise it never gives a smaller one.
	falling bool
	// bounded is set if that is known only within valueLimits. Outside of them the expression may also fail.
	bounded bool
	// text is set if the value is a text.
	text bool
}

// courseOf recognises expressions that keep or reverse the order of a column: date(eventtime), date_trunc('hour',
// eventtime), eventtime + INTERVAL '1' DAY, 10 - n, date_format(eventtime, '%Y-%m-%d').
func (o *optimizer) courseOf(e plan.Expr) (course, bool) {
	c := course{}
	arg := e
	for {
		switch x := arg.(type) {
		case *plan.Ref:
			c.column = x.Column
			return c, arg != e && wholeNumbered(x.Type())
		case *plan.Cast:
			switch {
			case x.Try:
				return c, false
			case o.monotonicCast(x.Arg.Type(), x.Type()):
			case textOfTime(x):
				c.text, c.bounded = true, true
			default:
				return c, false
			}
			arg = x.Arg
		case *plan.Call:
			at, falling, ok := o.orderedArgument(x)
			if !ok || x.Fn.Name == types.OpAtZone && arg != e { // local times of a zone jump back once a year
				return c, false
			}
			switch t := x.Type(); {
			case !x.Fn.Monotonic:
				c.bounded = true
				c.text = c.text || t.Kind == types.Varchar
			}
			c.falling = c.falling != falling
			arg = x.Args[at]
		default:
			return c, false
		}
	}
}

// orderedArgument returns the argument whose order a call keeps or reverses; all other arguments are constant.
func (o *optimizer) orderedArgument(x *plan.Call) (at int, falling, ok bool) {
	if x.Fn.NonDeterministic || len(x.Args) == 0 {
		return 0, false, false
	}
	last := len(x.Args) - 1
	switch name := x.Fn.Name; {
	case name == "date_add":
		// Adding a month maps the last days of several months to one day, so times of day get out of order.
		return last, false, allConstants(x.Args[:last]) && (x.Type().Kind == types.Date || hasFixedLength(x.Args[0]))
	case x.Fn.Monotonic:
		return last, false, allConstants(x.Args[:last])
	case name == types.OpAdd, name == types.OpSubtract:
		return o.orderedSum(x)
	case name == "year":
		return 0, false, wholeNumbered(x.Args[0].Type())
	case name == "to_unixtime":
		return 0, false, true // of an instant
	case name == "with_timezone":
		return 0, false, isText(x.Args[1], "UTC")
	case name == types.OpAtZone:
		return 0, false, allConstants(x.Args[1:]) // the same instant, see courseOf
	case name == "date_diff":
		return o.orderedDifference(x)
	case name == "date_format", name == "format_datetime":
		pattern, isConst := textOf(x.Args[1])
		ordered := isConst && (name == "date_format" && orderedMySQL(pattern) || name != "date_format" && orderedJoda(pattern))
		return 0, false, ordered && x.Args[0].Type().Kind == types.Timestamp
	case name == "substr" || name == "substring":
		first, isConst := x.Args[1].(*plan.Const)
		return 0, false, isConst && first.Value.V == any(int64(1)) && x.Type().Kind == types.Varchar && allConstants(x.Args[1:])
	}
	return 0, false, false
}

// orderedSum handles x + c, c + x, x - c and c - x. They keep or reverse the order of numbers, and of times with
// intervals of a fixed length.
func (o *optimizer) orderedSum(x *plan.Call) (at int, falling, ok bool) {
	for at, arg := range x.Args {
		if _, isConst := x.Args[1-at].(*plan.Const); !isConst || !o.adds(arg.Type(), x.Args[1-at].Type()) {
			continue
		}
		return at, at == 1 && x.Fn.Name == types.OpSubtract, true
	}
	return 0, false, false
}

func (o *optimizer) adds(t, other *types.Type) bool {
	switch t.Kind {
	case types.Timestamp, types.Date:
		return other.Kind == t.Kind || other.Kind == types.IntervalDay || t.Kind == types.Date && other.Kind == types.IntervalYear
	case types.TimestampTZ:
		return other.Kind == t.Kind || other.Kind == types.IntervalDay
	}
	return t.IsInteger() || t.Kind == types.Double || t.Kind == types.Decimal
}

// orderedDifference handles date_diff, which counts whole units from the second argument to the third.
func (o *optimizer) orderedDifference(x *plan.Call) (at int, falling, ok bool) {
	for at = 1; at <= 2; at++ {
		other, isConst := x.Args[3-at].(*plan.Const)
		if !isConst || other.Value.IsNull() {
			continue
		}
		if zone := zoneOf(other.Value); zone != "" && zone != "UTC" {
			continue // a day there may not have 24 hours
		}
		return at, at == 1, hasFixedLength(x.Args[0]) && x.Args[at].Type().Kind != types.Time
	}
	return 0, false, false
}

// zoneOf returns the time zone of a constant, "" if it has none.
func zoneOf(v types.Value) string {
	switch x := v.V.(type) {
	case types.Zoned:
		return x.Zone
	case types.LongZoned:
		return x.Zone
	}
	return ""
}

// hasFixedLength reports whether e names a unit of constant length.
func hasFixedLength(e plan.Expr) bool {
	unit, ok := textOf(e)
	return ok && slices.Contains([]string{"millisecond", "second", "minute", "hour", "day", "week"}, strings.ToLower(unit))
}

func textOf(e plan.Expr) (string, bool) {
	c, ok := e.(*plan.Const)
	if !ok {
		return "", false
	}
	text, ok := c.Value.V.(string)
	return text, ok
}

func isText(e plan.Expr, want string) bool {
	text, ok := textOf(e)
	return ok && text == want
}

// orderedMySQL reports whether the texts that a pattern makes of times with four-digit years sort like the times:
// year, month, day, hour, …, with any text between.
func orderedMySQL(pattern string) bool {
	order := "YmdHisf"
	for i := 0; i < len(pattern); i++ {
		if pattern[i] != '%' {
			continue
		}
		if i++; i == len(pattern) {
			return false
		}
		letter := pattern[i]
		switch letter {
		case 'S':
			letter = 's'
		case 'T':
			if order != "His" && order != "Hisf" {
				return false
			}
			order = strings.TrimPrefix(order, "His")
			continue
		}
		if order == "" || order[0] != letter {
			return false
		}
		order = order[1:]
	}
	return len(order) < len("YmdHisf")
}

// orderedJoda is orderedMySQL for Joda patterns.
func orderedJoda(pattern string) bool {
	fields := []string{"yyyy", "MM", "dd", "HH", "mm", "ss", "SSS"}
	next := 0
	for i := 0; i < len(pattern); {
		c := pattern[i]
		if c == '\'' || !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z') {
			if c == '\'' {
				end := strings.IndexByte(pattern[i+1:], '\'')
				if end < 0 {
					return false
				}
				i += end + 1
			}
			i++
			continue
		}
		end := i
		for end < len(pattern) && pattern[end] == c {
			end++
		}
		if next == len(fields) || pattern[i:end] != fields[next] {
			return false
		}
		next++
		i = end
	}
	return next > 0
}

func wholeNumbered(t *types.Type) bool {
	return t.Kind == types.Date || t.Kind == types.Timestamp && !t.IsLong() || t.IsInteger()
}

// monotonicCast reports whether a cast keeps the order. Local times become instants in order only in a zone without
// jumps.
func (o *optimizer) monotonicCast(from, to *types.Type) bool {
	switch from.Kind {
	case types.Date, types.Timestamp:
		return to.Kind == types.Date || to.Kind == types.Timestamp || to.Kind == types.TimestampTZ && o.session.Zone == "UTC"
	}
	return from.IsInteger() && (to.IsInteger() || to.Kind == types.Double || to.Kind == types.Decimal)
}

// textOfTime reports whether x casts a time to a text. The text begins with the four digits of the year.
func textOfTime(x *plan.Cast) bool {
	kind := x.Arg.Type().Kind
	return (kind == types.Date || kind == types.Timestamp) && x.Type().Kind == types.Varchar && x.Type().Length == types.VarcharType.Length
}
