package storage

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/apache/arrow/go/v15/arrow"

	"github.com/auditlake/auditlake/storage/catalog"
	"github.com/auditlake/auditlake/storage/schema"
)

// Writer takes rows for one store and commits them. Only one goroutine may use it.
//
// Rows are buffered until Spill, Seal or Commit, or until they exceed LimitMemory. Written rows are in files that
// are not visible before a commit.
type Writer struct {
	lake    *Lake
	storeID string
	table   *schema.Table
	schema  *arrow.Schema
	timeCol int
	rebuilt bool // eventjson is rebuilt from shapes

	ctx      context.Context // ends with Abort
	stop     context.CancelFunc
	limit    int64 // of BufferedBytes
	slots    chan struct{}
	buffer   rowBuffer
	open     map[catalog.Day]*dayRun // runs that take more rows
	ended    []*dayRun
	segments []*catalog.Segment // spilled, under temporary names
	failed   error              // after a failure the writer is unusable
	closed   bool
}

// NewWriter makes a writer for a store.
func (l *Lake) NewWriter(store *catalog.Store) (*Writer, error) {
	if err := l.checkChangeable(); err != nil {
		return nil, err
	}
	table, err := tableOf(store)
	if err != nil {
		return nil, err
	}
	arrowSchema := table.Arrow()
	columns := arrowSchema.FieldIndices(timeColumn)
	if len(columns) != 1 {
		return nil, fmt.Errorf("storage: category %s has no column %s", store.Category, timeColumn)
	}
	w := &Writer{lake: l, storeID: store.ID, table: table, schema: arrowSchema, timeCol: columns[0], rebuilt: takesShapes(store, table),
		limit: math.MaxInt64, slots: make(chan struct{}, encodeWorkers), open: map[catalog.Day]*dayRun{}}
	w.ctx, w.stop = context.WithCancel(context.Background())
	w.buffer = newRowBuffer(w.timeCol)
	return w, nil
}

func tableOf(store *catalog.Store) (*schema.Table, error) {
	table, ok := schema.ForCategory(store.Category)
	if !ok {
		return nil, fmt.Errorf("storage: store %s has the unknown category %q", store.Name, store.Category)
	}
	return table, nil
}

// Schema is the schema that appended records must have: the stored columns of the store's table.
func (w *Writer) Schema() *arrow.Schema { return w.schema }

// LimitMemory limits BufferedBytes: above it Append writes rows, and waits while they are written. Days that come
// one after the other, their rows roughly by eventtime, become one sorted segment each whatever the limit; other
// days become several. Without a call nothing is written before Spill, Seal or Commit.
func (w *Writer) LimitMemory(bytes int64) { w.limit = bytes }

// Append buffers the rows of rec, of any days in any order; rows of equal eventtime keep the order of arrival. It
// takes over the record: the caller must not change its arrays any more. eventtime must not be NULL.
func (w *Writer) Append(rec arrow.Record) error {
	if err := w.usable(); err != nil {
		return err
	}
	if !rec.Schema().Equal(w.schema) {
		return fmt.Errorf("storage: appended record has the columns %v instead of %v", rec.Schema(), w.schema)
	}
	if nulls := rec.Column(w.timeCol).NullN(); nulls > 0 {
		return fmt.Errorf("storage: %d of %d appended rows have no %s", nulls, rec.NumRows(), timeColumn)
	}
	if rec.NumRows() == 0 {
		return nil
	}
	w.buffer.addRecord(rec)
	return w.relieve()
}

// BufferedBytes returns the memory of rows not yet written. In addition, the encoders of up to four days hold their
// part of a stripe each.
func (w *Writer) BufferedBytes() int64 {
	bytes, _ := w.buffer.held.now()
	return bytes
}

// BufferedRows returns the number of rows that are not yet being written into segments.
func (w *Writer) BufferedRows() int64 { return w.buffer.rows }

// Segments returns the minimum number of segments for the rows since the last Commit or Seal.
func (w *Writer) Segments() int {
	return len(w.segments) + len(w.ended) + len(w.open) + len(w.buffer.days)
}

// relieve writes rows while they exceed the limit.
func (w *Writer) relieve() error {
	for {
		bytes, err := w.buffer.held.now()
		if err == nil && bytes <= w.limit {
			return nil
		}
		if err == nil && !w.stream() {
			err = w.buffer.held.wait(w.limit, w.buffer.rows)
		}
		if err != nil {
			return w.fail(fmt.Errorf("write segments: %w", err))
		}
	}
}

