package exec

import (
	"context"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/memory"
)

// stagedGroups is an aggregation with the operators without state right above it. Workers do their work for the groups of a table, a batch of
// them each, as the workers of a scan do for row groups.
type stagedGroups struct {
	groups   *hashAgg
	stages   *pieceStages
	computes bool // a stage does more than to leave columns out

	table     *table                     // of groups that are being given out; nil: none, or they come as a stream
	work      *orderedWork[*stagedPiece] // on the batches of the table
	at        int                        // batch of the table to be taken next
	current   *stagedPiece               // nil for none
	lastBytes int64                      // reserved for the batch given out last
}

func (s *stagedGroups) put(o stage) {
	_, isPick := o.(*pick)
	s.computes = s.computes || !isPick
	s.stages.put(o)
}

func (s *stagedGroups) Next(ctx context.Context) (*batch.Batch, error) {
	s.stages.memory.release(s.lastBytes)
	s.lastBytes = 0
	for {
		if s.current != nil {
			out, err := s.nextOfPiece(ctx)
			if err != nil {
				return nil, err
			}
			if out != nil {
				s.lastBytes = out.bytes
				return out.batch, nil
			}
			s.stages.drop(s.current)
			s.current = nil
		}
		if s.table != nil {
			piece, ok, err := s.work.take(ctx)
			if err != nil {
				return nil, err
			}
			if ok {
				s.current = piece
				s.at++
				continue
			}
			s.work.close()
			s.table, s.groups.results = nil, nil
		}
		b, err := s.nextOfStream(ctx)
		if err != nil || b == nil && s.table == nil {
			return nil, err
		}
		if b != nil {
			s.current = &stagedPiece{waiting: b}
		}
	}
}

// nextOfStream returns the next groups, nil at the end or where table has them.
func (s *stagedGroups) nextOfStream(ctx context.Context) (*batch.Batch, error) {
	if s.groups.results == nil {
		if err := s.groups.giveNext(ctx); err != nil {
			return nil, err
		}
		if r, ok := s.groups.results.(*tableReader); ok && s.computes && r.table.rows > batch.Rows {
			s.table = r.table
			s.workFrom(0)
			return nil, nil
		}
	}
	return s.groups.Next(ctx)
}

// workFrom begins to work on the batches of the table from one on.
func (s *stagedGroups) workFrom(at int) {
	s.at = at
	s.work = &orderedWork[*stagedPiece]{
		pieces: (s.table.rows+batch.Rows-1)/batch.Rows - at, workers: s.groups.workers, first: s.groups.workers, drop: s.stages.drop,
		do: func(ctx context.Context, i int) (*stagedPiece, error) {
			from := (at + i) * batch.Rows
			to := min(s.table.rows, from+batch.Rows)
			all := &batch.Batch{Columns: s.table.vectors(), Len: s.table.rows}
			piece := &stagedPiece{from: &oneBatch{part(all, from, to)}}
			s.stages.workAhead(ctx, piece, maxReadyBytes)
			return piece, nil
		},
	}
}

// nextOfPiece returns the next rows of the piece at hand that have passed the stages, nil at its end.
func (s *stagedGroups) nextOfPiece(ctx context.Context) (*stagedBatch, error) {
	piece := s.current
	if len(piece.ready) > 0 {
		out := piece.ready[0]
		piece.ready = piece.ready[1:]
		return out, nil
	}
	for {
		b, err := piece.next(ctx)
		if b == nil || err != nil {
			return nil, err
		}
		out, err := s.stages.take(b)
		if memory.IsFull(err) && s.giveUpAhead() { // batches that are ahead have some of it
			out, err = s.stages.take(b)
		}
		if out != nil || err != nil {
			return out, err
		}
	}
}

// giveUpAhead gives up what was made of batches after the one at hand; false: nothing was.
func (s *stagedGroups) giveUpAhead() bool {
	if s.table == nil || len(s.work.begun) == 0 {
		return false
	}
	s.work.close()
	s.workFrom(s.at)
	return true
}

func (s *stagedGroups) Close() {
	if s.work != nil {
		s.work.close()
	}
	if s.current != nil {
		s.stages.drop(s.current)
	}
	s.stages.memory.close()
	s.groups.Close()
}

// oneBatch is a piece of one batch, which somebody else holds.
type oneBatch struct{ batch *batch.Batch }

func (o *oneBatch) next(context.Context) (*batch.Batch, error) {
	b := o.batch
	o.batch = nil
	return b, nil
}

// nextOrdered implements rowStream.
func (o *oneBatch) nextOrdered(ctx context.Context) (*batch.Batch, error) { return o.next(ctx) }

func (o *oneBatch) close() {}
