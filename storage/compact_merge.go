package storage

import (
	"container/heap"
	"context"
	"fmt"
	"math"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/storage/catalog"
	"github.com/auditlake/auditlake/storage/orc"
	"github.com/auditlake/auditlake/storage/schema"
)

// merge returns the rows of several segments of a day by eventtime; rows of equal time come in the order of the
// segments. It holds one row group of each segment whose times it has reached.
type merge struct {
	lake    *Lake
	table   *schema.Table
	paths   []orc.Path
	timeCol int
	cursors mergeHeap

	chunk   int             // counts calls of next
	spent   int64           // decoded bytes of row groups whose last rows are in the chunk
	records [][]arrow.Array // that hold the rows of the chunk
	rows    []rowRef
}

// mergeCursor walks the rows of a segment.
type mergeCursor struct {
	order   int // of the segment
	segment *catalog.Segment
	reader  *orc.Reader
	stripe  *orc.Stripe // nil: the next one is at
	at      int         // stripes begun
	group   int         // row groups read of the stripe

	columns []arrow.Array     // nil: the next row group is not read yet
	times   []arrow.Timestamp // of columns
	row     int               // in columns
	first   int               // rows of the segment before columns
	dropped []byte            // a bit for each row of the segment, set for dropped ones; nil: none
	reached int64             // no remaining row has an earlier time
	chunk   int               // the chunk whose records include columns, from 1
	record  int32             // index of columns in those records
}

// newMerge begins a merge. dropped has, by segment name, a bit for each row, set for the rows to drop.
func newMerge(l *Lake, kind *segmentKind, segments []*catalog.Segment, dropped map[string][]byte) *merge {
	m := &merge{lake: l, table: kind.table, timeCol: kind.schema.FieldIndices(timeColumn)[0]}
	for _, field := range kind.schema.Fields() {
		m.paths = append(m.paths, orc.Column(field.Name))
	}
	for i, s := range segments {
		m.cursors = append(m.cursors, &mergeCursor{order: i, segment: s, reached: s.MinTime, dropped: dropped[s.Name]})
	}
	heap.Init(&m.cursors)
	return m
}

// hasRows implements rowSource.
func (m *merge) hasRows() bool { return len(m.cursors) > 0 }

// nextRows implements rowSource.
func (m *merge) nextRows(ctx context.Context, n int) ([][]arrow.Array, []rowRef, error) {
	m.chunk++
	m.records, m.rows, m.spent = nil, m.rows[:0], 0
	for len(m.rows) < n && m.hasRows() && m.spent < m.lake.mergeBytes {
		c := m.cursors[0]
		if c.columns == nil {
			if err := m.load(ctx, c); err != nil {
				return nil, nil, err
			}
		} else {
			m.takeRows(c, n)
		}
		if c.isDone() {
			heap.Pop(&m.cursors)
		} else {
			heap.Fix(&m.cursors, 0)
		}
	}
	return m.records, m.rows, nil
}

// takeRows appends rows of the first cursor up to those of the second one.
func (m *merge) takeRows(c *mergeCursor, n int) {
	if c.chunk != m.chunk {
		c.chunk, c.record = m.chunk, int32(len(m.records))
		m.records = append(m.records, c.columns)
	}
	end := m.cursors.secondKey()
	for len(m.rows) < n && c.row < len(c.times) && c.key().before(end) {
		if c.dropped == nil || !arrowdata.IsSet(c.dropped, c.first+c.row) {
			m.rows = append(m.rows, rowRef{time: c.reached, rec: c.record, row: int32(c.row)})
		}
		c.row++
		if c.row < len(c.times) {
			c.reached = int64(c.times[c.row])
		}
	}
	if c.row == len(c.times) {
		m.spent += decodedBytes(c.columns)
		c.first += c.row
		c.columns, c.times = nil, nil
	}
}

