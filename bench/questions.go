package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// question is one of testdata/queries, in the peers' words where they differ.
type question struct {
	ID, Title  string
	Trino      string
	DuckDB     string `json:"duckdb"`     // "": as Trino says it
	DuckDBMap  string `json:"duckdb_map"` // the same with maps where it has JSON text
	ClickHouse string `json:"clickhouse"` // "": as DuckDB says it

	group string // one of questionFiles' groups, "" for the sweep
}

// questionFiles are the files of testdata/queries, and how the foot of the table calls their questions.
var questionFiles = []struct{ name, group string }{
	{"bench.json", "first twenty"},
	{"bench_more.json", "twenty more"},
	{"bench_heldout.json", "held out"},
}

// constants are what the questions name of the events.
type constants struct {
	end                  time.Time // day 31 of the questions' January is the one before
	accessKeyID, eventID string
}

// The constants of testdata/queries, which belong to other events.
var (
	january     = regexp.MustCompile(`2024-0(?:1-(\d\d)|2-01)`)
	accessKeyID = regexp.MustCompile(`AKIACEJ3JMOL3ZRTWMZP`)
	eventID     = regexp.MustCompile(`0c38dd8c-a990-4027-be32-70bf0ace3650`)
	asksTable   = regexp.MustCompile(`\b(FROM|JOIN) ev\b`)
)

// filled puts our events' constants into a question, and the name of the table that it asks.
func (c constants) filled(sql, events string) string {
	sql = january.ReplaceAllStringFunc(sql, func(date string) string {
		day, err := strconv.Atoi(january.FindStringSubmatch(date)[1])
		if err != nil {
			day = 32 // of January: the first of February
		}
		return c.end.AddDate(0, 0, day-32).Format(time.DateOnly)
	})
	sql = accessKeyID.ReplaceAllLiteralString(sql, c.accessKeyID)
	sql = eventID.ReplaceAllLiteralString(sql, c.eventID)
	return asksTable.ReplaceAllString(sql, "$1 "+events)
}

// readQuestions reads the benchmark's questions and adds the sweep.
func readQuestions(folder string) ([]question, error) {
	var out []question
	for _, from := range questionFiles {
		text, err := os.ReadFile(filepath.Join(folder, from.name))
		if err != nil {
			return nil, err
		}
		var file struct{ Queries []question }
		if err := json.Unmarshal(text, &file); err != nil {
			return nil, fmt.Errorf("%s: %w", from.name, err)
		}
		for _, q := range file.Queries {
			q.group = from.group
			out = append(out, q)
		}
	}
	return append(out, sweep()), nil
}

// isApproximate reports whether answers may differ.
func (q question) isApproximate() bool { return strings.HasPrefix(q.Title, "approximate") }

// words are the question in the words of each who is asked.
func (q question) words() (ours, duckDB, clickHouse string) {
	duckDB = q.Trino
	for _, text := range []string{q.DuckDB, q.DuckDBMap} {
		if text != "" {
			duckDB = text
		}
	}
	clickHouse = q.ClickHouse
	if clickHouse == "" {
		clickHouse = clickHouseNames.Replace(duckDB)
	}
	return q.Trino, duckDB, clickHouse
}

// clickHouseNames replaces functions that have other names there, and fields, whose letter case counts there.
var clickHouseNames = strings.NewReplacer("useridentity.principalid", "useridentity.principalId", "useridentity.accesskeyid", "useridentity.accessKeyId",
	"useridentity.invokedby", "useridentity.invokedBy", "approx_count_distinct(", "uniq(", "regexp_matches(", "match(", "max_by(", "argMax(", "starts_with(", "startsWith(")

// growing are questions that should take no longer in a larger lake, and some that do.
var growing = []question{
	{Title: "count(*)", Trino: "SELECT count(*) FROM ev"},
	{Title: "one event id", Trino: "SELECT eventtime, eventname, eventjson FROM ev WHERE eventid = '0c38dd8c-a990-4027-be32-70bf0ace3650'"},
	{Title: "an access key in one day", Trino: "SELECT eventtime, eventname, eventid FROM ev WHERE useridentity.accesskeyid = 'AKIACEJ3JMOL3ZRTWMZP' AND " +
		"eventtime >= TIMESTAMP '2024-01-10 00:00:00' AND eventtime < TIMESTAMP '2024-01-11 00:00:00' ORDER BY eventtime"},
	{Title: "latest 100 rows, all columns", Trino: "SELECT * FROM ev ORDER BY eventtime DESC LIMIT 100"},
	{Title: "count over one day", Trino: "SELECT count(*) FROM ev WHERE eventtime >= TIMESTAMP '2024-01-10 00:00:00' AND eventtime < TIMESTAMP '2024-01-11 00:00:00'"},
	{Title: "top event names and callers of one day", Trino: "SELECT eventname, useridentity.arn, count(*) AS n FROM ev " +
		"WHERE eventtime >= TIMESTAMP '2024-01-10 00:00:00' AND eventtime < TIMESTAMP '2024-01-11 00:00:00' GROUP BY 1, 2 ORDER BY n DESC, 1, 2 LIMIT 20"},
	{Title: "errors of a month by day and source", Trino: "SELECT date_trunc('day', eventtime) AS day, eventsource, count(*) AS n, count(errorcode) AS errors FROM ev " +
		"WHERE eventtime >= TIMESTAMP '2024-01-02 00:00:00' AND eventtime < TIMESTAMP '2024-02-01 00:00:00' GROUP BY 1, 2 ORDER BY 1, 2"},
	{Title: "top event names", Trino: "SELECT eventname, count(*) AS n FROM ev GROUP BY eventname ORDER BY n DESC, eventname LIMIT 10"},
	{Title: "pattern over every text", Trino: "SELECT count(*) FROM ev WHERE eventjson LIKE '%198.51.100.7%'"},
	{Title: "join", Trino: "WITH a AS (SELECT eventtime t, json_extract_scalar(element_at(responseelements, 'credentials'), '$.accessKeyId') k " +
		"FROM ev WHERE eventname = 'AssumeRole' AND errorcode IS NULL) SELECT e.eventsource, e.eventname, count(*) n FROM a JOIN ev e ON e.useridentity.accesskeyid = a.k AND e.eventtime >= a.t " +
		"GROUP BY 1, 2 ORDER BY n DESC, 1, 2 LIMIT 50"},
	{Title: "full sort of three columns", Trino: "SELECT sourceipaddress, eventname, eventid FROM ev ORDER BY sourceipaddress, eventname, eventid OFFSET 500000 LIMIT 10"},
	{Title: "first three events of each caller", Trino: "SELECT u, eventtime, eventid FROM (SELECT useridentity.arn u, eventtime, eventid, " +
		"row_number() OVER (PARTITION BY useridentity.arn ORDER BY eventtime, eventid) rn FROM ev) WHERE rn <= 3 ORDER BY 1, 2, 3 LIMIT 100"},
}
