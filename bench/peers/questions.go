package main

import "strings"

// question is asked of both. {events} is the table, {from} and {to} bound a day in the middle.
type question struct {
	name, sql string
	duckdb    string // where its SQL differs
}

var questions = []question{
	{name: "count of all events", sql: "SELECT count(*) FROM {events}"},
	{name: "count over one day", sql: "SELECT count(*) FROM {events} WHERE eventtime >= TIMESTAMP '{from} 00:00:00' AND eventtime < TIMESTAMP '{to} 00:00:00'"},
	{name: "top event names", sql: "SELECT eventname, count(*) AS n FROM {events} GROUP BY eventname ORDER BY n DESC, eventname LIMIT 10"},
	{
		name: "failed console sign-ins",
		sql: "SELECT eventtime, useridentity.arn, sourceipaddress, errormessage FROM {events} WHERE eventname = 'ConsoleLogin' AND " +
			"(errormessage = 'Failed authentication' OR element_at(responseelements, 'ConsoleLogin') = 'Failure') ORDER BY eventtime, eventid",
		duckdb: "SELECT eventtime, useridentity.arn, sourceipaddress, errormessage FROM {events} WHERE eventname = 'ConsoleLogin' AND " +
			"(errormessage = 'Failed authentication' OR responseelements['ConsoleLogin'] = 'Failure') ORDER BY eventtime, eventid",
	},
	{name: "principals per account", sql: "SELECT recipientaccountid, count(DISTINCT useridentity.principalid) AS n FROM {events} GROUP BY 1 ORDER BY 1"},
	{name: "errors per source and hour", sql: "SELECT eventsource, date_trunc('hour', eventtime) AS h, count(*) AS n, count(errorcode) AS errors FROM {events} GROUP BY 1, 2 ORDER BY 1, 2"},
	{
		name: "reads per bucket",
		sql: "SELECT element_at(requestparameters, 'bucketName') AS b, count(*) AS n FROM {events} WHERE eventsource = 's3.amazonaws.com' AND eventname = 'GetObject' " +
			"GROUP BY 1 ORDER BY n DESC, 1 LIMIT 20",
		duckdb: "SELECT requestparameters['bucketName'] AS b, count(*) AS n FROM {events} WHERE eventsource = 's3.amazonaws.com' AND eventname = 'GetObject' " +
			"GROUP BY 1 ORDER BY n DESC, 1 LIMIT 20",
	},
	{
		name: "first events of each caller",
		sql: "SELECT u, eventtime, eventname, eventid FROM (SELECT useridentity.arn AS u, eventtime, eventname, eventid, " +
			"row_number() OVER (PARTITION BY useridentity.arn ORDER BY eventtime, eventid) AS rn FROM {events}) AS t WHERE rn <= 3 AND u LIKE '%admin%' ORDER BY u, eventtime, eventid",
	},
	{
		name:   "regular expression over all text",
		sql:    "SELECT count(*), count(DISTINCT useridentity.arn) FROM {events} WHERE regexp_like(eventjson, 'arn:aws:iam::[0-9]{12}:role/[a-z]+-admin')",
		duckdb: "SELECT count(*), count(DISTINCT useridentity.arn) FROM {events} WHERE regexp_matches(eventjson, 'arn:aws:iam::[0-9]{12}:role/[a-z]+-admin')",
	},
}

// ours and peers give the question for either, of the day from a date to another one.
func (q question) ours(from, to string) string { return filled(q.sql, "main", from, to) }

func (q question) peers(from, to string) string {
	if q.duckdb == "" {
		return filled(q.sql, "main_events", from, to)
	}
	return filled(q.duckdb, "main_events", from, to)
}

func filled(sql, events, from, to string) string {
	return strings.NewReplacer("{events}", events, "{from}", from, "{to}", to).Replace(sql)
}
