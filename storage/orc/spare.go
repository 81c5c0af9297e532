package orc

import (
	"math/bits"
	"sync"

	"github.com/auditlake/auditlake/largepages"
)

// spare keeps memory for later stripes and files: a file has hundreds of streams and dictionaries, and allocating
// and clearing their memory would take as long as filling it. It holds empty *[]T by the power of two of their
// capacity.
type spare[T any] struct {
	classes [32]sync.Pool
}

var (
	spareBytes spare[byte]
	spareCodes spare[uint32]
	spareSlots spare[uint64]
	spareTexts spare[dictionaryText]
)

// minSpareBits bounds what is kept: less is not worth it.
const minSpareBits = 7

// take returns an empty slice for at least n values. The memory beyond its length is not cleared.
func (p *spare[T]) take(n int) []T {
	class := max(minSpareBits, bits.Len(uint(n-1)))
	if class < len(p.classes) {
		if kept, ok := p.classes[class].Get().(*[]T); ok {
			return *kept
		}
	}
	made := make([]T, 0, 1<<class)
	largepages.Made(made)
	return made
}

// grow moves the content of list to a slice for at least n values.
func (p *spare[T]) grow(list []T, n int) []T {
	grown := append(p.take(n), list...)
	p.release(list)
	return grown
}

// push appends v to a slice of this pool.
func (p *spare[T]) push(list []T, v T) []T {
	if len(list) == cap(list) {
		list = p.grow(list, len(list)+1)
	}
	return append(list, v)
}

// release takes back a slice that is no longer used.
func (p *spare[T]) release(list []T) {
	class := bits.Len(uint(cap(list))) - 1
	if class < minSpareBits || class >= len(p.classes) || cap(list) != 1<<class {
		return
	}
	list = list[:0]
	p.classes[class].Put(&list)
}
