package orc

import (
	"math/bits"
	"sync"

	"github.com/auditlake/auditlake/largepages"
)

// maxCachedBlockBytes bounds the blocks that an open stripe keeps decompressed.
const maxCachedBlockBytes = 16 << 20

// blockCache caches, for each stream of a stripe, the block in which the last read ended, because the next row
// group often begins in it.
type blockCache struct {
	mu       sync.Mutex
	byStream map[int64]cachedBlock // by where the stream begins
	bytes    int
}

type cachedBlock struct {
	at, end int64 // of the stored block, in the file
	content []byte
	sized   bool // its first bytes say how long content is
}

func (c *blockCache) get(stream, at int64) (cachedBlock, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	b, ok := c.byStream[stream]
	return b, ok && b.at == at
}

// put caches a block, whose content must not change any more, and reports whether there was room.
func (c *blockCache) put(stream int64, b cachedBlock) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	bytes := c.bytes - len(c.byStream[stream].content) + len(b.content)
	if bytes > maxCachedBlockBytes {
		return false
	}
	if c.byStream == nil {
		c.byStream = make(map[int64]cachedBlock)
	}
	c.byStream[stream], c.bytes = b, bytes
	return true
}

// share leaves the current block, whole, to the other readers of the stripe: the reader of the row group before may
// still need it.
func (s *inStream) share() {
	if s.near != nil && s.current.content != nil && s.near.put(s.begin, s.current) {
		s.current, s.decoded = cachedBlock{}, nil
	}
}

// buffers keeps the memory of windows and decompressed blocks between reads, by the power of two of its size
// without the slack: most blocks are as large as one.
var buffers [24]sync.Pool

// takeBuffer returns an empty buffer with capacity for size bytes and the slack of decompression. The memory beyond
// its length is not cleared.
func takeBuffer(size int) []byte {
	class := bits.Len(uint(max(size, 1) - 1))
	if class >= len(buffers) {
		return largepages.Make[byte](size + decompressSlack)[:0]
	}
	if b, ok := buffers[class].Get().(*[]byte); ok {
		return *b
	}
	return largepages.Make[byte](1<<class + decompressSlack)[:0]
}

// giveBuffer takes back a buffer of takeBuffer.
func giveBuffer(b []byte) {
	size := cap(b) - decompressSlack
	if class := bits.Len(uint(size - 1)); size > 0 && class < len(buffers) && size == 1<<class {
		b = b[:0]
		buffers[class].Put(&b)
	}
}

// ints keeps scratch space for integers between reads.
var ints sync.Pool

// takeInts returns n integers with arbitrary values.
func takeInts(n int) []int64 {
	if b, ok := ints.Get().(*[]int64); ok && cap(*b) >= n {
		return (*b)[:n]
	}
	return make([]int64, n)
}

func giveInts(b []int64) { ints.Put(&b) }

// readScope is one read of a stripe: what it needs, and the streams it opens.
type readScope struct {
	usage   *Usage
	streams []*inStream
	ints    []*intReader
	keeps   bool // decompressed blocks are for the file's cache
}

// close releases the streams' memory, or keeps their last block for the next read. The streams must not be used any
// more.
func (r *readScope) close(cache *blockCache) {
	for _, reader := range r.ints {
		reader.in = nil
		intReaders.Put(reader)
	}
	r.ints = nil
	for _, in := range r.streams {
		giveBuffer(in.window)
		if in.current.content != nil && len(in.block) > 0 && cache.put(in.begin, in.current) {
			continue
		}
		giveBuffer(in.decoded)
	}
	r.streams = nil
}
