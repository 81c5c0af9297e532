package awsapi_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine"
)

// push adds events to a store, with the clock's time.
func (f *fixture) push(arn string, count int) {
	f.Helper()
	var events [][]byte
	for i := range count {
		events = append(events, fmt.Appendf(nil, `{"eventVersion":"1.08","eventTime":%q,"eventID":"e%03d","eventName":"Login","eventSource":"iam.amazonaws.com",`+
			`"eventCategory":"Management","eventType":"AwsApiCall","awsRegion":"us-east-1","recipientAccountId":%q,"requestParameters":{"n":"%d"}}`,
			f.clock.Now().Format(time.RFC3339), i, account, i))
	}
	results, err := f.lake.Push(context.Background(), arn, events)
	require.NoError(f, err)
	for _, r := range results {
		require.Empty(f, r.Code, r.Message)
	}
}

// start starts a query and returns its id.
func (f *fixture) start(sql string, pairs ...any) string {
	f.Helper()
	return f.get("StartQuery", of(append([]any{"QueryStatement", sql}, pairs...)...))["QueryId"].(string)
}

// wait waits until a query has a state.
func (f *fixture) wait(id, state string) map[string]any {
	f.Helper()
	return f.waitFor(id, "QueryStatus", state)
}

// waitFor waits until a query is described with a value of a member.
func (f *fixture) waitFor(id, member, value string) map[string]any {
	f.Helper()
	var out map[string]any
	require.Eventually(f, func() bool {
		out = f.get("DescribeQuery", of("QueryId", id))
		return out[member] == value
	}, 2*time.Minute, 2*time.Millisecond, "%s", value)
	return out
}

// TestQueryLife: a query is started, described, its rows are read in pages, and it is listed, also after a restart.
func TestQueryLife(t *testing.T) {
	f := newFixture(t)
	arn := f.newStore("main")
	f.push(arn, 5)
	sql := "SELECT eventID, eventName AS name, requestParameters FROM " + idOf(arn) + " ORDER BY eventID;"
	id := f.start(sql)
	require.Regexp(t, "^[a-f0-9-]{36}$", id)
	got := f.wait(id, "FINISHED")
	require.Equal(t, sql, got["QueryString"])
	statistics := got["QueryStatistics"].(map[string]any)
	require.Equal(t, 5.0, statistics["EventsScanned"])
	require.Equal(t, 5.0, statistics["EventsMatched"])
	require.Equal(t, float64(start.Unix()), statistics["CreationTime"])
	require.NotContains(t, got, "ErrorMessage")

	row := func(i int) any {
		return []any{of("eventID", fmt.Sprintf("e%03d", i)), of("name", "Login"), of("requestParameters", fmt.Sprintf("{n=%d}", i))}
	}
	first := f.get("GetQueryResults", of("QueryId", id, "MaxQueryResults", 2, "EventDataStore", arn))
	require.Equal(t, []any{row(0), row(1)}, first["QueryResultRows"])
	require.Equal(t, of("ResultsCount", 2.0, "TotalResultsCount", 5.0, "BytesScanned", statistics["BytesScanned"]), first["QueryStatistics"])
	f.close()
	f.open()
	second := f.get("GetQueryResults", of("QueryId", id, "MaxQueryResults", 2, "EventDataStore", arn, "NextToken", first["NextToken"]))
	require.Equal(t, []any{row(2), row(3)}, second["QueryResultRows"])
	third := f.get("GetQueryResults", of("QueryId", id, "MaxQueryResults", 2, "EventDataStore", arn, "NextToken", second["NextToken"]))
	require.Equal(t, []any{row(4)}, third["QueryResultRows"])
	require.NotContains(t, third, "NextToken")
	require.Equal(t, []any{row(0), row(1), row(2), row(3), row(4)}, f.get("GetQueryResults", of("QueryId", id))["QueryResultRows"])

	listed := of("Queries", []any{of("QueryId", id, "QueryStatus", "FINISHED", "CreationTime", float64(start.Unix()))})
	require.Equal(t, listed, f.get("ListQueries", of("EventDataStore", arn)))
	require.Equal(t, listed, f.get("ListQueries", of("EventDataStore", arn, "QueryStatus", "FINISHED", "StartTime", start.Unix(), "EndTime", start.Unix())))
	require.Empty(t, f.get("ListQueries", of("EventDataStore", arn, "QueryStatus", "FAILED"))["Queries"])
	require.Empty(t, f.get("ListQueries", of("EventDataStore", arn, "StartTime", start.Unix()+1))["Queries"])
	require.Empty(t, f.get("ListQueries", of("EventDataStore", arn, "EndTime", start.Unix()-1))["Queries"])

	f.clock.Pass(7*24*time.Hour + time.Second)
	f.refused("QueryIdNotFoundException", "DescribeQuery", of("QueryId", id))
	f.refused("QueryIdNotFoundException", "GetQueryResults", of("QueryId", id))
	require.Empty(t, f.get("ListQueries", of("EventDataStore", arn))["Queries"])
}

