package query

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"

	"github.com/auditlake/auditlake/engine/query/spool"
	"github.com/auditlake/auditlake/storage"
	"github.com/auditlake/auditlake/storage/catalog"
)

const (
	// historyWait is how long a change waits to be written together with others, and so what a crash may lose.
	historyWait = 500 * time.Millisecond
	// historyRetry is the wait after a failed write of a batch.
	historyRetry = 5 * time.Second
	// maxPendingQueries and maxPendingBytes are the size from which a batch is written at once. At twice that, note
	// waits.
	maxPendingQueries = 1000
	maxPendingBytes   = 1 << 20
	// tidyEvery is the interval at which old queries are removed, tidyQueries how many one transaction removes.
	tidyEvery   = time.Hour
	tidyQueries = 200
	// maxInterrupted is more than ever wait and run at once.
	maxInterrupted = 10_000
)

// history writes queries and usage into the lake's catalog in the background, in batches, so that no query waits
// for the disk. Only the latest state of a query is written. The chain does not cover them, because they change no
// manifest, store or ledger.
type history struct {
	lake *storage.Lake
	keep time.Duration // how long queries are kept
	now  func() time.Time
	log  *slog.Logger

	mu        sync.Mutex
	shrunk    sync.Cond       // mu: pending was taken, or waiting for that is useless
	pending   *batchOfHistory // mu
	beingSent *batchOfHistory // mu: taken from pending, not on disk yet; nil: none
	// written are the latest queries on disk, the newer generation first. Clients poll them, and reading the
	// catalog would wait for the commits in flight. mu
	written [2]*batchOfHistory
	failed  error // mu: why the last batch could not be written
	closed  bool  // mu

	writing sync.Mutex // held during a write, so that states are written in order

	// results are the kept results, which are removed with their queries; nil: they cannot be read.
	results *spool.Folder

	wake, hurry, stop chan struct{}
	done              sync.WaitGroup
}

// batchOfHistory is the content of one transaction. history.mu guards it until it is taken.
type batchOfHistory struct {
	queries []*catalog.Query // in the order of their first change
	at      map[string]int   // indexes of queries by id
	bytes   int              // of the texts
	usage   map[usageKey]catalog.Usage
}

type usageKey struct {
	storeID string
	day     catalog.Day
}

func newBatchOfHistory() *batchOfHistory {
	return &batchOfHistory{at: map[string]int{}, usage: map[usageKey]catalog.Usage{}}
}

func (b *batchOfHistory) isEmpty() bool { return len(b.queries) == 0 && len(b.usage) == 0 }

func (b *batchOfHistory) isLong() bool {
	return len(b.queries) >= maxPendingQueries || b.bytes >= maxPendingBytes
}

// addQuery adds a query, replacing an earlier state of it.
func (b *batchOfHistory) addQuery(q *catalog.Query) {
	if at, ok := b.at[q.ID]; ok {
		b.queries[at] = q
		return
	}
	b.at[q.ID] = len(b.queries)
	b.queries = append(b.queries, q)
	b.bytes += len(q.SQL) + len(q.ErrorMessage)
}

func (b *batchOfHistory) addUsage(u catalog.Usage) {
	key := usageKey{u.StoreID, u.Day}
	total := b.usage[key]
	total.StoreID, total.Day = u.StoreID, u.Day
	total.ScannedBytes += u.ScannedBytes
	total.Queries += u.Queries
	b.usage[key] = total
}

// addBatch adds the batch that follows b.
func (b *batchOfHistory) addBatch(later *batchOfHistory) {
	for _, q := range later.queries {
		b.addQuery(q)
	}
	for _, u := range later.usage {
		b.addUsage(u)
	}
}

