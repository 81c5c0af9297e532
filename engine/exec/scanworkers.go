package exec

import (
	"context"
	"errors"
	"io"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/memory"
	"github.com/auditlake/auditlake/processors"
)

// scan runs a groupScan over all row groups of a table. Workers read row groups ahead of the consumer, which gets
// the batches in scan order. So neither the answer nor the bytes counted as scanned depend on the number of
// workers.
type scan struct {
	groups  *groupScan
	rows    TableScan
	workers int
	budget  *scanBudget
	stats   *ScanNode
	// narrowing applies what joins find out before the first Next; nil: nothing.
	narrowing *narrowing
	// grouping groups the rows of each row group for the aggregation above, which calls nextGrouped; nil: none.
	grouping *batchGrouping
	// kept are the row groups whose rows were returned; nil if no operator reads more of them.
	kept keptGroups
	// ordered: endAt may end the scan before its table ends. Then no row group is read ahead of one whose rows may
	// move that end.
	ordered bool
	ending  bool // endAt was called
	// isReadToEnd: all rows of the scan are read, see readToEnd.
	isReadToEnd bool
	owed        bool // the row group consumed last still has its permit
	// consumedBytes is what that row group took when it was ready. Workers read it.
	consumedBytes atomic.Int64
	// memory holds the batches read but not consumed, and the last one returned.
	memory *account
	last   int64 // bytes of the batch returned last
	// feeders prepare what stages need, those of upper stages last. The scan closes them.
	feeders []stageFeeder
	// above returns the rows of the stages that workers do not run; nil: they run all.
	above     Operator
	aboveLast int64 // bytes of the batch that above returned last
	// mayMultiply: a stage may turn few rows into many.
	mayMultiply bool
	current     *groupResult // the row group being returned; nil: none
	coming      *groupResult // the one after it, once the consumer has come to it; nil: not yet
	hasEnded    bool         // no more row groups can be begun, as far as the consumer knows
	isAwaited   atomic.Bool  // the consumer sleeps until coming is done or begun

	results chan *groupResult // in scan order; nil until the first Next
	// permits limit what workers read ahead: one row group at first, then one more for each that is consumed. So
	// little is read in vain if a statement soon has enough. If all rows are wanted, in any order, leastAhead are
	// out at first.
	permits chan struct{}
	given   int // permits out, up to the capacity
	// asleep is the number of workers that wait for a permit.
	asleep  atomic.Int32
	cancel  context.CancelFunc
	running sync.WaitGroup // row groups in the hands of workers; Close stops and awaits them
	claim   *processors.Claim

	beginning   sync.Mutex // held while a goroutine takes the next row group
	hasBegunAll bool       // guarded by beginning: there are no more, or the scan has failed or is closed
}

// groupResult is the work on one row group.
type groupResult struct {
	group RowGroup

	wanted  chan struct{} // closed when the consumer comes to the row group
	done    chan struct{} // closed when the fields below are set
	ready   []*stagedBatch
	rest    *flow // comes after ready; nil: nothing
	matched int
	err     error // returned after ready
	panic   any   // a defect, raised again in the consumer after ready

	restBytes int64 // reserved for rest

	byConsumer bool // the consumer works on it, not a worker
	isLeft     bool // the consumer left it until its turn
}

// bytes returns what is reserved for the row group.
func (r *groupResult) bytes() int64 {
	bytes := r.restBytes
	for _, out := range r.ready {
		bytes += out.bytes
	}
	return bytes
}

// ahead returns how many row groups may be read but not consumed: two for each worker, and some more if there are
// several, in case the consumer falls behind. That keeps workers busy and holds little memory.
func (s *scan) ahead() int {
	const behind = 4
	if s.workers < 2 {
		return 2 * s.workers
	}
	return 2*s.workers + behind
}

func (s *scan) Next(ctx context.Context) (*batch.Batch, error) {
	r, err := s.nextRows(ctx)
	if r == nil || err != nil {
		return nil, err
	}
	return r.batch, nil
}

func (s *scan) nextGrouped(ctx context.Context) (*batch.Batch, *groupedBatch, error) {
	r, err := s.nextRows(ctx)
	if r == nil || err != nil {
		return nil, nil, err
	}
	s.forgetGroups(r)
	return r.batch, r.groups, nil
}

func (s *scan) isUngrouped() bool { return s.grouping.isOver() }

// nextRows returns the next rows, nil at the end.
func (s *scan) nextRows(ctx context.Context) (*stagedBatch, error) {
	if s.results == nil {
		if ended, err := s.feed(ctx); ended || err != nil {
			return nil, err
		}
		if err := s.narrow(ctx); err != nil {
			return nil, err
		}
		s.start(ctx)
	}
	if s.above == nil {
		return s.nextOfGroups(ctx)
	}
	s.memory.release(s.aboveLast)
	s.aboveLast = 0
	b, err := s.above.Next(ctx)
	if b == nil || err != nil {
		return nil, err
	}
	s.aboveLast = batchBytes(b)
	return &stagedBatch{batch: b}, s.memory.add(s.aboveLast)
}

