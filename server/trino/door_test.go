package trino_test

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine"
	"github.com/auditlake/auditlake/server/trino"
)

// answer is what tests look at of an answer.
type answer struct {
	ID      string `json:"id"`
	NextURI string `json:"nextUri"`
	Columns []struct {
		Name, Type    string
		TypeSignature json.RawMessage
	} `json:"columns"`
	Data  [][]any `json:"data"`
	Stats struct {
		State          string `json:"state"`
		ProcessedRows  int64  `json:"processedRows"`
		ProcessedBytes int64  `json:"processedBytes"`
	} `json:"stats"`
	Error *struct {
		Message, ErrorName, ErrorType string
		ErrorCode                     int
		ErrorLocation                 *struct{ LineNumber, ColumnNumber int }
		FailureInfo                   struct{ Type, Message string }
	} `json:"error"`
	UpdateType string `json:"updateType"`
	header     http.Header
}

// client asks a door.
type client struct {
	lake   *engine.Lake
	t      testing.TB
	url    string
	header http.Header
	http   *http.Client // nil: http.DefaultClient
}

func newClient(t testing.TB, options trino.Options) *client {
	return newClientOf(t, engine.Options{}, options)
}

// newClientOf is newClient of a lake with options.
func newClientOf(t testing.TB, ofLake engine.Options, options trino.Options) *client {
	ofLake.Now = func() time.Time { return time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC) }
	lake, err := engine.Open(context.Background(), t.TempDir(), ofLake)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, lake.Close()) })
	_, err = lake.Stores().Create(context.Background(), engine.StoreOptions{Name: "main", RetentionDays: 366})
	require.NoError(t, err)
	door := trino.New(lake, options)
	server := httptest.NewServer(door)
	t.Cleanup(func() {
		door.Close()
		server.Close()
	})
	return &client{t: t, lake: lake, url: server.URL, header: http.Header{
		"X-Trino-User": {"ann"}, "X-Trino-Client-Capabilities": {"PARAMETRIC_DATETIME"}}}
}

func (c *client) request(method, url, body string) (int, http.Header, string) {
	c.t.Helper()
	r, err := http.NewRequest(method, url, strings.NewReader(body))
	require.NoError(c.t, err)
	r.Header = c.header.Clone()
	response, err := cmp.Or(c.http, http.DefaultClient).Do(r)
	require.NoError(c.t, err)
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	require.NoError(c.t, err)
	return response.StatusCode, response.Header, string(text)
}

// step sends one request, which must be answered.
func (c *client) step(method, url, body string) answer {
	c.t.Helper()
	var a answer
	status, text := c.try(method, url, body, &a)
	require.Equal(c.t, http.StatusOK, status, text)
	return a
}

// try sends one request; an answer goes into a.
func (c *client) try(method, url, body string, a *answer) (status int, text string) {
	c.t.Helper()
	status, a.header, text = c.request(method, url, body)
	if status == http.StatusOK {
		require.NoError(c.t, json.Unmarshal([]byte(text), a), text)
	}
	return status, text
}

// state is what /v1/query says of a query.
func (c *client) state(id string) string {
	c.t.Helper()
	_, _, text := c.request(http.MethodGet, c.url+"/v1/query/"+id, "")
	var info struct{ State string }
	require.NoError(c.t, json.Unmarshal([]byte(text), &info), text)
	return info.State
}

func (c *client) hasEnded(id string) bool {
	state := c.state(id)
	return state == "FINISHED" || state == "FAILED"
}

func (c *client) post(sql string) answer { return c.step(http.MethodPost, c.url+"/v1/statement", sql) }

// ask follows a statement to its end and gives the last answer, with all rows
// and the columns.
func (c *client) ask(sql string) answer {
	c.t.Helper()
	a := c.post(sql)
	rows, columns := a.Data, a.Columns
	for a.NextURI != "" {
		a = c.step(http.MethodGet, a.NextURI, "")
		rows = append(rows, a.Data...)
		if len(a.Columns) > 0 {
			columns = a.Columns
		}
	}
	a.Data, a.Columns = rows, columns
	return a
}