// TestValues: every value is text, NULL is null, and columns have their names, also repeated and missing ones.
func TestValues(t *testing.T) {
	f := newFixture(t)
	for _, tt := range []struct {
		sql  string
		want []any
	}{
		{"SELECT true AS a, 7 AS b, DECIMAL '1.50' AS c, 1e10 AS d", []any{of("a", "true"), of("b", "7"), of("c", "1.50"), of("d", "1.0E10")}},
		{"SELECT X'00ff' AS a, DATE '2026-01-31' AS b, TIMESTAMP '2026-01-31 10:00:00.000' AS c", []any{of("a", "AP8="), of("b", "2026-01-31"), of("c", "2026-01-31 10:00:00.000")}},
		{"SELECT ARRAY['a', null, 'b'] AS a, MAP(ARRAY['k'], ARRAY['v']) AS m, CAST(ROW(1, 'x') AS ROW(f bigint, g varchar)) AS r",
			[]any{of("a", "[a, null, b]"), of("m", "{k=v}"), of("r", "{f=1, g=x}")}},
		{"SELECT null AS n, '' AS e, 'a\"b\nc' AS t", []any{of("n", nil), of("e", ""), of("t", "a\"b\nc")}},
		{"SELECT 1, 2 AS x, 3 AS x, 4", []any{of("_col0", "1"), of("x", "2"), of("x", "3"), of("_col3", "4")}},
		{"VALUES (1, 'a')", []any{of("_col0", "1"), of("_col1", "a")}},
		{"WITH a AS (SELECT 1 AS One) SELECT One FROM a", []any{of("One", "1")}},
	} {
		id := f.start(tt.sql)
		f.wait(id, "FINISHED")
		require.Equal(t, []any{tt.want}, f.get("GetQueryResults", of("QueryId", id))["QueryResultRows"], tt.sql)
	}
	id := f.start("SELECT ? AS a, '?' AS b, '? ' AS c", "QueryParameters", []any{"7", "it's"})
	f.wait(id, "FINISHED")
	require.Equal(t, []any{[]any{of("a", "7"), of("b", "it's"), of("c", "? ")}}, f.get("GetQueryResults", of("QueryId", id))["QueryResultRows"])
}

// TestLongRows: a page has 4 MiB at most, and a longer row comes alone.
func TestLongRows(t *testing.T) {
	if testing.Short() {
		t.Skip("one request after the other; the unit stage runs it")
	}
	f := newFixture(t)
	id := f.start("SELECT x, array_join(repeat(repeat_me, CAST(x AS bigint)), '') AS t FROM (SELECT x, array_join(repeat('0123456789abcdef', 6400), '') AS repeat_me " +
		"FROM UNNEST(ARRAY[20, 20, 60, 1]) AS u(x))")
	f.wait(id, "FINISHED")
	var counts []int
	members := of("QueryId", id)
	for {
		out := f.get("GetQueryResults", members)
		counts = append(counts, len(out["QueryResultRows"].([]any)))
		if out["NextToken"] == nil {
			break
		}
		members["NextToken"] = out["NextToken"]
	}
	require.Equal(t, []int{2, 1, 1}, counts)
}

// TestListQueries: pages, the latest query first, while others are started.
func TestListQueries(t *testing.T) {
	f := newFixture(t)
	arn := f.newStore("main")
	var want []any
	for range 5 {
		id := f.start("SELECT count(*) FROM " + idOf(arn))
		f.wait(id, "FINISHED")
		want = append([]any{id}, want...)
		f.clock.Pass(time.Second)
	}
	rows, err := f.lake.Query(context.Background(), "SELECT count(*) FROM main", engine.ThroughDoor("trino"))
	require.NoError(t, err)
	require.NoError(t, rows.Close())
	var got []any
	members := of("EventDataStore", arn, "MaxResults", 2)
	for {
		out := f.get("ListQueries", members)
		for _, q := range out["Queries"].([]any) {
			got = append(got, q.(map[string]any)["QueryId"])
		}
		if out["NextToken"] == nil {
			break
		}
		members["NextToken"] = out["NextToken"]
		f.wait(f.start("SELECT 1 FROM "+idOf(arn)), "FINISHED")
	}
	require.Equal(t, want, got)
	members["QueryStatus"] = "FINISHED"
	f.refused("InvalidNextTokenException", "ListQueries", members)
}

