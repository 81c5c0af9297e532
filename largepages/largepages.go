// Package largepages asks the operating system for large pages for the parts of Go's heap that a statement fills. A
// process that runs one statement touches most of its memory for the first time. With 4 KiB pages that causes tens
// of thousands of page faults, a quarter of its CPU time.
package largepages

import (
	"sync"
	"sync/atomic"
	"unsafe"
)

const (
	// partBytes is the unit in which Go's heap grows, aligned to a multiple of it.
	partBytes = 4 << 20
	// leastBytes is the smallest allocation that Made handles.
	leastBytes = 8 << 10
	// afterBytes is how much is allocated before Made asks for large pages. For a statement that reads little, the
	// system would otherwise clear more memory than it needs.
	afterBytes = 4 << 20
)

// asking is the state since Ask.
var asking struct {
	begun atomic.Bool
	bytes atomic.Int64 // allocated, as reported to Made
	parts sync.Map     // the parts already asked for, by address/partBytes
}

// Ask makes Made ask for large pages from now on. Without it Made does nothing: in a process that reuses its
// memory, large pages would only keep more of it.
func Ask() { asking.begun.Store(true) }

// Made asks for large pages around memory on Go's heap that was just allocated and not yet written to. The system
// uses them for fresh parts as far as it has any. The memory's content does not change.
func Made[T any](memory []T) {
	var one T
	bytes := uintptr(cap(memory)) * unsafe.Sizeof(one)
	if bytes < leastBytes || !asking.begun.Load() || asking.bytes.Add(int64(bytes)) < afterBytes {
		return
	}
	begin := uintptr(unsafe.Pointer(unsafe.SliceData(memory)))
	for part := begin / partBytes; part <= (begin+bytes-1)/partBytes; part++ {
		if _, before := asking.parts.LoadOrStore(part, true); !before {
			advise(part*partBytes, partBytes)
		}
	}
}
