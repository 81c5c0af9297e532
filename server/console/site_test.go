package console

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine"
	"github.com/auditlake/auditlake/internal/material"
	"github.com/auditlake/auditlake/server/access"
)

var start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// site is a lake with events behind the console's door.
type site struct {
	*testing.T
	passed atomic.Int64 // nanoseconds since start; the lake looks at the clock in the background, too
	lake   *engine.Lake
	store  *engine.Store
	door   *Door
	server *httptest.Server
}

func (s *site) now() time.Time { return start.Add(time.Duration(s.passed.Load())) }

func (s *site) pass(d time.Duration) { s.passed.Add(int64(d)) }

// importedLake has the generated events.
var importedLake material.Made

func newSite(t *testing.T) *site { return newSiteBehind(t, "", false) }

func newSiteBehind(t *testing.T, baseURL string, isTLS bool) *site {
	s := &site{T: t}
	ctx := context.Background()
	open := func(dir string) *engine.Lake {
		lake, err := engine.Open(ctx, dir, engine.Options{Now: s.now, FlushAge: time.Hour, Activity: true})
		require.NoError(t, err)
		return lake
	}
	s.lake = open(importedLake.Copy(t, func(dir string) {
		lake := open(dir)
		_, err := lake.Stores().Create(ctx, engine.StoreOptions{Name: "main", RetentionDays: 3653})
		require.NoError(t, err)
		done, err := lake.Imports().Run(ctx, engine.ImportOptions{Store: "main", Paths: []string{filepath.Join("..", "..", "testdata", "logs")}})
		require.NoError(t, err)
		require.Positive(t, done.Events)
		require.NoError(t, lake.Close())
	}))
	t.Cleanup(func() { require.NoError(t, s.lake.Close()) })
	var err error
	s.store, err = s.lake.Stores().Get(ctx, "main")
	require.NoError(t, err)
	s.serve(baseURL, isTLS)
	return s
}

// serve opens the door of the site's lake.
func (s *site) serve(baseURL string, isTLS bool) {
	t := s.T
	var err error
	s.door, err = New(s.lake, Options{Gate: access.New(s.lake, true), BaseURL: baseURL})
	require.NoError(t, err)
	t.Cleanup(s.door.Close)
	mux := http.NewServeMux()
	s.door.Mount(mux)
	if isTLS {
		s.server = httptest.NewTLSServer(mux)
	} else {
		s.server = httptest.NewServer(mux)
	}
	t.Cleanup(s.server.Close)
}

// get asks without a session.
func (s *site) get(path string, header http.Header) *http.Response {
	return (&visitor{site: s}).send(http.MethodGet, path, "", header)
}

// root makes the root key, and returns its id and secret.
func (s *site) root() (id, secret string) {
	s.Helper()
	require.NoError(s, s.lake.Keys().GiveRoot("ROOTROOTROOTROOTROOT", "secretsecretsecretsecretsecretsecretsecr"))
	return "ROOTROOTROOTROOTROOT", "secretsecretsecretsecretsecretsecretsecr"
}

// key makes a key with a policy, "" for none.
func (s *site) key(statement string, options engine.KeyOptions) (id, secret, token string) {
	s.Helper()
	if statement != "" {
		options.Policies = []engine.KeyPolicy{{Name: "p", Document: `{"Version": "2012-10-17", "Statement": [` + statement + `]}`}}
	}
	key, secrets, err := s.lake.Keys().Create(context.Background(), options)
	require.NoError(s, err)
	return key.ID, secrets.Secret, secrets.Token
}

// visitor is somebody with a browser.
type visitor struct {
	*site
	cookie *http.Cookie // nil: none
}

// signedIn returns a visitor with a session of a key.
func (s *site) signedIn(id, secret, token string) *visitor {
	s.Helper()
	v := &visitor{site: s}
	response := v.signIn(id, secret, token)
	require.Equal(s, http.StatusOK, response.StatusCode)
	require.NotNil(s, v.cookie)
	return v
}

func (s *site) signedInAsRoot() *visitor {
	id, secret := s.root()
	return s.signedIn(id, secret, "")
}

func (v *visitor) signIn(id, secret, token string) *http.Response {
	v.Helper()
	body, err := json.Marshal(map[string]string{"id": id, "secret": secret, "token": token})
	require.NoError(v, err)
	return v.send(http.MethodPost, "/console/api/session", string(body), nil)
}

// send sends a request as the page does; header may replace what it sends. A cookie that comes back is kept.
func (v *visitor) send(method, path, body string, header http.Header) *http.Response {
	v.Helper()
	r, err := http.NewRequest(method, v.server.URL+path, bytes.NewBufferString(body))
	require.NoError(v, err)
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	if v.cookie != nil {
		r.AddCookie(v.cookie)
	}
	for name, values := range header {
		r.Header[name] = values
		if name == "Host" {
			r.Host = values[0]
		}
	}
	response, err := v.server.Client().Transport.RoundTrip(r)
	require.NoError(v, err)
	v.Cleanup(func() { response.Body.Close() })
	for _, c := range response.Cookies() {
		v.cookie = c
	}
	return response
}

// ask sends a request that must be answered, and reads the answer.
func ask[T any](v *visitor, method, path string, body any) (out T) {
	v.Helper()
	status, text := v.try(method, path, body)
	require.Equal(v, http.StatusOK, status, "%s", text)
	require.NoError(v, json.Unmarshal(text, &out), "%s", text)
	return out
}

// try sends a request and returns its status and answer.
func (v *visitor) try(method, path string, body any) (status int, text []byte) {
	v.Helper()
	sent := ""
	if body != nil {
		written, err := json.Marshal(body)
		require.NoError(v, err)
		sent = string(written)
	}
	response := v.send(method, "/console/api/"+path, sent, nil)
	text, err := io.ReadAll(response.Body)
	require.NoError(v, err)
	return response.StatusCode, text
}

// refused sends a request that must be refused, and returns why.
func (v *visitor) refused(method, path string, body any) (status int, why problem) {
	v.Helper()
	status, text := v.try(method, path, body)
	require.NotEqual(v, http.StatusOK, status, "%s", text)
	var out struct{ Error problem }
	require.NoError(v, json.Unmarshal(text, &out), "%s", text)
	return status, out.Error
}

// run runs a statement to its end.
func (v *visitor) run(sql string, arguments ...string) queryView {
	v.Helper()
	started := ask[struct{ ID string }](v, http.MethodPost, "queries", map[string]any{"sql": sql, "arguments": arguments})
	return v.waitFor(started.ID)
}

func (v *visitor) waitFor(id string) (q queryView) {
	v.Helper()
	require.Eventually(v, func() bool {
		q = ask[queryView](v, http.MethodGet, "queries/"+id+"?waitMillis=1000", nil)
		return q.IsOver
	}, time.Minute, time.Millisecond)
	return q
}
