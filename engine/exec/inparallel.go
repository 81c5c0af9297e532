package exec

import (
	"context"
	"sync"
	"sync/atomic"

	"github.com/auditlake/auditlake/processors"
)

// inParallel does n pieces of work, which are begun in their order, among workers. When all who work have stopped, it panics with what the first
// piece panicked with that did, so that this does not depend on the workers.
func inParallel(ctx context.Context, workers, n int, do func(piece int)) {
	if workers = min(workers, n); workers < 2 {
		for piece := range n {
			do(piece)
		}
		return
	}
	w := newParallelWork(ctx, n, do)
	waiting, stop := context.WithCancel(ctx)
	w.stop = stop // who still waits for a processor when all pieces are begun waits no longer
	for range workers - 1 {
		w.begin(ctx, func() func() { return w.claim.Enter(waiting) })
	}
	w.finish(ctx)
}

// inParallelWhereFree is inParallel among as many workers as there are processors that nobody uses or waits for. It is for work of less than a
// millisecond, which is done sooner than others would let a worker have a processor.
func inParallelWhereFree(ctx context.Context, workers, n int, do func(piece int)) {
	w := newParallelWork(ctx, n, do)
	for range min(workers, n) - 1 {
		leave, isFree := w.claim.TryEnter()
		if !isFree {
			break
		}
		w.begin(ctx, func() func() { return leave })
	}
	w.finish(ctx)
}

// parallelWork is what the workers of inParallel share.
type parallelWork struct {
	claim   *processors.Claim
	pieces  int
	do      func(piece int)
	stop    func() // called when all pieces are begun
	begun   atomic.Int64
	running sync.WaitGroup // of the others

	mu         sync.Mutex
	others     int  // workers besides the goroutine that began, so far; guarded by mu
	isAllBegun bool // no other joins any more; guarded by mu
	failed     int  // the first piece that panicked; guarded by mu
	panicked   any  // what it panicked with; guarded by mu
}

func newParallelWork(ctx context.Context, n int, do func(piece int)) *parallelWork {
	return &parallelWork{claim: processors.ClaimOf(ctx), pieces: n, do: do, stop: func() {}, failed: n}
}

// begin has another goroutine work, which enters first.
func (w *parallelWork) begin(ctx context.Context, enter func() (leave func())) {
	go func() {
		leave := enter()
		if !w.join() {
			leave()
			return
		}
		defer w.running.Done()
		defer leave()
		defer atWork(ctx)()
		w.work()
	}()
	processors.PassOn()
}

// join is called by a worker before it works; false: all work is begun, and nobody waits for the worker.
func (w *parallelWork) join() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.isAllBegun {
		return false
	}
	w.others++
	w.running.Add(1)
	return true
}

// end has no other worker join, and returns how many have.
func (w *parallelWork) end() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.isAllBegun = true
	return w.others
}

// finish works, and waits for the others who do.
func (w *parallelWork) finish(ctx context.Context) {
	w.work()
	others := w.end()
	w.stop()
	if others > 0 {
		w.claim.Aside(ctx, w.running.Wait)
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
