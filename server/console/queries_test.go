package console

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow/go/v15/arrow/ipc"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine"
)

// rowsView is a page of rows as the browser reads it.
type rowsView struct {
	Columns       []columnView
	Offset, Total int64
	Rows          [][]any
}

func rowsOf(v *visitor, q queryView, offset, limit int) rowsView {
	v.Helper()
	require.Equal(v, "FINISHED", q.State, q.ErrorMessage)
	return ask[rowsView](v, http.MethodGet, fmt.Sprintf("queries/%s/rows?offset=%d&limit=%d", q.ID, offset, limit), nil)
}

// TestValuesArriveAsTheyAre: integers with all digits, NULL apart from the empty text, long values cut and whole on request, and texts
// that are no UTF-8, turn around or are markup as texts.
func TestValuesArriveAsTheyAre(t *testing.T) {
	v := newSite(t).signedInAsRoot()
	q := v.run(`SELECT 9223372036854775807 AS big, CAST(NULL AS varchar) AS nothing, '' AS empty, rpad('x', 5000, 'é') AS long,
		'<script>alert(1)</script>' AS markup, MAP(ARRAY['k'], ARRAY[ROW(1, 'a')]) AS nested, TIMESTAMP '2026-01-02 03:04:05.678' AS at, nan() AS odd, DECIMAL '0.10' AS price`)
	page := rowsOf(v, q, 0, 10)
	require.EqualValues(t, 1, page.Total)
	row := page.Rows[0]
	require.Equal(t, "9223372036854775807", row[0])
	require.Nil(t, row[1])
	require.Equal(t, "", row[2])
	cut := row[3].([]any)
	require.Equal(t, "x"+strings.Repeat("é", 999), cut[0], "the beginning ends with a whole character")
	require.EqualValues(t, 1+2*4999, cut[1])
	require.Equal(t, "<script>alert(1)</script>", row[4])
	require.Equal(t, `{"k":{"field0":1,"field1":"a"}}`, row[5])
	require.Equal(t, []any{"2026-01-02 03:04:05.678", "NaN", "0.10"}, row[6:])
	require.True(t, page.Columns[5].IsNested)
	require.True(t, page.Columns[0].IsNumeric)
	whole := ask[struct{ Value string }](v, http.MethodGet, "queries/"+q.ID+"/value?row=0&column=3", nil)
	require.Equal(t, "x"+strings.Repeat("é", 4999), whole.Value)
	for _, path := range []string{"value?row=1&column=0", "value?row=0&column=9"} {
		status, _ := v.refused(http.MethodGet, "queries/"+q.ID+"/"+path, nil)
		require.Equal(t, http.StatusNotFound, status, path)
	}
	for _, path := range []string{"rows?limit=1001", "rows?offset=-1", "rows?limit=x"} {
		status, _ := v.refused(http.MethodGet, "queries/"+q.ID+"/"+path, nil)
		require.Equal(t, http.StatusBadRequest, status, path)
	}
}

// TestPagesOfALongResult: any page of it, and pages of long rows end before they are too long.
func TestPagesOfALongResult(t *testing.T) {
	v := newSite(t).signedInAsRoot()
	q := v.run(`SELECT 1000 * a.n + b.n AS n FROM UNNEST(sequence(0, 199)) AS a (n), UNNEST(sequence(0, 999)) AS b (n) ORDER BY 1`)
	page := rowsOf(v, q, 123_456, 3)
	require.EqualValues(t, 200_000, page.Total)
	require.Equal(t, [][]any{{"123456"}, {"123457"}, {"123458"}}, page.Rows)
	require.Empty(t, rowsOf(v, q, 200_000, 3).Rows)

	found := ask[foundView](v, http.MethodGet, "queries/"+q.ID+"/search?text=199999", nil)
	require.Equal(t, foundView{[]int64{199999}, 200_000}, found)
	many := ask[foundView](v, http.MethodGet, "queries/"+q.ID+"/search?text=7", nil)
	require.Len(t, many.Rows, maxFound)
	more := ask[foundView](v, http.MethodGet, fmt.Sprintf("queries/%s/search?text=7&from=%d", q.ID, many.Next), nil)
	require.Greater(t, more.Rows[0], many.Rows[maxFound-1])

	wide := v.run(`SELECT rpad('x', 1999, 'y') AS a, rpad('x', 1999, 'y') AS b, rpad('x', 1999, 'y') AS c FROM UNNEST(sequence(1, 1000))`)
	part := rowsOf(v, wide, 0, 1000)
	require.Less(t, len(part.Rows), 1000)
	require.Greater(t, len(part.Rows), 500)
}

