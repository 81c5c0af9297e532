package orc

// Usage is the set of stored bytes of one file that reads needed: compression blocks with their
// 3-byte headers (whole streams in an uncompressed file are cut into blocks of the block size),
// row indexes and bloom filters. A block counts once however often it is needed, and the set does
// not depend on caches or on what else was read: it is a function of the reads it was handed to.
// Footers are not counted.
//
// A Usage serves one file and one goroutine; Merge joins the ones of several workers.
type Usage struct {
	blocks    map[int64]int64 // offset in the file → length
	bytes     int64
	bytesRead int64
}

// Bytes is the sum of the distinct blocks.
func (u *Usage) Bytes() int64 { return u.bytes }

// BytesRead is what was physically read from the file; caches make it smaller than Bytes,
// reading ahead larger.
func (u *Usage) BytesRead() int64 { return u.bytesRead }

// Merge adds the blocks of other, and its physically read bytes.
func (u *Usage) Merge(other *Usage) {
	for offset, length := range other.blocks {
		u.block(offset, length)
	}
	u.bytesRead += other.bytesRead
}

// block notes a needed block; nil receivers count nothing.
func (u *Usage) block(offset, length int64) {
	if u == nil || length == 0 {
		return
	}
	known := u.blocks[offset]
	if known >= length {
		return
	}
	if u.blocks == nil {
		u.blocks = make(map[int64]int64)
	}
	u.blocks[offset] = length
	u.bytes += length - known
}

func (u *Usage) read(n int64) {
	if u != nil {
		u.bytesRead += n
	}
}

// memoryBytes is about what the set takes.
func (u *Usage) memoryBytes() int64 { return 32 + 40*int64(len(u.blocks)) }
