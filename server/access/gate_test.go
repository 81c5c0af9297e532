package access_test

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine"
	"github.com/auditlake/auditlake/server/access"
	"github.com/auditlake/auditlake/server/awsapi/policy"
)

// fixture is a lake with a clock that tests move.
type fixture struct {
	*testing.T
	lake   *engine.Lake
	passed atomic.Int64 // nanoseconds since begin; the lake looks at the clock in the background, too
}

var begin = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func (f *fixture) now() time.Time { return begin.Add(time.Duration(f.passed.Load())) }

func newFixture(t *testing.T) *fixture {
	f := &fixture{T: t}
	var err error
	f.lake, err = engine.Open(context.Background(), t.TempDir(), engine.Options{Now: f.now})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, f.lake.Close()) })
	return f
}

func (f *fixture) key(options engine.KeyOptions) (*engine.Key, string, string) {
	f.Helper()
	key, secrets, err := f.lake.Keys().Create(context.Background(), options)
	require.NoError(f, err)
	return key, secrets.Secret, secrets.Token
}

func allowing(statement string) []engine.KeyPolicy {
	return []engine.KeyPolicy{{Name: "p", Document: `{"Version": "2012-10-17", "Statement": [` + statement + `]}`}}
}

// TestNeedsKey: from the first further key on nobody is let in without one, whatever becomes of that key.
func TestNeedsKey(t *testing.T) {
	f := newFixture(t)
	needs := func(requireKeys bool) bool {
		needs, err := access.New(f.lake, requireKeys).NeedsKey()
		require.NoError(t, err)
		return needs
	}
	require.False(t, needs(false))
	require.True(t, needs(true))
	key, _, _ := f.key(engine.KeyOptions{})
	require.True(t, needs(false))
	require.ErrorIs(t, f.lake.Keys().Reopen(context.Background()), engine.ErrKeysWork)
	require.NoError(t, f.lake.Keys().Revoke(context.Background(), key.ID))
	require.True(t, needs(false))
}

// TestReopen: once no key besides the root's works, the lake's owner may let callers in without a key; the next key closes the lake again.
func TestReopen(t *testing.T) {
	f := newFixture(t)
	ctx := context.Background()
	gate := access.New(f.lake, false)
	needs := func() bool {
		needs, err := gate.NeedsKey()
		require.NoError(t, err)
		return needs
	}
	key, secret, token := f.key(engine.KeyOptions{Session: time.Hour})
	f.passed.Add(int64(2 * time.Hour))
	require.True(t, needs(), "an expired key closes the lake, too")
	require.NoError(t, f.lake.Keys().Reopen(ctx))
	require.False(t, needs())
	f.passed.Add(int64(-2 * time.Hour))
	_, err := gate.Enter(key.ID, secret, token, access.Origin{})
	require.ErrorIs(t, err, access.ErrRefused, "a key that has expired does not work again, whatever the clock says")
	f.key(engine.KeyOptions{})
	require.True(t, needs())
}

