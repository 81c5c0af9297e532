package exec

import (
	"context"
	"slices"
	"time"

	"github.com/auditlake/auditlake/engine/batch"
)

// besideWork does independent pieces of the work on a batch, in parallel if the batch before showed that this pays.
// The zero value does them one after another.
type besideWork struct {
	ctx     context.Context
	workers int
	took    []time.Duration // by piece of the batch before
}

// minSavedBeside is the least time to save by parallel work: a few times what it takes to wake a worker up. Tests
// set it to 0.
var minSavedBeside = 120 * time.Microsecond

// pays reports whether that many pieces are done in parallel.
func (w *besideWork) pays(pieces int) bool {
	if w.workers < 2 || pieces < 2 || len(w.took) != pieces {
		return false
	}
	all := time.Duration(0)
	for _, took := range w.took {
		all += took
	}
	return all-slices.Max(w.took) >= minSavedBeside
}

// do does the pieces. It returns the error of the first piece that fails, as if the pieces after it had not been
// done.
func (w *besideWork) do(pieces int, do func(piece int) error) error {
	errs := make([]error, pieces)
	timed := func(piece int) {
		defer batch.Recover(&errs[piece])
		start := time.Now()
		errs[piece] = do(piece)
		w.took[piece] = time.Since(start)
	}
	if w.pays(pieces) {
		inParallelWhereFree(w.ctx, w.workers, pieces, timed)
	} else {
		w.took = slices.Grow(w.took[:0], pieces)[:pieces]
		for piece := range pieces {
			if timed(piece); errs[piece] != nil {
				break
			}
		}
	}
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
