package console

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"maps"
	"net/http"
	"slices"
	"sync"
	"time"
)

const (
	// sessionAge is how long a session lasts without requests.
	sessionAge = 12 * time.Hour
	// maxSessions limits the sessions: a new one replaces the least recently used.
	maxSessions = 1000
)

// session is a sign-in of a person. Only the hash of its cookie is stored, so that a reader of the memory or of a
// list of sessions cannot take a session over. Sessions live as long as the process.
type session struct {
	handle    string // the session's name in lists; reveals nothing about the cookie
	keyID     string
	createdAt time.Time
	seenAt    time.Time // guarded by sessions.mu
	ip        string
	program   string // the browser
}

// sessions are the sign-ins that have not ended. It is safe for concurrent use.
type sessions struct {
	mu     sync.Mutex
	byHash map[[sha256.Size]byte]*session // mu: by the hash of the cookie
}

func newSessions() *sessions { return &sessions{byHash: map[[sha256.Size]byte]*session{}} }

// begin adds a session and returns the secret of its cookie. The secret is always new; a cookie that the browser
// sent before is ignored.
func (s *sessions) begin(made *session) (secret string) {
	secret = randomText()
	made.handle = randomText()[:16]
	s.mu.Lock()
	defer s.mu.Unlock()
	s.removeOverLocked(made.createdAt)
	if len(s.byHash) >= maxSessions {
		s.removeOldestLocked()
	}
	s.byHash[sha256.Sum256([]byte(secret))] = made
	return secret
}

// removeOverLocked removes the expired sessions.
func (s *sessions) removeOverLocked(now time.Time) {
	maps.DeleteFunc(s.byHash, func(_ [sha256.Size]byte, found *session) bool { return now.Sub(found.seenAt) > sessionAge })
}

// removeOldestLocked removes the least recently used session.
func (s *sessions) removeOldestLocked() {
	var oldest [sha256.Size]byte
	var oldestSeen time.Time
	for hash, found := range s.byHash {
		if oldestSeen.IsZero() || found.seenAt.Before(oldestSeen) {
			oldest, oldestSeen = hash, found.seenAt
		}
	}
	delete(s.byHash, oldest)
}

// find returns the session of a cookie's secret and renews it. It returns nil for an unknown or expired one.
func (s *sessions) find(secret string, now time.Time) *session {
	hash := sha256.Sum256([]byte(secret))
	s.mu.Lock()
	defer s.mu.Unlock()
	found := s.byHash[hash]
	if found == nil {
		return nil
	}
	if now.Sub(found.seenAt) > sessionAge {
		delete(s.byHash, hash)
		return nil
	}
	found.seenAt = now
	return found
}

// end ends the session with a handle, and reports whether there was one.
func (s *sessions) end(handle string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for hash, found := range s.byHash {
		if found.handle == handle {
			delete(s.byHash, hash)
			return true
		}
	}
	return false
}

// list returns copies of the sessions that have not expired, the latest first.
func (s *sessions) list(now time.Time) (out []session) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.removeOverLocked(now)
	for _, found := range s.byHash {
		out = append(out, *found)
	}
	slices.SortFunc(out, func(a, b session) int { return b.createdAt.Compare(a.createdAt) })
	return out
}

// randomText returns 256 random bits as text.
func randomText() string {
	bits := make([]byte, 32)
	rand.Read(bits) // never fails
	return base64.RawURLEncoding.EncodeToString(bits)
}

// cookieName returns the name of the session's cookie. With the prefix __Host-, browsers refuse the cookie if it is
// set without TLS, by other hosts or for a part of the paths. Without TLS the name contains the port: browsers send
// a cookie to all ports of a host, and two lakes on one machine need a session each.
func (d *Door) cookieName(r *http.Request) string {
	if d.isSecure(r) {
		return "__Host-auditlake"
	}
	sum := sha256.Sum256([]byte(r.Host))
	return "auditlake-" + hex.EncodeToString(sum[:4])
}

// setCookie sets the session's secret in the browser; "" removes it.
func (d *Door) setCookie(w http.ResponseWriter, r *http.Request, secret string) {
	cookie := &http.Cookie{
		Name: d.cookieName(r), Value: secret, Path: "/", HttpOnly: true, SameSite: http.SameSiteStrictMode, Secure: d.isSecure(r),
	}
	if secret == "" {
		cookie.MaxAge = -1
	}
	http.SetCookie(w, cookie)
}