// TestEnter: one error for everything that is wrong with credentials, so that nobody learns what.
func TestEnter(t *testing.T) {
	f := newFixture(t)
	gate := access.New(f.lake, true)
	ann, annSecret, _ := f.key(engine.KeyOptions{Principal: "arn:aws:iam::111122223333:user/ann"})
	bob, bobSecret, _ := f.key(engine.KeyOptions{})
	session, sessionSecret, token := f.key(engine.KeyOptions{Session: time.Hour})
	_, otherSecret, otherToken := f.key(engine.KeyOptions{Session: time.Hour})
	require.NoError(t, f.lake.Keys().Revoke(context.Background(), bob.ID))

	caller, err := gate.Enter(ann.ID, annSecret, "", access.Origin{})
	require.NoError(t, err)
	require.Equal(t, "arn:aws:iam::111122223333:user/ann", caller.User())
	require.Equal(t, ann.ID, caller.Key().ID)
	_, err = gate.Enter(session.ID, sessionSecret, token, access.Origin{})
	require.NoError(t, err)

	refused := func(name, id, secret, token string) {
		t.Helper()
		caller, err := gate.Enter(id, secret, token, access.Origin{})
		require.Equal(t, access.ErrRefused, err, name)
		require.Nil(t, caller, name)
	}
	refused("no key", "", "", "")
	refused("no such key", "AKIAZZZZZZZZZZZZZZZZ", annSecret, "")
	refused("no secret", ann.ID, "", "")
	refused("the secret of another key", ann.ID, bobSecret, "")
	refused("a secret and more", ann.ID, annSecret+"x", "")
	refused("a part of the secret", ann.ID, annSecret[:len(annSecret)-1], "")
	refused("a token for a key without one", ann.ID, annSecret, token)
	refused("a revoked key", bob.ID, bobSecret, "")
	refused("a session without its token", session.ID, sessionSecret, "")
	refused("a session with the token of another", session.ID, sessionSecret, otherToken)
	refused("another session's secret", session.ID, otherSecret, token)
	f.passed.Add(int64(time.Hour))
	refused("a session that is over", session.ID, sessionSecret, token)
	_, err = gate.Enter(ann.ID, annSecret, "", access.Origin{})
	require.NoError(t, err, "keys without an end go on")
}

// TestSecretsNeedTLS: a secret that was sent in the open is refused, right or wrong, except on this machine.
func TestSecretsNeedTLS(t *testing.T) {
	f := newFixture(t)
	gate, strict := access.New(f.lake, true), access.New(f.lake, true)
	strict.NeedTLS()
	key, secret, _ := f.key(engine.KeyOptions{})
	for _, tt := range []struct {
		name, at, id, secret string
		tls                  bool
		want                 error
	}{
		{"the open network", "192.0.2.1:8080", key.ID, secret, false, access.ErrOpenSecret},
		{"the open network, a wrong secret", "192.0.2.1:8080", key.ID, "x", false, access.ErrOpenSecret},
		{"TLS", "192.0.2.1:8443", key.ID, secret, true, nil},
		{"TLS, a wrong secret", "192.0.2.1:8443", key.ID, "x", true, access.ErrRefused},
		{"this machine", "127.0.0.1:8080", key.ID, secret, false, nil},
		{"this machine, nobody", "[::1]:8080", "", "", false, access.ErrRefused},
	} {
		t.Run(tt.name, func(t *testing.T) {
			at, err := net.ResolveTCPAddr("tcp", tt.at)
			require.NoError(t, err)
			r := httptest.NewRequest(http.MethodGet, "/", nil)
			r = r.WithContext(context.WithValue(r.Context(), http.LocalAddrContextKey, net.Addr(at)))
			if tt.id != "" {
				r.SetBasicAuth(tt.id, tt.secret)
			}
			if tt.tls {
				r.TLS = &tls.ConnectionState{}
			}
			_, err = gate.EnterByPassword(r, "")
			require.ErrorIs(t, err, tt.want)
			if !tt.tls {
				_, err = strict.EnterByPassword(r, "")
				require.ErrorIs(t, err, access.ErrOpenSecret)
			}
		})
	}
}

func TestOriginOf(t *testing.T) {
	for _, tt := range []struct {
		from string
		tls  bool
		want access.Origin
	}{
		{"192.0.2.7:1234", false, access.Origin{IP: netip.MustParseAddr("192.0.2.7")}},
		{"192.0.2.7:1234", true, access.Origin{IP: netip.MustParseAddr("192.0.2.7"), TLS: true}},
		{"[::ffff:192.0.2.7]:1234", false, access.Origin{IP: netip.MustParseAddr("192.0.2.7")}},
		{"[fe80::1%eth0]:1234", false, access.Origin{IP: netip.MustParseAddr("fe80::1")}},
		{"192.0.2.7", false, access.Origin{}},
		{"a name:1", false, access.Origin{}},
		{"@", false, access.Origin{}},
	} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.RemoteAddr = tt.from
		if tt.tls {
			r.TLS = &tls.ConnectionState{}
		}
		require.Equal(t, tt.want, access.OriginOf(r), tt.from)
	}
}

