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
	// sessionAge is how long somebody stays signed in who asks for nothing.
	sessionAge = 12 * time.Hour
	// maxSessions bounds memory: the session that was used least recently ends for a new one.
	maxSessions = 1000
)

// session is somebody who has signed in. The page's cookie is known by its hash alone, so that whoever reads the
// memory or a list of sessions cannot take one over. Sessions live as long as the process.
type session struct {
	handle    string // names the session in lists; it says nothing about the cookie
	keyID     string
	createdAt time.Time
	seenAt    time.Time // of sessions.mu
	ip        string
	program   string // the browser
}

// sessions are those who have signed in. It is safe for concurrent use.
type sessions struct {
	mu     sync.Mutex
	byHash map[[sha256.Size]byte]*session // mu: by the hash of the cookie
}

func newSessions() *sessions { return &sessions{byHash: map[[sha256.Size]byte]*session{}} }

// begin makes a session and returns the secret of its cookie, which is always new: what a browser sent before means
// nothing.
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

// removeOverLocked removes the sessions that are over.
func (s *sessions) removeOverLocked(now time.Time) {
	maps.DeleteFunc(s.byHash, func(_ [sha256.Size]byte, found *session) bool { return now.Sub(found.seenAt) > sessionAge })
}

// removeOldestLocked removes the session that was used least recently.
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

// find returns the session of a cookie's secret, nil if there is none or it is over, and keeps it from being over soon.
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

// end ends a session by its handle, and reports whether there was one.
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

// list returns copies of the sessions that are not over, the latest first.
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
	rand.Read(bits) // it never fails
	return base64.RawURLEncoding.EncodeToString(bits)
}

// cookieName is the name of the session's cookie. Browsers keep the one that begins with __Host- from being set
// without TLS, by other hosts or for a part of the paths. Without TLS the port is part of the name, because browsers
// send a cookie to all ports of a host, and two lakes on one machine have a session each.
func (d *Door) cookieName(r *http.Request) string {
	if d.isSecure(r) {
		return "__Host-auditlake"
	}
	sum := sha256.Sum256([]byte(r.Host))
	return "auditlake-" + hex.EncodeToString(sum[:4])
}

// setCookie gives a session's secret to the browser; "" takes it away.
func (d *Door) setCookie(w http.ResponseWriter, r *http.Request, secret string) {
	cookie := &http.Cookie{
		Name: d.cookieName(r), Value: secret, Path: "/", HttpOnly: true, SameSite: http.SameSiteStrictMode, Secure: d.isSecure(r),
	}
	if secret == "" {
		cookie.MaxAge = -1
	}
	http.SetCookie(w, cookie)
}