// nextOfGroups returns the next rows that workers have made, nil at the end.
func (s *scan) nextOfGroups(ctx context.Context) (*stagedBatch, error) {
	for {
		if s.current != nil {
			out, err := s.takeOutput(ctx, s.current)
			if out != nil || err != nil {
				return out, err
			}
			s.current = nil
		}
		if s.owed {
			s.owed = false
			s.permit()
		}
		r, err := s.next(ctx)
		switch {
		case err != nil:
			return nil, err
		case r == nil:
			if !s.ending {
				s.stats.end()
			}
			return nil, nil
		case r.group != nil && r.group.Unwanted():
			return nil, nil
		case len(r.ready) == 0 && r.panic != nil:
			panic(r.panic)
		case len(r.ready) == 0 && r.err != nil:
			return nil, r.err
		}
		s.stats.consumed(r.group.Ordinal(), r.matched)
		s.consumedBytes.Store(r.bytes())
		if s.owed = s.ordered; !s.owed {
			s.permit()
		}
		if err := s.budget.check(); err != nil {
			return nil, err
		}
		if len(r.ready) == 0 && r.rest == nil {
			continue
		}
		if s.kept != nil {
			s.kept[r.group.Position()] = r.group
		}
		s.current = r
	}
}

// endAt ends the scan once all rows left lie beyond an eventtime, in milliseconds. What the scan has already found
// beyond it is not counted in the statistics.
func (s *scan) endAt(millis int64) {
	s.ending = true
	s.rows.Until(millis)
}

func (s *scan) Close() {
	if s.cancel != nil {
		s.cancel()
		s.beginNoMore()
		defer s.claim.Hurry()()
		s.running.Wait() // not for idle workers, which may wait for a processor
	}
	for _, f := range s.feeders {
		f.Close()
	}
	s.memory.close()
	s.rows.Close()
}

func (s *scan) start(ctx context.Context) {
	s.claim = processors.ClaimOf(ctx)
	ctx, s.cancel = context.WithCancel(ctx)
	s.results = make(chan *groupResult, s.ahead())
	s.permits = make(chan struct{}, s.ahead())
	s.given = 1
	if s.isReadToEnd && !s.ordered {
		s.given = leastAhead
	}
	for range s.given {
		s.permits <- struct{}{}
	}
	for range s.workers - 1 { // the consumer is one of the workers
		go s.workOnAll(ctx)
	}
}

// workOnAll works on row groups until there are no more.
func (s *scan) workOnAll(ctx context.Context) {
	for r := s.begin(ctx); r != nil; r = s.begin(ctx) {
		s.work(ctx, r)
		if 2*len(s.results) >= cap(s.results) && s.isAwaited.Load() {
			runtime.Gosched() // lets a woken consumer run here before permits run out
		}
	}
}

// begin takes the next row group for a worker as soon as it has a permit; nil when the table or ctx has ended. A
// worker without a permit waits until Close.
func (s *scan) begin(ctx context.Context) *groupResult {
	s.awaitPermit(ctx) // not under the lock, so that others need not wait
	processors.LockSoon(&s.beginning)
	defer s.beginning.Unlock()
	return s.takeNext(ctx, false)
}

// takeNext takes the next row group for a caller that has a permit and holds beginning; nil when the table or ctx
// has ended, or at errNextIsThere. A worker's row group counts in running until its end.
func (s *scan) takeNext(ctx context.Context, byConsumer bool) *groupResult {
	if s.hasBegunAll {
		return nil
	}
	r := s.find(ctx)
	if r != nil && errors.Is(r.err, errNextIsThere) {
		s.permits <- struct{}{}
		return nil
	}
	if r != nil {
		r.byConsumer = byConsumer
		s.results <- r // never blocks: results has room for all permits
		if r.err == nil && r.panic == nil {
			if !byConsumer {
				s.running.Add(1)
			}
			return r
		}
		close(r.done)
	}
	s.hasBegunAll = true
	close(s.results)
	return nil
}

// beginNoMore stops all goroutines from taking another row group.
func (s *scan) beginNoMore() {
	processors.LockSoon(&s.beginning)
	defer s.beginning.Unlock()
	s.hasBegunAll = true
}

// find finds the next row group, nil at the end.
func (s *scan) find(ctx context.Context) *groupResult {
	if err := ctx.Err(); err != nil && !errors.Is(err, errNextIsThere) {
		return nil
	}
	r := &groupResult{wanted: make(chan struct{}), done: make(chan struct{})}
	r.find(ctx, s.rows)
	if errors.Is(r.err, io.EOF) {
		return nil
	}
	return r
}

func (r *groupResult) find(ctx context.Context, rows TableScan) {
	defer r.recover()
	r.group, r.err = rows.Next(ctx)
}

// work is workOn for a worker.
func (s *scan) work(ctx context.Context, r *groupResult) {
	defer s.running.Done()
	defer s.end(r)
	defer s.claim.Enter(ctx)()
	defer atWork(ctx)()
	s.workOn(ctx, r)
}

// workOn works on a row group. If it would have to wait for its turn, the consumer leaves it.
func (s *scan) workOn(ctx context.Context, r *groupResult) {
	defer r.recover()
	if !s.memory.HasRoom(s.consumedBytes.Load(), aheadShare) {
		if r.err = s.awaitTurn(ctx, r); r.err != nil {
			return
		}
	}
	rows, matched, err := s.groups.read(ctx, r.group)
	if r.matched = matched; rows != nil {
		err = s.makeReady(ctx, r, rows)
	}
	if memory.IsFull(err) && rows != nil && !r.isWanted() {
		s.drop(r)
		if err = s.awaitTurn(ctx, r); err == nil {
			err = s.makeReady(ctx, r, rows)
		}
	}
	if r.err = err; r.isLeft {
		s.drop(r)
	}
}

// end marks a row group as done by its worker, and lets a waiting consumer run.
func (s *scan) end(r *groupResult) {
	close(r.done)
	if s.isAwaited.Load() && r.isWanted() {
		processors.PassOn()
	}
}

// recover keeps a panic as the row group's, to be raised in the consumer.
func (r *groupResult) recover() {
	if p := recover(); p != nil {
		r.panic = p
	}
}
