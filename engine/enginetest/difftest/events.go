package difftest

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
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

// question is a statement over the events for which a condition holds.
func (n *nearby) question() (out *relation, ordered bool) {
	condition := n.condition(n.n(4))
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
	switch n.n(5) {
	case 4:
		return n.ofBothStores(n.condition(n.n(3))), false
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
