package exec

import (
	"context"

	"github.com/auditlake/auditlake/engine/batch"
)

// partRows are the rows of a part of a piece: so few that the bounds which the consumer finds in the first parts drop rows of most others.
const partRows = 4 * batch.Rows

// dividedParts are the parts of a piece that is worth to be divided, at least: smaller ones are done beside each other.
const dividedParts = 4

// dividedReader is a pieceReader whose rows can be read in parts.
type dividedReader interface {
	pieceReader
	// parts is how many parts there are.
	parts() int
	// part reads one of them; others may be read at the same time. It ends with the reader, which alone is closed.
	part(i int) pieceReader
}

// pieceParts has workers do the stages of the parts of a large piece, such as the only partition of a trail, beside each other.
type pieceParts struct {
	reader  dividedReader
	stages  *pieceStages
	workers int

	work    *orderedWork[*stagedPiece]
	at      int          // part to be taken next
	current *stagedPiece // nil for none
}

func (s *pieceStages) divide(r dividedReader, workers int) *pieceParts {
	p := &pieceParts{reader: r, stages: s, workers: workers}
	p.begin()
	return p
}

// begin has workers work on parts from the next one on, as soon as one is taken.
func (p *pieceParts) begin() {
	first := p.at
	p.work = &orderedWork[*stagedPiece]{
		pieces: p.reader.parts() - first, workers: p.workers, first: p.workers, drop: p.stages.drop,
		do: func(ctx context.Context, i int) (*stagedPiece, error) {
			staged := p.stages.begin()
			staged.from = p.reader.part(first + i)
			p.stages.workAhead(ctx, staged, maxReadyBytes/int64(p.workers))
			return staged, nil
		},
	}
}

// take makes the next part the current one; false: there are no more.
func (p *pieceParts) take(ctx context.Context) (bool, error) {
	p.drop()
	part, ok, err := p.work.take(ctx)
	if !ok || err != nil {
		return false, err
	}
	p.current = part
	p.at++
	return true, nil
}

// giveUpAhead gives up what was done of parts after the current one; false: nothing was.
func (p *pieceParts) giveUpAhead() bool {
	if p == nil || len(p.work.begun) == 0 {
		return false
	}
	p.work.close()
	p.begin()
	return true
}

// drop gives up the rest of the current part.
func (p *pieceParts) drop() {
	if p.current != nil {
		p.stages.drop(p.current)
		p.current = nil
	}
}

func (p *pieceParts) close() {
	p.work.close()
	p.drop()
}

// goAhead does the stages of the first batches of a piece, or leaves them to those who are to do parts of it.
func (p *partitionwise) goAhead(ctx context.Context, piece *stagedPiece) {
	if p.workers < 2 {
		return
	}
	if r, isDivided := piece.from.(dividedReader); isDivided && r.parts() >= dividedParts {
		piece.parts = p.stages.divide(r, p.workers)
		return
	}
	p.stages.workAhead(ctx, piece, maxReadyBytes)
}

// nextOfParts returns the next rows of the parts of a piece that have passed the stages, nil at its end.
func (p *partitionwise) nextOfParts(ctx context.Context, parts *pieceParts) (*stagedBatch, error) {
	for {
		if parts.current != nil {
			if out, err := p.nextOfPiece(ctx, parts.current); out != nil || err != nil {
				return out, err
			}
		}
		if ok, err := parts.take(ctx); !ok || err != nil {
			return nil, err
		}
	}
}
