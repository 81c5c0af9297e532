package orc

// Usage is the set of stored bytes of one file that reads needed: compression blocks with their 3-byte headers, row
// indexes and bloom filters. Streams of an uncompressed file count in blocks of the block size. A block counts once
// however often it is needed. The set depends only on the reads that it was passed to, not on caches or other
// reads. Footers are not counted.
//
// A Usage serves one file and one goroutine; Merge joins those of several workers.
type Usage struct {
	// few are the blocks up to fewBlocks, which a linear search finds faster; above that, many holds all of them.
	few       []usedBlock
	many      map[int64]int64 // offset in the file → length
	bytes     int64
	bytesRead int64
}

type usedBlock struct{ offset, length int64 }

const fewBlocks = 32

// Bytes is the sum of the distinct blocks.
func (u *Usage) Bytes() int64 { return u.bytes }

// BytesRead is what was physically read from the file; caches make it smaller than Bytes,
// reading ahead larger.
func (u *Usage) BytesRead() int64 { return u.bytesRead }

// Merge adds the blocks of other, and its physically read bytes.
func (u *Usage) Merge(other *Usage) {
	for offset, length := range other.eachBlock {
		u.block(offset, length)
	}
	u.bytesRead += other.bytesRead
}

// eachBlock yields the blocks, by offset and length, in no order.
func (u *Usage) eachBlock(yield func(offset, length int64) bool) {
	for _, b := range u.few {
		if !yield(b.offset, b.length) {
			return
		}
	}
	for offset, length := range u.many {
		if !yield(offset, length) {
			return
		}
	}
}

// block notes a needed block; nil receivers count nothing.
func (u *Usage) block(offset, length int64) {
	switch {
	case u == nil || length == 0:
	case u.many != nil:
		if known := u.many[offset]; known < length {
			u.many[offset] = length
			u.bytes += length - known
		}
	default:
		u.blockOfFew(offset, length)
	}
}

func (u *Usage) blockOfFew(offset, length int64) {
	for i := range u.few {
		if b := &u.few[i]; b.offset == offset {
			u.bytes += max(0, length-b.length)
			b.length = max(length, b.length)
			return
		}
	}
	u.bytes += length
	if len(u.few) < fewBlocks {
		u.few = append(u.few, usedBlock{offset, length})
		return
	}
	u.many = make(map[int64]int64, 2*fewBlocks)
	for _, b := range u.few {
		u.many[b.offset] = b.length
	}
	u.few, u.many[offset] = nil, length
}

func (u *Usage) read(n int64) {
	if u != nil {
		u.bytesRead += n
	}
}

// memoryBytes is about the memory of the set.
func (u *Usage) memoryBytes() int64 { return 64 + 16*int64(cap(u.few)) + 40*int64(len(u.many)) }