func TestStatement(t *testing.T) {
	a := newClient(t, trino.Options{}).ask("SELECT 1 AS a, ARRAY['x', NULL] AS b, TIMESTAMP '2026-01-31 10:00:00.123456' AS c")
	require.Nil(t, a.Error)
	require.Equal(t, "FINISHED", a.Stats.State)
	require.Equal(t, [][]any{{1.0, []any{"x", nil}, "2026-01-31 10:00:00.123456"}}, a.Data)
	require.Len(t, a.Columns, 3)
	require.Equal(t, "a", a.Columns[0].Name)
	require.Equal(t, "timestamp(6)", a.Columns[2].Type)
	require.JSONEq(t, `{"rawType":"timestamp","arguments":[{"kind":"LONG","value":6}]}`, string(a.Columns[2].TypeSignature))
}

// TestWithoutPrecision: a client that does not know timestamp(p) gets
// milliseconds, rounded.
func TestWithoutPrecision(t *testing.T) {
	c := newClient(t, trino.Options{})
	c.header.Del("X-Trino-Client-Capabilities")
	for _, tt := range []struct {
		sql, typ, signature string
		want                any
	}{
		{"TIMESTAMP '2026-01-31 23:59:59.9995'", "timestamp", `{"rawType":"timestamp","arguments":[]}`, "2026-02-01 00:00:00.000"},
		{"TIMESTAMP '1969-12-31 23:59:59.9994'", "timestamp", `{"rawType":"timestamp","arguments":[]}`, "1969-12-31 23:59:59.999"},
		{"TIMESTAMP '2026-01-31 10:00:00'", "timestamp", `{"rawType":"timestamp","arguments":[]}`, "2026-01-31 10:00:00.000"},
		{"TIME '23:59:59.999999'", "time", `{"rawType":"time","arguments":[]}`, "00:00:00.000"},
		{"TIME '01:02:03.123456789'", "time", `{"rawType":"time","arguments":[]}`, "01:02:03.123"},
		{"TIMESTAMP '2026-01-31 10:00:00.123456789 Europe/Berlin'", "timestamp with time zone",
			`{"rawType":"timestamp with time zone","arguments":[]}`, "2026-01-31 10:00:00.123 Europe/Berlin"},
		{"CAST(NULL AS timestamp(6))", "timestamp", `{"rawType":"timestamp","arguments":[]}`, nil},
		{"ARRAY[NULL, TIMESTAMP '2026-01-31 10:00:00.123456']", "array(timestamp)",
			`{"rawType":"array","arguments":[{"kind":"TYPE","value":{"rawType":"timestamp","arguments":[]}}]}`, []any{nil, "2026-01-31 10:00:00.123"}},
	} {
		t.Run(tt.sql, func(t *testing.T) {
			a := c.ask("SELECT " + tt.sql)
			require.Nil(t, a.Error)
			require.Equal(t, tt.typ, a.Columns[0].Type)
			require.JSONEq(t, tt.signature, string(a.Columns[0].TypeSignature))
			require.Equal(t, tt.want, a.Data[0][0])
		})
	}
	a := c.ask("SELECT MAP(ARRAY[1], ARRAY[CAST(ROW(TIMESTAMP '2026-01-31 10:00:00.9996', 'x') AS row(a timestamp(6), b varchar))])")
	require.Nil(t, a.Error)
	require.Equal(t, "map(integer, row(a timestamp, b varchar))", a.Columns[0].Type)
	require.Equal(t, map[string]any{"1": []any{"2026-01-31 10:00:01.000", "x"}}, a.Data[0][0])
}

