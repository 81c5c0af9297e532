// Package collector puts the first garbage collection of the program off. Being imported it does so while the program
// begins.
package collector

import (
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"sync"
)

const (
	// StatementBytes is the heap at which a process that answers one statement first collects garbage. Without it
	// the process would collect twice while it opens the lake, which takes longer than many statements.
	StatementBytes = 96 << 20
	// beginningBytes is the heap at which any process first does: what packages make before main stays, and is nearly
	// enough for a collection.
	beginningBytes = 16 << 20
	leastHeapBytes = 4 << 20 // what the runtime reckons with before its first collection
)

// postponed is the collection that PutOff put off.
var postponed struct {
	sync.Mutex
	pending bool // Mutex: there was none since
	percent int  // Mutex: GOGC from then on
}

func init() { PutOff(beginningBytes) }

// PutOff postpones the next garbage collection of this process until the heap has the given size in bytes. From its
// next run on, the collector runs as before. GOGC, if set, takes precedence.
func PutOff(bytes uint64) {
	live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(live)
	held := uint64(leastHeapBytes)
	if live[0].Value.Kind() == metrics.KindUint64 {
		held = max(held, live[0].Value.Uint64())
	}
	if os.Getenv("GOGC") != "" || held >= bytes/2 {
		return
	}
	postponed.Lock()
	defer postponed.Unlock()
	percent := debug.SetGCPercent(int((bytes - held) * 100 / held))
	if postponed.pending {
		return
	}
	postponed.pending, postponed.percent = true, percent
	garbage := new(*int) // nothing refers to it, so the next collection finds it
	runtime.AddCleanup(garbage, restore, struct{}{})
}

// restore has the collector run as before PutOff.
func restore(struct{}) {
	postponed.Lock()
	defer postponed.Unlock()
	debug.SetGCPercent(postponed.percent)
	postponed.pending = false
}