// heavy takes longer than any test.
const heavy = "SELECT count(*) FROM unnest(sequence(1, 10000)) AS a(x), unnest(sequence(1, 10000)) AS b(y), unnest(sequence(1, 10000)) AS c(z) WHERE x * y + z = -1"

// TestCancel: ten queries of a user run or wait; one more is refused until one of them has ended.
func TestCancel(t *testing.T) {
	f := newFixture(t)
	var ids []string
	for range 10 {
		ids = append(ids, f.start(heavy))
	}
	f.refused("MaxConcurrentQueriesException", "StartQuery", of("QueryStatement", "SELECT 1"))
	out := f.get("GetQueryResults", of("QueryId", ids[0]))
	require.Contains(t, []any{"QUEUED", "RUNNING"}, out["QueryStatus"])
	require.Empty(t, out["QueryResultRows"])
	for _, id := range ids {
		require.Contains(t, []any{"RUNNING", "CANCELLED"}, f.get("CancelQuery", of("QueryId", id))["QueryStatus"])
	}
	for _, id := range ids {
		f.wait(id, "CANCELLED")
	}
	f.refused("InactiveQueryException", "CancelQuery", of("QueryId", ids[0]))
	require.Empty(t, f.get("GetQueryResults", of("QueryId", ids[0]))["QueryResultRows"])
	f.start("SELECT 1")
}

