package difftest

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/auditlake/auditlake/planner/types"
)

// Questions about stored events ask what pruning may leave out: conditions on
// times and texts near values that are there.

// eventColumns are what the questions read; the names are expressions.
var eventColumns = scope{
	{"eventid", varchar}, {"eventtime", timestamp}, {"eventname", varchar}, {"awsregion", varchar}, {"errorcode", varchar},
	{"readonly", boolean}, {"useridentity.username", varchar}, {"element_at(requestparameters, 'bucket')", varchar}, {"sourceipaddress", varchar},
}

const (
	eventIDColumn   = 0
	eventTimeColumn = 1
	eventNameColumn = 2
)

var eventNames = []string{"GetObject", "GetObjectAcl", "PutObject", "Delete", "DeleteBucket", "AssumeRole", "ConsoleLogin", "Ünlock", "ListBuckets", "List"}

// someEvents makes events of the days from first on, more and more of them in
// order, as their texts and rows.
func (g *generator) someEvents(first time.Time, days, count, firstID int) (texts [][]byte, rows [][]any) {
	span := int64(days) * millisecondsDay
	for i := range count {
		at := first.UnixMilli() + span*int64(i)/int64(count) + int64(g.n(3_000_000))
		if at = min(at, first.UnixMilli()+span-1); g.chance(3) { // the ends of days and hours
			at -= at % pick(g, []int64{3_600_000, millisecondsDay})
		}
		hour := int(at / 3_600_000)
		row := []any{fmt.Sprintf("id-%06d", firstID+i), at, eventNames[(hour/5+g.n(4))%len(eventNames)], nil, nil, nil, nil, nil, nil}
		event := map[string]any{"eventID": row[0], "eventTime": milliTime(at).Format("2006-01-02T15:04:05.000Z"), "eventName": row[eventNameColumn],
			"eventVersion": "1.11", "eventSource": "s3.amazonaws.com", "eventType": "AwsApiCall", "eventCategory": "Management", "managementEvent": true}
		text := func(column int, json string, percent int, values ...string) {
			if g.chance(percent) {
				row[column] = values[(hour/11+g.n(3))%len(values)]
				event[json] = row[column]
			}
		}
		text(3, "awsRegion", 95, "us-east-1", "eu-west-1", "eu-central-1", "ap-south-1")
		text(4, "errorCode", 4, "AccessDenied", "ThrottlingException", "")
		text(8, "sourceIPAddress", 90, "10.0.0.1", "10.0.0.10", "192.0.2.7", "ec2.amazonaws.com", "203.0.113.9")
		if g.chance(80) {
			row[5] = g.chance(40)
			event["readOnly"] = row[5]
		}
		if g.chance(70) {
			row[6] = pick(g, []string{"ada", "adam", "bob", "carol", fmt.Sprint("u", hour%50)})
			event["userIdentity"] = map[string]any{"type": "IAMUser", "userName": row[6]}
		}
		if g.chance(50) {
			parameters := map[string]any{"key": fmt.Sprint("k/", i)}
			if g.chance(70) {
				row[7] = fmt.Sprint("b-", hour/7%20)
				parameters["bucket"] = row[7]
			}
			event["requestParameters"] = parameters
		}
		body, err := json.Marshal(event)
		if err != nil {
			panic(err)
		}
		texts, rows = append(texts, body), append(rows, row)
	}
	return texts, rows
}