func TestNoRows(t *testing.T) {
	a := newClient(t, trino.Options{}).ask("SELECT eventname FROM auditlake.default.main")
	require.Nil(t, a.Error)
	require.Empty(t, a.Data)
	require.Len(t, a.Columns, 1)
}

func TestErrors(t *testing.T) {
	c := newClient(t, trino.Options{})
	for _, tt := range []struct {
		name, sql, want, message string
		code, line, column       int
	}{
		{"syntax", "SELECT", "SYNTAX_ERROR", "line 1:7: mismatched input", 1, 1, 7},
		{"second line", "SELECT\n nope FROM main", "COLUMN_NOT_FOUND", "line 2:2: Column 'nope' cannot be resolved", 47, 2, 2},
		{"while it runs", "SELECT 1 / (x - x) FROM UNNEST(ARRAY[1]) t (x)", "DIVISION_BY_ZERO", "Division by zero", 8, 0, 0},
		{"no query", "DROP TABLE main", "NOT_SUPPORTED", "line 1:1: Only SELECT statements are allowed", 13, 1, 1},
		{"use nothing", "USE", "SYNTAX_ERROR", "line 1:4: mismatched input '<EOF>'", 1, 1, 4},
		{"use what is not there", "USE auditlake.elsewhere", "SCHEMA_NOT_FOUND", "Schema 'elsewhere' cannot be the session's", 45, 0, 0},
		{"use a catalog that is not there", "USE hive.default", "CATALOG_NOT_FOUND", "Catalog 'hive' cannot be the session's", 44, 0, 0},
		{"unknown property", "SET SESSION colour = 'red'", "INVALID_SESSION_PROPERTY", "line 1:22: Session property 'colour' does not exist", 14, 1, 22},
		{"property value", "SET SESSION query_max_run_time = 'long'", "INVALID_SESSION_PROPERTY", "not a duration", 14, 1, 34},
		{"unknown zone", "SET TIME ZONE 'Middle/Earth'", "NOT_SUPPORTED", "Time zone not supported: Middle/Earth", 13, 1, 15},
		{"nothing prepared", "EXECUTE q", "NOT_FOUND", "Prepared statement not found: q", 5, 1, 9},
		{"prepared with a mistake", "PREPARE q\nFROM /* é */ SELEC ?", "SYNTAX_ERROR", "line 2:14: mismatched input 'SELEC'", 1, 2, 14},
		{"nothing prepared to describe", "DESCRIBE OUTPUT q", "NOT_FOUND", "Prepared statement not found: q", 5, 1, 17},
		{"prepared change of a table", "PREPARE q FROM\nDELETE FROM main", "NOT_SUPPORTED", "line 2:1: Only SELECT statements are allowed, not DELETE", 13, 2, 1},
		{"broken change of a table", "INSERT INTO main VALUES (1", "SYNTAX_ERROR", "line 1:27: mismatched input '<EOF>'", 1, 1, 27},
		{"immediate", "EXECUTE IMMEDIATE 'SELECT nope' ", "COLUMN_NOT_FOUND", "line 1:27: Column 'nope' cannot be resolved", 47, 1, 27},
		{"immediate with too much", "EXECUTE IMMEDIATE 'SELECT 1' USING 2", "INVALID_PARAMETER_USAGE", "line 1:20: Incorrect number of parameters: expected 0 but found 1", 80, 1, 20},
		{"open comment", "USE default /* open", "SYNTAX_ERROR", "line 1:13: mismatched input '/'", 1, 1, 13},
		{"too much", "USE default more", "SYNTAX_ERROR", "line 1:13: mismatched input 'more'", 1, 1, 13},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := c.ask(tt.sql)
			require.NotNil(t, a.Error)
			require.Equal(t, "FAILED", a.Stats.State)
			require.Equal(t, tt.want, a.Error.ErrorName)
			require.Equal(t, tt.code, a.Error.ErrorCode)
			require.Equal(t, "USER_ERROR", a.Error.ErrorType)
			require.Contains(t, a.Error.Message, tt.message)
			require.Equal(t, a.Error.Message, a.Error.FailureInfo.Message)
			if tt.line == 0 {
				require.Nil(t, a.Error.ErrorLocation)
				return
			}
			require.Equal(t, tt.line, a.Error.ErrorLocation.LineNumber)
			require.Equal(t, tt.column, a.Error.ErrorLocation.ColumnNumber)
		})
	}
}

