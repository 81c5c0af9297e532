package exec

import (
	"context"
	"sync"
	"sync/atomic"

	"github.com/auditlake/auditlake/processors"
)

// inParallel does n pieces of work, which are begun in their order, among workers. When all who work have stopped, it
// panics with what the first piece panicked with that did, so that this does not depend on the workers.
func inParallel(ctx context.Context, workers, n int, do func(piece int)) {
	if workers = min(workers, n); workers < 2 {
		for piece := range n {
			do(piece)
		}
		return
	}
	w := newParallelWork(ctx, n, do)
	waiting, stop := context.WithCancel(ctx)
	defer stop() // who still waits for a processor when all pieces are begun waits no longer
	for range workers - 1 {
		w.claim.Go(func() func() { return w.claim.Enter(waiting) }, func() { w.help(ctx) })
	}
	w.finish(ctx, stop)
}

// inParallelWhereFree is inParallel among as many workers as there are processors that nobody uses or waits for. It
// is for work of less than a millisecond, which is done sooner than others would let a worker have a processor.
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
	done   chan struct{} // closed when all pieces are begun and no other works

	mu         sync.Mutex
	others     int  // workers besides the goroutine that began, that have joined and not left; guarded by mu
	isAllBegun bool // no other joins any more; guarded by mu
	failed     int  // the first piece that panicked; guarded by mu
	panicked   any  // what it panicked with; guarded by mu
}

func newParallelWork(ctx context.Context, n int, do func(piece int)) *parallelWork {
	return &parallelWork{claim: processors.ClaimOf(ctx), pieces: n, do: do, done: make(chan struct{}), failed: n}
}

// help does pieces beside the goroutine that began, if any are left.
func (w *parallelWork) help(ctx context.Context) {
	if !w.join() {
		return
	}
	defer w.leave()
	defer atWork(ctx)()
	w.work()
}

// join is called by a worker before it works; false: all work is begun, and nobody waits for the worker.
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

// end has no other worker join, and reports whether none works.
func (w *parallelWork) end() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.isAllBegun = true
	return w.others == 0
}

// finish works, calls allBegun, and waits for the others who work.
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

// work does pieces until none is left, or one has failed.
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
