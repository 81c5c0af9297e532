package difftest

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/auditlake/auditlake/planner/types"
)

// nearby makes conditions on the columns of r that compare with constants from its rows, or close to these.
type nearby struct {
	*generator
	r     *relation
	other *relation // of the same columns
}

func (n *nearby) valueOf(column int) any {
	for range 20 {
		if v := pick(n.generator, n.r.rows)[column]; v != nil {
			return v
		}
	}
	return nil
}

// condition joins conditions on one column each.
func (n *nearby) condition(depth int) expression {
	if depth == 0 || n.chance(35) {
		if n.chance(40) {
			return n.ofTime()
		}
		return n.ofText()
	}
	a := n.condition(depth - 1)
	switch n.n(6) {
	case 0:
		return not(a)
	case 1, 2:
		return or(a, n.condition(depth-1))
	}
	return and(a, n.condition(depth-1))
}

// moment is a time near one that is there.
func (n *nearby) moment() int64 {
	at := n.valueOf(eventTimeColumn).(int64)
	if n.chance(40) {
		at -= at % pick(n.generator, []int64{1000, 3_600_000, millisecondsDay})
	}
	return at + pick(n.generator, []int64{0, 0, 0, -1, 1, 1000, -3_600_000, millisecondsDay})
}

func timeLiteral(at int64) string {
	return "TIMESTAMP '" + milliTime(at).Format("2006-01-02 15:04:05.000") + "'"
}

// compared is x operator constant, with the sides exchanged at times.
func (n *nearby) compared(x expression, sql string, v any) expression {
	operator := pick(n.generator, operators)
	if n.chance(20) {
		return compare(operator, constant(sql, x.t, v), x)
	}
	return compare(operator, x, constant(sql, x.t, v))
}

func (n *nearby) ofTime() expression {
	x := columnAt(n.r.columns, eventTimeColumn)
	at := n.moment()
	derived := func(sql string, t *types.Type, f func(at int64) any) expression {
		return call(sql, t, func(v []any) (any, error) { return f(v[0].(int64)), nil }, x)
	}
	switch n.n(11) {
	case 0:
		return n.compared(x, timeLiteral(at), at)
	case 1: // a text beside a stored time is one
		at -= at % 1000
		return compare(pick(n.generator, operators), x, constant("'"+milliTime(at).Format(time.DateTime)+"'", timestamp, at))
	case 2:
		low, high := at, at+int64(n.n(90))*3_600_000
		both := and(compare(">=", x, constant("", timestamp, low)), compare("<=", x, constant("", timestamp, high)))
		both.sql = "(" + x.sql + " BETWEEN " + timeLiteral(low) + " AND " + timeLiteral(high) + ")"
		return both
	case 3:
		day := types.FloorDiv(at, millisecondsDay)
		sql := pick(n.generator, []string{"date(eventtime)", "CAST(eventtime AS date)"})
		return n.compared(derived(sql, date, func(v int64) any { return types.FloorDiv(v, millisecondsDay) }), "DATE '"+dayTime(day).Format(time.DateOnly)+"'", day)
	case 4:
		unit := pick(n.generator, []string{"hour", "day", "week", "month"})
		truncate := func(v int64) any { return truncated(unit, milliTime(v)).UnixMilli() }
		if n.chance(60) {
			at = truncate(at).(int64)
		}
		return n.compared(derived("date_trunc('"+unit+"', eventtime)", timestamp, truncate), timeLiteral(at), at)
	case 5:
		hours := int64(n.n(100) - 50)
		return n.compared(derived(fmt.Sprintf("(eventtime + INTERVAL '%d' HOUR)", hours), timestamp, func(v int64) any { return v + hours*3_600_000 }), timeLiteral(at), at)
	case 6:
		pattern, layout := "%Y-%m-%d", time.DateOnly
		if n.chance(50) {
			pattern, layout = "%Y-%m-%d %H", "2006-01-02 15"
		}
		text := milliTime(at).Format(layout)
		return n.compared(derived("date_format(eventtime, '"+pattern+"')", varchar, func(v int64) any { return milliTime(v).Format(layout) }), "'"+text+"'", text)
	case 7:
		hours := int64(n.n(60) - 20)
		count := derived("date_diff('hour', "+timeLiteral(at)+", eventtime)", bigint, func(v int64) any { return (v - at) / 3_600_000 })
		return n.compared(count, fmt.Sprint(hours), hours)
	case 8:
		hours := int64(n.n(60) - 20)
		count := derived("date_diff('hour', eventtime, "+timeLiteral(at)+")", bigint, func(v int64) any { return (at - v) / 3_600_000 })
		return n.compared(count, fmt.Sprint(hours), hours)
	case 9:
		prefix := milliTime(at).Format("2006-01-02 15:04:05.000")[:7+n.n(10)]
		return call("(CAST(eventtime AS varchar) LIKE '"+prefix+"%')", boolean, func(v []any) (any, error) {
			return strings.HasPrefix(milliTime(v[0]).Format("2006-01-02 15:04:05.000"), prefix), nil
		}, x)
	}
	seconds := float64(at) / 1000
	return n.compared(derived("to_unixtime(eventtime)", double, func(v int64) any { return float64(v) / 1000 }), fmt.Sprintf("%.3fE0", seconds), seconds)
}

