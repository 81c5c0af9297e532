package storage

import (
	"context"
	"fmt"
	"slices"
	"sort"
	"sync"
	"time"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/auditlake/auditlake/storage/catalog"
)

// Decode reads the texts of events into the stored columns of a store's table, a row each.
type Decode func(store *catalog.Store, events [][]byte) (arrow.Record, error)

// hotTier holds pushed events that are in no segment yet: in the log, and in memory for queries.
type hotTier struct {
	log      *hotLog
	maxBytes int64
	maxAge   time.Duration
	flushing sync.Mutex // held by a flush, and by Close

	// Under Lake.mu. batches are those whose sequence is above the catalog's Flushed, by sequence;
	// the array behind is only appended to, so that snapshots share it.
	batches []*hotBatch
	bytes   int64 // of them in the log
	flusher *time.Timer
	urgent  bool // flusher is due at once
	report  func(Flushed, error)
}

// hotBatch is what one push brought.
type hotBatch struct {
	sequence uint64
	storeID  string
	columns  []arrow.Array // of the store's table
	rows     int
	bytes    int64 // of the push in the log
	text     int64 // of the events
	days     []DayRows
	min, max int64 // eventtime, milliseconds
}

func newHotBatch(storeID string, rec arrow.Record, timeCol int, p *hotPush) *hotBatch {
	b := &hotBatch{storeID: storeID, columns: rec.Columns(), rows: int(rec.NumRows()), bytes: p.logBytes()}
	for _, event := range p.events {
		b.text += int64(len(event))
	}
	for i, t := range rec.Column(timeCol).(*array.Timestamp).TimestampValues() {
		b.countTime(int64(t))
		if i == 0 {
			b.min, b.max = int64(t), int64(t)
		}
		b.min, b.max = min(b.min, int64(t)), max(b.max, int64(t))
	}
	return b
}

func (b *hotBatch) countTime(millis int64) {
	day := catalog.DayOf(millis)
	at := slices.IndexFunc(b.days, func(d DayRows) bool { return d.Day == day })
	if at < 0 {
		at = len(b.days)
		b.days = append(b.days, DayRows{Day: day, MinTime: millis, MaxTime: millis})
	}
	d := &b.days[at]
	d.Rows++
	d.MinTime, d.MaxTime = min(d.MinTime, millis), max(d.MaxTime, millis)
}

// Push makes events of a store durable and visible to every later snapshot; when it returns without
// error they are both, whatever happens then. rec has a row for each of events, the columns of
// Writer.Schema, and is taken over. Concurrent pushes share their writes to the disk.
//
// Pushed events go into segments by size and age, or with Flush.
func (l *Lake) Push(ctx context.Context, store *catalog.Store, events [][]byte, rec arrow.Record) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	table, err := hotTableOf(store)
	if err != nil {
		return err
	}
	if err := table.check(rec); err != nil {
		return err
	}
	p := &hotPush{storeID: store.ID, events: events}
	switch {
	case len(events) == 0:
		return nil
	case rec.NumRows() != int64(len(events)):
		return fmt.Errorf("storage: %d rows for %d events", rec.NumRows(), len(events))
	case len(store.ID) != hotStoreIDBytes || p.logBytes() > maxHotGroupBytes:
		return fmt.Errorf("storage: a push of %d bytes to store %q; at most %d are possible", p.logBytes(), store.ID, maxHotGroupBytes)
	}
	if err := l.waitForHotRoom(ctx); err != nil {
		return err
	}
	p.batch = newHotBatch(store.ID, rec, table.timeColumn, p)
	return l.hot.log.append(p)
}

// hotTable is what records of pushed events must be like.
type hotTable struct {
	schema     *arrow.Schema
	timeColumn int
}

var hotTables sync.Map // category: *hotTable

func hotTableOf(store *catalog.Store) (*hotTable, error) {
	if known, ok := hotTables.Load(store.Category); ok {
		return known.(*hotTable), nil
	}
	table, err := tableOf(store)
	if err != nil {
		return nil, err
	}
	t := &hotTable{schema: table.Arrow()}
	columns := t.schema.FieldIndices(timeColumn)
	if len(columns) != 1 {
		return nil, fmt.Errorf("storage: category %s has no column %s", store.Category, timeColumn)
	}
	t.timeColumn = columns[0]
	hotTables.Store(store.Category, t)
	return t, nil
}

func (t *hotTable) check(rec arrow.Record) error {
	if !rec.Schema().Equal(t.schema) {
		return fmt.Errorf("storage: pushed record has the columns %v instead of %v", rec.Schema(), t.schema)
	}
	if nulls := rec.Column(t.timeColumn).NullN(); nulls > 0 {
		return fmt.Errorf("storage: %d of %d pushed rows have no %s", nulls, rec.NumRows(), timeColumn)
	}
	return nil
}

// waitForHotRoom flushes when pushes come faster than the flushes behind them.
func (l *Lake) waitForHotRoom(ctx context.Context) error {
	if !l.isHotFull() {
		return nil
	}
	l.hot.flushing.Lock()
	defer l.hot.flushing.Unlock()
	if !l.isHotFull() { // another one has flushed meanwhile
		return nil
	}
	return l.flush(ctx)
}

func (l *Lake) isHotFull() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.hot.bytes > 2*l.hot.maxBytes
}

// publishHot shows durable pushes to snapshots.
func (l *Lake) publishHot(pushes []*hotPush) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, p := range pushes {
		p.batch.sequence = p.sequence
		l.hot.batches = append(l.hot.batches, p.batch)
		l.hot.bytes += p.batch.bytes
	}
	l.scheduleFlushLocked()
}

// hotAfter are the batches with a sequence above flushed.
func hotAfter(batches []*hotBatch, flushed uint64) []*hotBatch {
	return batches[sort.Search(len(batches), func(i int) bool { return batches[i].sequence > flushed }):]
}
