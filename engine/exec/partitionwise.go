package exec

import (
	"context"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/memory"
	"github.com/auditlake/auditlake/engine/spill"
)

// partitionwise computes something for each partition of its rows. Nothing of a partition is given out before all of it is
// computed: which rows come before an error does not depend on how many are computed at once.
type partitionwise struct {
	rows    *partitionedRows
	compute func(ctx context.Context, piece *partitionPiece) (pieceReader, error)
	workers int // that compute
	// openLong computes a partition that takes more memory than a piece should, of which a piece is the beginning; nil: all rows of a
	// partition are needed at once.
	openLong func(ctx context.Context, piece *partitionPiece, rest *partitionStream, spiller *spill.Spiller) (pieceReader, error)

	work    *orderedWork[pieceReader] // computes pieces of the rows' table; nil: they are a stream
	at      int                       // piece to be taken next
	single  []*partitionPiece         // partitions of a piece that could not be computed at once
	current pieceReader               // nil for none
}

// pieceReader gives out what was computed for a piece.
type pieceReader interface {
	// next returns the next batch, nil at the end.
	next(ctx context.Context) (*batch.Batch, error)
	// close gives up the memory of the piece and of its results.
	close()
}

func (p *partitionwise) Next(ctx context.Context) (*batch.Batch, error) {
	for {
		if p.current != nil {
			if b, err := p.current.next(ctx); b != nil || err != nil {
				return b, err
			}
			p.current.close()
			p.current = nil
		}
		var err error
		if p.current, err = p.nextReader(ctx); p.current == nil || err != nil {
			return nil, err
		}
	}
}

func (p *partitionwise) Close() {
	if p.work != nil {
		p.work.close()
	}
	if p.current != nil {
		p.current.close()
	}
	p.rows.close()
}

// nextReader computes the next partitions; nil at the end.
func (p *partitionwise) nextReader(ctx context.Context) (pieceReader, error) {
	for {
		if len(p.single) > 0 {
			piece := p.single[0]
			p.single = p.single[1:]
			return p.compute(ctx, piece)
		}
		next := p.beginRound
		switch {
		case p.rows.table != nil:
			next = p.nextOfTable
		case p.rows.stream != nil:
			next = p.nextOfStream
		}
		r, ended, err := next(ctx)
		if r != nil || ended || err != nil {
			return r, err
		}
	}
}

// beginRound sorts rows; ended: there are no more.
func (p *partitionwise) beginRound(ctx context.Context) (_ pieceReader, ended bool, err error) {
	has, err := p.rows.beginRound(ctx)
	if p.rows.table != nil {
		p.computeFrom(0)
	}
	return nil, !has, err
}

// computeFrom begins to compute the pieces of the rows' table from one on.
func (p *partitionwise) computeFrom(piece int) {
	p.at = piece
	p.work = &orderedWork[pieceReader]{
		pieces: len(p.rows.pieces) - piece, workers: p.workers,
		do:   func(ctx context.Context, i int) (pieceReader, error) { return p.compute(ctx, p.rows.piece(piece+i)) },
		drop: func(r pieceReader) { r.close() },
	}
}

// nextOfTable computes the next piece of the rows' table; nil without an error: it is to be computed in another way, or there is none.
func (p *partitionwise) nextOfTable(ctx context.Context) (pieceReader, bool, error) {
	r, ok, err := p.work.take(ctx)
	switch {
	case !ok:
		p.rows.endTable()
		return nil, false, nil
	case err == nil:
		p.at++
		return r, false, nil
	}
	p.work.close()
	if ctx.Err() != nil {
		return nil, false, ctx.Err()
	}
	piece := p.rows.piece(p.at)
	if memory.IsFull(err) { // pieces that were ahead had some of it
		if r, err = p.compute(ctx, piece); err == nil {
			p.computeFrom(p.at + 1)
			return r, false, nil
		}
		if memory.IsFull(err) && p.rows.canSpill() {
			return nil, false, p.rows.spillFrom(ctx, p.at)
		}
	}
	if !p.divide(piece) {
		return nil, false, err
	}
	p.computeFrom(p.at + 1)
	return nil, false, nil
}

// divide makes the partitions of a piece be computed one by one, so that those before an error are given out; false: there is but one.
func (p *partitionwise) divide(piece *partitionPiece) bool {
	if len(piece.ends) < 2 {
		return false
	}
	for i := range piece.ends {
		p.single = append(p.single, piece.partitionAt(i))
	}
	return true
}

// nextOfStream computes the next piece of the rows' stream; nil without an error: it is divided, or there is none.
func (p *partitionwise) nextOfStream(ctx context.Context) (pieceReader, bool, error) {
	piece, isOpen, err := p.rows.stream.nextPiece(ctx, p.openLong != nil)
	if err != nil {
		return nil, false, err
	}
	if isOpen {
		r, err := p.openLong(ctx, piece, p.rows.stream, p.rows.runs.spiller)
		return r, false, err
	}
	if piece == nil {
		p.rows.stream = nil
		return nil, false, nil
	}
	r, err := p.compute(ctx, piece)
	if err != nil && ctx.Err() == nil && p.divide(piece) {
		return nil, false, nil
	}
	return r, false, err
}