// newHistory returns a history that runs until its end. Queries that another process left unfinished are marked as
// ended, and returned.
func newHistory(o Options, results *spool.Folder) (h *history, ended []*catalog.Query) {
	h = &history{
		lake: o.Storage, keep: o.KeepHistory, now: o.Now, log: o.Log, pending: newBatchOfHistory(), results: results,
		wake: make(chan struct{}, 1), hurry: make(chan struct{}, 1), stop: make(chan struct{}),
	}
	h.shrunk.L = &h.mu
	h.forgetWritten()
	err := h.lake.Catalog().View(func(tx *catalog.Tx) error {
		left, err := tx.OpenQueries(maxInterrupted)
		for _, q := range left {
			ended = append(ended, interrupted(q))
			h.pending.addQuery(ended[len(ended)-1])
			signal(h.wake)
		}
		return err
	})
	if err != nil {
		h.log.Error("interrupted queries cannot be read", "error", err)
	}
	h.done.Go(h.run)
	return h, ended
}

// note records the state of a query, which must not change afterwards, and its usage. It waits only if much more is
// noted than can be written.
func (h *history) note(q *catalog.Query, used []catalog.Usage) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for h.pending.bytes >= 2*maxPendingBytes || len(h.pending.queries) >= 2*maxPendingQueries {
		if h.failed != nil || h.closed {
			h.pending.forgetOldest()
			break
		}
		h.shrunk.Wait()
	}
	h.pending.addQuery(q)
	for _, u := range used {
		h.pending.addUsage(u)
	}
	signal(h.wake)
	if h.pending.isLong() {
		signal(h.hurry)
	}
}

// forgetOldest drops the older half of the queries, because they cannot be written and memory is limited. Usage
// stays.
func (b *batchOfHistory) forgetOldest() {
	kept := newBatchOfHistory()
	for _, q := range b.queries[len(b.queries)/2:] {
		kept.addQuery(q)
	}
	kept.usage = b.usage
	*b = *kept
}

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// noted returns the queries that are not on disk yet, by id.
func (h *history) noted() map[string]*catalog.Query {
	h.mu.Lock()
	defer h.mu.Unlock()
	out := map[string]*catalog.Query{}
	for _, b := range []*batchOfHistory{h.beingSent, h.pending} {
		if b == nil {
			continue
		}
		for _, q := range b.queries {
			out[q.ID] = q
		}
	}
	return out
}

// queryInMemory returns the latest state of a query that is not yet on disk or was written recently; nil: read the
// catalog.
func (h *history) queryInMemory(id string) *catalog.Query {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, b := range []*batchOfHistory{h.pending, h.beingSent, h.written[0], h.written[1]} { // the later state first
		if b == nil {
			continue
		}
		if at, ok := b.at[id]; ok {
			return b.queries[at]
		}
	}
	return nil
}

// run writes what is noted, until stop.
func (h *history) run() {
	defer h.recovered("history of queries")
	h.tidy()
	tidy := time.NewTicker(tidyEvery)
	defer tidy.Stop()
	for {
		select {
		case <-h.stop:
			return
		case <-tidy.C:
			h.tidy()
		case <-h.wake:
			if !h.pause(historyWait, h.hurry) {
				return
			}
			if err := h.flush(); err != nil {
				h.pause(historyRetry, nil)
				signal(h.wake)
			}
		}
	}
}

// pause waits for d, or until hurry; it returns false if the history ends.
func (h *history) pause(d time.Duration, hurry <-chan struct{}) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-h.stop:
		return false
	case <-timer.C:
	case <-hurry:
	}
	return true
}

// recovered logs a panic of a background goroutine.
func (h *history) recovered(of string) {
	if p := recover(); p != nil {
		h.log.Error(of+" failed", "panic", p, "stack", string(debug.Stack()))
		h.mu.Lock()
		defer h.mu.Unlock()
		h.failed = fmt.Errorf("%s: %v", of, p) // so that no caller waits for writes any more
		h.shrunk.Broadcast()
	}
}

