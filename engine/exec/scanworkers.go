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

// scan runs a groupScan over all row groups of a table. Workers read row groups
// ahead of the consumer, who gets the batches in scan order: what a statement
// answers, and what it counts as scanned, does not depend on their number.
type scan struct {
	groups  *groupScan
	rows    TableScan
	workers int
	budget  *scanBudget
	stats   *ScanNode
	// narrowing is what joins find out before the first Next; nil for nothing.
	narrowing *narrowing
	// grouping groups the rows of each row group for the aggregation above, which
	// calls nextGrouped; nil: none.
	grouping *batchGrouping
	// kept are the row groups whose rows were given out; nil when nobody comes back to them.
	kept keptGroups
	// ordered is set if the scan may end before its table does, see endAt. Then no row group is read ahead of
	// one whose rows may move that end.
	ordered bool
	ending  bool // endAt was called
	// isReadToEnd: whoever reads the scan reads all of its rows, see readToEnd.
	isReadToEnd bool
	owed        bool // the row group consumed last has not given its permit back
	// consumedBytes is what that one took when it was ready. Workers read it.
	consumedBytes atomic.Int64
	// memory holds the batches that are read and not consumed, and the last one
	// given out.
	memory *account
	last   int64 // bytes of the batch given out
	// feeders are what stages need, those of upper stages last. They are the scan's to close.
	feeders []stageFeeder
	// above gives the rows of the stages that workers do not do; nil: they do all.
	above     Operator
	aboveLast int64 // bytes of the batch that it gave last
	// mayMultiply: a stage may make many rows of a few.
	mayMultiply bool
	current     *groupResult // the row group at hand; nil: none
	coming      *groupResult // the one after it, if the consumer has come to that; nil: not yet
	hasEnded    bool         // the consumer knows that there are no more to begin
	isAwaited   atomic.Bool  // the consumer sleeps until coming is done, or begun

	results chan *groupResult // in scan order; nil until the first Next
	// permits lets workers read ahead: one row group at first, then one
	// more than before for each that is consumed, so that a statement which soon
	// has enough reads little in vain. Where all are wanted, in any order, there are leastAhead at first.
	permits chan struct{}
	given   int // permits in circulation, up to the capacity
	// asleep is how many workers wait for a permit.
	asleep  atomic.Int32
	cancel  context.CancelFunc
	running sync.WaitGroup // row groups that workers are at; Close stops and awaits them
	claim   *processors.Claim

	beginning   sync.Mutex // held by who takes the next row group
	hasBegunAll bool       // guarded by beginning: there are no more, or nobody wants them
}

// groupResult is the work on one row group.
type groupResult struct {
	group RowGroup

	wanted  chan struct{} // closed when the consumer has come to the row group
	done    chan struct{} // closed when the fields below are set
	ready   []*stagedBatch
	rest    *flow // what comes after ready; nil: nothing
	matched int
	err     error // after what is ready
	panic   any   // a defect, to be raised where the consumer is, after what is ready

	restBytes int64 // reserved for rest

	byConsumer bool // who works on it; no worker does
	isLeft     bool // by the consumer, until its turn
}

// bytes is what is reserved for the row group.
func (r *groupResult) bytes() int64 {
	bytes := r.restBytes
	for _, out := range r.ready {
		bytes += out.bytes
	}
	return bytes
}

// ahead is how many row groups may be read and not consumed: two for each worker, and some more by which the consumer
// may fall behind where there are several. That is enough to keep workers busy, and few enough to hold no memory
// worth mention.
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

// nextRows gives the next rows, nil at the end.
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

// nextOfGroups gives the next rows that workers have made, nil at the end.
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

// endAt makes the scan end where all rows left lie beyond an eventtime, in milliseconds. What it found there
// on its way ahead is no part of the statistics.
func (s *scan) endAt(millis int64) {
	s.ending = true
	s.rows.Until(millis)
}

func (s *scan) Close() {
	if s.cancel != nil {
		s.cancel()
		s.beginNoMore()
		defer s.claim.Hurry()()
		s.running.Wait() // not for workers that are at none, who may wait for a processor, too
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
	for range s.workers - 1 { // one is the consumer
		go s.workOnAll(ctx)
	}
}

// workOnAll works on row groups until there are no more.
func (s *scan) workOnAll(ctx context.Context) {
	for r := s.begin(ctx); r != nil; r = s.begin(ctx) {
		s.work(ctx, r)
		if 2*len(s.results) >= cap(s.results) && s.isAwaited.Load() {
			runtime.Gosched() // the consumer, if it was woken, goes on here, before there are no permits left and workers have to be woken
		}
	}
}

// begin takes the next row group for a worker, as soon as it is permitted; nil when the table or ctx has ended. A
// worker who gets no permit any more stays until Close.
func (s *scan) begin(ctx context.Context) *groupResult {
	s.awaitPermit(ctx) // whoever waits for a permit keeps nobody else waiting
	processors.LockSoon(&s.beginning)
	defer s.beginning.Unlock()
	return s.takeNext(ctx, false)
}

// takeNext takes the next row group for who has a permit; nil when the table or ctx has ended, or errNextIsThere. One
// that a worker gets is running until its end. The caller holds beginning.
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
		s.results <- r // where there is room for as many as there are permits
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

// beginNoMore has nobody take another row group.
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

// work has a worker work on a row group.
func (s *scan) work(ctx context.Context, r *groupResult) {
	defer s.running.Done()
	defer s.end(r)
	defer s.claim.Enter(ctx)()
	defer atWork(ctx)()
	s.workOn(ctx, r)
}

// workOn works on a row group, which the consumer leaves to its turn instead of waiting for that.
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

// end says that a worker has done its work.
func (s *scan) end(r *groupResult) {
	close(r.done)
	if s.isAwaited.Load() && r.isWanted() {
		processors.PassOn()
	}
}

// recover keeps a panic of a worker for the consumer, as an error where it is
// the user's.
func (r *groupResult) recover() {
	if p := recover(); p != nil {
		r.panic = p
	}
}