func TestSession(t *testing.T) {
	for _, tt := range []struct {
		name, header, value, sql string
		want                     any
	}{
		{"user", "X-Trino-User", "bob", "SELECT current_user", "bob"},
		{"time zone", "X-Trino-Time-Zone", "Europe/Berlin", "SELECT now()", "2026-01-02 04:04:05.000 Europe/Berlin"},
		{"property", "X-Trino-Session", "time_zone_id=America%2FNew_York,query_max_run_time=2.50m", "SELECT current_timezone()", "America/New_York"},
		{"argument", "X-Trino-Prepared-Statement", "q=SELECT+%3F%7C%7C%3F", "EXECUTE q USING 'a,', CAST(substr('bc', 1) AS varchar) -- c", "a,bc"},
		{"prepared", "X-Trino-Prepared-Statement", "q=SELECT+7%2C+8", "EXECUTE q", 7.0},
		{"prepared in other letters", "X-Trino-Prepared-Statement", "Q=SELECT+7,q=SELECT+8", "EXECUTE Q", 7.0},
		{"immediate", "X-Trino-User", "bob", "EXECUTE IMMEDIATE 'SELECT current_user || ?' USING '!'", "bob!"},
		{"prepared to be explained", "X-Trino-Prepared-Statement", "q=SELECT+%3F", "EXPLAIN (TYPE VALIDATE) EXECUTE q USING 1", true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := newClient(t, trino.Options{})
			c.header.Set(tt.header, tt.value)
			a := c.ask(tt.sql)
			require.Nil(t, a.Error)
			require.Equal(t, tt.want, a.Data[0][0])
		})
	}
}

// TestDescribePrepared answers what Trino does for the same columns and places.
func TestDescribePrepared(t *testing.T) {
	none := [][]any(nil)
	for _, tt := range []struct {
		name, prepared string
		input, output  [][]any
	}{
		{"columns", "SELECT eventid, eventtime AS At, 1 + readonly_count, 'x' AS y FROM (SELECT *, 2 AS readonly_count FROM main)", none, [][]any{
			{"eventid", "auditlake", "default", "main", "varchar", 0.0, false},
			{"At", "auditlake", "default", "main", "timestamp(3)", 8.0, true},
			{"_col2", "", "", "", "integer", 4.0, false},
			{"y", "", "", "", "varchar(1)", 0.0, true},
		}},
		{"parameters", "SELECT ?, length(?), x + ? FROM (VALUES BIGINT '1') t (x) WHERE x IN (?, 2) AND ? LIKE 'a' LIMIT ?",
			[][]any{{0.0, "unknown"}, {1.0, "varchar(0)"}, {2.0, "bigint"}, {3.0, "bigint"}, {4.0, "varchar"}, {5.0, "bigint"}}, [][]any{
				{"_col0", "", "", "", "unknown", 1.0, false},
				{"_col1", "", "", "", "bigint", 8.0, false},
				{"_col2", "", "", "", "bigint", 8.0, false},
			}},
		{"no query", "EXPLAIN SELECT 1", none, [][]any{{"Query Plan", "", "", "", "varchar", 0.0, true}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := newClient(t, trino.Options{})
			c.header.Set("X-Trino-Prepared-Statement", "q="+url.QueryEscape(tt.prepared))
			for sql, want := range map[string][][]any{"DESCRIBE INPUT q": tt.input, "describe output Q;": tt.output} {
				a := c.ask(sql)
				require.Nil(t, a.Error, sql)
				require.Equal(t, want, a.Data, sql)
			}
		})
	}
}