// TestColumnStatistics counts what a result holds, exactly.
func TestColumnStatistics(t *testing.T) {
	v := newSite(t).signedInAsRoot()
	q := v.run(`SELECT * FROM (VALUES ('a', 10), ('b', 9), ('a', NULL), ('', 9), (NULL, -3)) AS t (word, n)`)
	of := func(column int) columnStatisticsView {
		return ask[columnStatisticsView](v, http.MethodGet, fmt.Sprintf("queries/%s/column?column=%d", q.ID, column), nil)
	}
	text := func(s string) *string { return &s }
	require.Equal(t, columnStatisticsView{Rows: 5, Total: 5, Nulls: 1, Empty: 1, Distinct: 3, IsDistinct: true, Least: text(""), Greatest: text("b"),
		Top: []topValue{{"a", 2}, {"", 1}, {"b", 1}}}, of(0))
	numbers := of(1)
	require.Equal(t, "-3", *numbers.Least)
	require.Equal(t, "10", *numbers.Greatest, "numbers are compared as numbers")
	many := v.run(`SELECT 1000 * a.n + b.n AS n FROM UNNEST(sequence(0, 299)) AS a (n), UNNEST(sequence(0, 999)) AS b (n)`)
	counted := ask[columnStatisticsView](v, http.MethodGet, "queries/"+many.ID+"/column?column=0", nil)
	require.False(t, counted.IsDistinct)
	require.EqualValues(t, maxDistinct, counted.Distinct, "there are more")
	require.Equal(t, [2]string{"0", "299999"}, [2]string{*counted.Least, *counted.Greatest}, "of all values, not of those that are told apart")
	status, _ := v.refused(http.MethodGet, "queries/"+q.ID+"/column?column=2", nil)
	require.Equal(t, http.StatusNotFound, status)
}

// TestDownloads: the whole result in each format, and no text is a formula unless that is wanted.
func TestDownloads(t *testing.T) {
	v := newSite(t).signedInAsRoot()
	q := v.run(`SELECT n, '=1+1' AS formula FROM UNNEST(sequence(1, 5000)) AS t (n)`)
	read := func(parameters string) (*http.Response, []byte) {
		t.Helper()
		response := v.send(http.MethodGet, "/console/api/queries/"+q.ID+"/download?"+parameters, "", nil)
		require.Equal(t, http.StatusOK, response.StatusCode)
		body, err := io.ReadAll(response.Body)
		require.NoError(t, err)
		return response, body
	}
	response, body := read("format=csv&safe=true")
	require.Equal(t, `attachment; filename="auditlake-`+q.ID+`.csv"`, response.Header.Get("Content-Disposition"))
	require.Equal(t, "no-store", response.Header.Get("Cache-Control"))
	lines, err := csv.NewReader(bytes.NewReader(body)).ReadAll()
	require.NoError(t, err)
	require.Len(t, lines, 5001)
	require.Equal(t, []string{"5000", "'=1+1"}, lines[5000])
	_, body = read("format=csv")
	require.Contains(t, string(body), "5000,=1+1\n")
	_, body = read("format=ndjson")
	require.Equal(t, 5000, bytes.Count(body, []byte{'\n'}))
	_, body = read("format=parquet")
	require.True(t, bytes.HasPrefix(body, []byte("PAR1")) && bytes.HasSuffix(body, []byte("PAR1")))
	_, body = read("format=arrow")
	file, err := ipc.NewFileReader(bytes.NewReader(body))
	require.NoError(t, err)
	rows := int64(0)
	for i := range file.NumRecords() {
		record, err := file.Record(i)
		require.NoError(t, err)
		rows += record.NumRows()
	}
	require.EqualValues(t, 5000, rows)
	status, _ := v.refused(http.MethodGet, "queries/"+q.ID+"/download?format=exe", nil)
	require.Equal(t, http.StatusBadRequest, status)
}

