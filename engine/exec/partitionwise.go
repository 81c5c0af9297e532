package exec

import (
	"context"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/memory"
	"github.com/auditlake/auditlake/engine/spill"
)

// partitionwise computes something for each partition of its rows. It returns nothing of a partition before all of
// it is computed, so the rows before an error do not depend on how many pieces are computed in parallel.
type partitionwise struct {
	whole   *wholePartitions // nil: pieces of rows are computed one by one
	rows    *partitionedRows
	compute func(ctx context.Context, piece *partitionPiece) (pieceReader, error)
	calls   *windowCalls // what compute computes; nil: something else
	workers int          // that call compute in parallel
	// openLong computes a partition that is too large for a piece and begins with piece; nil: compute needs all
	// rows of a partition at once.
	openLong func(ctx context.Context, piece *partitionPiece, rest *partitionStream, spiller *spill.Spiller) (pieceReader, error)
	stages   *pieceStages

	work      *orderedWork[*stagedPiece] // computes the pieces in memory; nil: the rows are a stream
	at        int                        // next piece to take
	single    []*partitionPiece          // partitions of a piece that failed as a whole
	current   *stagedPiece               // nil for none
	lastBytes int64                      // reserved for the batch returned last
	ungrouped bool                       // that batch and all later ones are ungrouped, as grouping was stopped
}

// pieceReader returns what was computed for a piece.
type pieceReader interface {
	// next returns the next batch, nil at the end.
	next(ctx context.Context) (*batch.Batch, error)
	// close releases the memory of the piece and of its results.
	close()
}

func (p *partitionwise) Next(ctx context.Context) (*batch.Batch, error) {
	out, err := p.nextStaged(ctx)
	if out == nil || err != nil {
		return nil, err
	}
	return out.batch, nil
}

func (p *partitionwise) nextGrouped(ctx context.Context) (*batch.Batch, *groupedBatch, error) {
	out, err := p.nextStaged(ctx)
	if out == nil || err != nil {
		return nil, nil, err
	}
	return out.batch, out.groups, nil
}

func (p *partitionwise) isUngrouped() bool { return p.ungrouped }

// nextStaged returns the next rows that have passed the stages, nil at the end.
func (p *partitionwise) nextStaged(ctx context.Context) (*stagedBatch, error) {
	p.stages.memory.release(p.lastBytes)
	p.lastBytes = 0
	for {
		if p.current != nil {
			out, err := p.nextOfPiece(ctx, p.current)
			if err != nil {
				return nil, err
			}
			if out != nil {
				p.lastBytes = out.bytes
				return out, nil
			}
			p.stages.drop(p.current)
			p.current = nil
		}
		var err error
		if p.current, err = p.nextReader(ctx); p.current == nil || err != nil {
			return nil, err
		}
	}
}

// nextOfPiece returns the next rows of a piece that have passed the stages, nil at its end.
func (p *partitionwise) nextOfPiece(ctx context.Context, piece *stagedPiece) (*stagedBatch, error) {
	if piece.isUngrouped && !p.ungrouped {
		p.giveUpAhead() // grouped results must not follow ungrouped ones
	}
	p.ungrouped = piece.isUngrouped
	if len(piece.ready) > 0 {
		out := piece.ready[0]
		piece.ready = piece.ready[1:]
		return out, nil
	}
	if !piece.isUngrouped && p.stages.isStopped() {
		p.giveUpAhead()
		piece.isUngrouped, p.ungrouped = true, true
	}
	for {
		b, err := piece.next(ctx)
		if memory.IsFull(err) && p.giveUpAhead() { // later pieces hold some of it
			b, err = piece.next(ctx)
		}
		if b == nil || err != nil {
			return nil, err
		}
		out, err := p.stages.take(b)
		if memory.IsFull(err) && p.giveUpAhead() {
			out, err = p.stages.take(b)
		}
		if out != nil || err != nil {
			return out, err
		}
	}
}

// giveUpAhead drops the results of pieces after the current one. It reports whether there were any.
func (p *partitionwise) giveUpAhead() bool {
	if !p.isAtHand() || len(p.work.begun) == 0 {
		return false
	}
	p.work.close()
	p.computeFrom(p.at)
	return true
}

func (p *partitionwise) Close() {
	if p.work != nil {
		p.work.close()
	}
	if p.current != nil {
		p.stages.drop(p.current)
	}
	p.stages.memory.close()
	if p.whole != nil {
		p.whole.close()
		return
	}
	p.rows.close()
}

