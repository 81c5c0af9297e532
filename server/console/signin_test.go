package console

import (
	"context"
	"crypto/sha256"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine"
)

// TestSignIn: a key begins a session, whose cookie scripts and other sites cannot use, and whose secret the server does not keep.
func TestSignIn(t *testing.T) {
	s := newSite(t)
	v := s.signedInAsRoot()
	require.True(t, v.cookie.HttpOnly)
	require.Equal(t, http.SameSiteStrictMode, v.cookie.SameSite)
	require.False(t, v.cookie.Secure, "there is no TLS")
	who := ask[callerView](v, http.MethodGet, "session", nil)
	require.True(t, who.IsRoot)
	require.NotContains(t, who.Session, v.cookie.Value)
	for hash, kept := range s.door.sessions.byHash {
		require.Equal(t, sha256.Sum256([]byte(v.cookie.Value)), hash)
		require.NotContains(t, kept.handle+kept.keyID+kept.program, v.cookie.Value)
	}

	before := *v.cookie
	require.Equal(t, http.StatusOK, v.send(http.MethodDelete, "/console/api/session", "", nil).StatusCode)
	require.Empty(t, v.cookie.Value)
	v.cookie = &before
	status, why := v.refused(http.MethodGet, "session", nil)
	require.Equal(t, http.StatusUnauthorized, status)
	require.Equal(t, codeNotSignedIn, why.Code)
}

// TestSignInOverTLS: the cookie is one that browsers send back over TLS, to this host alone.
func TestSignInOverTLS(t *testing.T) {
	s := newSiteBehind(t, "", true)
	v := s.signedInAsRoot()
	require.Equal(t, "__Host-auditlake", v.cookie.Name)
	require.True(t, v.cookie.Secure)
	require.Equal(t, "/", v.cookie.Path)
	require.Empty(t, v.cookie.Domain)
	response := v.send(http.MethodGet, "/console/api/session", "", http.Header{"Host": {"evil.example"}})
	require.Equal(t, http.StatusMisdirectedRequest, response.StatusCode)
}

// TestBehindProxy: with a base URL the server answers to that name, and the cookie is as secure as the proxy's connection.
func TestBehindProxy(t *testing.T) {
	s := newSiteBehind(t, "https://lake.example/", false)
	id, secret := s.root()
	header := http.Header{"Host": {"lake.example"}, "Origin": {"https://lake.example"}, "Sec-Fetch-Site": {"same-origin"}}
	v := &visitor{site: s}
	response := v.send(http.MethodPost, "/console/api/session", `{"id":"`+id+`","secret":"`+secret+`","token":""}`, header)
	require.Equal(t, http.StatusOK, response.StatusCode)
	require.Equal(t, "__Host-auditlake", v.cookie.Name)
	require.Equal(t, http.StatusOK, v.send(http.MethodGet, "/console/api/session", "", header).StatusCode)
	token := s.door.links.add(id, s.lake.Now())
	response = (&visitor{site: s}).send(http.MethodPost, "/console/api/session/link", `{"token":"`+token+`"}`, header)
	require.Equal(t, http.StatusForbidden, response.StatusCode, "a link is for this machine alone")
}

