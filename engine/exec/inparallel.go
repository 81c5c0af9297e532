package exec

import (
	"context"
	"sync"
	"sync/atomic"

	"github.com/auditlake/auditlake/processors"
)

// inParallel does n pieces of work, which are begun in their order, among workers. When all have stopped, it panics with what the first
// piece panicked with that did, so that this does not depend on the workers.
func inParallel(ctx context.Context, workers, n int, do func(piece int)) {
	if workers = min(workers, n); workers < 2 {
		for piece := range n {
			do(piece)
		}
		return
	}
	w := &parallelWork{claim: processors.ClaimOf(ctx), pieces: n, do: do, failed: n}
	w.running.Add(workers - 1)
	for range workers - 1 {
		go func() {
			defer w.running.Done()
			defer w.claim.Enter(ctx)()
			defer atWork(ctx)()
			w.work()
		}()
	}
	w.work()
	w.claim.Aside(ctx, w.running.Wait)
	if w.panicked != nil {
		panic(w.panicked)
	}
}

// parallelWork is what the workers of inParallel share.
type parallelWork struct {
	claim   *processors.Claim
	pieces  int
	do      func(piece int)
	begun   atomic.Int64
	running sync.WaitGroup

	mu       sync.Mutex
	failed   int // the first piece that panicked; guarded by mu
	panicked any // what it panicked with; guarded by mu
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
