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

// FullBlocks is how many blocks of texts have no room, as those that are an array's memory and those of one long text have not.
func (in *Interner) FullBlocks() (n int) {
	for _, block := range in.texts.texts.blocks {
		if len(block) == cap(block) {
			n++
		}
	}
	return n
}