// TestRefusedAttempts: the ways in which somebody without a key, or with another's cookie, tries to get in.
func TestRefusedAttempts(t *testing.T) {
	s := newSite(t)
	id, secret := s.root()
	other, otherSecret, _ := s.key("", engine.KeyOptions{})
	host := strings.TrimPrefix(s.server.URL, "http://")
	for _, tt := range []struct {
		name, method, path, body string
		header                   http.Header
		isSignedIn               bool
		want                     int
	}{
		{name: "nobody", method: "GET", path: "api/stores", want: 401},
		{name: "a cookie that nobody gave out", method: "GET", path: "api/stores", header: http.Header{"Cookie": {s.door.cookieName(request(host)) + "=made-up"}}, want: 401},
		{name: "a wrong secret", method: "POST", path: "api/session", body: `{"id":"` + id + `","secret":"` + otherSecret + `"}`, want: 401},
		{name: "a key that is not there", method: "POST", path: "api/session", body: `{"id":"AKIAAAAAAAAAAAAAAAAA","secret":"` + secret + `"}`, want: 401},
		{name: "a link that nobody made", method: "POST", path: "api/session/link", body: `{"token":"made-up"}`, want: 401},
		{name: "a form of another site (sign-in)", method: "POST", path: "api/session", body: `{"id":"` + other + `","secret":"` + otherSecret + `"}`,
			header: http.Header{"Sec-Fetch-Site": {"cross-site"}, "Origin": {"https://evil.example"}}, want: 403},
		{name: "an old browser's form of another site", method: "POST", path: "api/session", body: `{"id":"` + other + `","secret":"` + otherSecret + `"}`,
			header: http.Header{"Origin": {"https://evil.example"}}, want: 403},
		{name: "a form without JSON", method: "POST", path: "api/session", body: `{"id":"` + id + `","secret":"` + secret + `"}`,
			header: http.Header{"Content-Type": {"text/plain"}}, want: 400},
		{name: "a query from another site", method: "POST", path: "api/queries", body: `{"sql":"SELECT 1"}`, isSignedIn: true,
			header: http.Header{"Sec-Fetch-Site": {"cross-site"}, "Origin": {"https://evil.example"}}, want: 403},
		{name: "a query from another port of this machine", method: "POST", path: "api/queries", body: `{"sql":"SELECT 1"}`, isSignedIn: true,
			header: http.Header{"Sec-Fetch-Site": {"same-site"}, "Origin": {"http://127.0.0.1:1"}}, want: 403},
		{name: "reading from another port of this machine", method: "GET", path: "api/stores", isSignedIn: true,
			header: http.Header{"Sec-Fetch-Site": {"same-site"}}, want: 403},
		{name: "reading from another site", method: "GET", path: "api/stores", isSignedIn: true, header: http.Header{"Sec-Fetch-Site": {"cross-site"}}, want: 403},
		{name: "a name bound to this address", method: "GET", path: "api/stores", isSignedIn: true, header: http.Header{"Host": {"rebound.example"}}, want: 403},
		{name: "the page by a name bound to this address", method: "GET", path: "", header: http.Header{"Host": {"rebound.example:8585"}}, want: 403},
		{name: "a name that begins like an address of this machine", method: "GET", path: "", header: http.Header{"Host": {"127.0.0.1.evil.example"}}, want: 403},
	} {
		t.Run(tt.name, func(t *testing.T) {
			v := &visitor{site: s}
			if tt.isSignedIn {
				v = s.signedIn(id, secret, "")
			}
			response := v.send(tt.method, Path+tt.path, tt.body, tt.header)
			require.Equal(t, tt.want, response.StatusCode)
			require.Empty(t, response.Header.Values("Set-Cookie"))
			require.Contains(t, response.Header.Get("Content-Security-Policy"), "frame-ancestors 'none'", "no page shows this one in a frame")
		})
	}
}

func request(host string) *http.Request { return &http.Request{Host: host} }

// TestFixation: what a browser sends as a cookie before it signs in is never the session afterwards, and the session that it had is over.
func TestFixation(t *testing.T) {
	s := newSite(t)
	id, secret := s.root()
	planted := &http.Cookie{Name: s.door.cookieName(request(strings.TrimPrefix(s.server.URL, "http://"))), Value: "planted"}
	v := &visitor{site: s, cookie: planted}
	require.Equal(t, http.StatusOK, v.signIn(id, secret, "").StatusCode)
	require.NotEqual(t, "planted", v.cookie.Value)
	attacker := &visitor{site: s, cookie: planted}
	status, _ := attacker.refused(http.MethodGet, "session", nil)
	require.Equal(t, http.StatusUnauthorized, status)

	first := &visitor{site: s, cookie: v.cookie}
	require.Equal(t, http.StatusOK, v.signIn(id, secret, "").StatusCode)
	status, _ = first.refused(http.MethodGet, "session", nil)
	require.Equal(t, http.StatusUnauthorized, status, "signing in again ends the session before")
}

