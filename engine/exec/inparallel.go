package exec

import (
	"context"
	"sync"
	"sync/atomic"

	"github.com/auditlake/auditlake/processors"
)

// inParallel does n pieces of work, begun in order, among workers. After a panic it waits for all workers, and
// panics with the value of the first piece that panicked, so that the result does not depend on the workers.
func inParallel(ctx context.Context, workers, n int, do func(piece int)) {
	if workers = min(workers, n); workers < 2 {
		for piece := range n {
			do(piece)
		}
		return
	}
	w := newParallelWork(ctx, n, do)
	waiting, stop := context.WithCancel(ctx)
	defer stop() // when all pieces are begun, helpers stop waiting for a processor
	for range workers - 1 {
		w.claim.Go(func() func() { return w.claim.Enter(waiting) }, func() { w.help(ctx) })
	}
	w.finish(ctx, stop)
}

// inParallelWhereFree is inParallel with helpers only on processors that are idle and awaited by no other
// goroutine. It is for work of less than a millisecond: waiting for a processor would take longer.
func inParallelWhereFree(ctx context.Context, workers, n int, do func(piece int)) {
	w := newParallelWork(ctx, n, do)
	for range min(workers, n) - 1 {
		if !w.claim.GoWhereFree(func() { w.help(ctx) }) {
			break
		}
	}
	w.finish(ctx, func() {})
}

// parallelWork is what the workers of inParallel share.
type parallelWork struct {
	claim  *processors.Claim
	pieces int
	do     func(piece int)
	begun  atomic.Int64
	done   chan struct{} // closed when all pieces are begun and no helper works

	mu         sync.Mutex
	others     int  // helpers that have joined and not left; guarded by mu
	isAllBegun bool // helpers no longer join; guarded by mu
	failed     int  // the first piece that panicked; guarded by mu
	panicked   any  // what it panicked with; guarded by mu
}

func newParallelWork(ctx context.Context, n int, do func(piece int)) *parallelWork {
	return &parallelWork{claim: processors.ClaimOf(ctx), pieces: n, do: do, done: make(chan struct{}), failed: n}
}

// help does pieces in parallel with the goroutine that began, if any are left.
func (w *parallelWork) help(ctx context.Context) {
	if !w.join() {
		return
	}
	defer w.leave()
	defer atWork(ctx)()
	w.work()
}

// join is called by a helper before it works; false: all pieces are begun, and no goroutine waits for the helper.
func (w *parallelWork) join() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.isAllBegun {
		w.others++
	}
	return !w.isAllBegun
}

func (w *parallelWork) leave() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.others--; w.others == 0 && w.isAllBegun {
		close(w.done)
	}
}

// end stops helpers from joining, and reports whether none works.
func (w *parallelWork) end() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.isAllBegun = true
	return w.others == 0
}

// finish does pieces, calls allBegun, and waits for the helpers.
func (w *parallelWork) finish(ctx context.Context, allBegun func()) {
	w.work()
	isDone := w.end()
	allBegun()
	if !isDone && !w.claim.ReceivesSoon(w.done) {
		w.claim.Aside(ctx, func() { <-w.done })
	}
	if w.panicked != nil {
		panic(w.panicked)
	}
}

// work does pieces until none is left, or one fails.
func (w *parallelWork) work() {
	for {
		piece := int(w.begun.Add(1)) - 1
		if piece >= w.pieces || !w.doPiece(piece) {
			return
		}
		w.claim.Yield()
	}
}

func (w *parallelWork) doPiece(piece int) (isDone bool) {
	defer func() {
		if isDone {
			return
		}
		p := recover()
		w.begun.Store(int64(w.pieces))
		w.mu.Lock()
		defer w.mu.Unlock()
		if piece < w.failed {
			w.failed, w.panicked = piece, p
		}
	}()
	w.do(piece)
	return true
}
