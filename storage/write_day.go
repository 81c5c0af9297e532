package storage

import (
	"context"

	"github.com/apache/arrow/go/v15/arrow"

	"github.com/auditlake/auditlake/panics"
	"github.com/auditlake/auditlake/storage/catalog"
)

// dayRun writes rows of one day, which come by and by in the order of eventtime, to segments under
// temporary names. It encodes them on a goroutine of its own.
type dayRun struct {
	day  catalog.Day
	feed *rowFeed
	last int64 // eventtime of the last row fed
	done chan struct{}

	// When done is closed:
	segments []*catalog.Segment // their files exist, also when it failed
	err      error
}

// maxFedPieces is how many pieces wait in a run at most; with more, feeding waits.
const maxFedPieces = 16

// startRun begins a run. One that has all its rows already waits for one of slots.
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

// feedRows feeds rows that follow those fed before.
func (r *dayRun) feedRows(records []*heldRecord, rows []rowRef) {
	if len(rows) == 0 {
		return
	}
	r.last = rows[len(rows)-1].time
	r.feed.pieces <- fedRows{records, rows}
}

// end tells that no more rows come.
func (r *dayRun) end() { close(r.feed.pieces) }

// fedRows are sorted rows and the records they lie in.
type fedRows struct {
	records []*heldRecord
	rows    []rowRef
}

// rowFeed hands out the rows fed to a run. All pieces but the last have whole row groups.
type rowFeed struct {
	held   *heldBytes
	pieces chan fedRows
	piece  fedRows // its rows that were not handed out yet

	chunk   []*heldRecord // that the rows handed out last lie in
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

// release gives the memory of the rows handed out last back.
func (f *rowFeed) release() {
	for i, record := range f.chunk {
		f.columns[i], f.chunk[i] = nil, nil
		f.held.done(record, f.counts[i])
	}
	f.chunk = f.chunk[:0]
}

// drain releases what nobody will ask for.
func (f *rowFeed) drain() {
	for f.hasRows() {
		_, _, _ = f.nextRows(context.Background(), len(f.piece.rows))
	}
}
