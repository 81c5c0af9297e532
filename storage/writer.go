package storage

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"

	"github.com/apache/arrow/go/v15/arrow"

	"github.com/auditlake/auditlake/storage/catalog"
	"github.com/auditlake/auditlake/storage/schema"
)

// Writer takes rows for one store and commits them. It is used by one goroutine.
//
// Rows are buffered until Spill or Commit; the caller watches BufferedBytes. Spilled rows lie in
// files that nobody sees before Commit.
type Writer struct {
	lake    *Lake
	storeID string
	table   *schema.Table
	schema  *arrow.Schema
	timeCol int
	rebuilt bool // eventjson

	buffer   rowBuffer
	segments []*catalog.Segment // spilled, under temporary names
	failed   error              // a Spill that failed leaves the writer unusable
	closed   bool
}

// NewWriter makes a writer for a store.
func (l *Lake) NewWriter(store *catalog.Store) (*Writer, error) {
	table, err := tableOf(store)
	if err != nil {
		return nil, err
	}
	arrowSchema := table.Arrow()
	columns := arrowSchema.FieldIndices(timeColumn)
	if len(columns) != 1 {
		return nil, fmt.Errorf("storage: category %s has no column %s", store.Category, timeColumn)
	}
	return &Writer{lake: l, storeID: store.ID, table: table, schema: arrowSchema, timeCol: columns[0], rebuilt: store.EventJSON == catalog.EventJSONRebuilt}, nil
}

func tableOf(store *catalog.Store) (*schema.Table, error) {
	table, ok := schema.ForCategory(store.Category)
	if !ok {
		return nil, fmt.Errorf("storage: store %s has the unknown category %q", store.Name, store.Category)
	}
	return table, nil
}

// Schema is what appended records must have: the stored columns of the store's table.
func (w *Writer) Schema() *arrow.Schema { return w.schema }

// Append buffers the rows of rec, of any days in any order; rows of equal eventtime keep the order
// of arrival. It takes the record over: nobody may change its arrays any more. eventtime must not be
// NULL.
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
	if rec.NumRows() > 0 {
		w.buffer.add(rec)
	}
	return nil
}

// BufferedBytes is the memory that the buffered rows hold. While they are spilled, up to two
// encoders add some 150 MiB at most.
func (w *Writer) BufferedBytes() int64 { return w.buffer.bytes }

// BufferedRows is the number of rows that are not spilled yet.
func (w *Writer) BufferedRows() int64 { return w.buffer.rows }

// Spill writes the buffered rows to segments under temporary names, one per day, sorted by
// eventtime. After an error the writer can only be aborted.
func (w *Writer) Spill(ctx context.Context) error {
	if err := w.usable(); err != nil {
		return err
	}
	segments, err := w.lake.writeSegments(ctx, w)
	w.segments = append(w.segments, segments...)
	w.buffer = rowBuffer{}
	if err != nil {
		w.failed = fmt.Errorf("write segments: %w", err)
	}
	return w.failed
}

// Commit makes all appended rows durable and visible together with change, in one transaction; an
// error-free return promises both. Then the writer is empty and takes further rows. The failures of
// change are written ahead of it.
//
// Errors: ErrTooLarge, before anything is changed, when change does not fit a transaction;
// *catalog.CommitError when only opening the lake anew can tell whether the rows are there; after
// any other error they are not, and never will be. After an error the writer can only be aborted.
func (w *Writer) Commit(ctx context.Context, change catalog.ImportChange) error {
	if err := w.Spill(ctx); err != nil {
		return err
	}
	if err := w.lake.commit(ctx, w.segments, change); err != nil {
		w.failed = fmt.Errorf("commit: %w", err)
		return w.failed
	}
	w.segments = nil
	return nil
}

// Abort removes what is not committed and ends the use of the writer. After a Commit it removes nothing.
func (w *Writer) Abort() {
	if w.closed {
		return
	}
	w.closed = true
	w.buffer = rowBuffer{}
	for _, s := range w.segments {
		// A file that stays behind is removed when the lake is opened.
		_ = w.lake.fs.Remove(w.lake.tempPath(s))
	}
	w.segments = nil
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

func (l *Lake) newSegment(storeID string, day catalog.Day) *catalog.Segment {
	now := l.now().UTC()
	return &catalog.Segment{
		StoreID:   storeID,
		Day:       day,
		Name:      segmentName(now.UnixMilli(), rand.Uint64()),
		CreatedAt: now,
	}
}
