package orc

import (
	"slices"
	"sync/atomic"
	"unsafe"

	"github.com/auditlake/auditlake/storage/decoded"
	"github.com/auditlake/auditlake/storage/orc/internal/orcpb"
)

// stripeLayout is the content of a stripe's footer. It does not change, except for expected.
type stripeLayout struct {
	encodings []columnEncoding // by column
	timeZone  string
	streams   []locatedStream // by column, and in the order of the file
	first     []int32         // index in streams of each column's first, and their number at the end
	expected  []atomic.Bool   // by stream: its read was announced to the file
}

// locatedStream is a stream of a column and its place.
type locatedStream struct {
	kind orcpb.Stream_Kind
	extent
}

// streamOf finds a stream of a column.
func (l *stripeLayout) streamOf(c *column, kind orcpb.Stream_Kind) (at extent, ok bool) {
	if c.id < 0 {
		return extent{}, false
	}
	for _, stream := range l.streams[l.first[c.id]:l.first[c.id+1]] {
		if stream.kind == kind {
			at, ok = stream.extent, true
		}
	}
	return at, ok
}

// extentOf is the place of a stream of a column; its length is 0 if there is none.
func (l *stripeLayout) extentOf(c *column, kind orcpb.Stream_Kind) extent {
	at, _ := l.streamOf(c, kind)
	return at
}

// footerExtent is the place of a stripe's footer.
func (r *Reader) footerExtent(stripe int) extent {
	info := r.footer.GetStripes()[stripe]
	return extent{int64(info.GetOffset() + info.GetIndexLength() + info.GetDataLength()), int64(info.GetFooterLength())}
}

// stripeLayout reads the footer of a stripe, unless it is cached.
func (r *Reader) stripeLayout(stripe int) (*stripeLayout, error) {
	key := partKey{r.id, layoutPart, stripe, 0}
	defer r.cache.Lock(key)()
	if kept, ok := r.cache.Get(key); ok {
		return kept.(*stripeLayout), nil
	}
	at := r.footerExtent(stripe)
	content, err := r.readStored(at, nil)
	if err != nil {
		return nil, err
	}
	footer, err := decodeStripeFooter(content)
	if err != nil {
		return nil, r.corrupt(at.offset, "stripe footer: %v", err)
	}
	if footer.encrypted {
		return nil, &UnsupportedError{Path: r.path, What: "column encryption"}
	}
	if len(footer.encodings) != r.tree.count {
		return nil, r.corrupt(at.offset, "the stripe has encodings of %d columns, the file %d columns", len(footer.encodings), r.tree.count)
	}
	layout, err := r.placeStreams(&footer, r.StripeOffset(stripe), at.offset)
	if err != nil {
		return nil, err
	}
	r.cache.Put(key, layout, layout.memoryBytes(), decoded.Structure)
	return layout, nil
}

// placeStreams finds the streams of a stripe between begin and end.
func (r *Reader) placeStreams(footer *stripeFooter, begin, end int64) (*stripeLayout, error) {
	columns := len(footer.encodings)
	l := &stripeLayout{encodings: footer.encodings, timeZone: footer.timeZone, first: make([]int32, columns+1)}
	for _, stream := range footer.streams {
		if int64(stream.column) < int64(columns) {
			l.first[stream.column+1]++
		}
	}
	for i := range columns {
		l.first[i+1] += l.first[i]
	}
	l.streams = make([]locatedStream, l.first[columns])
	l.expected = make([]atomic.Bool, len(l.streams))
	next := slices.Clone(l.first)
	for _, stream := range footer.streams {
		if stream.length > uint64(end-begin) {
			return nil, r.corrupt(begin, "a stream of %d bytes passes the end of its stripe", stream.length)
		}
		if int64(stream.column) < int64(columns) { // others belong to no column of the file
			l.streams[next[stream.column]] = locatedStream{stream.kind, extent{begin, int64(stream.length)}}
			next[stream.column]++
		}
		begin += int64(stream.length)
	}
	return l, nil
}

func (l *stripeLayout) memoryBytes() int64 {
	return int64(len(l.encodings))*int64(unsafe.Sizeof(columnEncoding{})) + int64(len(l.streams))*int64(unsafe.Sizeof(locatedStream{})+unsafe.Sizeof(atomic.Bool{})) + int64(len(l.first))*4
}
