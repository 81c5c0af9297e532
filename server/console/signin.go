package console

import (
	"errors"
	"net"
	"net/http"
	"time"

	"github.com/auditlake/auditlake/engine"
	"github.com/auditlake/auditlake/server"
	"github.com/auditlake/auditlake/server/access"
)

var errNotSignedIn = &problem{status: http.StatusUnauthorized, Code: codeNotSignedIn, Message: "sign in first"}

// enter returns the call of a signed-in person. It checks the key at each request: a revoked or expired key ends
// its sessions.
func (d *Door) enter(w http.ResponseWriter, r *http.Request) (*call, error) {
	cookie, err := r.Cookie(d.cookieName(r))
	if err != nil {
		return nil, errNotSignedIn
	}
	found := d.sessions.find(cookie.Value, d.lake.Now())
	if found == nil {
		return nil, errNotSignedIn
	}
	caller, err := d.callerOf(found.keyID, r)
	if errors.Is(err, access.ErrRefused) {
		d.sessions.end(found.handle)
		return nil, errNotSignedIn
	}
	if err != nil {
		return nil, err
	}
	return &call{w: w, r: r, session: found, caller: caller}, nil
}

// callerOf returns the caller of a key whose secret was shown before. The error wraps access.ErrRefused if the key
// was revoked or has expired since.
func (d *Door) callerOf(keyID string, r *http.Request) (*access.Caller, error) {
	credential, err := d.lake.Keys().Find(keyID)
	if errors.Is(err, engine.ErrKeyNotFound) || err == nil && credential.State(d.lake.Now()) != "active" {
		return nil, access.ErrRefused
	}
	if err != nil {
		return nil, err
	}
	server.Identify(r)
	return d.gate.Caller(credential, access.OriginOf(r))
}

// signIn begins a session for the id and secret of a key, which must come over TLS or from this machine.
func (d *Door) signIn(w http.ResponseWriter, r *http.Request) {
	var in struct {
		ID     string `json:"id"`
		Secret string `json:"secret"`
		Token  string `json:"token"`
	}
	if err := readJSON(w, r, &in); err != nil {
		d.refuse(w, err)
		return
	}
	shown := r.Clone(r.Context())
	shown.SetBasicAuth(in.ID, in.Secret)
	caller, err := d.gate.EnterByPassword(shown, in.Token)
	switch {
	case errors.Is(err, access.ErrOpenSecret):
		d.refuseSignIn(w, r, http.StatusForbidden, "InsecureTransport", err)
	case errors.Is(err, access.ErrTooManyAttempts):
		access.SetRetryAfter(w.Header(), err)
		d.refuseSignIn(w, r, http.StatusTooManyRequests, "TooManyAttempts", err)
	case errors.Is(err, access.ErrRefused):
		d.refuseSignIn(w, r, http.StatusUnauthorized, "InvalidClientTokenId", err)
	case err != nil:
		d.refuse(w, err)
	default:
		d.beginSession(w, r, caller)
	}
}

var errLinkUsed = errors.New("this link was used before or has expired: run `auditlake open` for a new one")

// signInByLink begins a session for the token of a link. A token is good once.
func (d *Door) signInByLink(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Token string `json:"token"`
	}
	if err := readJSON(w, r, &in); err != nil {
		d.refuse(w, err)
		return
	}
	if at, ok := r.Context().Value(http.LocalAddrContextKey).(net.Addr); !ok || !server.IsLoopback(at) || d.isBehindProxy(r) {
		d.refuseSignIn(w, r, http.StatusForbidden, "RemoteLink", errors.New("sign-in links work only on the server's machine"))
		return
	}
	keyID := d.links.take(in.Token, d.lake.Now())
	if keyID == "" {
		d.refuseSignIn(w, r, http.StatusUnauthorized, "InvalidClientTokenId", errLinkUsed)
		return
	}
	caller, err := d.callerOf(keyID, r)
	if err != nil {
		d.refuse(w, err)
		return
	}
	d.beginSession(w, r, caller)
}

// beginSession signs a caller in, and ends the browser's earlier session.
func (d *Door) beginSession(w http.ResponseWriter, r *http.Request, caller *access.Caller) {
	now := d.lake.Now()
	if cookie, err := r.Cookie(d.cookieName(r)); err == nil {
		if before := d.sessions.find(cookie.Value, now); before != nil {
			d.sessions.end(before.handle)
		}
	}
	made := &session{keyID: caller.Key().ID, createdAt: now, seenAt: now, ip: access.OriginOf(r).Address(), program: beginning(r.UserAgent(), 500)}
	d.setCookie(w, r, d.sessions.begin(made))
	c := &call{w: w, r: r, session: made, caller: caller}
	d.note(c, "SignIn", false, nil)
	writeJSON(w, http.StatusOK, d.describeCaller(c))
}

