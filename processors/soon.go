package processors

import (
	"runtime"
	"sync"
)

// soonTries is how often LockSoon and ReceiveSoon look before they sleep: for about a tenth of a millisecond. A goroutine that sleeps is
// awake again after about as long where the system has to wake a processor for it.
const soonTries = 400

// LockSoon locks a mutex that is held for some microseconds at a time: to be woken for it would take several times as long.
func LockSoon(mu *sync.Mutex) {
	for range soonTries {
		if mu.TryLock() {
			return
		}
		runtime.Gosched()
	}
	mu.Lock()
}

// ReceiveSoon waits until a channel is closed that another goroutine, which is at work, closes within some microseconds.
func ReceiveSoon(done <-chan struct{}) {
	for range soonTries {
		select {
		case <-done:
			return
		default:
			runtime.Gosched()
		}
	}
	<-done
}

// PassOn has an idle processor take what the calling goroutine has just made or woken, while it goes on itself. Go leaves the last one to
// the processor of whoever woke it, and has others sleep for some microseconds before they take that one, which the system makes a
// tenth of a millisecond of; what another came after they take at once.
func PassOn() { go func() {}() }