// TestQueryErrors: what is wrong with a statement shows when it is started, what is wrong with the data when it runs.
func TestQueryErrors(t *testing.T) {
	f := newFixture(t)
	arn := f.newStore("main")
	f.push(arn, 1)
	for _, tt := range []struct {
		name, operation string
		members         map[string]any
		code            string
	}{
		{"no statement", "StartQuery", of(), "InvalidParameterException"},
		{"an empty one", "StartQuery", of("QueryStatement", ""), "InvalidParameterException"},
		{"both", "StartQuery", of("QueryStatement", "SELECT 1", "QueryAlias", "a"), "InvalidParameterException"},
		{"an alias of nothing", "StartQuery", of("QueryAlias", "a"), "InvalidParameterException"},
		{"a long one", "StartQuery", of("QueryStatement", "SELECT 1"+strings.Repeat(" ", 10000)), "InvalidParameterException"},
		{"no SQL", "StartQuery", of("QueryStatement", "SELECT"), "InvalidQueryStatementException"},
		{"DELETE", "StartQuery", of("QueryStatement", "DELETE FROM "+idOf(arn)), "InvalidQueryStatementException"},
		{"SHOW", "StartQuery", of("QueryStatement", "SHOW TABLES"), "InvalidQueryStatementException"},
		{"EXPLAIN", "StartQuery", of("QueryStatement", "EXPLAIN SELECT 1"), "InvalidQueryStatementException"},
		{"a column that there is not", "StartQuery", of("QueryStatement", "SELECT nothing FROM "+idOf(arn)), "InvalidQueryStatementException"},
		{"a function that there is not", "StartQuery", of("QueryStatement", "SELECT nothing(1)"), "InvalidQueryStatementException"},
		{"an ARN as table", "StartQuery", of("QueryStatement", "SELECT 1 FROM "+arn), "InvalidQueryStatementException"},
		{"a store that there is not", "StartQuery", of("QueryStatement", "SELECT 1\nFROM "+idOf(arn)+",\n "+absentStore), "EventDataStoreNotFoundException"},
		{"too few parameters", "StartQuery", of("QueryStatement", "SELECT ?, ?", "QueryParameters", []any{"1"}), "InvalidParameterException"},
		{"no values for question marks", "StartQuery", of("QueryStatement", "SELECT ?"), "InvalidQueryStatementException"},
		{"no bucket", "StartQuery", of("QueryStatement", "SELECT 1", "DeliveryS3Uri", "s3://B"), "InvalidS3BucketNameException"},
		{"an address as bucket", "StartQuery", of("QueryStatement", "SELECT 1", "DeliveryS3Uri", "s3://198.51.100.24"), "InvalidS3BucketNameException"},
		{"a prefix that leads up", "StartQuery", of("QueryStatement", "SELECT 1", "DeliveryS3Uri", "s3://bucket/../x"), "InvalidS3PrefixException"},
		{"a bucket that nobody lists", "StartQuery", of("QueryStatement", "SELECT 1", "DeliveryS3Uri", "s3://bucket/x"), "S3BucketDoesNotExistException"},
		{"a mistake before a bucket", "StartQuery", of("QueryStatement", "SELECT x", "DeliveryS3Uri", "s3://bucket/x"), "InvalidQueryStatementException"},
		{"another account", "StartQuery", of("QueryStatement", "SELECT 1", "EventDataStoreOwnerAccountId", "999999999999"), "EventDataStoreNotFoundException"},
		{"no query", "DescribeQuery", of(), "InvalidParameterException"},
		{"an unknown query", "DescribeQuery", of("QueryId", absentStore), "QueryIdNotFoundException"},
		{"an unknown alias", "DescribeQuery", of("QueryAlias", "a"), "QueryIdNotFoundException"},
		{"no id", "DescribeQuery", of("QueryId", "x"), "InvalidParameterException"},
		{"results of none", "GetQueryResults", of("QueryId", absentStore), "QueryIdNotFoundException"},
		{"cancel none", "CancelQuery", of("QueryId", absentStore), "QueryIdNotFoundException"},
		{"long pages", "GetQueryResults", of("QueryId", absentStore, "MaxQueryResults", 1001), "InvalidMaxResultsException"},
		{"a store without queries", "ListQueries", of("EventDataStore", absentStore), "EventDataStoreNotFoundException"},
		{"times the wrong way round", "ListQueries", of("EventDataStore", arn, "StartTime", 2, "EndTime", 1), "InvalidDateRangeException"},
		{"an unknown state", "ListQueries", of("EventDataStore", arn, "QueryStatus", "DONE"), "InvalidQueryStatusException"},
		{"a token of nobody", "ListQueries", of("EventDataStore", arn, "NextToken", "abcdef"), "InvalidNextTokenException"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			g := *f
			g.T = t
			g.refused(tt.code, tt.operation, tt.members)
		})
	}
	id := f.start("SELECT 1 / length(substr(eventname, 1, 0)) FROM " + idOf(arn))
	require.Contains(t, f.wait(id, "FAILED")["ErrorMessage"], "DIVISION_BY_ZERO")
	require.Contains(t, f.get("GetQueryResults", of("QueryId", id))["ErrorMessage"], "DIVISION_BY_ZERO")

	id = f.start("SELECT count(*) FROM " + idOf(arn))
	f.wait(id, "FINISHED")
	other := f.newStore("other")
	f.refused("QueryIdNotFoundException", "GetQueryResults", of("QueryId", id, "EventDataStore", other))
	f.refused("EventDataStoreNotFoundException", "GetQueryResults", of("QueryId", id, "EventDataStore", absentStore))
	f.get("UpdateEventDataStore", of("EventDataStore", arn, "TerminationProtectionEnabled", false))
	f.get("DeleteEventDataStore", of("EventDataStore", arn))
	for _, operation := range []string{"DescribeQuery", "GetQueryResults", "CancelQuery"} {
		f.refused("InactiveEventDataStoreException", operation, of("QueryId", id))
	}
	rows, err := f.lake.Query(context.Background(), "SELECT 1", engine.ThroughDoor("trino"))
	require.NoError(t, err)
	require.NoError(t, rows.Close())
	f.refused("QueryIdNotFoundException", "DescribeQuery", of("QueryId", rows.Query().ID()))
}

// TestQueriesEndWithTheDoor: a server that stops cancels what runs.
func TestQueriesEndWithTheDoor(t *testing.T) {
	f := newFixture(t)
	id := f.start(heavy)
	f.close()
	f.open()
	require.Equal(t, "CANCELLED", f.get("DescribeQuery", of("QueryId", id))["QueryStatus"])
}

// TestCaps: a query that would scan more than its key may is described as failed, with the cap.
func TestCaps(t *testing.T) {
	f := newFixture(t)
	arn := f.newStore("main")
	f.push(arn, 50)
	sql := "SELECT max(eventID), max(eventName) FROM " + idOf(arn)
	require.Equal(t, "FINISHED", f.wait(f.start(sql), "FINISHED")["QueryStatus"])
	document := `{"Statement":{"Effect":"Allow","Action":"cloudtrail:*","Resource":"*"}}`
	w := f.askAs(engine.KeyOptions{AccountID: account, Policies: []engine.KeyPolicy{{Name: "p", Document: document}}, MaxBytesPerQuery: 1},
		"StartQuery", of("QueryStatement", sql))
	require.Equal(t, http.StatusOK, w.Code, w.Body.String())
	var started struct{ QueryId string }
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &started))
	require.Contains(t, f.wait(started.QueryId, "FAILED")["ErrorMessage"], "the cap of 1 bytes per query of access key AKIA")
}
