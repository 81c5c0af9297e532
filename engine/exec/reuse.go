package exec

import (
	"context"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/memory"
	"github.com/auditlake/auditlake/planner/plan"
)

// maxReusedBytes is how much is kept for readers that have not begun, and reusedShare: one in so many bytes of the query's memory. With more
// they compute their rows themselves.
const (
	maxReusedBytes = 64 << 20
	reusedShare    = 4
)

// reusedBytes is maxReusedBytes, or less in a query that may hold little.
func reusedBytes(memory *account) int64 {
	if limit := memory.LimitBytes(); limit > 0 {
		return min(maxReusedBytes, limit/reusedShare)
	}
	return maxReusedBytes
}

// sharedRows are the rows of a plan that several readers want. They are
// computed as the first of them asks, and kept until the last has had them.
type sharedRows struct {
	input    Operator
	memory   *account
	maxBytes int64 // see maxReusedBytes
	readers  []*sharedReader

	batches   []*batch.Batch // from number first on
	first     int
	bytes     int64
	ended     bool
	abandoned bool // who has not begun shall do without
	open      int  // readers not closed
}

// sharedReader gives the shared rows to one place of the plan.
type sharedReader struct {
	rows    *sharedRows
	node    *plan.Reuse
	builder *builder

	begun bool
	// isReadToEnd: once it has begun all of its rows are read.
	isReadToEnd bool

	next   int      // batch
	own    Operator // instead of the shared rows
	closed bool
}

func (b *builder) reuse(n *plan.Reuse) (Operator, []*plan.Column, error) {
	s := b.shared[n.Number]
	if s == nil {
		input, err := b.inOrder(n)
		if err != nil {
			return nil, nil, err
		}
		memory := b.account("WITH")
		s = &sharedRows{input: input, memory: memory, maxBytes: reusedBytes(memory)}
		if b.shared == nil {
			b.shared = map[int]*sharedRows{}
		}
		b.shared[n.Number] = s
	}
	r := &sharedReader{rows: s, node: n, builder: b}
	s.readers = append(s.readers, r)
	s.open++
	return r, n.Cols, nil
}

// inOrder builds the input with the columns in the order that all readers know.
func (b *builder) inOrder(n *plan.Reuse) (Operator, error) {
	input, columns, err := b.build(n.Input)
	if err != nil {
		return nil, err
	}
	positions, err := positionsOf(columns, n.Cols)
	return &pick{input: input, positions: positions}, err
}

func (r *sharedReader) Next(ctx context.Context) (*batch.Batch, error) {
	s := r.rows
	if !r.begun && s.abandoned {
		if err := r.compute(ctx); err != nil {
			return nil, err
		}
	}
	if !r.begun && r.isReadToEnd && r.own == nil {
		readToEnd(r.rows.input)
	}
	r.begun = true
	if r.own != nil {
		return r.own.Next(ctx)
	}
	if r.next == s.first+len(s.batches) {
		if more, err := s.pull(ctx); !more {
			return nil, err
		}
	}
	b := s.batches[r.next-s.first]
	r.next++
	s.trim()
	return b, ctx.Err()
}

// batchesAtHand is how many batches were computed for another reader.
func (r *sharedReader) batchesAtHand() int {
	if r.own != nil || !r.begun && r.rows.abandoned {
		return 0
	}
	return r.rows.first + len(r.rows.batches) - r.next
}

// compute makes the rows anew.
func (r *sharedReader) compute(ctx context.Context) error {
	b := &builder{ctx: ctx, env: r.builder.env, budget: r.builder.budget}
	own, err := b.inOrder(r.node)
	if err != nil {
		b.closeLeaves()
		return err
	}
	if r.own = own; r.isReadToEnd {
		readToEnd(own)
	}
	return nil
}

func (r *sharedReader) Close() {
	if r.closed {
		return
	}
	r.closed = true
	if r.own != nil {
		r.own.Close()
	}
	r.rows.trim()
	if r.rows.open--; r.rows.open == 0 {
		r.rows.memory.close()
		r.rows.input.Close()
	}
}

// pull computes the next batch; false at the end.
func (s *sharedRows) pull(ctx context.Context) (bool, error) {
	if s.ended {
		return false, nil
	}
	b, err := s.input.Next(ctx)
	if b == nil || err != nil {
		s.ended = err == nil
		return false, err
	}
	s.batches = append(s.batches, b)
	s.bytes += batchBytes(b)
	if s.bytes > s.maxBytes {
		s.abandon()
	}
	err = s.memory.set(s.bytes)
	if memory.IsFull(err) && !s.abandoned {
		s.abandon()
		err = s.memory.set(s.bytes)
	}
	return true, err
}

// abandon has readers that have not begun compute their rows themselves.
func (s *sharedRows) abandon() {
	s.abandoned = true
	s.trim()
}

// trim forgets the batches that nobody will ask for.
func (s *sharedRows) trim() {
	next := s.first + len(s.batches)
	for _, r := range s.readers {
		if !r.closed && r.own == nil && (r.begun || !s.abandoned) {
			next = min(next, r.next)
		}
	}
	for s.first < next {
		s.bytes -= batchBytes(s.batches[0])
		s.batches[0] = nil
		s.batches = s.batches[1:]
		s.first++
	}
}