// isAtHand reports whether the next pieces are in memory, so that work computes them.
func (p *partitionwise) isAtHand() bool {
	if p.whole != nil {
		return p.whole.results != nil
	}
	return p.rows.table != nil
}

// staged returns a piece with the results of r, before any stage; nil if r is nil.
func (p *partitionwise) staged(r pieceReader, err error) (*stagedPiece, error) {
	if r == nil || err != nil {
		return nil, err
	}
	piece := p.stages.begin()
	piece.from = r
	return piece, nil
}

// nextReader computes the next piece, nil at the end.
func (p *partitionwise) nextReader(ctx context.Context) (*stagedPiece, error) {
	for p.whole != nil {
		if p.whole.isRead() {
			return p.nextOfWhole(ctx)
		}
		if err := p.whole.read(ctx); err != nil {
			return nil, err
		}
		if p.whole.results != nil {
			p.computeFrom(0)
		}
	}
	for {
		if len(p.single) > 0 {
			piece := p.single[0]
			p.single = p.single[1:]
			return p.staged(p.compute(ctx, piece))
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

// beginRound sorts the rows of a round; ended: there are no more.
func (p *partitionwise) beginRound(ctx context.Context) (_ *stagedPiece, ended bool, err error) {
	has, err := p.rows.beginRound(ctx)
	if p.rows.table != nil {
		p.computeFrom(0)
	}
	return nil, !has, err
}

// computeFrom begins to compute the pieces in memory, from this one on.
func (p *partitionwise) computeFrom(piece int) {
	p.at = piece
	pieces := 0
	if p.whole != nil {
		pieces = len(p.whole.batches)
	} else {
		pieces = len(p.rows.pieces)
		for _, c := range p.rows.table.columns {
			batch.CountNulls(c)
		}
	}
	p.work = &orderedWork[*stagedPiece]{
		pieces: pieces - piece, workers: p.workers, first: p.workers, drop: p.stages.drop,
		do: func(ctx context.Context, i int) (_ *stagedPiece, err error) {
			staged := p.stages.begin()
			if staged.from, err = p.readerOf(ctx, piece+i); err != nil {
				return nil, err
			}
			if p.workers > 1 {
				p.stages.workAhead(ctx, staged, maxReadyBytes)
			}
			return staged, nil
		},
	}
}

// readerOf computes a piece that is in memory.
func (p *partitionwise) readerOf(ctx context.Context, piece int) (pieceReader, error) {
	if p.whole != nil {
		return p.whole.piece(piece, p.stages.memory), nil
	}
	return p.compute(ctx, p.rows.piece(piece))
}

// nextOfWhole returns the next piece of whole after it has read its rows; nil at the end.
func (p *partitionwise) nextOfWhole(ctx context.Context) (*stagedPiece, error) {
	if p.whole.inOrder != nil {
		b, err := p.whole.inOrder.Next(ctx)
		if b == nil || err != nil {
			return nil, err
		}
		return p.staged(&oneBatch{b}, nil)
	}
	piece, ok, err := p.work.take(ctx)
	if !ok || err != nil {
		return nil, err
	}
	p.at++
	return piece, nil
}

// nextOfTable computes the next piece of the table. nil without an error: the piece was put off to be computed in
// another way, or there is none.
func (p *partitionwise) nextOfTable(ctx context.Context) (*stagedPiece, bool, error) {
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
	if memory.IsFull(err) { // later pieces held some of it
		if r, err = p.staged(p.compute(ctx, piece)); err == nil {
			p.at++
			p.computeFrom(p.at)
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

// divide makes nextReader compute the partitions of a piece one by one, so that those before an error are returned;
// false: there is only one.
func (p *partitionwise) divide(piece *partitionPiece) bool {
	if len(piece.ends) < 2 {
		return false
	}
	for i := range piece.ends {
		p.single = append(p.single, piece.partitionAt(i))
	}
	return true
}

// nextOfStream computes the next piece of the stream. nil without an error: the piece was divided, or there is
// none.
func (p *partitionwise) nextOfStream(ctx context.Context) (*stagedPiece, bool, error) {
	piece, isOpen, err := p.rows.stream.nextPiece(ctx, p.openLong != nil)
	if err != nil {
		return nil, false, err
	}
	if isOpen {
		r, err := p.staged(p.openLong(ctx, piece, p.rows.stream, p.rows.runs.spiller))
		return r, false, err
	}
	if piece == nil {
		p.rows.stream = nil
		return nil, false, nil
	}
	r, err := p.staged(p.compute(ctx, piece))
	if err != nil && ctx.Err() == nil && p.divide(piece) {
		return nil, false, nil
	}
	return r, false, err
}
