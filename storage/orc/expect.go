package orc

import (
	"cmp"
	"io"
	"slices"

	"github.com/auditlake/auditlake/storage/orc/internal/orcpb"
)

// Limits of what is announced to a file.
const (
	// maxExpectedBytes bounds the streams that are announced: a longer one is read in parts, perhaps not all of
	// them.
	maxExpectedBytes = 1 << 20
	// maxExpectedGap is the longest gap between two parts that is read with them, because a second request costs
	// more.
	maxExpectedGap = 16 << 10
)

// expecter is a file to which reads can be announced, see vfs.Expecter.
type expecter interface{ Expect(offset, bytes int64) }

// ExpectTail announces to a file of size bytes that Open will read its tail, if the file is an expecter.
func ExpectTail(file io.ReaderAt, size int64) {
	if file, ok := file.(expecter); ok {
		bytes := min(size, tailReadBytes)
		file.Expect(size-bytes, bytes)
	}
}

// ExpectStripes announces to the file that the footers of all stripes will be read, except cached ones. It reads
// nothing.
func (r *Reader) ExpectStripes() {
	file, ok := r.file.(expecter)
	if !ok {
		return
	}
	for stripe := range r.NumStripes() {
		if !r.cache.Has(partKey{r.id, layoutPart, stripe, 0}) {
			at := r.footerExtent(stripe)
			file.Expect(at.offset, at.length)
		}
	}
}

// Expect announces to the file that Read will be called for paths, so that the disk reads their parts in parallel.
// It reads nothing. It announces each stream once while the stripe's footer is cached: what was read since is in
// our cache or the system's, while memory lasts.
func (s *Stripe) Expect(paths []Path) {
	s.expect(paths, func(kind orcpb.Stream_Kind, length int64) bool {
		switch kind {
		case orcpb.Stream_BLOOM_FILTER, orcpb.Stream_BLOOM_FILTER_UTF8:
			return false
		case orcpb.Stream_ROW_INDEX, orcpb.Stream_DICTIONARY_DATA: // always read whole
			return true
		}
		return length <= maxExpectedBytes
	})
}

// ExpectPruning is Expect for Statistics and MayContain.
func (s *Stripe) ExpectPruning(paths []Path) {
	s.expect(paths, func(kind orcpb.Stream_Kind, _ int64) bool {
		return kind == orcpb.Stream_ROW_INDEX || kind == orcpb.Stream_BLOOM_FILTER_UTF8
	})
}

func (s *Stripe) expect(paths []Path, isRead func(kind orcpb.Stream_Kind, length int64) bool) {
	file, ok := s.reader.file.(expecter)
	if !ok {
		return
	}
	var parts []extent
	addWhere := func(c *column, isWanted func(kind orcpb.Stream_Kind) bool) {
		if c.id < 0 {
			return
		}
		for i := s.first[c.id]; i < s.first[c.id+1]; i++ {
			stream := s.streams[i]
			if s.expected[i].Load() || !isWanted(stream.kind) || stream.length == 0 || !isRead(stream.kind, stream.length) {
				continue
			}
			if s.expected[i].CompareAndSwap(false, true) {
				parts = append(parts, stream.extent)
			}
		}
	}
	add := func(c *column) { addWhere(c, func(orcpb.Stream_Kind) bool { return true }) }
	for _, path := range paths {
		c, err := s.reader.tree.root.find(path)
		switch {
		case err != nil: // Read returns it
			continue
		case path.Keys != nil && len(path.Keys) == 0: // only its nulls are read
			addWhere(c, func(kind orcpb.Stream_Kind) bool {
				return kind == orcpb.Stream_PRESENT || kind == orcpb.Stream_ROW_INDEX
			})
		default:
			c.each(add)
		}
		for parent := c.parent; parent != nil && parent.parent != nil; parent = parent.parent {
			add(parent)
		}
	}
	for _, at := range joinNear(parts) {
		file.Expect(at.offset, at.length)
	}
}

// each calls do for the column and everything below it.
func (c *column) each(do func(*column)) {
	do(c)
	for _, child := range c.children {
		child.each(do)
	}
}

// joinNear joins parts that lie close to each other. It changes the order of its argument.
func joinNear(parts []extent) []extent {
	slices.SortFunc(parts, func(a, b extent) int { return cmp.Compare(a.offset, b.offset) })
	joined := parts[:0]
	for _, p := range parts {
		if n := len(joined); n > 0 && p.offset-joined[n-1].end() <= maxExpectedGap {
			joined[n-1].length = max(joined[n-1].end(), p.end()) - joined[n-1].offset
			continue
		}
		joined = append(joined, p)
	}
	return joined
}

func (e extent) end() int64 { return e.offset + e.length }
