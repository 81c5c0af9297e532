package storage

import (
	"cmp"
	"slices"
	"sort"
	"sync"
	"sync/atomic"
	"unsafe"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"

	"github.com/auditlake/auditlake/storage/catalog"
)

// rowBuffer holds appended rows by day, in order of arrival.
type rowBuffer struct {
	timeCol int
	held    *heldBytes
	records []*heldRecord // indexed by rowRef.rec
	days    map[catalog.Day][]rowRef
	rows    int64
	last    map[*memory.Buffer]bool // buffers of the last added record
}

// rowRef identifies a buffered row.
type rowRef struct {
	time     int64 // eventtime, milliseconds
	rec, row int32
}

// heldRecord is an appended record until the last of its rows is written.
type heldRecord struct {
	columns []arrow.Array
	left    atomic.Int64 // rows not written yet
	bytes   int64
}

// heldBytes counts the memory of held records, which is freed when their rows are written.
type heldBytes struct {
	mu    sync.Mutex
	less  sync.Cond // of mu: bytes or rows have decreased, or err is set
	bytes int64
	rows  int64 // not written yet
	err   error // of writing rows
}

func newRowBuffer(timeCol int) rowBuffer {
	b := rowBuffer{timeCol: timeCol, held: &heldBytes{}, days: map[catalog.Day][]rowRef{}}
	b.held.less.L = &b.held.mu
	return b
}

func (b *rowBuffer) addRecord(rec arrow.Record) {
	r := &heldRecord{columns: rec.Columns(), bytes: rec.NumRows() * int64(unsafe.Sizeof(rowRef{}))}
	r.left.Store(rec.NumRows())
	buffers := map[*memory.Buffer]bool{}
	for _, column := range r.columns {
		r.bytes += b.count(column.Data(), buffers)
	}
	b.last = buffers
	at := int32(len(b.records))
	b.records = append(b.records, r)
	b.rows += rec.NumRows()
	b.held.hold(r)
	var day catalog.Day
	var rows []rowRef
	for row, t := range r.columns[b.timeCol].(*array.Timestamp).TimestampValues() {
		if d := catalog.DayOf(int64(t)); d != day || rows == nil {
			if rows != nil {
				b.days[day] = rows
			}
			day, rows = d, b.days[d]
		}
		rows = append(rows, rowRef{time: int64(t), rec: at, row: int32(row)})
	}
	b.days[day] = rows
}

// count returns the memory of an array's buffers, without those shared with the record before: consecutive slices
// of one record share them.
func (b *rowBuffer) count(data arrow.ArrayData, buffers map[*memory.Buffer]bool) int64 {
	bytes := int64(0)
	for _, buffer := range data.Buffers() {
		if buffer == nil || buffers[buffer] {
			continue
		}
		buffers[buffer] = true
		if !b.last[buffer] {
			bytes += int64(buffer.Cap())
		}
	}
	for _, child := range data.Children() {
		bytes += b.count(child, buffers)
	}
	return bytes
}

// takeDay removes the rows of a day and returns them sorted, with the records that hold them.
func (b *rowBuffer) takeDay(day catalog.Day) ([]*heldRecord, []rowRef) {
	records, rows := b.records, b.days[day]
	delete(b.days, day)
	b.rows -= int64(len(rows))
	if b.rows == 0 {
		b.records, b.last = nil, nil
	}
	sortRows(rows)
	return records, rows
}

// putDayBack returns some of the rows that were taken last.
func (b *rowBuffer) putDayBack(day catalog.Day, records []*heldRecord, rows []rowRef) {
	if len(rows) > 0 {
		b.records, b.days[day] = records, rows
		b.rows += int64(len(rows))
	}
}

// fullest returns the day with the most rows.
func (b *rowBuffer) fullest() (day catalog.Day, rows int) {
	for d, list := range b.days {
		if len(list) > rows || len(list) == rows && d < day {
			day, rows = d, len(list)
		}
	}
	return day, rows
}

// sortRows sorts by eventtime; equal times keep the order of arrival.
func sortRows(rows []rowRef) {
	slices.SortFunc(rows, func(x, y rowRef) int {
		switch {
		case x.time != y.time:
			return cmp.Compare(x.time, y.time)
		case x.rec != y.rec:
			return cmp.Compare(x.rec, y.rec)
		}
		return cmp.Compare(x.row, y.row)
	})
}

// rowsBefore returns how many of the sorted rows lie before a time.
func rowsBefore(rows []rowRef, time int64) int {
	return sort.Search(len(rows), func(i int) bool { return rows[i].time >= time })
}

// hold adds a record.
func (h *heldBytes) hold(r *heldRecord) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.bytes += r.bytes
	h.rows += r.left.Load()
}

// done records that a number of a record's rows are written.
func (h *heldBytes) done(r *heldRecord, rows int64) {
	last := r.left.Add(-rows) == 0
	h.mu.Lock()
	defer h.mu.Unlock()
	h.rows -= rows
	if last {
		r.columns = nil
		h.bytes -= r.bytes
	}
	h.less.Broadcast()
}

func (h *heldBytes) fail(err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.err == nil {
		h.err = err
	}
	h.less.Broadcast()
}

func (h *heldBytes) now() (bytes int64, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.bytes, h.err
}

func (h *heldBytes) unwritten() (rows int64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.rows
}

// wait waits until the bytes are within a limit, or until most remaining rows are the buffered ones.
func (h *heldBytes) wait(limit, buffered int64) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	for h.bytes > limit && 2*buffered <= h.rows && h.err == nil {
		h.less.Wait()
	}
	return h.err
}
