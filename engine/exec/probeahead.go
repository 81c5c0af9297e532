package exec

import (
	"context"

	"github.com/auditlake/auditlake/engine/batch"
)

// atHand is an operator that may have rows at hand: Next gives them without reading, computing or failing, so that whoever takes them ahead
// changes nothing.
type atHand interface {
	Operator
	// batchesAtHand is how many batches Next gives so.
	batchesAtHand() int
}

// maxProbedAhead is how many left batches workers look up at most before they are joined.
const maxProbedAhead = 8

// probesAhead looks the batches of a left input up in the build rows of a join, beside each other: those that are at hand, or all where all are read
// anyway. T is what is found.
type probesAhead[T any] struct {
	left Operator
	// areAtHand reports whether the left input gives a batch that costs nothing if nobody asks for it.
	areAtHand func() bool
	work      orderedWork[T]
	taken     [maxProbedAhead]*batch.Batch // piece i of the work is at i % maxProbedAhead until its result is given out
	given     int                          // how many results were
	ended     bool                         // the left input has given all, or failed
	err       error                        // of the left input, after what it gave before
	// memory has room for what is taken.
	memory *account
}

// Batches are taken ahead while more than one in probedShare bytes of the query's memory is free, and they are less than one in takenShare: nobody
// makes a join give them up.
const (
	probedShare = 4
	takenShare  = 16
)

// newProbesAhead returns nil where the left input is not read to its end and has nothing at hand, ever, or there is one worker.
func newProbesAhead[T any](
	left Operator, isReadToEnd bool, probe func(context.Context, *batch.Batch) (T, error), workers int, memory *account,
) *probesAhead[T] {
	from, isAtHand := left.(atHand)
	if !isAtHand && !isReadToEnd || workers < 2 {
		return nil
	}
	p := &probesAhead[T]{left: left, memory: memory, areAtHand: func() bool { return true }}
	if !isReadToEnd {
		p.areAtHand = func() bool { return from.batchesAtHand() > 0 }
	}
	p.work = orderedWork[T]{workers: min(workers, maxProbedAhead), first: workers, drop: func(T) {},
		do: func(ctx context.Context, piece int) (T, error) { return probe(ctx, p.taken[piece%maxProbedAhead]) }}
	return p
}

// next returns what is found for the next left batch, the zero value at the end.
func (p *probesAhead[T]) next(ctx context.Context) (found T, err error) {
	for !p.ended && p.work.pieces-p.given < maxProbedAhead {
		isWanted := p.work.pieces == p.given
		if !isWanted && !p.mayTake() {
			break
		}
		b, err := (&guard{p.left}).Next(ctx)
		if b == nil || err != nil {
			p.ended, p.err = true, err
			break
		}
		for _, v := range b.Columns {
			batch.CountNulls(v.Array)
		}
		p.taken[p.work.pieces%maxProbedAhead] = b
		p.work.pieces++
	}
	if p.work.pieces == p.given {
		return found, p.err
	}
	found, isTaken, err := p.work.take(ctx)
	if isTaken && err == nil {
		p.taken[p.given%maxProbedAhead] = nil
		p.given++
	}
	return found, err
}

// mayTake reports whether another batch may be taken ahead.
func (p *probesAhead[T]) mayTake() bool {
	held, limitBytes := p.heldBytes(), p.memory.LimitBytes()
	return p.areAtHand() && p.memory.HasRoom(held, probedShare) && (limitBytes <= 0 || held < limitBytes/takenShare)
}

// heldBytes is what was taken ahead, and the copies of the rows that are selected.
func (p *probesAhead[T]) heldBytes() int64 {
	if p == nil {
		return 0
	}
	size := int64(0)
	for _, b := range p.taken {
		if b != nil {
			if size += batchBytes(b); b.Sel != nil {
				size += batchBytes(b)
			}
		}
	}
	return size
}

func (p *probesAhead[T]) close() {
	if p != nil {
		p.work.close()
	}
}