// TestDecide: what a policy asks about a request is what the gate saw, and a resource's policy that cannot be read denies.
func TestDecide(t *testing.T) {
	f := newFixture(t)
	key, secret, _ := f.key(engine.KeyOptions{Policies: allowing(`{"Effect": "Allow", "Action": "cloudtrail:StartQuery", "Resource": "*",
		"Condition": {"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}, "Bool": {"aws:SecureTransport": "true"}}}`)})
	gate := access.New(f.lake, true)
	decide := func(from access.Origin, resourcePolicy string) policy.Decision {
		t.Helper()
		caller, err := gate.Enter(key.ID, secret, "", from)
		require.NoError(t, err)
		return caller.Decide(policy.Request{Action: access.StartQueryAction, Resource: "*", ResourceAccount: f.lake.AccountID()}, resourcePolicy)
	}
	near := access.Origin{IP: netip.MustParseAddr("192.0.2.9"), TLS: true}
	require.True(t, decide(near, "").Allowed)
	require.False(t, decide(access.Origin{IP: near.IP}, "").Allowed, "without TLS")
	require.False(t, decide(access.Origin{IP: netip.MustParseAddr("198.51.100.1"), TLS: true}, "").Allowed)
	require.False(t, decide(access.Origin{TLS: true}, "").Allowed, "an origin that is not known")
	unread := decide(near, "{")
	require.False(t, unread.Allowed)
	require.Contains(t, unread.Reason, "the resource's policy cannot be read")
}

// TestKeysRights: rights and caps of a key hold where its statements run.
func TestKeysRights(t *testing.T) {
	f := newFixture(t)
	ctx := context.Background()
	store, err := f.lake.Stores().Create(ctx, engine.StoreOptions{Name: "main"})
	require.NoError(t, err)
	done, err := f.lake.Imports().Run(ctx, engine.ImportOptions{Store: "main", Paths: []string{filepath.Join("..", "..", "testdata", "logs")}})
	require.NoError(t, err)
	require.Positive(t, done.Events)
	gate := access.New(f.lake, true)
	ask := func(options engine.KeyOptions, before func(*engine.Key)) error {
		t.Helper()
		key, secret, token := f.key(options)
		caller, err := gate.Enter(key.ID, secret, token, access.Origin{})
		require.NoError(t, err)
		if before != nil {
			before(key)
		}
		rows, err := f.lake.Query(ctx, "SELECT count(DISTINCT eventjson) FROM main", caller.QueryOptions()...)
		if err != nil {
			return err
		}
		for rows.Next() {
		}
		require.NoError(t, rows.Close())
		return rows.Err()
	}
	all := allowing(`{"Effect": "Allow", "Action": ["cloudtrail:StartQuery", "cloudtrail:GetQueryResults"], "Resource": "` + store.ARN() + `"}`)
	require.NoError(t, ask(engine.KeyOptions{Policies: all}, nil))
	require.ErrorContains(t, ask(engine.KeyOptions{}, nil), "PERMISSION_DENIED")
	half := allowing(`{"Effect": "Allow", "Action": "cloudtrail:StartQuery", "Resource": "*"}`)
	require.ErrorContains(t, ask(engine.KeyOptions{Policies: half}, nil), "is not authorized to perform cloudtrail:GetQueryResults")
	require.ErrorContains(t, ask(engine.KeyOptions{Policies: all, MaxBytesPerQuery: 1}, nil), "the cap of 1 bytes per query of access key ")
	require.ErrorContains(t, ask(engine.KeyOptions{Policies: all, MaxBytesPerDay: 1}, nil), "the cap of 1 bytes per day of access key ")
	require.NoError(t, ask(engine.KeyOptions{Policies: all, MaxBytesPerDay: 1 << 40}, nil))
	require.ErrorContains(t, ask(engine.KeyOptions{Policies: all}, func(key *engine.Key) {
		require.NoError(t, f.lake.Keys().Revoke(ctx, key.ID))
	}), "was revoked")
	require.ErrorContains(t, ask(engine.KeyOptions{Policies: all, Session: 15 * time.Minute}, func(*engine.Key) {
		f.passed.Add(int64(time.Hour))
	}), "expired")
}