// TestCheck: before a statement runs the page knows what it costs, or where it is wrong.
func TestCheck(t *testing.T) {
	v := newSite(t).signedInAsRoot()
	check := func(sql string, arguments ...string) checkView {
		t.Helper()
		return ask[checkView](v, http.MethodPost, "check", map[string]any{"sql": sql, "arguments": arguments})
	}
	good := check("SELECT eventname, count(DISTINCT sourceipaddress) FROM main GROUP BY 1")
	require.Nil(t, good.Problem)
	q := v.run("SELECT eventname, count(DISTINCT sourceipaddress) FROM main GROUP BY 1")
	require.LessOrEqual(t, good.Estimate.LowBytes, q.BytesScanned)
	require.GreaterOrEqual(t, good.Estimate.HighBytes, q.BytesScanned)
	require.Positive(t, good.Estimate.HighPrice)
	require.Positive(t, q.Price)

	for _, tt := range []struct {
		name, sql, code string
		line, column    int
	}{
		{"a word that is wrong", "SELECT 1\nFORM main", "SYNTAX_ERROR", 2, 6},
		{"a column that is not there, after characters of several bytes", "SELECT 'éé',\n nocolumn FROM main", "COLUMN_NOT_FOUND", 2, 2},
		{"a store that is not there", "SELECT 1 FROM nostore", "TABLE_NOT_FOUND", 1, 15},
	} {
		t.Run(tt.name, func(t *testing.T) {
			found := check(tt.sql)
			require.NotNil(t, found.Problem)
			require.Equal(t, tt.code, found.Problem.Code)
			require.Equal(t, [2]int{tt.line, tt.column}, [2]int{found.Problem.Line, found.Problem.Column})
			require.Nil(t, found.Estimate)
			status, why := v.refused(http.MethodPost, "queries", map[string]any{"sql": tt.sql})
			require.Equal(t, http.StatusBadRequest, status)
			require.Equal(t, found.Problem.Code, why.Code, "running it says the same")
			require.Equal(t, tt.line, why.Line)
		})
	}
}

// TestAdvice names what makes a statement dear, and nothing where it is cheap.
func TestAdvice(t *testing.T) {
	days := engine.Pruned{PartitionsTotal: 30}
	for _, tt := range []struct {
		name, sql string
		estimate  engine.Estimate
		want      []string
	}{
		{"cheap", "SELECT * FROM main", engine.Estimate{HighBytes: 1000, Pruned: days}, nil},
		{"all days, all columns", "select distinct\n m.* FROM main AS m", engine.Estimate{HighBytes: 1 << 30, Pruned: days}, []string{"every day", "every column"}},
		{"all days", "SELECT count(*) FROM main", engine.Estimate{HighBytes: 1 << 30, Pruned: days}, []string{"every day"}},
		{"some days", "SELECT a FROM main", engine.Estimate{HighBytes: 1 << 30, Pruned: engine.Pruned{Partitions: 3, PartitionsTotal: 30}}, nil},
		{"a star in a text", "SELECT 'select *' FROM main -- select *", engine.Estimate{HighBytes: 1 << 30, Pruned: engine.Pruned{Partitions: 3, PartitionsTotal: 30}}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			found := adviceFor(tt.sql, &tt.estimate)
			require.Len(t, found, len(tt.want))
			for i, part := range tt.want {
				require.Contains(t, found[i], part)
			}
		})
	}
}