// flush writes everything noted before the call; after a nil error it is on disk.
func (h *history) flush() error {
	h.writing.Lock()
	defer h.writing.Unlock()
	h.mu.Lock()
	taken := h.pending
	h.pending, h.beingSent = newBatchOfHistory(), taken
	h.shrunk.Broadcast()
	h.mu.Unlock()

	var err error
	if !taken.isEmpty() {
		err = h.write(taken)
	}

	h.mu.Lock()
	defer h.mu.Unlock()
	h.beingSent = nil
	if err == nil {
		h.keepWrittenLocked(taken)
	} else {
		taken.addBatch(h.pending)
		h.pending = taken
		h.shrunk.Broadcast()
		if h.failed == nil {
			h.log.Error("history of queries cannot be written", "error", err)
		}
	}
	h.failed = err
	return err
}

// keepWrittenLocked caches a written batch, and drops the older generation when the newer one has grown long.
func (h *history) keepWrittenLocked(b *batchOfHistory) {
	if h.written[0].isLong() {
		h.written = [2]*batchOfHistory{newBatchOfHistory(), h.written[0]}
	}
	for _, q := range b.queries {
		h.written[0].addQuery(q)
	}
}

// write commits a batch, in several transactions if it is too large for one.
func (h *history) write(b *batchOfHistory) error {
	err := h.lake.Catalog().Update(context.Background(), func(tx *catalog.Tx) error {
		for _, q := range b.queries {
			if err := tx.PutQuery(q); err != nil {
				return err
			}
		}
		for _, u := range b.usage {
			if err := tx.AddUsage(u); err != nil {
				return err
			}
		}
		return h.lake.NoteUse(tx)
	})
	if !errors.Is(err, catalog.ErrTooLarge) || len(b.queries) < 2 {
		return err
	}
	first, second := newBatchOfHistory(), newBatchOfHistory()
	for i, q := range b.queries {
		if i < len(b.queries)/2 {
			first.addQuery(q)
		} else {
			second.addQuery(q)
		}
	}
	if err := h.write(first); err != nil {
		return err
	}
	second.usage = b.usage // added once, in the last transaction
	return h.write(second)
}

// end writes what remains and stops the goroutine. Further calls do nothing.
func (h *history) end() error {
	h.mu.Lock()
	if h.closed {
		h.mu.Unlock()
		return nil
	}
	h.closed = true
	h.mu.Unlock()
	close(h.stop)
	h.done.Wait()
	return h.flush()
}

// horizon returns the instant before which queries are removed.
func (h *history) horizon() time.Time { return h.now().Add(-h.keep) }

// tidy removes what is too old, unless the clock cannot be trusted.
func (h *history) tidy() {
	if h.lake.CheckClock() != nil {
		return
	}
	if err := h.removeOld(); err != nil {
		h.log.Error("old queries cannot be removed", "error", err)
		return
	}
	h.removeResults()
}

// interrupted returns the ended state of a query that another process left unfinished.
func interrupted(q *catalog.Query) *catalog.Query {
	ended := *q
	ended.Status, ended.ErrorName = catalog.QueryFailed, InterruptedName
	ended.ErrorMessage = "interrupted: the process that ran the query ended before it"
	noteUndelivered(&ended)
	return &ended
}

func (h *history) removeOld() error {
	before := h.horizon()
	isStale := false
	err := h.lake.Catalog().View(func(tx *catalog.Tx) (err error) {
		isStale, err = tx.HasStaleQueries(before)
		return err
	})
	if err != nil || !isStale {
		return err
	}
	next, left := "", true
	for indexed := false; left && !h.isEnding(); {
		err := h.lake.Catalog().Update(context.Background(), func(tx *catalog.Tx) (err error) {
			if !indexed {
				next, err = tx.IndexQueries(next, before, tidyQueries)
				indexed = next == ""
				return err
			}
			left, err = tx.DeleteQueriesBefore(before, tidyQueries)
			return err
		})
		if err != nil {
			return err
		}
	}
	h.forgetWritten()
	return nil
}

// forgetWritten drops the cache of written queries.
func (h *history) forgetWritten() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.written = [2]*batchOfHistory{newBatchOfHistory(), newBatchOfHistory()}
}

func (h *history) isEnding() bool {
	select {
	case <-h.stop:
		return true
	default:
		return false
	}
}