func (n *nearby) ofText() expression {
	column := pick(n.generator, []int{0, 2, 2, 3, 4, 6, 7, 8, 5})
	x := columnAt(n.r.columns, column)
	switch {
	case n.chance(15):
		e := isNull(x)
		if n.chance(50) {
			e = not(e)
		}
		return e
	case column == 5 && n.chance(50):
		return x
	case column == 5:
		v := n.chance(50)
		return compare(pick(n.generator, []string{"=", "<>"}), x, constant(fmt.Sprint(v), boolean, v))
	}
	v := n.text(column)
	if n.chance(12) { // before or after all others
		v = pick(n.generator, []string{"", "~~"})
	}
	quoted := func(v string) string { return "'" + v + "'" }
	switch n.n(7) {
	case 0:
		var texts []string
		for i := range 1 + n.n(6) {
			if i > 0 {
				v = n.text(column)
			}
			texts = append(texts, quoted(v))
		}
		return n.list(x, texts)
	case 1:
		runes := []rune(v)
		prefix := string(runes[:n.n(len(runes)+1)])
		starts := call("", boolean, func(a []any) (any, error) { return strings.HasPrefix(a[0].(string), prefix), nil }, x)
		starts.sql = pick(n.generator, []string{"(" + x.sql + " LIKE '" + strings.ReplaceAll(prefix, "_", "%") + "%')", "starts_with(" + x.sql + ", '" + prefix + "')"})
		return starts
	case 2:
		length := len([]rune(v))
		return compare("=", call(fmt.Sprintf("substr(%s, 1, %d)", x.sql, length), varchar, func(a []any) (any, error) {
			runes := []rune(a[0].(string))
			return string(runes[:min(length, len(runes))]), nil
		}, x), constant(quoted(v), varchar, v))
	case 3:
		negative := n.chance(50)
		operator := map[bool]string{false: " IS DISTINCT FROM ", true: " IS NOT DISTINCT FROM "}[negative]
		return expression{sql: "(" + x.sql + operator + quoted(v) + ")", t: boolean, eval: func(row []any) (any, error) {
			a, err := x.eval(row)
			return (a == any(v)) == negative, err
		}}
	case 4:
		pattern := "^" + v
		return call("regexp_like("+x.sql+", '"+pattern+"')", boolean, func(a []any) (any, error) { return strings.HasPrefix(a[0].(string), v), nil }, x)
	}
	return n.compared(x, quoted(v), v)
}

// list is x IN or NOT IN a list of texts.
func (n *nearby) list(x expression, texts []string) expression {
	negative := n.chance(35)
	operator := map[bool]string{false: " IN (", true: " NOT IN ("}[negative]
	return call("("+x.sql+operator+strings.Join(texts, ", ")+"))", boolean, func(v []any) (any, error) {
		return slices.Contains(texts, "'"+v[0].(string)+"'") != negative, nil
	}, x)
}

// text returns a text of a column, a beginning of one, or a longer one.
func (n *nearby) text(column int) string {
	v, isText := n.valueOf(column).(string)
	if !isText {
		v = "zzz"
	}
	v = strings.ReplaceAll(v, ".", "") // which means more in a pattern
	switch runes := []rune(v); {
	case n.chance(15) && len(runes) > 0:
		return string(runes[:n.n(len(runes))])
	case n.chance(10):
		return v + pick(n.generator, []string{"a", "~"})
	}
	if v, isText := n.valueOf(column).(string); isText && !strings.Contains(v, ".") {
		return v
	}
	return v
}