// TestParameters: names and question marks have fields, and their values are never more than values.
func TestParameters(t *testing.T) {
	v := newSite(t).signedInAsRoot()
	sql := "SELECT :who AS who, ? AS what, :who AS again, ':no' AS text FROM main LIMIT :rows"
	found := ask[checkView](v, http.MethodPost, "check", map[string]any{"sql": sql})
	require.Equal(t, []parameter{{"who", false}, {"1", false}, {"rows", true}}, found.Parameters)
	require.Nil(t, found.Problem)
	q := v.run(sql, "o'hara", "1); DROP", "2")
	page := rowsOf(v, q, 0, 10)
	require.Equal(t, [][]any{{"o'hara", "1); DROP", "o'hara", ":no"}, {"o'hara", "1); DROP", "o'hara", ":no"}}, page.Rows)
	require.Equal(t, sql, q.SQL, "the history has it as it was written")
	status, _ := v.refused(http.MethodPost, "queries", map[string]any{"sql": sql, "arguments": []string{"a"}})
	require.Equal(t, http.StatusBadRequest, status)
}

// TestExplain: the plan comes as a tree, with what each scan leaves out, and after a run with what each step did.
func TestExplain(t *testing.T) {
	v := newSite(t).signedInAsRoot()
	sql := "SELECT count(*) FROM main WHERE eventname = 'GetObject'"
	type step struct {
		Name     string
		Details  []string
		Actual   *struct{ Rows int64 }
		Children []step
	}
	plan := ask[step](v, http.MethodPost, "explain", map[string]any{"sql": sql})
	scan := plan
	for len(scan.Children) > 0 {
		scan = scan.Children[0]
	}
	require.Contains(t, strings.Join(scan.Details, "\n"), "pruned ")
	require.Nil(t, plan.Actual)
	ran := ask[struct{ Plan step }](v, http.MethodPost, "explain", map[string]any{"sql": sql, "analyze": true})
	require.EqualValues(t, 1, ran.Plan.Actual.Rows)
}

// TestCancel: a query that runs can be cancelled, and is listed as cancelled.
func TestCancel(t *testing.T) {
	v := newSite(t).signedInAsRoot()
	started := ask[struct{ ID string }](v, http.MethodPost, "queries", map[string]any{
		"sql": "SELECT count(*) FROM UNNEST(sequence(1, 10000)) AS a (n), UNNEST(sequence(1, 10000)) AS b (n), UNNEST(sequence(1, 10000)) AS c (n) WHERE a.n + b.n + c.n = 7"})
	listed := ask[[]queryView](v, http.MethodGet, "queries?running=true", nil)
	require.Len(t, listed, 1)
	ask[queryView](v, http.MethodDelete, "queries/"+started.ID, nil)
	q := v.waitFor(started.ID)
	require.Equal(t, "CANCELLED", q.State)
	require.False(t, q.IsKept)
	status, why := v.refused(http.MethodDelete, "queries/"+started.ID, nil)
	require.Equal(t, http.StatusConflict, status)
	require.Equal(t, "QUERY_OVER", why.Code)
	status, _ = v.refused(http.MethodGet, "queries/"+started.ID+"/rows", nil)
	require.Equal(t, http.StatusNotFound, status)
}

// TestTenAtOnce: a user has as many queries as at the API, and closing the door ends them.
func TestTenAtOnce(t *testing.T) {
	s := newSite(t)
	v := s.signedInAsRoot()
	for i := range maxOpenQueries {
		require.NoError(t, s.door.takePlace("somebody"), i)
		require.NoError(t, s.door.takePlace(ask[callerView](v, http.MethodGet, "session", nil).Principal), i)
	}
	status, why := v.refused(http.MethodPost, "queries", map[string]any{"sql": "SELECT 1"})
	require.Equal(t, http.StatusTooManyRequests, status)
	require.Equal(t, "QUERY_QUEUE_FULL", why.Code)
	for range maxOpenQueries {
		s.door.leavePlace("somebody")
		s.door.leavePlace(ask[callerView](v, http.MethodGet, "session", nil).Principal)
		s.door.work.Add(-2)
	}
	started := ask[struct{ ID string }](v, http.MethodPost, "queries", map[string]any{
		"sql": "SELECT count(*) FROM UNNEST(sequence(1, 10000)) AS a (n), UNNEST(sequence(1, 10000)) AS b (n), UNNEST(sequence(1, 10000)) AS c (n) WHERE a.n + b.n + c.n = 7"})
	s.door.Close()
	require.Equal(t, "CANCELLED", v.waitFor(started.ID).State)
	status, _ = v.refused(http.MethodPost, "queries", map[string]any{"sql": "SELECT 1"})
	require.Equal(t, http.StatusServiceUnavailable, status)
}