func TestSessionElsewhere(t *testing.T) {
	for _, tt := range []struct{ header, value, want string }{
		{"X-Trino-Catalog", "hive", "CATALOG_NOT_FOUND"},
		{"X-Trino-Schema", "information_schema", "SCHEMA_NOT_FOUND"},
		{"X-Trino-Time-Zone", "Middle/Earth", "NOT_SUPPORTED"},
		{"X-Trino-Session", "colour=red", "INVALID_SESSION_PROPERTY"},
	} {
		t.Run(tt.header, func(t *testing.T) {
			c := newClient(t, trino.Options{})
			c.header.Set(tt.header, tt.value)
			require.Equal(t, tt.want, c.ask("SELECT 1").Error.ErrorName)
		})
	}
}

func TestSessionLimits(t *testing.T) {
	c := newClient(t, trino.Options{})
	c.header.Set("X-Trino-Session", "query_max_run_time=20ms")
	a := c.ask(endless)
	require.Equal(t, "EXCEEDED_TIME_LIMIT", a.Error.ErrorName)
	require.Equal(t, 131075, a.Error.ErrorCode)
	require.Equal(t, "INSUFFICIENT_RESOURCES", a.Error.ErrorType)
}

// endless would take hours.
const endless = "SELECT count(*) FROM UNNEST(sequence(1, 10000)) a (x), UNNEST(sequence(1, 10000)) b (y), " +
	"UNNEST(sequence(1, 10000)) c (z), UNNEST(sequence(1, 10000)) d (w) WHERE x + y + z + w < 0"

func TestChangesOfTheSession(t *testing.T) {
	c := newClient(t, trino.Options{})
	c.header.Set("X-Trino-Prepared-Statement", "q=SELECT+1")
	for _, tt := range []struct{ name, sql, update, header, value string }{
		{"use", "USE default", "USE", "X-Trino-Set-Schema", "default"},
		{"use a catalog", `USE AUDITLAKE."default";`, "USE", "X-Trino-Set-Catalog", "auditlake"},
		{"prepare", "PREPARE Two FROM SELECT 'a b' -- now", "PREPARE", "X-Trino-Added-Prepare", "Two=SELECT+%27a+b%27"},
		{"prepare what is wrong for lack of a table", "PREPARE x FROM SELECT ? FROM nowhere", "PREPARE", "X-Trino-Added-Prepare", "x=SELECT+%3F+FROM+nowhere"},
		{"deallocate", "DEALLOCATE PREPARE q", "DEALLOCATE", "X-Trino-Deallocated-Prepare", "q"},
		{"zone", "SET TIME ZONE 'Asia/Tokyo'", "SET TIME ZONE", "X-Trino-Set-Session", "time_zone_id=Asia%2FTokyo"},
		{"zone of an interval", "SET TIME ZONE INTERVAL -'2:30' HOUR TO MINUTE", "SET TIME ZONE", "X-Trino-Set-Session", "time_zone_id=-02%3A30"},
		{"what is executed", "EXECUTE IMMEDIATE 'PREPARE x FROM SELECT 1'", "PREPARE", "X-Trino-Added-Prepare", "x=SELECT+1"},
		{"local zone", "set /* back */ time zone local", "SET TIME ZONE", "X-Trino-Clear-Session", "time_zone_id"},
		{"set", "SET SESSION query_max_scan_physical_bytes = '2GB'", "SET SESSION", "X-Trino-Set-Session", "query_max_scan_physical_bytes=2GB"},
		{"reset", "RESET SESSION query_max_run_time", "RESET SESSION", "X-Trino-Clear-Session", "query_max_run_time"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := c.ask(tt.sql)
			require.Nil(t, a.Error)
			require.Equal(t, tt.update, a.UpdateType)
			require.Equal(t, tt.value, a.header.Get(tt.header))
		})
	}
}

