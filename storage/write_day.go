package storage

import (
	"context"

	"github.com/apache/arrow/go/v15/arrow"

	"github.com/auditlake/auditlake/panics"
	"github.com/auditlake/auditlake/storage/catalog"
)

// dayRun writes rows of one day, which arrive over time in the order of eventtime, to segments under temporary
// names. It encodes them on a goroutine of its own.
type dayRun struct {
	day  catalog.Day
	feed *rowFeed
	last int64 // eventtime of the last row fed
	done chan struct{}

	// Valid once done is closed:
	segments []*catalog.Segment // their files exist, also after an error
	err      error
}

// maxFedPieces is the maximum number of pieces waiting in a run; beyond it, feeding waits.
const maxFedPieces = 16

// startRun begins a run. A run that already has all its rows waits for one of slots.
func (w *Writer) startRun(day catalog.Day, slots chan struct{}) *dayRun {
	r := &dayRun{day: day, done: make(chan struct{}), feed: &rowFeed{held: w.buffer.held, pieces: make(chan fedRows, maxFedPieces)}}
	kind := &segmentKind{storeID: w.storeID, day: day, table: w.table, schema: w.schema, rebuilt: w.rebuilt}
	go func() {
		defer close(r.done)
		defer panics.Catch(w.lake.log, "writing of a day", func(caught error) { r.err = caught })
		if slots != nil {
			slots <- struct{}{}
			defer func() { <-slots }()
		}
		r.err = panics.Run(w.lake.log, "writing of a day", func() (err error) {
			r.segments, err = w.lake.writeDay(w.ctx, kind, r.feed)
			return err
		})
		if r.err != nil {
			w.buffer.held.fail(r.err)
		}
		r.feed.drain()
	}()
	return r
}

// feedRows adds rows that follow those fed before.
func (r *dayRun) feedRows(records []*heldRecord, rows []rowRef) {
	if len(rows) == 0 {
		return
	}
	r.last = rows[len(rows)-1].time
	r.feed.pieces <- fedRows{records, rows}
}

// end declares that no more rows come.
func (r *dayRun) end() { close(r.feed.pieces) }

// fedRows are sorted rows and the records that hold them.
type fedRows struct {
	records []*heldRecord
	rows    []rowRef
}

// rowFeed returns the rows fed to a run. All pieces but the last consist of whole row groups.
type rowFeed struct {
	held   *heldBytes
	pieces chan fedRows
	piece  fedRows // with the rows not returned yet

	chunk   []*heldRecord // that hold the rows returned last
	counts  []int64       // of those rows, by record
	places  map[int32]int32
	columns [][]arrow.Array
	rows    []rowRef
}

// hasRows implements rowSource. It waits for rows or the end of the run.
func (f *rowFeed) hasRows() bool {
	f.release()
	for len(f.piece.rows) == 0 {
		var ok bool
		if f.piece, ok = <-f.pieces; !ok {
			return false
		}
	}
	return true
}

// nextRows implements rowSource.
func (f *rowFeed) nextRows(_ context.Context, n int) ([][]arrow.Array, []rowRef, error) {
	f.release()
	if f.places == nil {
		f.places = map[int32]int32{}
	}
	clear(f.places)
	rows := f.piece.rows[:min(n, len(f.piece.rows))]
	f.piece.rows = f.piece.rows[len(rows):]
	f.rows, f.columns, f.counts, f.chunk = f.rows[:0], f.columns[:0], f.counts[:0], f.chunk[:0]
	last, place := int32(-1), int32(0)
	for _, r := range rows {
		if r.rec != last {
			var ok bool
			if place, ok = f.places[r.rec]; !ok {
				place = int32(len(f.chunk))
				f.places[r.rec] = place
				record := f.piece.records[r.rec]
				f.chunk, f.columns, f.counts = append(f.chunk, record), append(f.columns, record.columns), append(f.counts, 0)
			}
			last = r.rec
		}
		f.counts[place]++
		f.rows = append(f.rows, rowRef{time: r.time, rec: place, row: r.row})
	}
	return f.columns, f.rows, nil
}

// release frees the memory of the rows returned last.
func (f *rowFeed) release() {
	for i, record := range f.chunk {
		f.columns[i], f.chunk[i] = nil, nil
		f.held.done(record, f.counts[i])
	}
	f.chunk = f.chunk[:0]
}

// drain releases the rows that will not be requested.
func (f *rowFeed) drain() {
	for f.hasRows() {
		_, _, _ = f.nextRows(context.Background(), len(f.piece.rows))
	}
}