// stream passes the older half of the fullest day's rows to the day's run. It returns false if most rows are being
// written already.
func (w *Writer) stream() bool {
	if 2*w.buffer.rows <= w.buffer.held.unwritten() {
		return false
	}
	day, n := w.buffer.fullest()
	r := w.open[day]
	if n < 2*sortedChunkRows || r == nil && len(w.open) == maxOpenRuns {
		// Many days of few rows each: memory does not allow the older ones to wait for more.
		for _, day := range w.days() {
			if w.endDay(day); 2*w.buffer.rows <= w.buffer.held.unwritten() {
				break
			}
		}
		return true
	}
	records, rows := w.buffer.takeDay(day)
	late := 0
	if r != nil {
		late = rowsBefore(rows, r.last)
	}
	groups := (len(rows) - late + sortedChunkRows) / (2 * sortedChunkRows)
	if groups == 0 {
		// Most rows come too late for the current segment: they begin another one.
		r.end()
		w.ended = append(w.ended, r)
		r, late, groups = nil, 0, len(rows)/(2*sortedChunkRows)
	}
	if r == nil {
		r = w.startRun(day, nil)
		w.open[day] = r
	}
	cut := late + groups*sortedChunkRows
	r.feedRows(records, rows[late:cut:cut])
	w.buffer.putDayBack(day, records, slices.Concat(rows[:late], rows[cut:]))
	return true
}

// days lists the days with rows that are not in ended runs, in order.
func (w *Writer) days() []catalog.Day {
	days := slices.AppendSeq(slices.Collect(maps.Keys(w.buffer.days)), maps.Keys(w.open))
	slices.Sort(days)
	return slices.Compact(days)
}

// end ends all days before the given one.
func (w *Writer) end(before catalog.Day) {
	for _, day := range w.days() {
		if day < before {
			w.endDay(day)
		}
	}
}

// endDay passes all rows of a day to runs, and ends these.
func (w *Writer) endDay(day catalog.Day) {
	records, rows := w.buffer.takeDay(day)
	if r := w.open[day]; r != nil {
		delete(w.open, day)
		late := rowsBefore(rows, r.last)
		r.feedRows(records, rows[late:])
		r.end()
		w.ended = append(w.ended, r)
		rows = rows[:late]
	}
	if len(rows) > 0 {
		r := w.startRun(day, w.slots)
		r.feedRows(records, rows)
		r.end()
		w.ended = append(w.ended, r)
	}
}

// Spill writes the buffered rows to segments under temporary names, sorted by eventtime, one per day unless memory
// was short. After an error the writer can only be aborted.
func (w *Writer) Spill(ctx context.Context) error {
	if err := w.usable(); err != nil {
		return err
	}
	w.end(math.MaxInt32)
	defer context.AfterFunc(ctx, w.stop)()
	segments, err := finished(ctx, w.ended)
	w.segments, w.ended = append(w.segments, segments...), nil
	if err != nil {
		return w.fail(fmt.Errorf("write segments: %w", err))
	}
	return nil
}

// Seal takes the rows of all days before the given one from the writer, to be committed. They are written in the
// background, while the writer takes further rows.
func (w *Writer) Seal(before catalog.Day) (*Sealed, error) {
	if err := w.usable(); err != nil {
		return nil, err
	}
	w.end(before)
	s := &Sealed{lake: w.lake}
	w.ended = slices.DeleteFunc(w.ended, func(r *dayRun) bool {
		if r.day < before {
			s.runs = append(s.runs, r)
		}
		return r.day < before
	})
	w.segments = slices.DeleteFunc(w.segments, func(segment *catalog.Segment) bool {
		if segment.Day < before {
			s.segments = append(s.segments, segment)
		}
		return segment.Day < before
	})
	return s, nil
}

// Commit makes all appended rows durable and visible together with change, in one transaction. After a nil error
// both hold, and the writer is empty and takes further rows. The failures of change are written ahead of it.
//
// Errors: ErrTooLarge, before anything is changed, if change does not fit a transaction. *catalog.CommitError if
// only reopening the lake can show whether the rows are there. After any other error they are not, and never will
// be. After an error the writer can only be aborted.
func (w *Writer) Commit(ctx context.Context, change catalog.ImportChange) error {
	s, err := w.Seal(math.MaxInt32)
	if err != nil {
		return err
	}
	if err := s.Commit(ctx, change); err != nil {
		return w.fail(err)
	}
	return nil
}

// Abort removes what is neither committed nor sealed, and ends the use of the writer. After a Commit it removes
// nothing.
func (w *Writer) Abort() {
	if w.closed {
		return
	}
	w.closed = true
	w.stop()
	for _, r := range w.open {
		r.end()
		w.ended = append(w.ended, r)
	}
	segments, _ := finished(context.Background(), w.ended)
	w.lake.removeTemporary(append(segments, w.segments...))
	w.segments, w.ended, w.open = nil, nil, nil
	w.buffer = newRowBuffer(w.timeCol)
}

func (w *Writer) usable() error {
	if w.closed {
		return ErrClosed
	}
	if w.failed != nil {
		return errors.Join(errors.New("storage: writer failed before"), w.failed)
	}
	return nil
}

func (w *Writer) fail(err error) error {
	w.failed = err
	return err
}

func (l *Lake) newSegment(storeID string, day catalog.Day) *catalog.Segment {
	now := l.now().UTC()
	return &catalog.Segment{
		StoreID:   storeID,
		Day:       day,
		Name:      segmentName(now.UnixMilli(), rand.Uint64()),
		CreatedAt: now,
	}
}
