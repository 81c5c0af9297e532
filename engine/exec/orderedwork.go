package exec

import (
	"context"
	"runtime"
	"sync"

	"github.com/auditlake/auditlake/processors"
)

// orderedWork computes pieces in its own goroutines and returns the results in order. It begins with first pieces
// in flight; each result taken allows one more, up to workers+ahead. So little is computed in vain if the caller
// soon has enough.
type orderedWork[T any] struct {
	pieces int
	do     func(ctx context.Context, piece int) (T, error)
	// drop releases a result that is never taken.
	drop    func(T)
	workers int
	first   int // pieces begun at first; 0 is 1
	// ahead pieces more than workers may be in flight, so that workers need not wait until results are taken.
	ahead int

	next    int               // piece to begin
	begun   []*pieceOfWork[T] // not taken yet, in order
	width   int               // limit of begun
	ctx     context.Context   // of the work; nil: not started
	stop    context.CancelFunc
	running sync.WaitGroup

	mu      sync.Mutex
	queue   []*pieceOfWork[T] // mu: begun, not yet taken by a worker
	working int               // mu: goroutines at work
}

// pieceOfWork is one piece. result, err and panic are set before done is closed.
type pieceOfWork[T any] struct {
	number int
	done   chan struct{}
	result T
	err    error
	panic  any // a defect, raised again where the result is taken
}

// take returns the result of the next piece; false: there are no more. After an error only close may be called.
func (w *orderedWork[T]) take(ctx context.Context) (result T, ok bool, err error) {
	if w.workers < 2 {
		if w.next == w.pieces {
			return result, false, nil
		}
		w.next++
		result, err = w.do(ctx, w.next-1)
		return result, true, err
	}
	if w.ctx == nil {
		w.ctx, w.stop = context.WithCancel(ctx)
		w.width = max(1, w.first)
	}
	for ; w.next < w.pieces && len(w.begun) < w.width; w.next++ {
		w.begin(w.next)
	}
	if len(w.begun) == 0 {
		return result, false, nil
	}
	first := w.begun[0]
	processors.ClaimOf(ctx).Aside(ctx, func() {
		select {
		case <-ctx.Done():
		case <-first.done:
		}
	})
	if err := ctx.Err(); err != nil {
		return result, true, err
	}
	w.begun[0] = nil
	w.begun = w.begun[1:]
	if first.panic != nil {
		panic(first.panic)
	}
	w.width = min(w.workers+w.ahead, w.width+1)
	return first.result, true, first.err
}

func (w *orderedWork[T]) begin(piece int) {
	p := &pieceOfWork[T]{number: piece, done: make(chan struct{})}
	w.begun = append(w.begun, p)
	w.mu.Lock()
	w.queue = append(w.queue, p)
	isMore := w.working < w.workers
	if isMore {
		w.working++
	}
	w.mu.Unlock()
	if !isMore {
		return // a running worker will take it
	}
	w.running.Add(1)
	claim := processors.ClaimOf(w.ctx)
	claim.Go(func() func() { return claim.Enter(w.ctx) }, func() {
		defer w.running.Done()
		for p := w.nextBegun(); p != nil; p = w.nextBegun() {
			w.doPiece(p)
			claim.Yield()
			runtime.Gosched() // the consumer can take the piece before this goroutine begins the next
		}
	})
}

// nextBegun returns the first piece in the queue. nil: the queue is empty and the calling worker ends.
func (w *orderedWork[T]) nextBegun() *pieceOfWork[T] {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.queue) == 0 {
		w.working--
		return nil
	}
	p := w.queue[0]
	w.queue[0] = nil // the queue keeps no results alive
	w.queue = w.queue[1:]
	return p
}

func (w *orderedWork[T]) doPiece(p *pieceOfWork[T]) {
	defer close(p.done)
	defer func() { p.panic = recover() }()
	defer atWork(w.ctx)()
	p.result, p.err = w.do(w.ctx, p.number)
}

// close stops the work, waits for the workers and drops results not taken. It may be called again.
func (w *orderedWork[T]) close() {
	if w.stop != nil {
		w.stop()
		defer processors.ClaimOf(w.ctx).Hurry()()
	}
	w.running.Wait()
	for _, p := range w.begun {
		if p.err == nil && p.panic == nil {
			w.drop(p.result)
		}
	}
	w.begun, w.next = nil, w.pieces
}
