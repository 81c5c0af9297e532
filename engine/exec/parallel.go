package exec

import (
	"context"
	"sync"
	"sync/atomic"

	"github.com/auditlake/auditlake/engine/processors"
)

// inParallel does n pieces of work with up to so many workers, of which the caller is
// one; all of them, also when ctx ends. What one of them panics with, it panics with
// itself, when all workers have stopped.
func inParallel(ctx context.Context, workers, n int, do func(i int)) {
	workers = min(workers, n)
	if workers < 2 {
		for i := range n {
			do(i)
		}
		return
	}
	var taken atomic.Int64
	panicked := make([]any, workers)
	work := func(w int, turn *processors.Turn) {
		defer func() {
			if panicked[w] = recover(); panicked[w] != nil {
				taken.Store(int64(n))
			}
		}()
		for i := int(taken.Add(1)) - 1; i < n; i = int(taken.Add(1)) - 1 {
			do(i)
			_ = turn.Pass(ctx) // who does the work looks at ctx
		}
	}
	own := processors.Of(ctx)
	helping, enough := context.WithCancel(ctx)
	var running sync.WaitGroup
	for w := 1; w < workers; w++ {
		turn := own.Another()
		running.Add(1)
		go func() {
			defer running.Done()
			if turn.Take(helping) == nil {
				defer turn.Give()
				defer atWork(ctx)()
				work(w, turn)
			}
		}()
	}
	work(0, own)
	enough() // who waits for a processor still comes too late
	own.Give()
	running.Wait()
	_ = own.Take(ctx)
	for _, p := range panicked {
		if p != nil {
			panic(p)
		}
	}
}
