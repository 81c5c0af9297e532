package processors

import (
	"runtime"
	"sync"
	"time"
)

// LockSoon and ReceiveSoon poll for awakeFor at a time, let other goroutines run in between, and sleep after
// soonFor. If the system has to wake a processor, waking a sleeping goroutine takes about as long. Yielding takes
// microseconds even if no other goroutine is ready, in which the awaited goroutine could have finished.
const (
	soonFor     = 100 * time.Microsecond
	awakeFor    = 10 * time.Microsecond
	looksAtOnce = 50 // polls between two readings of the clock
)

// LockSoon locks a mutex that is held for some microseconds at a time. Sleeping until it is free would take several
// times as long.
func LockSoon(mu *sync.Mutex) {
	if !LocksSoon(mu) {
		mu.Lock()
	}
}

// LocksSoon is LockSoon without sleeping: it reports whether it has locked the mutex.
func LocksSoon(mu *sync.Mutex) bool { return mu.TryLock() || happensSoon(mu.TryLock) }

// ReceiveSoon waits until done is closed, which a running goroutine does within some microseconds.
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

// happensSoon polls happened and returns true as soon as it does, or false after soonFor.
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

// PassOn lets an idle processor take the goroutine that the caller has just created or woken; the caller continues.
// Go reserves the last such goroutine for the current processor. Other processors sleep some microseconds before
// they take it, which the system stretches to a tenth of a millisecond. An empty goroutine frees the one before it
// at once.
func PassOn() { go func() {}() }