// TestRights: somebody may do at the page what their key allows at the API, and nothing else.
func TestRights(t *testing.T) {
	s := newSite(t)
	root := s.signedInAsRoot()
	secretQuery := root.run("SELECT eventname FROM main LIMIT 3")
	tableQuery := root.run("SELECT 42 AS answer")
	words := filepath.Join(t.TempDir(), "words.csv")
	require.NoError(t, os.WriteFile(words, []byte("word\nsecret\n"), 0o600))
	_, err := s.lake.Tables().Create(context.Background(), engine.TableOptions{Name: "words", Path: words})
	require.NoError(t, err)
	joined := root.run("SELECT eventname, word FROM main, words LIMIT 3")
	reading := `{"Effect": "Allow", "Action": ["cloudtrail:StartQuery", "cloudtrail:GetQueryResults", "cloudtrail:GetEventDataStore"], "Resource": "` + s.store.ARN() + `"}`

	t.Run("without rights", func(t *testing.T) {
		id, secret, _ := s.key("", engine.KeyOptions{})
		v := s.signedIn(id, secret, "")
		for _, tt := range []struct {
			name, method, path string
			body               any
			want               int
		}{
			{"a query", "POST", "queries", map[string]any{"sql": "SELECT count(*) FROM main"}, 400},
			{"the rows of somebody's query", "GET", "queries/" + secretQuery.ID + "/rows", nil, 403},
			{"the statistics of somebody's query", "GET", "queries/" + secretQuery.ID + "/column?column=0", nil, 403},
			{"searching somebody's query", "GET", "queries/" + secretQuery.ID + "/search?text=a", nil, 403},
			{"downloading somebody's query", "GET", "queries/" + secretQuery.ID + "/download?format=csv", nil, 403},
			{"a value of somebody's query", "GET", "queries/" + secretQuery.ID + "/value", nil, 403},
			{"the rows of somebody's query of no store", "GET", "queries/" + tableQuery.ID + "/rows", nil, 403},
			{"somebody's query", "GET", "queries/" + secretQuery.ID, nil, 403},
			{"cancelling somebody's query", "DELETE", "queries/" + secretQuery.ID, nil, 403},
			{"events", "POST", "lookup", map[string]any{"maxEvents": 10}, 403},
			{"imports", "GET", "imports", nil, 403},
			{"failures", "GET", "imports/x/failures", nil, 403},
			{"channels", "GET", "channels", nil, 403},
			{"usage", "GET", "usage", nil, 403},
			{"columns", "GET", "stores/main/columns", nil, 404},
		} {
			t.Run(tt.name, func(t *testing.T) {
				status, why := v.refused(tt.method, tt.path, tt.body)
				require.Equal(t, tt.want, status, why.Message)
			})
		}
		require.Empty(t, ask[[]storeView](v, http.MethodGet, "stores", nil))
		require.Empty(t, ask[[]queryView](v, http.MethodGet, "queries", nil))
		require.Len(t, ask[[]keyView](v, http.MethodGet, "keys", nil), 1, "the own key")
		found := ask[struct{ Choices []choice }](v, http.MethodPost, "completion", map[string]any{"text": "SELECT eventna"})
		require.Empty(t, found.Choices, "names are not for everybody")
	})
	t.Run("with the right to a store", func(t *testing.T) {
		id, secret, _ := s.key(reading, engine.KeyOptions{})
		v := s.signedIn(id, secret, "")
		q := v.run("SELECT count(*) FROM main")
		require.Equal(t, "FINISHED", q.State)
		require.Len(t, rowsOf(v, q, 0, 1).Rows, 1)
		require.Len(t, ask[[]storeView](v, http.MethodGet, "stores", nil), 1)
		status, why := v.refused(http.MethodPost, "queries", map[string]any{"sql": "SELECT * FROM auditlake_activity"})
		require.Equal(t, http.StatusBadRequest, status)
		require.Equal(t, "PERMISSION_DENIED", why.Code)
		require.Len(t, ask[rowsView](v, http.MethodGet, "queries/"+secretQuery.ID+"/rows", nil).Rows, 3, "a colleague's link")
		status, why = v.refused(http.MethodGet, "queries/"+joined.ID+"/rows", nil)
		require.Equal(t, http.StatusForbidden, status, "it has read a reference table")
		require.Contains(t, why.Message, "auditlake:ReadTable")
		for _, q := range ask[[]queryView](v, http.MethodGet, "queries", nil) {
			require.NotEqual(t, joined.ID, q.ID)
		}
	})
	t.Run("a link to a colleague", func(t *testing.T) {
		id, secret, _ := s.key(reading+`, {"Effect": "Allow", "Action": "auditlake:ReadTable", "Resource": "*"}`, engine.KeyOptions{})
		v := s.signedIn(id, secret, "")
		require.Len(t, ask[rowsView](v, http.MethodGet, "queries/"+joined.ID+"/rows", nil).Rows, 3)
	})
	t.Run("a cap", func(t *testing.T) {
		id, secret, _ := s.key(reading, engine.KeyOptions{MaxBytesPerQuery: 1})
		v := s.signedIn(id, secret, "")
		q := v.run("SELECT count(DISTINCT eventjson) FROM main")
		require.Equal(t, "EXCEEDED_SCAN_LIMIT", q.ErrorName)
	})
	t.Run("a right that is taken back", func(t *testing.T) {
		id, secret, _ := s.key(reading, engine.KeyOptions{})
		v := s.signedIn(id, secret, "")
		q := v.run("SELECT count(*) FROM main")
		require.NoError(t, s.lake.Keys().Revoke(context.Background(), id))
		status, _ := v.refused(http.MethodGet, "queries/"+q.ID+"/rows", nil)
		require.Equal(t, http.StatusUnauthorized, status)
	})
}

