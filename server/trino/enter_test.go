package trino_test

import (
	"context"
	"encoding/base64"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine"
	"github.com/auditlake/auditlake/server/access"
	"github.com/auditlake/auditlake/server/trino"
)

// doorOf serves a lake with events in the store main, an empty store other and the reference table owners, over the hallway's paths and TLS.
func doorOf(t *testing.T, requireKeys bool) *client {
	t.Helper()
	return doorOfLake(t, engine.Options{}, requireKeys)
}

// doorOfLake is doorOf of a lake with options.
func doorOfLake(t *testing.T, ofLake engine.Options, requireKeys bool) *client {
	t.Helper()
	ctx := context.Background()
	ofLake.AccountID = "111111111111"
	lake, err := engine.Open(ctx, t.TempDir(), ofLake)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, lake.Close()) })
	for _, name := range []string{"main", "other"} {
		_, err = lake.Stores().Create(ctx, engine.StoreOptions{Name: name})
		require.NoError(t, err)
	}
	logs := t.TempDir()
	var records []string
	for i := range 1000 {
		at := time.Now().UTC().Add(-time.Duration(i) * time.Hour / 10).Format(time.RFC3339)
		records = append(records, fmt.Sprintf(`{"eventTime":%q,"eventID":"%032x","eventName":"Get%x"}`, at, i*7919, i*104729))
	}
	require.NoError(t, os.WriteFile(filepath.Join(logs, "a.json"), []byte(`{"Records":[`+strings.Join(records, ",")+`]}`), 0o600))
	_, err = lake.Imports().Run(ctx, engine.ImportOptions{Store: "main", Paths: []string{logs}})
	require.NoError(t, err)
	owners := filepath.Join(t.TempDir(), "owners.csv")
	require.NoError(t, os.WriteFile(owners, []byte("name\nann\n"), 0o600))
	_, err = lake.Tables().Create(ctx, engine.TableOptions{Name: "owners", Path: owners})
	require.NoError(t, err)

	door := trino.New(lake, trino.Options{Gate: access.New(lake, requireKeys)})
	mux := http.NewServeMux()
	door.Mount(mux)
	server := httptest.NewTLSServer(mux)
	t.Cleanup(func() {
		door.Close()
		server.Close()
	})
	return &client{t: t, lake: lake, url: server.URL, http: server.Client(), header: http.Header{"X-Trino-User": {"ann"}}}
}

// as is the client of a new key.
func (c *client) as(options engine.KeyOptions) (*client, *engine.Key) {
	c.t.Helper()
	key, secrets, err := c.lake.Keys().Create(context.Background(), options)
	require.NoError(c.t, err)
	header := http.Header{}
	if secrets.Token != "" {
		header.Set("X-Trino-Extra-Credential", "session-token="+url.QueryEscape(secrets.Token))
	}
	return c.with(header, key.ID, secrets.Secret), key
}

// with is the client that shows a key.
func (c *client) with(header http.Header, id, secret string) *client {
	other := *c
	other.header = http.Header{}
	maps.Copy(other.header, header)
	other.header.Set("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(id+":"+secret)))
	return &other
}

func policyOf(statements string) []engine.KeyPolicy {
	return []engine.KeyPolicy{{Name: "p", Document: `{"Version":"2012-10-17","Statement":[` + statements + `]}`}}
}

const readsAll = `{"Effect":"Allow","Action":["cloudtrail:StartQuery","cloudtrail:GetQueryResults","auditlake:ReadTable"],"Resource":"*"}`

func (c *client) status(sql string) int {
	status, _, _ := c.request(http.MethodPost, c.url+"/v1/statement", sql)
	return status
}

// TestWhoEnters: until there is a key besides the root's everybody on the machine enters without one; from then on, or if keys are
// required, nobody does.
func TestWhoEnters(t *testing.T) {
	c := doorOf(t, false)
	root, err := c.lake.Keys().MakeRoot(context.Background(), func(made *engine.Credential) error {
		require.Equal(t, http.StatusUnauthorized, c.with(nil, made.ID, made.Secret).status("SELECT 1"), "it does not work yet")
		return nil
	})
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, c.status("SELECT 1"), "the root key alone closes nothing")
	credential, err := c.lake.Keys().Find(root.ID)
	require.NoError(t, err)
	asRoot := c.with(nil, root.ID, credential.Secret)
	require.Equal(t, [][]any{{root.Principal}}, asRoot.ask("SELECT current_user").Data)
	require.Equal(t, http.StatusUnauthorized, c.with(nil, root.ID, "wrong").status("SELECT 1"))

	alice, key := c.as(engine.KeyOptions{Policies: policyOf(readsAll)})
	status, header, _ := c.request(http.MethodPost, c.url+"/v1/statement", "SELECT 1")
	require.Equal(t, http.StatusUnauthorized, status)
	require.Contains(t, header.Get("WWW-Authenticate"), "Basic")
	status, _, _ = c.request(http.MethodGet, c.url+"/v1/info", "")
	require.Equal(t, http.StatusOK, status, "clients look first what kind of server this is")
	require.Equal(t, [][]any{{1000.0}}, alice.ask("SELECT count(*) FROM main").Data)
	require.NoError(t, c.lake.Keys().Revoke(context.Background(), key.ID))
	require.Equal(t, http.StatusUnauthorized, alice.status("SELECT 1"))
	require.Equal(t, http.StatusUnauthorized, c.status("SELECT 1"), "a revoked key does not open the door again")

	require.Equal(t, http.StatusUnauthorized, doorOf(t, true).status("SELECT 1"))
}