// TestPages: pages are of about a megabyte, and the last one can be asked for
// again.
func TestPages(t *testing.T) {
	c := newClient(t, trino.Options{})
	a := c.post("SELECT x, y, lpad('', 20, 'é') FROM UNNEST(sequence(1, 10000)) t (x), UNNEST(sequence(1, 10)) u (y)")
	seen, pages := map[[2]any]bool{}, 0
	for a.NextURI != "" {
		status, _, text := c.request(http.MethodGet, a.NextURI, "")
		require.Equal(t, http.StatusOK, status)
		require.Less(t, len(text), 1<<20+10_000)
		_, _, again := c.request(http.MethodGet, a.NextURI, "")
		require.Equal(t, text, again)
		old := a.NextURI
		a = answer{}
		require.NoError(t, json.Unmarshal([]byte(text), &a))
		require.NotEqual(t, old, a.NextURI)
		for _, row := range a.Data {
			seen[[2]any{row[0], row[1]}] = true
		}
		if len(a.Data) > 0 {
			pages++
		}
	}
	require.Nil(t, a.Error)
	require.Len(t, seen, 100_000)
	require.Greater(t, pages, 3)
}

func TestCancel(t *testing.T) {
	c := newClientOf(t, engine.Options{MaxOpen: 1}, trino.Options{MaxWait: 10 * time.Millisecond})
	a := c.post(endless)
	status, _, _ := c.request(http.MethodDelete, a.NextURI, "")
	require.Equal(t, http.StatusNoContent, status)
	require.Equal(t, [][]any{{1.0}}, c.follow(c.postWhenRoom("SELECT 1")).Data, "there is room again")
	for a.NextURI != "" {
		a = c.step(http.MethodGet, a.NextURI, "")
	}
	require.Equal(t, "USER_CANCELED", a.Error.ErrorName)
	require.Equal(t, [][]any{{2.0}}, c.ask("SELECT 2").Data, "and no more room than that")
	c.post(endless)
	status, _, _ = c.request(http.MethodPost, c.url+"/v1/statement", "SELECT 3")
	require.Equal(t, http.StatusTooManyRequests, status)
}

func TestQueriesWaitForTheirTurn(t *testing.T) {
	c := newClientOf(t, engine.Options{MaxRunning: 1, MaxOpen: 3}, trino.Options{MaxWait: 10 * time.Millisecond})
	first := c.post(endless)
	for first.Stats.State != "RUNNING" {
		first = c.step(http.MethodGet, first.NextURI, "")
	}
	second := c.post("SELECT 2")
	second = c.step(http.MethodGet, second.NextURI, "")
	require.Equal(t, "QUEUED", second.Stats.State)
	status, header, _ := c.request(http.MethodPost, c.url+"/v1/statement", "SELECT 3")
	require.Equal(t, http.StatusTooManyRequests, status)
	require.NotEmpty(t, header.Get("Retry-After"))

	c.request(http.MethodDelete, first.NextURI, "")
	var rows [][]any
	for second.NextURI != "" {
		second = c.step(http.MethodGet, second.NextURI, "")
		rows = append(rows, second.Data...)
	}
	require.Equal(t, [][]any{{2.0}}, rows)
}

