package policy_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine"
	"github.com/auditlake/auditlake/engine/enginetest/clock"
	"github.com/auditlake/auditlake/server/access"
	"github.com/auditlake/auditlake/server/awsapi/policy"
	"github.com/auditlake/auditlake/server/trino"
)

// trinoLake is a lake with the rows' store, and its Trino door.
type trinoLake struct {
	*testing.T
	clock *clock.Clock
	lake  *engine.Lake
	mux   *http.ServeMux
	tags  []engine.Tag // of the store
}

func newTrinoLake(t *testing.T, account string) *trinoLake {
	t.Helper()
	l := &trinoLake{T: t, clock: clock.New(policy.RequestOf(t, "-").Now), mux: http.NewServeMux()}
	var err error
	l.lake, err = engine.Open(context.Background(), t.TempDir(), engine.Options{AccountID: account, Region: "us-east-1", Now: l.clock.Now, Elapsed: l.clock.Elapsed})
	require.NoError(t, err)
	id := uuid.MustParse(strings.TrimPrefix(policy.TestStore[strings.LastIndexByte(policy.TestStore, '/'):], "/"))
	uuid.SetRand(bytes.NewReader(id[:]))
	store, err := l.lake.Stores().Create(context.Background(), engine.StoreOptions{Name: "main"})
	uuid.SetRand(nil)
	require.NoError(t, err)
	require.Equal(t, id.String(), store.ID)
	door := trino.New(l.lake, trino.Options{Gate: access.New(l.lake, true)})
	door.Mount(l.mux)
	t.Cleanup(func() {
		door.Close()
		require.NoError(t, l.lake.Close())
	})
	return l
}

// prepare gives the store tags and a policy, and returns a key.
func (l *trinoLake) prepare(r *policy.Request, key, resource string) (id, secret string) {
	l.Helper()
	ctx, stores := context.Background(), l.lake.Stores()
	if len(l.tags) > 0 {
		var names []string
		for _, tag := range l.tags {
			names = append(names, tag.Key)
		}
		require.NoError(l, stores.RemoveTags(ctx, "main", names...))
	}
	l.tags = nil
	for _, tag := range r.ResourceTags {
		l.tags = append(l.tags, engine.Tag{Key: tag.Key, Value: &tag.Value})
	}
	if len(l.tags) > 0 {
		require.NoError(l, stores.AddTags(ctx, "main", l.tags...))
	}
	require.NoError(l, stores.SetResourcePolicy(ctx, "main", resource))
	options := engine.KeyOptions{AccountID: r.Principal.Account, Principal: r.Principal.ARN}
	if key != "" {
		options.Policies = []engine.KeyPolicy{{Name: "p", Document: key}}
	}
	made, secrets, err := l.lake.Keys().Create(ctx, options)
	require.NoError(l, err)
	return made.ID, secrets.Secret
}

// ask counts the store's events, and returns the name of the error, "" for none.
func (l *trinoLake) ask(from netip.Addr, id, secret string) string {
	l.Helper()
	sql := `SELECT count(*) FROM "` + policy.TestStore[strings.LastIndexByte(policy.TestStore, '/')+1:] + `"`
	r := httptest.NewRequest(http.MethodPost, "https://lake.test/v1/statement", strings.NewReader(sql))
	for {
		r.TLS, r.RemoteAddr = &tls.ConnectionState{}, netip.AddrPortFrom(from, 1).String()
		r.SetBasicAuth(id, secret)
		w := httptest.NewRecorder()
		l.mux.ServeHTTP(w, r)
		require.Equal(l, http.StatusOK, w.Code, w.Body)
		var answer struct {
			NextURI string
			Error   struct{ ErrorName string }
		}
		require.NoError(l, json.Unmarshal(w.Body.Bytes(), &answer))
		if answer.NextURI == "" {
			return answer.Error.ErrorName
		}
		next, err := url.Parse(answer.NextURI)
		require.NoError(l, err)
		r = httptest.NewRequest(http.MethodGet, "https://lake.test"+next.RequestURI(), nil)
	}
}

// comesThroughTrino reports whether a client of Trino can make such a request.
func comesThroughTrino(r *policy.Request) bool {
	return r.Action == "cloudtrail:StartQuery" && r.Resource == policy.TestStore && !r.Principal.IsRoot && r.Principal.Service == "" && r.Principal.UserID == "" &&
		strings.Contains(r.Principal.ARN, ":"+r.Principal.Account+":") && r.SourceARN == "" && r.SourceAccount == "" && r.ExternalID == "" &&
		r.RequestTags == nil && r.SourceIP.IsValid() && r.SecureTransport
}

// doorRow is a request with the policies of who asks and of the store; "" for none.
type doorRow struct{ name, key, resource, request string }

// doorRows are the rows of the tables of statements and of conditions.
func doorRows(t *testing.T) (rows []doorRow) {
	document := func(statements string) string {
		if statements == "-" {
			return ""
		}
		return policy.DocumentOf(t, statements)
	}
	for _, row := range policy.RowsOf(t, "statements.txt", 5) {
		rows = append(rows, doorRow{row[0], document(row[1]), document(row[2]), row[3]})
	}
	for _, row := range policy.RowsOf(t, "conditions.txt", 4) {
		allowing := `{"Effect":"Allow","Action":"*","Resource":"*","Condition":` + row[1] + `}`
		rows = append(rows, doorRow{row[0], document(allowing), "", row[2]},
			doorRow{row[0] + " (deny)", document(`{"Effect":"Allow","Action":"*","Resource":"*"},` + strings.Replace(allowing, "Allow", "Deny", 1)), "", row[2]})
	}
	return rows
}

// TestTrinoDenies: what the policies of a row deny is denied to a query through the Trino door, too. Of what they allow, every fifth row is asked.
func TestTrinoDenies(t *testing.T) {
	rows := doorRows(t)
	lakes := map[string]*trinoLake{}
	asked := map[string]int{} // by error
	for i, row := range rows {
		r := policy.RequestOf(t, row.request)
		if !comesThroughTrino(r) || strings.Contains(row.key, "aws:userid") || testing.Short() && i%10 != 0 { // the id of a key's principal is given
			continue
		}
		want := ""
		for _, action := range []string{"cloudtrail:StartQuery", "cloudtrail:GetQueryResults"} {
			if r.Action = action; !decide(t, r, row).Allowed {
				want = "PERMISSION_DENIED"
			}
		}
		if want == "" && i%5 != 0 {
			continue
		}
		l := lakes[r.ResourceAccount]
		if l == nil {
			l = newTrinoLake(t, r.ResourceAccount)
			lakes[r.ResourceAccount] = l
		}
		id, secret := l.prepare(r, row.key, row.resource)
		require.Equal(t, want, l.ask(r.SourceIP, id, secret), row.name)
		asked[want]++
	}
	if !testing.Short() {
		require.Greater(t, asked["PERMISSION_DENIED"], 400)
		require.Greater(t, asked[""], 50)
	}
}

func decide(t *testing.T, r *policy.Request, row doorRow) policy.Decision {
	t.Helper()
	var identity []policy.Named
	if row.key != "" {
		document, err := policy.ParseIdentity(row.key)
		require.NoError(t, err)
		identity = []policy.Named{{Name: "p", Document: document}}
	}
	if row.resource == "" {
		return policy.Evaluate(r, identity, nil)
	}
	document, err := policy.ParseResource(row.resource)
	require.NoError(t, err)
	return policy.Evaluate(r, identity, document)
}
