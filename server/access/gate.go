// Package access decides which callers may use the doors of a lake, and for what. All doors that other users reach
// call it, so that a key has the same rights and caps at each.
package access

import (
	"cmp"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"sync"

	"github.com/auditlake/auditlake/engine"
	"github.com/auditlake/auditlake/server"
	"github.com/auditlake/auditlake/server/awsapi/policy"
)

// ErrRefused refuses a caller. It does not reveal whether the key exists.
var ErrRefused = errors.New("the access key, its secret or its session token is wrong, or the key has expired")

// Gate lets callers of a lake in. It is safe for concurrent use.
type Gate struct {
	lake        *engine.Lake
	requireKeys bool
	needsTLS    bool // secrets are refused without TLS, also from this machine
	// wrong counts the wrong secrets of keys, unknown those of ids without a key. Invented ids can be many and must
	// not displace the others.
	wrong, unknown *attempts

	mu sync.Mutex
	// parsed caches the policy documents of keys by their text.
	parsed map[string]*policy.Document // mu
}

// maxParsed limits the cached documents.
const maxParsed = 1000

// New returns the gate of a lake. With requireKeys every caller needs a key, even while the root's is the only one.
func New(lake *engine.Lake, requireKeys bool) *Gate {
	return &Gate{lake: lake, requireKeys: requireKeys, wrong: newAttempts(maxAttempts), unknown: newAttempts(maxAttempts), parsed: map[string]*policy.Document{}}
}

// RequiringKeys returns a gate that requires a key of every caller. It shares its counts of wrong secrets with g.
func (g *Gate) RequiringKeys() *Gate {
	return &Gate{lake: g.lake, requireKeys: true, needsTLS: g.needsTLS, wrong: g.wrong, unknown: g.unknown, parsed: map[string]*policy.Document{}}
}

// CheckAttempt returns a *TooManyAttempts if an address has sent too many wrong secrets of a key. The door then
// refuses the request unread.
func (g *Gate) CheckAttempt(keyID string, from Origin) error {
	return g.wrong.check(keyID, from, g.lake.Now())
}

// NoteAttempt counts whether a request from an address proved that its sender knows the secret of a key. If it
// returns an error, the door answers with that error instead of its own.
func (g *Gate) NoteAttempt(keyID string, from Origin, isRight bool) error {
	return g.wrong.note(keyID, from, g.lake.Now(), isRight)
}

// NoteUnknown is NoteAttempt for an id that no key has.
func (g *Gate) NoteUnknown(keyID string, from Origin) error {
	return g.unknown.note(keyID, from, g.lake.Now(), false)
}

// NeedTLS makes the gate refuse secrets without TLS from this machine, too. Call it before the gate is used.
func (g *Gate) NeedTLS() { g.needsTLS = true }

// NeedsKey reports whether callers without a key are refused.
func (g *Gate) NeedsKey() (bool, error) {
	if g.requireKeys {
		return true, nil
	}
	return g.lake.Keys().HasFurther()
}

// Origin is where a request comes from.
type Origin struct {
	IP  netip.Addr // zero: unknown
	TLS bool
}

// Address returns the IP address as text, "" for an unknown one.
func (o Origin) Address() string {
	if !o.IP.IsValid() {
		return ""
	}
	return o.IP.String()
}

// OriginOf returns the origin of an HTTP request.
func OriginOf(r *http.Request) Origin {
	o := Origin{TLS: r.TLS != nil}
	if host, _, err := net.SplitHostPort(r.RemoteAddr); err == nil {
		if at, err := netip.ParseAddr(host); err == nil {
			o.IP = at.Unmap().WithZone("")
		}
	}
	return o
}

// Enter returns the caller with the id and secret of a key, and the session token of a temporary key. The error
// wraps ErrRefused, is a *TooManyAttempts, or comes from the lake.
func (g *Gate) Enter(id, secret, token string, from Origin) (*Caller, error) {
	c, err := g.lake.Keys().Find(id)
	if errors.Is(err, engine.ErrKeyNotFound) {
		return nil, cmp.Or(g.NoteUnknown(id, from), ErrRefused)
	}
	if err != nil {
		return nil, err
	}
	want, got := sha256.Sum256([]byte(c.Secret)), sha256.Sum256([]byte(secret))
	isRight := subtle.ConstantTimeCompare(want[:], got[:]) == 1
	invalid := c.Check(token, g.lake.Now())
	// A caller that knows the secret of an expired key is not guessing.
	if err := g.NoteAttempt(id, from, isRight && !errors.Is(invalid, engine.ErrKeyToken)); err != nil {
		return nil, err
	}
	if !isRight || invalid != nil {
		return nil, ErrRefused
	}
	return g.Caller(c, from)
}

// ErrOpenSecret refuses a caller that sent a secret where others could read it.
var ErrOpenSecret = errors.New("the secret was sent without TLS: treat the key as compromised and revoke it")

// EnterByPassword returns the caller of Basic authentication: the key's id is the user, its secret the password.
// They must come over TLS or, unless NeedTLS was called, from this machine. token is the session token of a
// temporary key. The error is ErrOpenSecret, wraps ErrRefused, is a *TooManyAttempts, or comes from the lake.
func (g *Gate) EnterByPassword(r *http.Request, token string) (*Caller, error) {
	at, _ := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
	if r.TLS == nil && (g.needsTLS || !server.IsLoopback(at)) {
		return nil, ErrOpenSecret
	}
	id, secret, _ := r.BasicAuth()
	caller, err := g.Enter(id, secret, token, OriginOf(r))
	if err == nil {
		server.Identify(r)
	}
	return caller, err
}

// Caller returns the caller of a key whose signature or secret the door has checked.
func (g *Gate) Caller(c *engine.Credential, from Origin) (*Caller, error) {
	caller := &Caller{gate: g, key: c.Key, origin: from}
	for _, p := range c.Policies {
		document, err := g.parse(p.Document)
		// Another version of the program accepted the policy. Without all policies of a key its rights are unknown.
		if err != nil {
			return nil, fmt.Errorf("access key %s, policy %s: %w", c.ID, p.Name, err)
		}
		caller.identity = append(caller.identity, policy.Named{Name: p.Name, Document: document})
	}
	return caller, nil
}

// parse returns the parsed policy of a key.
func (g *Gate) parse(text string) (*policy.Document, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if d := g.parsed[text]; d != nil {
		return d, nil
	}
	d, err := policy.ParseIdentity(text)
	if err != nil {
		return nil, err
	}
	if len(g.parsed) >= maxParsed {
		clear(g.parsed)
	}
	g.parsed[text] = d
	return d, nil
}