// nearby makes conditions on the columns of r that compare with constants which
// are in its rows, or close to what is.
type nearby struct {
	*generator
	r *relation
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
		day := floorDiv(at, millisecondsDay)
		sql := pick(n.generator, []string{"date(eventtime)", "CAST(eventtime AS date)"})
		return n.compared(derived(sql, date, func(v int64) any { return floorDiv(v, millisecondsDay) }), "DATE '"+dayTime(day).Format(time.DateOnly)+"'", day)
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

// text is one that a column has, or a beginning of it, or a longer one.
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

// question is a statement over the events for which a condition holds.
func (n *nearby) question() (out *relation, ordered bool) {
	condition := n.condition(3)
	out = &relation{}
	from := n.r.sql
	id, at, name := columnAt(n.r.columns, eventIDColumn), columnAt(n.r.columns, eventTimeColumn), columnAt(n.r.columns, eventNameColumn)
	joined := func([]any) bool { return true }
	if n.chance(25) { // keys that a join finds at run time
		column := pick(n.generator, []int{eventIDColumn, eventNameColumn, 6, 7})
		keys := map[any]bool{}
		var list []string
		for range 1 + n.n(3) {
			if v := n.text(column); !keys[v] {
				keys[v], list = true, append(list, "('"+v+"')")
			}
		}
		values := "(VALUES " + strings.Join(list, ", ") + ")"
		from = pick(n.generator, []string{from + " JOIN " + values + " AS k(k) ON k.k = " + n.r.columns[column].name,
			values + " AS k(k) JOIN " + from + " ON " + n.r.columns[column].name + " = k.k"})
		if n.chance(40) {
			from, condition = n.r.sql, and(condition, expression{sql: "(" + n.r.columns[column].name + " IN (SELECT k FROM " + values + " AS k(k)))", t: boolean,
				eval: func(row []any) (any, error) { return keys[row[column]], nil }})
		} else {
			joined = func(row []any) bool { return keys[row[column]] }
		}
	}
	var rows [][]any
	for _, row := range n.r.rows {
		if v, _ := condition.eval(row); v == true && joined(row) {
			rows = append(rows, row)
		}
	}
	where := " FROM " + from + " WHERE " + condition.sql
	switch n.n(4) {
	case 0: // groups
		out.sql = out.selects(n.generator, []expression{name, {sql: "count(*)", t: bigint}, {sql: "min(eventtime)", t: timestamp}}, false) + where + " GROUP BY eventname"
		groups := map[any]int{}
		for _, row := range rows {
			i, known := groups[row[eventNameColumn]]
			if !known {
				i = len(out.rows)
				groups[row[eventNameColumn]] = i
				out.rows = append(out.rows, []any{row[eventNameColumn], int64(0), row[eventTimeColumn]})
			}
			out.rows[i][1] = out.rows[i][1].(int64) + 1
			out.rows[i][2] = min(out.rows[i][2].(int64), row[eventTimeColumn].(int64))
		}
		return out, false
	case 1: // the first ones
		descending, limit := n.chance(50), 1+n.n(5)
		out.sql = out.selects(n.generator, []expression{at, id}, false) + where + " ORDER BY eventtime" + map[bool]string{true: " DESC"}[descending] + ", eventid" + fmt.Sprint(" LIMIT ", limit)
		slices.SortFunc(rows, func(a, b []any) int {
			if d := compareKeys(timestamp, a[eventTimeColumn], b[eventTimeColumn], descending, false); d != 0 {
				return d
			}
			return compareKeys(varchar, a[eventIDColumn], b[eventIDColumn], false, false)
		})
		for _, row := range rows[:min(limit, len(rows))] {
			out.rows = append(out.rows, []any{row[eventTimeColumn], row[eventIDColumn]})
		}
		return out, true
	case 2:
		out.sql = out.selects(n.generator, []expression{{sql: "count(*)", t: bigint}, {sql: "max(eventid)", t: varchar}}, false) + where
		out.rows = [][]any{{int64(len(rows)), largestOf(varchar, eventIDColumn, rows)}}
		return out, false
	}
	list := []expression{id, columnAt(n.r.columns, n.n(len(n.r.columns)))}
	out.sql = out.selects(n.generator, list, false) + where
	for _, row := range rows {
		values, _ := evaluate(list, row)
		out.rows = append(out.rows, values)
	}
	return out, false
}
