package orc

import (
	"slices"

	"github.com/auditlake/auditlake/storage/decoded"
)

// blockKey is the cache's key of a decompressed block.
type blockKey struct {
	file uint64
	at   int64
}

// headerKey is the cache's key of the length of a block that was skipped.
type headerKey blockKey

type sizedBlock struct{ end, size int64 }

// askedBlock is the cache's answer about a block.
type askedBlock struct {
	after  int64 // where the block begins, plus 1; 0: no block
	before bool
}

// known returns the next block if it is decompressed already.
func (s *inStream) known() (cachedBlock, bool) {
	if s.near != nil {
		if b, ok := s.near.get(s.begin, s.next); ok {
			return b, true
		}
	}
	if kept, ok := s.cache.Get(blockKey{s.id, s.next}); ok {
		return *kept.(*cachedBlock), true
	}
	return cachedBlock{}, false
}

// isWorthKeeping reports whether the next block was asked for before, or the cache holds everything that is read.
func (s *inStream) isWorthKeeping() bool {
	if s.keeps && s.asked.after != s.next+1 {
		s.asked = askedBlock{s.next + 1, s.cache.AskedBefore(blockKey{s.id, s.next}) || s.cache.Holds()}
	}
	return s.keeps && s.asked.before
}

// keep caches the loaded block if that is worthwhile. sized: its first bytes say how long it is.
func (s *inStream) keep(end int64, sized bool) {
	if !s.isWorthKeeping() {
		return
	}
	kept := &cachedBlock{at: s.next, end: end, content: slices.Clone(s.block), sized: sized}
	s.cache.Put(blockKey{s.id, s.next}, kept, int64(cap(kept.content)), decoded.Data)
}
