// Package largepages asks the operating system for large pages under the parts of Go's heap that a statement fills. A
// process that answers one statement touches most of its memory for the first time: with pages of 4 KiB that is tens
// of thousands of faults, a quarter of its processor time.
package largepages

import (
	"sync"
	"sync/atomic"
	"unsafe"
)

const (
	// partBytes is by how much Go's heap grows at least, from a multiple of it.
	partBytes = 4 << 20
	// leastBytes is the least memory that is looked at.
	leastBytes = 8 << 10
	// afterBytes is how much is made before large pages are asked for: a statement that reads little would clear more
	// memory than it needs.
	afterBytes = 4 << 20
)

// asking is what Ask began.
var asking struct {
	begun atomic.Bool
	bytes atomic.Int64 // that Made was told of
	parts sync.Map     // that were asked for, by their number
}

// Ask has Made ask for large pages from now on. Without it Made does nothing: where memory is used again and again,
// large pages would only keep more of it.
func Ask() { asking.begun.Store(true) }

// Made is told of memory on Go's heap that was just made and not written to. The parts of the heap around it get
// large pages as far as they are fresh and the system has any; that changes no content.
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