func (d *Door) refuseSignIn(w http.ResponseWriter, r *http.Request, status int, code string, err error) {
	asker := engine.Asker{IP: access.OriginOf(r).Address(), Program: r.UserAgent()}
	d.lake.Activity().NotePoll(engine.ActivityPoll{Name: "SignIn", Asker: asker.IP, ErrorCode: code}, &engine.ActivityEvent{
		At: d.lake.Now(), Source: eventSource, Name: "SignIn", Type: engine.ActivityServiceEvent, By: asker,
		ErrorCode: code, ErrorMessage: err.Error(), Denied: true,
	})
	d.refuse(w, &problem{status: status, Code: codeRefused, Message: err.Error()})
}

// callerView is the signed-in caller in the page's JSON.
type callerView struct {
	KeyID     string `json:"keyId"`
	Principal string `json:"principal"`
	AccountID string `json:"accountId"`
	IsRoot    bool   `json:"isRoot"`
	ExpiresAt string `json:"expiresAt,omitempty"`
	ReadOnly  bool   `json:"readOnly"` // the lake is read-only: answers are stored until the server stops
	Session   string `json:"session"`
}

func (d *Door) describeCaller(c *call) callerView {
	key := c.caller.Key()
	return callerView{
		KeyID: key.ID, Principal: key.Principal, AccountID: key.AccountID, IsRoot: key.IsRoot, ExpiresAt: instant(key.ExpiresAt),
		ReadOnly: d.lake.IsReadOnly(), Session: c.session.handle,
	}
}

func (d *Door) showSession(c *call) (any, error) { return d.describeCaller(c), nil }

func (d *Door) signOut(c *call) (any, error) {
	d.sessions.end(c.session.handle)
	d.setCookie(c.w, c.r, "")
	d.note(c, "SignOut", false, nil)
	return struct{}{}, nil
}

// sessionView is a session in the page's list.
type sessionView struct {
	Handle    string `json:"handle"`
	KeyID     string `json:"keyId"`
	CreatedAt string `json:"createdAt"`
	SeenAt    string `json:"seenAt"`
	IP        string `json:"ip"`
	Program   string `json:"program"`
	IsThis    bool   `json:"isThis"`
}

// listSessions lists the sessions of the caller's key; for the root, of all keys.
func (d *Door) listSessions(c *call) (any, error) {
	out := []sessionView{}
	for _, s := range d.sessions.list(d.lake.Now()) {
		if c.mayEnd(&s) {
			out = append(out, sessionView{s.handle, s.keyID, instant(s.createdAt), instant(s.seenAt), s.ip, s.program, s.handle == c.session.handle})
		}
	}
	return out, nil
}

func (c *call) mayEnd(s *session) bool { return c.caller.Key().IsRoot || s.keyID == c.session.keyID }

// endSession ends one of the sessions that the caller may list.
func (d *Door) endSession(c *call) (any, error) {
	handle := c.r.PathValue("handle")
	for _, s := range d.sessions.list(d.lake.Now()) {
		if s.handle == handle && c.mayEnd(&s) && d.sessions.end(handle) {
			d.note(c, "EndSession", false, map[string]any{"session": handle, "keyId": s.keyID})
			return struct{}{}, nil
		}
	}
	return nil, notFound("there is no session %s", handle)
}

// note records an action of the caller in the activity.
func (d *Door) note(c *call, name string, readOnly bool, parameters map[string]any) {
	d.lake.Activity().Note(&engine.ActivityEvent{
		At: d.lake.Now(), Source: eventSource, Name: name, Type: engine.ActivityServiceEvent, By: c.asker(), ReadOnly: readOnly,
		Parameters: engine.ActivityParameters(parameters),
	})
}

// asker returns the caller with its browser, for the activity.
func (c *call) asker() engine.Asker {
	asker := c.caller.Asker()
	asker.Program = c.r.UserAgent()
	return asker
}

// instant formats a time for the page, "" for the zero time.
func instant(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02T15:04:05.000Z")
}

// beginning returns the first bytes of a text, cut at a whole character.
func beginning(text string, bytes int) string {
	if len(text) <= bytes {
		return text
	}
	for bytes > 0 && text[bytes]&0xc0 == 0x80 { // not inside a character
		bytes--
	}
	return text[:bytes]
}