// decodedBytes returns the memory of columns without their dictionaries, which row groups share.
func decodedBytes(columns []arrow.Array) int64 {
	total := int64(0)
	for _, c := range columns {
		total += bytesOf(c.Data())
	}
	return total
}

func bytesOf(data arrow.ArrayData) int64 {
	total := int64(0)
	for _, b := range data.Buffers() {
		if b != nil {
			total += int64(b.Len())
		}
	}
	for _, child := range data.Children() {
		total += bytesOf(child)
	}
	return total
}

// load reads the next row group of a segment.
func (m *merge) load(ctx context.Context, c *mergeCursor) error {
	if err := c.nextGroup(m.lake, m.table); err != nil {
		return err
	}
	columns, err := c.stripe.Read(ctx, c.group, m.paths, nil, nil)
	if err != nil {
		return readError(m.lake.SegmentPath(c.segment), err)
	}
	c.columns = columns
	c.group++
	return m.checkTimes(c)
}

// checkTimes starts a row group, whose times must continue from those of the last one.
func (m *merge) checkTimes(c *mergeCursor) error {
	times, ok := c.columns[m.timeCol].(*array.Timestamp)
	if !ok || times.Len() == 0 {
		return &DamagedError{Path: m.lake.SegmentPath(c.segment), Err: fmt.Errorf("a row group without %s", timeColumn)}
	}
	c.times, c.row, c.chunk = times.TimestampValues(), 0, 0
	last := arrow.Timestamp(c.reached)
	for _, t := range c.times {
		if t < last || int64(t) > c.segment.MaxTime {
			return &DamagedError{Path: m.lake.SegmentPath(c.segment), Err: fmt.Errorf("rows are not sorted by %s", timeColumn)}
		}
		last = t
	}
	c.reached = int64(c.times[0])
	return nil
}

// nextGroup moves to the row group to read next, which must exist.
func (c *mergeCursor) nextGroup(l *Lake, table *schema.Table) (err error) {
	if c.reader == nil {
		if c.reader, err = l.openSegment(c.segment, table); err != nil {
			return err
		}
		c.reader = c.reader.WithoutCache()
	}
	for c.stripe == nil || c.group == c.stripe.Groups() {
		if c.stripe, err = c.reader.Stripe(c.at); err != nil {
			return readError(l.SegmentPath(c.segment), err)
		}
		c.at++
		c.group = 0
	}
	return nil
}

// isDone reports whether all rows were returned.
func (c *mergeCursor) isDone() bool {
	return c.columns == nil && c.stripe != nil && c.group == c.stripe.Groups() && c.at == c.reader.NumStripes()
}

func (c *mergeCursor) key() mergeKey { return mergeKey{c.reached, c.order} }

// mergeKey orders rows.
type mergeKey struct {
	time  int64
	order int
}

func (k mergeKey) before(other mergeKey) bool {
	return k.time < other.time || k.time == other.time && k.order < other.order
}

// mergeHeap is a heap with the cursor of the next row first.
type mergeHeap []*mergeCursor

// secondKey returns the key before which the first cursor's rows must stay.
func (h mergeHeap) secondKey() mergeKey {
	second := mergeKey{math.MaxInt64, math.MaxInt}
	for _, c := range h[1:min(len(h), 3)] {
		if c.key().before(second) {
			second = c.key()
		}
	}
	return second
}

// Len implements heap.Interface.
func (h mergeHeap) Len() int { return len(h) }

// Less implements heap.Interface.
func (h mergeHeap) Less(i, j int) bool { return h[i].key().before(h[j].key()) }

// Swap implements heap.Interface.
func (h mergeHeap) Swap(i, j int) { h[i], h[j] = h[j], h[i] }

// Push implements heap.Interface.
func (h *mergeHeap) Push(c any) { *h = append(*h, c.(*mergeCursor)) }

// Pop implements heap.Interface.
func (h *mergeHeap) Pop() any {
	last := len(*h) - 1
	c := (*h)[last]
	*h = (*h)[:last]
	return c
}
