package processors

import (
	"runtime"
	"sync"
	"time"
)

// LockSoon and ReceiveSoon look for awakeFor at a time, let another goroutine work between, and sleep when soonFor is
// over. A goroutine that sleeps is awake again after about as long where the system has to wake a processor for it.
// To let another work takes microseconds even where there is none, in which whoever is waited for would have been
// done.
const (
	soonFor     = 100 * time.Microsecond
	awakeFor    = 10 * time.Microsecond
	looksAtOnce = 50 // before the next look at the clock
)

// LockSoon locks a mutex that is held for some microseconds at a time: to be woken for it would take several times as
// long.
func LockSoon(mu *sync.Mutex) {
	if !LocksSoon(mu) {
		mu.Lock()
	}
}

// LocksSoon is LockSoon for who does not sleep: it reports whether the mutex is locked.
func LocksSoon(mu *sync.Mutex) bool { return mu.TryLock() || happensSoon(mu.TryLock) }

// ReceiveSoon waits until a channel is closed that another goroutine, which is at work, closes within some
// microseconds.
func ReceiveSoon(done <-chan struct{}) {
	if !happensSoon(func() bool { return isReceived(done) }) {
		<-done
	}
}

func isReceived(done <-chan struct{}) bool {
	select {
	case <-done:
		return true
	default:
		return false
	}
}

// happensSoon reports whether something has happened, as soon as it has; false: not within soonFor.
func happensSoon(happened func() bool) bool {
	begun := time.Now()
	lookedAt := begun
	for {
		for range looksAtOnce {
			if happened() {
				return true
			}
		}
		switch now := time.Now(); {
		case now.Sub(begun) >= soonFor:
			return false
		case now.Sub(lookedAt) >= awakeFor:
			lookedAt = now
			runtime.Gosched()
		}
	}
}

// PassOn has an idle processor take what the calling goroutine has just made or woken, while it goes on itself. Go
// leaves the last one to the processor of whoever woke it, and has others sleep for some microseconds before they
// take that one, which the system makes a tenth of a millisecond of; what another came after they take at once.
func PassOn() { go func() {}() }