// TestSessionTokens: temporary credentials need their token.
func TestSessionTokens(t *testing.T) {
	c := doorOf(t, true)
	session, _ := c.as(engine.KeyOptions{Session: time.Hour, Policies: policyOf(readsAll)})
	require.Equal(t, http.StatusOK, session.status("SELECT 1"))
	for name, token := range map[string]string{"none": "", "foreign": "session-token=abc"} {
		other := *session
		other.header = session.header.Clone()
		other.header.Set("X-Trino-Extra-Credential", token)
		require.Equal(t, http.StatusUnauthorized, other.status("SELECT 1"), name)
	}
}

// TestAnswersAreTheirCallers: who knows the address of an answer still needs the key that asked.
func TestAnswersAreTheirCallers(t *testing.T) {
	c := doorOf(t, true)
	alice, _ := c.as(engine.KeyOptions{Policies: policyOf(readsAll)})
	bob, _ := c.as(engine.KeyOptions{Policies: policyOf(readsAll)})
	first := alice.post("SELECT 'secret'")
	status, _, _ := bob.request(http.MethodGet, first.NextURI, "")
	require.Equal(t, http.StatusNotFound, status)
	status, _, _ = c.request(http.MethodGet, first.NextURI, "")
	require.Equal(t, http.StatusUnauthorized, status)
	require.Equal(t, http.StatusOK, func() int { status, _, _ := alice.request(http.MethodGet, first.NextURI, ""); return status }())
}

// TestRights: a statement reads, and is told of, what its caller's policies allow.
func TestRights(t *testing.T) {
	c := doorOf(t, true)
	main, err := c.lake.Stores().Get(context.Background(), "main")
	require.NoError(t, err)
	onlyMain, _ := c.as(engine.KeyOptions{Policies: policyOf(`{"Effect":"Allow","Action":"cloudtrail:*","Resource":"` + main.ARN() + `"}`)})
	for name, sql := range map[string]string{
		"a store":                     "SELECT count(*) FROM other",
		"by its id":                   "SELECT count(*) FROM \"" + c.storeID("other") + "\"",
		"in a subquery":               "SELECT count(*) FROM main WHERE eventid IN (SELECT eventid FROM other)",
		"in a WITH":                   "WITH o AS (SELECT * FROM other) SELECT count(*) FROM main, o",
		"in a WITH that nobody reads": "WITH o AS (SELECT * FROM other) SELECT count(*) FROM main",
		"in a scalar subquery":        "SELECT (SELECT max(eventid) FROM other)",
		"in EXISTS":                   "SELECT 1 WHERE EXISTS (SELECT 1 FROM other)",
		"in a union":                  "SELECT eventid FROM main UNION SELECT eventid FROM other",
		"in EXPLAIN":                  "EXPLAIN SELECT * FROM other",
		"in DESCRIBE":                 "DESCRIBE other",
		"in SHOW COLUMNS":             "SHOW COLUMNS FROM other",
		"with its schema":             "SELECT count(*) FROM auditlake.default.other",
		"in EXECUTE IMMEDIATE":        "EXECUTE IMMEDIATE 'SELECT count(*) FROM other'",
		"a reference table":           "SELECT * FROM owners",
	} {
		t.Run(name, func(t *testing.T) {
			failure := onlyMain.ask(sql).Error
			require.NotNil(t, failure)
			require.Equal(t, "PERMISSION_DENIED", failure.ErrorName, failure.Message)
			require.Equal(t, 4, failure.ErrorCode)
			require.Contains(t, failure.Message, "Access Denied")
		})
	}
	require.Equal(t, [][]any{{1000.0}}, onlyMain.ask("SELECT count(*) FROM main").Data)
	require.Equal(t, [][]any{{"main"}}, onlyMain.ask("SHOW TABLES").Data)
	for _, sql := range []string{
		"SELECT table_name FROM information_schema.tables WHERE table_schema = 'default'",
		"SELECT DISTINCT table_name FROM information_schema.columns WHERE table_schema = 'default'",
		"SELECT table_name FROM system.metadata.table_comments WHERE schema_name = 'default'",
		"SELECT table_name FROM system.jdbc.tables WHERE table_schem = 'default'",
	} {
		require.Equal(t, [][]any{{"main"}}, onlyMain.ask(sql).Data, sql)
	}
	require.NotContains(t, onlyMain.ask("SELECT * FROM nothing").Error.Message, "other", "an error lists what may be read")

	for name, statements := range map[string]string{
		"no policy":     "",
		"no results":    `{"Effect":"Allow","Action":"cloudtrail:StartQuery","Resource":"*"}`,
		"denied":        readsAll + `,{"Effect":"Deny","Action":"cloudtrail:startquery","Resource":"` + main.ARN() + `"}`,
		"another store": `{"Effect":"Allow","Action":"cloudtrail:*","Resource":"arn:aws:cloudtrail:*:*:eventdatastore/x"}`,
	} {
		t.Run(name, func(t *testing.T) {
			options := engine.KeyOptions{}
			if statements != "" {
				options.Policies = policyOf(statements)
			}
			caller, _ := c.as(options)
			require.Equal(t, "PERMISSION_DENIED", caller.ask("SELECT count(*) FROM main").Error.ErrorName)
			require.Empty(t, caller.ask("SHOW TABLES LIKE 'main'").Data)
		})
	}
	foreign, _ := c.as(engine.KeyOptions{AccountID: "999999999999", Policies: policyOf(readsAll)})
	require.Equal(t, "PERMISSION_DENIED", foreign.ask("SELECT count(*) FROM main").Error.ErrorName, "across accounts the store's policy must allow it, too")
	tables, _ := c.as(engine.KeyOptions{Policies: policyOf(`{"Effect":"Allow","Action":"auditlake:ReadTable","Resource":"arn:aws:auditlake:*:*:table/own*"}`)})
	require.Equal(t, [][]any{{"ann"}}, tables.ask("SELECT * FROM owners").Data)
}

