package main

import (
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"sync"
)

const (
	// firstCollectionBytes is the heap at which a process that answers one statement first collects garbage. It would
	// collect three times while it opens the lake, which takes longer than many a statement.
	firstCollectionBytes = 96 << 20
	leastHeapBytes       = 4 << 20 // what the runtime reckons with before its first collection
)

// collectLater puts the next garbage collection of this process off until the heap has firstCollectionBytes.
var collectLater = sync.OnceFunc(putCollectionOff)

// putCollectionOff has the collector run as before from its next run on. GOGC, if set, holds instead.
func putCollectionOff() {
	live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(live)
	bytes := uint64(leastHeapBytes)
	if live[0].Value.Kind() == metrics.KindUint64 {
		bytes = max(bytes, live[0].Value.Uint64())
	}
	if os.Getenv("GOGC") != "" || bytes >= firstCollectionBytes/2 {
		return
	}
	percent := debug.SetGCPercent(int((firstCollectionBytes - bytes) * 100 / bytes))
	garbage := new(*int) // nothing refers to it, so the next collection finds it
	runtime.AddCleanup(garbage, func(percent int) { debug.SetGCPercent(percent) }, percent)
}