func TestBadRequests(t *testing.T) {
	c := newClient(t, trino.Options{})
	open := c.post("SELECT 1")
	for _, tt := range []struct {
		name, method, path, body string
		want                     int
	}{
		{"empty", "POST", "/v1/statement", "", http.StatusBadRequest},
		{"too large", "POST", "/v1/statement", strings.Repeat(" ", 2<<20), http.StatusRequestEntityTooLarge},
		{"wrong method", "PUT", "/v1/statement", "SELECT 1", http.StatusMethodNotAllowed},
		{"elsewhere", "GET", "/v1/nothing", "", http.StatusNotFound},
		{"no such query", "GET", "/v1/statement/executing/x/y/1", "", http.StatusNotFound},
		{"wrong slug", "GET", fmt.Sprintf("/v1/statement/executing/%s/y/1", open.ID), "", http.StatusNotFound},
		{"page ahead", "GET", strings.TrimSuffix(strings.TrimPrefix(open.NextURI, c.url), "1") + "7", "", http.StatusGone},
		{"no page", "GET", strings.TrimSuffix(strings.TrimPrefix(open.NextURI, c.url), "1") + "x", "", http.StatusNotFound},
		{"no such query to show", "GET", "/v1/query/x", "", http.StatusGone},
	} {
		t.Run(tt.name, func(t *testing.T) {
			status, _, _ := c.request(tt.method, c.url+tt.path, tt.body)
			require.Equal(t, tt.want, status)
		})
	}
	for _, tt := range []struct {
		name, header, value string
		want                int
	}{
		{"password", "Authorization", "Basic YTpi", http.StatusUnauthorized},
		{"token", "Authorization", "Bearer x", http.StatusUnauthorized},
		{"session", "X-Trino-Session", "nothing", http.StatusBadRequest},
		{"encoding", "X-Trino-Prepared-Statement", "a=%zz", http.StatusBadRequest},
	} {
		t.Run(tt.name, func(t *testing.T) {
			bad := &client{t: t, url: c.url, header: http.Header{tt.header: {tt.value}}}
			status, _, _ := bad.request(http.MethodPost, c.url+"/v1/statement", "SELECT 1")
			require.Equal(t, tt.want, status)
		})
	}
}

func TestInfo(t *testing.T) {
	c := newClient(t, trino.Options{})
	_, _, text := c.request(http.MethodGet, c.url+"/v1/info", "")
	require.Contains(t, text, `"starting":false`)
	require.Contains(t, text, `"nodeVersion":{"version":"476"}`)
	a := c.ask("SELECT nope")
	_, _, text = c.request(http.MethodGet, c.url+"/v1/query/"+a.ID, "")
	require.Contains(t, text, `"errorName":"COLUMN_NOT_FOUND"`)
	require.Contains(t, text, `"user":"ann"`)
	_, _, text = c.request(http.MethodGet, c.url+"/v1/query", "")
	require.Contains(t, text, a.ID)
}

// TestTextsAreTheirUsers: a statement's text may name people; only its user sees it.
func TestTextsAreTheirUsers(t *testing.T) {
	c := newClient(t, trino.Options{})
	a := c.ask("SELECT 'private'")
	for _, tt := range []struct {
		user string
		sees bool
	}{{"ann", true}, {"bob", false}, {"", false}} {
		t.Run("user "+tt.user, func(t *testing.T) {
			c.header.Set("X-Trino-User", tt.user)
			for _, path := range []string{"/v1/query", "/v1/query/" + a.ID} {
				status, _, text := c.request(http.MethodGet, c.url+path, "")
				require.Equal(t, http.StatusOK, status)
				require.Contains(t, text, a.ID)
				require.Equal(t, tt.sees, strings.Contains(text, "private"), text)
			}
			runtime := c.ask("SELECT query FROM system.runtime.queries WHERE query_id = '" + a.ID + "'")
			require.Len(t, runtime.Data, 1)
			require.Equal(t, tt.sees, runtime.Data[0][0] == "SELECT 'private'", runtime.Data)
		})
	}
}

// TestValidate: HEAD is how clients try whether they would be let in.
func TestValidate(t *testing.T) {
	c := newClient(t, trino.Options{})
	status, _, _ := c.request(http.MethodHead, c.url+"/v1/statement", "")
	require.Equal(t, http.StatusOK, status)
	c.header.Set("Authorization", "Basic YTpi")
	status, _, _ = c.request(http.MethodHead, c.url+"/v1/statement", "")
	require.Equal(t, http.StatusUnauthorized, status)
}
