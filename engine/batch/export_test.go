package batch

import "sync"

// AllAtOnce is a Divide that does every piece at the same time.
func AllAtOnce(pieces int, do func(piece int)) {
	var running sync.WaitGroup
	for piece := range pieces {
		running.Go(func() { do(piece) })
	}
	running.Wait()
}
