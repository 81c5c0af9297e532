package console

import (
	"crypto/sha256"
	"sync"
	"time"
)

const (
	// linkAge is how long a sign-in link is valid.
	linkAge = time.Hour
	// maxLinks limits the unused links: a new one replaces the oldest.
	maxLinks = 100
)

// links are the tokens of sign-in URLs, each good once. It is safe for concurrent use.
type links struct {
	mu     sync.Mutex
	byHash map[[sha256.Size]byte]link // mu
}

// link is the key behind a token.
type link struct {
	keyID  string
	madeAt time.Time
}

func newLinks() *links { return &links{byHash: map[[sha256.Size]byte]link{}} }

// add returns a new token for a key.
func (l *links) add(keyID string, now time.Time) (token string) {
	token = randomText()
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.byHash) >= maxLinks {
		var oldest [sha256.Size]byte
		oldestAt := now
		for hash, found := range l.byHash {
			if !found.madeAt.After(oldestAt) {
				oldest, oldestAt = hash, found.madeAt
			}
		}
		delete(l.byHash, oldest)
	}
	l.byHash[sha256.Sum256([]byte(token))] = link{keyID, now}
	return token
}

// take returns the key of a token and removes the token. It returns "" for an unknown or expired one.
func (l *links) take(token string, now time.Time) (keyID string) {
	hash := sha256.Sum256([]byte(token))
	l.mu.Lock()
	defer l.mu.Unlock()
	found, isThere := l.byHash[hash]
	delete(l.byHash, hash)
	if !isThere || now.Sub(found.madeAt) > linkAge {
		return ""
	}
	return found.keyID
}

// SignInURL returns a URL of the page that signs in as the key's caller, once, within an hour and only from this
// machine. The token is in the fragment, which browsers do not send, so no log or proxy sees it.
func (d *Door) SignInURL(base, keyID string) string {
	return base + Path + "#token=" + d.links.add(keyID, d.lake.Now())
}