func (c *client) storeID(name string) string {
	s, err := c.lake.Stores().Get(context.Background(), name)
	require.NoError(c.t, err)
	return s.ID
}

// TestCaps: a query that would pass a cap of its key is not begun; one that may pass it ends when it does. The error names cap, estimate
// and what would help.
func TestCaps(t *testing.T) {
	c := doorOf(t, true)
	const all = "SELECT max(eventid), max(eventname), max(eventtime) FROM main"
	estimate, err := c.lake.Estimate(context.Background(), all)
	require.NoError(t, err)
	require.Positive(t, estimate.LowBytes)

	perQuery, key := c.as(engine.KeyOptions{Policies: policyOf(readsAll), MaxBytesPerQuery: estimate.LowBytes - 1})
	for range 2 {
		failure := perQuery.ask(all).Error
		require.NotNil(t, failure)
		require.Equal(t, "EXCEEDED_SCAN_LIMIT", failure.ErrorName)
		require.Contains(t, failure.Message, fmt.Sprintf("would scan %d to %d bytes", estimate.LowBytes, estimate.HighBytes))
		require.Contains(t, failure.Message, fmt.Sprintf("the cap of %d bytes per query of access key %s", estimate.LowBytes-1, key.ID))
		require.Regexp(t, `eventtime > TIMESTAMP '\d{4}-\d\d-\d\d \d\d:\d\d:\d\d' would help`, failure.Message)
	}
	require.Nil(t, perQuery.ask("EXPLAIN "+all).Error, "explaining reads nothing")
	require.Nil(t, perQuery.ask("SELECT 1").Error)

	perDay, key := c.as(engine.KeyOptions{Policies: policyOf(readsAll), MaxBytesPerDay: estimate.HighBytes + estimate.LowBytes/2})
	require.Nil(t, perDay.ask(all).Error)
	failure := perDay.ask(all).Error
	require.NotNil(t, failure)
	require.Equal(t, "EXCEEDED_SCAN_LIMIT", failure.ErrorName)
	require.Regexp(t, fmt.Sprintf(`the cap of %d bytes per day of access key %s, of which its principal has used [1-9]\d*,`, key.MaxBytesPerDay, key.ID), failure.Message)
	other, _ := c.as(engine.KeyOptions{Policies: policyOf(readsAll), MaxBytesPerDay: estimate.HighBytes})
	require.Nil(t, other.ask(all).Error, "each key has its own")
}

// TestSecretsNeedTLS: a secret that other machines could have read is not taken.
func TestSecretsNeedTLS(t *testing.T) {
	c := doorOf(t, true)
	_, key := c.as(engine.KeyOptions{Policies: policyOf(readsAll)})
	credential, err := c.lake.Keys().Find(key.ID)
	require.NoError(t, err)
	door := trino.New(c.lake, trino.Options{})
	defer door.Close()
	mux := http.NewServeMux()
	door.Mount(mux)
	r := httptest.NewRequest(http.MethodPost, "http://lake.test/v1/statement", strings.NewReader("SELECT 1")) // to no loopback address
	r.SetBasicAuth(key.ID, credential.Secret)
	w := httptest.NewRecorder()
	mux.ServeHTTP(w, r)
	require.Equal(t, http.StatusForbidden, w.Code)
	require.Contains(t, w.Body.String(), "without TLS")
}
