package exec

import (
	"context"

	"github.com/auditlake/auditlake/engine/batch"
)

// pieceStages is the work on the batches of pieces: the stateless operators right above, and the grouping of an
// aggregation.
//
// The worker that computes a piece runs the stages ahead, while there is memory. If that fails, the consumer runs
// them again: it takes the batches in order and may never reach that one.
type pieceStages struct {
	stages []stage
	// makes: a stage makes columns whose memory must be reserved.
	makes    bool
	grouping *batchGrouping // nil: none
	memory   *account       // holds the batches that are ready, and the last one returned
}

// stagedPiece is a computed piece and the first of its batches, which have passed the stages.
type stagedPiece struct {
	from    pieceReader // nil: there are no more rows
	ready   []*stagedBatch
	waiting *batch.Batch // follows the ready ones, has not passed the stages; nil: none
	err     error        // the error of from, after those batches
	// isUngrouped: grouping was stopped before the piece was computed. Later pieces are not grouped either.
	isUngrouped bool
}

func (s *pieceStages) put(o stage) {
	switch o.(type) {
	case *project, *plainRows:
		s.makes = true
	}
	s.stages = append(s.stages, o)
}

func (s *pieceStages) begin() *stagedPiece {
	return &stagedPiece{isUngrouped: s.isStopped()}
}

// isStopped reports whether grouping was stopped.
func (s *pieceStages) isStopped() bool { return s.grouping != nil && s.grouping.isStopped.Load() }

// workAhead makes batches ready until they hold readyBytes or memory runs low.
func (s *pieceStages) workAhead(ctx context.Context, p *stagedPiece, readyBytes int64) {
	for bytes := int64(0); bytes < readyBytes; {
		var b *batch.Batch
		if b, p.err = p.from.next(ctx); p.err != nil {
			return
		}
		if b == nil {
			p.from.close()
			p.from = nil
			return
		}
		if !s.memory.HasRoom(batchBytes(b), spillingShare) {
			p.waiting = b
			return
		}
		out, isDone := s.tried(b)
		switch {
		case isDone && out == nil:
		case !isDone || s.memory.ShouldSpill(out.bytes) || s.memory.add(out.bytes) != nil:
			p.waiting = b
			return
		default:
			p.ready = append(p.ready, out)
			bytes += out.bytes
		}
	}
}

// tried is pass that returns false if pass fails or panics.
func (s *pieceStages) tried(b *batch.Batch) (out *stagedBatch, isDone bool) {
	defer func() {
		if recover() != nil {
			out, isDone = nil, false
		}
	}()
	out, err := s.pass(b)
	return out, err == nil
}

// pass runs the stages; it returns nil if no row is left.
func (s *pieceStages) pass(b *batch.Batch) (*stagedBatch, error) {
	var err error
	for _, stage := range s.stages {
		if b, err = stage.apply(b); b == nil || err != nil {
			return nil, err
		}
	}
	out := &stagedBatch{batch: b}
	if s.grouping != nil {
		if out.groups, err = s.grouping.group(b); err != nil {
			return nil, err
		}
	}
	if out.groups != nil {
		out.batch, out.bytes = nil, out.groups.bytes()
	} else {
		out.bytes = batchBytes(b)
	}
	return out, nil
}

// take is pass for the consumer. It reserves memory for the columns that a stage makes.
func (s *pieceStages) take(b *batch.Batch) (*stagedBatch, error) {
	out, err := s.pass(b)
	if out == nil || err != nil {
		return nil, err
	}
	if !s.makes || out.batch == nil {
		out.bytes = 0
	}
	return out, s.memory.add(out.bytes)
}

// next returns the next rows that have not passed the stages, nil at the end of the piece. It is called when none
// are ready. After an error of memory it may be called again.
func (p *stagedPiece) next(ctx context.Context) (b *batch.Batch, err error) {
	if b, p.waiting = p.waiting, nil; b != nil {
		return b, nil
	}
	if err := p.err; p.from == nil || err != nil {
		p.err = nil
		return nil, err
	}
	return p.from.next(ctx)
}

func (s *pieceStages) drop(p *stagedPiece) {
	for _, b := range p.ready {
		s.memory.release(b.bytes)
	}
	if p.from != nil {
		p.from.close()
	}
}

// oneBatch is a piece of one batch, whose memory another account holds.
type oneBatch struct{ batch *batch.Batch }

func (o *oneBatch) next(context.Context) (*batch.Batch, error) {
	b := o.batch
	o.batch = nil
	return b, nil
}

func (o *oneBatch) close() {}
