package exec

import (
	"context"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/memory"
	"github.com/auditlake/auditlake/planner/plan"
)

// maxReusedBytes is how much is kept for readers that have not begun, and reusedShare: one in so many bytes of the
// query's memory. With more they compute their rows themselves.
const (
	maxReusedBytes = 64 << 20
	reusedShare    = 4
)

// sharedRows are the rows of a plan that several readers want. They are
// computed as the first of them asks, and kept until the last has had them.
type sharedRows struct {
	input    Operator // nil: nobody has it
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
		memory := b.account("WITH")
		s = &sharedRows{memory: memory, maxBytes: memory.atMost(maxReusedBytes, reusedShare)}
		if b.shared == nil {
			b.shared = map[int]*sharedRows{}
		}
		b.shared[n.Number] = s
	}
	if n.First {
		var err error
		if s.input, err = b.inOrder(n); err != nil {
			return nil, nil, err
		}
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
	if !r.begun {
		if err := r.begin(ctx); err != nil {
			return nil, err
		}
	}
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
	if r.node.Of != nil {
		b = &batch.Batch{Columns: pickColumns(b, r.node.Of), Len: b.Len, Sel: b.Sel}
	}
	return b, ctx.Err()
}

// begin has the reader begin, with rows of its own where the shared ones are not kept. What is shared in a part of
// the plan that an operator builds again, as the step of a recursion, may not have the place that has all columns:
// another place with all of them does.
func (r *sharedReader) begin(ctx context.Context) error {
	var err error
	switch s := r.rows; {
	case r.computesAlone():
		r.own, err = r.built(ctx)
	case s.input == nil:
		s.input, err = r.built(ctx)
	}
	if err != nil {
		return err
	}
	r.begun = true
	if r.isReadToEnd && r.own != nil {
		readToEnd(r.own)
	} else if r.isReadToEnd {
		readToEnd(r.rows.input)
	}
	return nil
}

// computesAlone reports whether a reader that has not begun is to compute its rows itself.
func (r *sharedReader) computesAlone() bool {
	return r.rows.abandoned || r.rows.input == nil && r.node.Of != nil
}

// built makes an operator that computes the rows of this place.
func (r *sharedReader) built(ctx context.Context) (Operator, error) {
	b := &builder{ctx: ctx, env: r.builder.env, budget: r.builder.budget}
	own, err := b.inOrder(r.node)
	if err != nil {
		b.closeLeaves()
		return nil, err
	}
	return own, nil
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
		if r.rows.input != nil {
			r.rows.input.Close()
		}
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
