package local_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine"
	"github.com/auditlake/auditlake/engine/remote/wire"
	"github.com/auditlake/auditlake/server/local"
)

func newDoor(t *testing.T) (door *local.Door, url string) {
	t.Helper()
	door, _, url = newDoorOf(t, engine.Options{})
	return door, url
}

func newDoorOf(t *testing.T, options engine.Options) (door *local.Door, lake *engine.Lake, url string) {
	t.Helper()
	lake, err := engine.Open(context.Background(), t.TempDir(), options)
	require.NoError(t, err)
	door = local.New(lake)
	server := httptest.NewServer(door)
	t.Cleanup(func() {
		door.Close()
		server.Close()
		require.NoError(t, lake.Close())
	})
	return door, lake, server.URL
}

// TestStatementsAreTheLakes: the history says who asked and through which door; how many run and wait is the lake's matter.
func TestStatementsAreTheLakes(t *testing.T) {
	_, lake, url := newDoorOf(t, engine.Options{MaxOpen: 2})
	for _, tt := range []struct{ body, want string }{
		{`{"sql":"SELECT 1","user":"ann","door":"driver"}`, "ann driver FINISHED SELECT 1"},
		{`{"sql":"SELECT 2"}`, " socket FINISHED SELECT 2"},
		{`{"sql":"SELECT x","user":"ann"}`, "ann socket FAILED SELECT x"},
		{`{"sql":"SELECT 3","user":"ann","session":{"Schema":"nowhere"}}`, "ann socket FAILED SELECT 3"},
		{`{"sql":"USE default","inSession":true,"user":"ann"}`, "ann socket FINISHED USE default"},
		{`{"sql":"USE nowhere","inSession":true,"session":{"User":"bob"}}`, "bob socket FAILED USE nowhere"},
		{`{"sql":"USE default"}`, " socket FAILED USE default"},
	} {
		post(t, url+wire.QueryPath, tt.body)
		infos, err := lake.Queries().List(context.Background(), engine.QueryFilter{})
		require.NoError(t, err)
		require.Equal(t, tt.want, strings.Join([]string{infos[0].User, infos[0].Door, string(infos[0].State), infos[0].SQL}, " "))
	}

	const endless = `{"id":"7","user":"ann","sql":"SELECT count(*) FROM UNNEST(sequence(1, 10000)) a (x), UNNEST(sequence(1, 10000)) b (y), UNNEST(sequence(1, 10000)) c (z) WHERE x + y + z < 0"}`
	response, err := http.Post(url+wire.QueryPath, "application/json", strings.NewReader(endless))
	require.NoError(t, err)
	defer response.Body.Close()
	for _, path := range []string{wire.QueryPath, wire.EstimatePath} {
		status, text := post(t, url+path, `{"sql":"SELECT 1","user":"ann"}`)
		require.Equal(t, http.StatusUnprocessableEntity, status)
		require.Contains(t, text, `"name":"QUERY_QUEUE_FULL"`)
		status, text = post(t, url+path, `{"sql":"SELECT 1","user":"bob"}`)
		require.Equal(t, http.StatusOK, status, text)
	}
}

func post(t *testing.T, url, body string) (int, string) {
	t.Helper()
	response, err := http.Post(url, "application/json", strings.NewReader(body))
	require.NoError(t, err)
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	return response.StatusCode, string(text)
}

func TestRequests(t *testing.T) {
	_, url := newDoor(t)
	for _, tt := range []struct {
		name, path, body string
		want             int
		text             string
	}{
		{"a statement", wire.QueryPath, `{"id":"1","sql":"SELECT 1"}`, http.StatusOK, `{"stats":{"Rows":1,`},
		{"an error while it runs", wire.QueryPath, `{"sql":"SELECT 1 / x FROM (VALUES 0) t (x)"}`, http.StatusOK, `"failure":{"text":"DIVISION_BY_ZERO`},
		{"a wrong statement", wire.QueryPath, `{"sql":"SELECT\n x"}`, http.StatusUnprocessableEntity, `"name":"COLUMN_NOT_FOUND","message":"Column 'x' cannot be resolved","line":2,"column":2`},
		{"an estimate", wire.EstimatePath, `{"sql":"SELECT 1"}`, http.StatusOK, `"HighBytes":0`},
		{"an estimate of what is wrong", wire.EstimatePath, `{"sql":"SELECT x"}`, http.StatusUnprocessableEntity, `"COLUMN_NOT_FOUND"`},
		{"no JSON", wire.QueryPath, `SELECT 1`, http.StatusBadRequest, "invalid character"},
		{"half a JSON", wire.EstimatePath, `{"sql":`, http.StatusBadRequest, "unexpected end"},
		{"a negative limit", wire.QueryPath, `{"sql":"SELECT 1","maxBytes":-1}`, http.StatusBadRequest, "negative"},
		{"too much", wire.QueryPath, `{"sql":"` + strings.Repeat(" ", wire.MaxRequestBytes) + `"}`, http.StatusBadRequest, "too large"},
		{"nothing there", "/local/v1/nothing", "", http.StatusNotFound, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			status, text := post(t, url+tt.path, tt.body)
			require.Equal(t, tt.want, status, text)
			require.Contains(t, text, tt.text)
		})
	}
	for path, want := range map[string]int{wire.AlivePath: http.StatusNoContent, wire.RunningPath + "1": http.StatusNotFound} {
		response, err := http.Get(url + path)
		require.NoError(t, err)
		response.Body.Close()
		require.Equal(t, want, response.StatusCode, path)
	}
}

// TestClosing a door ends what runs, and refuses what comes.
func TestClosing(t *testing.T) {
	door, url := newDoor(t)
	const endless = `{"id":"7","sql":"SELECT count(*) FROM UNNEST(sequence(1, 10000)) a (x), UNNEST(sequence(1, 10000)) b (y), UNNEST(sequence(1, 10000)) c (z) WHERE x + y + z < 0"}`
	response, err := http.Post(url+wire.QueryPath, "application/json", strings.NewReader(endless))
	require.NoError(t, err, "it has begun")
	defer response.Body.Close()
	running, err := http.Get(url + wire.RunningPath + "7")
	require.NoError(t, err)
	running.Body.Close()
	require.Equal(t, http.StatusOK, running.StatusCode)
	door.Close()
	text, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	require.Contains(t, string(text), "the process that holds the lake is ending")
	status, _ := post(t, url+wire.QueryPath, endless)
	require.Equal(t, http.StatusServiceUnavailable, status)
}