// TestSessionsEnd: with their key, by somebody's word, and when nobody uses them for twelve hours.
func TestSessionsEnd(t *testing.T) {
	ctx := context.Background()
	for _, tt := range []struct {
		name string
		end  func(s *site, v *visitor, keyID string)
	}{
		{"the key is revoked", func(s *site, _ *visitor, keyID string) { require.NoError(s, s.lake.Keys().Revoke(ctx, keyID)) }},
		{"the key expires", func(s *site, _ *visitor, _ string) { s.pass(16 * time.Minute) }},
		{"the root ends it", func(s *site, v *visitor, _ string) {
			root := s.signedInAsRoot()
			handle := ask[callerView](v, http.MethodGet, "session", nil).Session
			require.Len(s, ask[[]sessionView](root, http.MethodGet, "sessions", nil), 2)
			ask[struct{}](root, http.MethodDelete, "sessions/"+handle, nil)
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newSite(t)
			id, secret, token := s.key("", engine.KeyOptions{Session: 15 * time.Minute})
			v := s.signedIn(id, secret, token)
			ask[callerView](v, http.MethodGet, "session", nil)
			tt.end(s, v, id)
			status, _ := v.refused(http.MethodGet, "session", nil)
			require.Equal(t, http.StatusUnauthorized, status)
		})
	}
	t.Run("nobody uses it", func(t *testing.T) {
		s := newSite(t)
		v := s.signedInAsRoot()
		for range 3 {
			s.pass(11 * time.Hour)
			ask[callerView](v, http.MethodGet, "session", nil)
		}
		s.pass(12*time.Hour + time.Second)
		status, _ := v.refused(http.MethodGet, "session", nil)
		require.Equal(t, http.StatusUnauthorized, status)
	})
}

// TestOthersSessions: without the root key one sees and ends the sessions of the own key alone.
func TestOthersSessions(t *testing.T) {
	s := newSite(t)
	root := s.signedInAsRoot()
	id, secret, _ := s.key("", engine.KeyOptions{})
	v := s.signedIn(id, secret, "")
	require.Len(t, ask[[]sessionView](v, http.MethodGet, "sessions", nil), 1)
	status, _ := v.refused(http.MethodDelete, "sessions/"+ask[callerView](root, http.MethodGet, "session", nil).Session, nil)
	require.Equal(t, http.StatusNotFound, status)
}

// TestLinksSignInOnce, as the key that they were made for, and for an hour.
func TestLinksSignInOnce(t *testing.T) {
	s := newSite(t)
	id, _ := s.root()
	signIn := func(url string) *http.Response {
		_, token, ok := strings.Cut(url, Path+"#token=")
		require.True(t, ok)
		return (&visitor{site: s}).send(http.MethodPost, "/console/api/session/link", `{"token":"`+token+`"}`, nil)
	}
	url := s.door.SignInURL(s.server.URL, id)
	require.Equal(t, http.StatusOK, signIn(url).StatusCode)
	require.Equal(t, http.StatusUnauthorized, signIn(url).StatusCode)
	old := s.door.SignInURL(s.server.URL, id)
	s.pass(time.Hour + time.Second)
	require.Equal(t, http.StatusUnauthorized, signIn(old).StatusCode)
}

// TestTooManySessions: memory is bounded, and who was here last stays.
func TestTooManySessions(t *testing.T) {
	all := newSessions()
	secrets := []string{}
	for i := range maxSessions + 10 {
		at := start.Add(time.Duration(i) * time.Second)
		secrets = append(secrets, all.begin(&session{keyID: "k", createdAt: at, seenAt: at}))
	}
	now := start.Add(time.Hour)
	require.Equal(t, maxSessions, len(all.list(now)))
	require.Nil(t, all.find(secrets[0], now))
	require.NotNil(t, all.find(secrets[len(secrets)-1], now))
}

// TestSignInsAreNoted: who came in, and who was refused, stands in the activity.
func TestSignInsAreNoted(t *testing.T) {
	s := newSite(t)
	v := s.signedInAsRoot()
	require.Equal(t, http.StatusUnauthorized, (&visitor{site: s}).signIn("AKIAAAAAAAAAAAAAAAAA", "x", "").StatusCode)
	require.NoError(t, s.lake.Activity().Flush(context.Background()))
	q := v.run(`SELECT eventname, errorcode FROM auditlake_activity WHERE eventsource = 'console.auditlake' AND eventname = 'SignIn' ORDER BY errorcode`)
	require.Empty(t, q.ErrorMessage)
	page := ask[rowsView](v, http.MethodGet, "queries/"+q.ID+"/rows", nil)
	require.Len(t, page.Rows, 2)
	require.Equal(t, "InvalidClientTokenId", page.Rows[0][1])
	require.Nil(t, page.Rows[1][1])
}