// TestCompletion: names, fields, functions and the keys that occur, as the shell completes them.
func TestCompletion(t *testing.T) {
	v := newSite(t).signedInAsRoot()
	for _, tt := range []struct{ name, text, want, kind string }{
		{"a store", "SELECT * FROM mai", "main", "name"},
		{"a column", "SELECT eventna", "eventname", "name"},
		{"a field", "SELECT useridentity.ar", "useridentity.arn", "name"},
		{"a function", "SELECT date_tru", "date_trunc", "function"},
		{"a keyword", "SELECT 1 HAV", "HAVING", "keyword"},
		{"a key of a map", "SELECT element_at(requestparameters, 'bucketN", "bucketName')", "name"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			found := ask[struct {
				Prefix  string
				Choices []choice
			}](v, http.MethodPost, "completion", map[string]any{"text": tt.text})
			require.True(t, strings.HasSuffix(tt.text, found.Prefix))
			require.NotEmpty(t, found.Choices)
			require.Equal(t, tt.want, found.Choices[0].Text)
			require.Equal(t, tt.kind, found.Choices[0].Kind)
		})
	}
	require.Empty(t, ask[[]queryView](v, http.MethodGet, "queries", nil), "looking for names is no question of the user's")
}

// TestLists: what there is in the lake, as the pages show it.
func TestLists(t *testing.T) {
	s := newSite(t)
	v := s.signedInAsRoot()
	stores := ask[[]storeView](v, http.MethodGet, "stores", nil)
	require.Len(t, stores, 2)
	for _, store := range stores {
		if store.Name == "main" {
			require.Positive(t, store.Events)
			require.Contains(t, store.Columns, "eventname")
		}
	}
	columns := ask[[]columnDescription](v, http.MethodGet, "stores/main/columns", nil)
	require.Contains(t, columns, columnDescription{columns[0].Name, columns[0].Type, columns[0].Description, columns[0].Example})
	names := []string{}
	for _, c := range columns {
		names = append(names, c.Name)
	}
	require.Contains(t, names, "useridentity.arn")
	imports := ask[[]importView](v, http.MethodGet, "imports", nil)
	require.Len(t, imports, 1)
	require.Equal(t, "main", imports[0].Store)
	require.Positive(t, imports[0].Events)
	require.Empty(t, ask[[]failureView](v, http.MethodGet, "imports/"+imports[0].ID+"/failures", nil))
	status, _ := v.refused(http.MethodGet, "imports/00000000-0000-0000-0000-000000000000/failures", nil)
	require.Equal(t, http.StatusNotFound, status)
	_, err := s.lake.Channels().Create(context.Background(), engine.ChannelOptions{Name: "from-here", Source: "Custom", Destinations: []string{s.store.ID}})
	if err == nil {
		require.Equal(t, "from-here", ask[[]channelView](v, http.MethodGet, "channels", nil)[0].Name)
	} else {
		require.Empty(t, ask[[]channelView](v, http.MethodGet, "channels", nil))
	}
	used := ask[struct{ Totals []usageRow }](v, http.MethodGet, "usage?month=2026-03", nil)
	require.NotEmpty(t, used.Totals)
	status, _ = v.refused(http.MethodGet, "usage?month=March", nil)
	require.Equal(t, http.StatusBadRequest, status)
	keys := ask[[]keyView](v, http.MethodGet, "keys", nil)
	require.Len(t, keys, 1)
	require.True(t, keys[0].IsRoot && keys[0].IsThis)
}

