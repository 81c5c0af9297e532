package access

import (
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"strconv"
	"sync"
	"time"
)

const (
	// freeAttempts is how many wrong secrets in a row cost no wait.
	freeAttempts = 10
	// firstWait is the wait after one more wrong secret. Each further one doubles it, up to longestWait.
	firstWait, longestWait = time.Second, time.Minute
	// forgetAfter is how long after the last wrong secret all are forgotten.
	forgetAfter = 15 * time.Minute
	// maxAttempts limits the attempts in memory. Beyond it some of the oldest are forgotten.
	maxAttempts = 10_000
)

// ErrTooManyAttempts is wrapped by *TooManyAttempts, the refusal of a caller after too many wrong secrets.
var ErrTooManyAttempts = errors.New("too many wrong secrets for this access key from this address")

// TooManyAttempts refuses an attempt without saying whether its secret is right.
type TooManyAttempts struct{ RetryAfter time.Duration }

func (e *TooManyAttempts) Error() string {
	return fmt.Sprintf("%v: try again in %d seconds", ErrTooManyAttempts, e.Seconds())
}

func (e *TooManyAttempts) Unwrap() error { return ErrTooManyAttempts }

// Seconds returns RetryAfter as the Retry-After header needs it: rounded up, at least 1.
func (e *TooManyAttempts) Seconds() int { return max(1, int((e.RetryAfter+time.Second-1)/time.Second)) }

// SetRetryAfter sets the Retry-After header if err is a *TooManyAttempts.
func SetRetryAfter(h http.Header, err error) {
	var tooMany *TooManyAttempts
	if errors.As(err, &tooMany) {
		h.Set("Retry-After", strconv.Itoa(tooMany.Seconds()))
	}
}

// WriteTooMany answers a request that was refused with a *TooManyAttempts.
func WriteTooMany(w http.ResponseWriter, err error) {
	SetRetryAfter(w.Header(), err)
	http.Error(w, err.Error(), http.StatusTooManyRequests)
}

// attempts counts wrong secrets by key and address. So guessing a key from one address is slow, and the key's owner
// at another address is still let in. It is safe for concurrent use.
type attempts struct {
	mu      sync.Mutex
	byWho   map[attemptKey]*attempt // mu
	maximum int
}

// attemptKey is a key id, which need not exist, and the address that tries it. IPv6 addresses are counted by their
// first 64 bits, because one client may own all addresses of such a network.
type attemptKey struct {
	keyID string
	from  netip.Prefix
}

type attempt struct {
	wrong int
	last  time.Time // of the last wrong secret
}

// wait returns how long attempts are refused after the last wrong secret.
func (a *attempt) wait() time.Duration {
	if a.wrong < freeAttempts {
		return 0
	}
	wait := firstWait
	for range a.wrong - freeAttempts {
		if wait *= 2; wait >= longestWait {
			return longestWait
		}
	}
	return wait
}

func newAttempts(maximum int) *attempts {
	return &attempts{byWho: map[attemptKey]*attempt{}, maximum: maximum}
}

func keyOfAttempt(keyID string, from Origin) attemptKey {
	const maxID = 128 // no key has a longer id
	bits := 64
	if from.IP.Is4() {
		bits = 32
	}
	prefix, _ := from.IP.Prefix(bits) // of an unknown address: the zero prefix
	return attemptKey{keyID[:min(len(keyID), maxID)], prefix}
}

// check returns a *TooManyAttempts if an attempt comes too soon.
func (a *attempts) check(keyID string, from Origin, now time.Time) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.checkLocked(keyOfAttempt(keyID, from), now)
}

func (a *attempts) checkLocked(who attemptKey, now time.Time) error {
	found := a.byWho[who]
	if found == nil {
		return nil
	}
	if passed := now.Sub(found.last); passed >= forgetAfter {
		delete(a.byWho, who)
	} else if left := found.wait() - passed; left > 0 {
		return &TooManyAttempts{RetryAfter: left}
	}
	return nil
}

// note counts an attempt. If concurrent attempts were too many, it returns a *TooManyAttempts whether the secret is
// right or wrong: concurrent attempts get no more answers than sequential ones.
func (a *attempts) note(keyID string, from Origin, now time.Time, isRight bool) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	who := keyOfAttempt(keyID, from)
	if err := a.checkLocked(who, now); err != nil {
		return err
	}
	if isRight {
		delete(a.byWho, who)
		return nil
	}
	found := a.byWho[who]
	if found == nil {
		a.makeRoomLocked()
		found = &attempt{}
		a.byWho[who] = found
	}
	found.wrong++
	found.last = now
	return nil
}

// makeRoomLocked forgets a tenth of the attempts, about those with the oldest last wrong secret. Removing many at
// once keeps it rare.
func (a *attempts) makeRoomLocked() {
	if len(a.byWho) < a.maximum {
		return
	}
	for range max(1, a.maximum/10) {
		a.forgetOldestLocked()
	}
}

func (a *attempts) forgetOldestLocked() {
	var oldest attemptKey
	var since time.Time
	looked := 0
	for who, found := range a.byWho {
		if looked++; looked > 100 { // map order is arbitrary: take the oldest of a sample
			break
		}
		if since.IsZero() || found.last.Before(since) {
			oldest, since = who, found.last
		}
	}
	delete(a.byWho, oldest)
}