// TestLookup: events, the newest first, page by page, by any number of conditions.
func TestLookup(t *testing.T) {
	s := newSite(t)
	v := s.signedInAsRoot()
	type page struct {
		Events []historicEvent
		Next   *engine.EventPlace
		Notes  []string
	}
	require.Empty(t, ask[page](v, http.MethodPost, "lookup", map[string]any{"maxEvents": 20}).Notes)
	narrow := ask[page](v, http.MethodPost, "lookup", map[string]any{"maxEvents": 20, "from": s.now().Format(time.RFC3339)})
	require.Len(t, narrow.Notes, 1)
	require.Contains(t, narrow.Notes[0], "are not shown; the oldest is of ")
	request := map[string]any{"maxEvents": 20, "from": "2000-01-01T00:00:00Z"}
	first := ask[page](v, http.MethodPost, "lookup", request)
	require.Len(t, first.Events, 20)
	require.NotNil(t, first.Next)
	require.True(t, json.Valid([]byte(first.Events[0].Text)))
	request["after"] = first.Next
	second := ask[page](v, http.MethodPost, "lookup", request)
	require.LessOrEqual(t, second.Events[0].Time, first.Events[19].Time)
	require.NotEqual(t, second.Events[0].ID, first.Events[19].ID)

	delete(request, "after")
	request["attributes"] = []map[string]string{{"key": "EventName", "value": first.Events[0].Name}, {"key": "EventSource", "value": first.Events[0].Source}}
	for _, e := range ask[page](v, http.MethodPost, "lookup", request).Events {
		require.Equal(t, first.Events[0].Name, e.Name)
	}
	for name, body := range map[string]map[string]any{
		"no such attribute":                  {"maxEvents": 1, "attributes": []map[string]string{{"key": "No", "value": "x"}}},
		"too many events":                    {"maxEvents": 100_000},
		"a range that ends before it begins": {"maxEvents": 1, "from": "2026-02-02T00:00:00Z", "to": "2026-02-01T00:00:00Z"},
		"what is no member":                  {"maxEvents": 1, "color": "red"},
	} {
		status, _ := v.refused(http.MethodPost, "lookup", body)
		require.Equal(t, http.StatusBadRequest, status, name)
	}
}

// TestUnknownQueries are not found, whatever their id.
func TestUnknownQueries(t *testing.T) {
	v := newSite(t).signedInAsRoot()
	for _, id := range []string{"x", "00000000-0000-0000-0000-000000000000", url.PathEscape("../../x")} {
		status, _ := v.refused(http.MethodGet, "queries/"+id, nil)
		require.Equal(t, http.StatusNotFound, status, id)
	}
}
