package exec

import (
	"context"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/memory"
	"github.com/auditlake/auditlake/planner/plan"
)

// Batches are kept for readers that have not begun, up to maxReusedBytes and 1/reusedShare of the query's memory.
// Beyond that such readers compute their rows themselves.
const (
	maxReusedBytes = 64 << 20
	reusedShare    = 4
)

// sharedRows are rows of a plan that several readers want. They are computed when the first reader asks, and each
// batch is kept until all readers have had it.
type sharedRows struct {
	input    Operator // nil: not built yet
	memory   *account
	maxBytes int64 // see maxReusedBytes
	readers  []*sharedReader

	batches   []*batch.Batch // batches first, first+1, …
	first     int
	bytes     int64
	ended     bool
	abandoned bool // readers that have not begun compute their own rows
	open      int  // readers not closed
}

// sharedReader returns the shared rows at one place of the plan.
type sharedReader struct {
	rows    *sharedRows
	node    *plan.Reuse
	builder *builder

	begun bool
	// isReadToEnd: once begun, all rows are read.
	isReadToEnd bool

	next   int      // index of the next batch
	own    Operator // used instead of the shared rows
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

// inOrder builds the input with its columns in n's order, which all readers share.
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

// begin opens this reader. If the shared rows were given up, the reader computes its own. A recursive step is
// rebuilt each round and may lack the reader with all columns; then another with all of them produces the shared
// rows.
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

// computesAlone reports whether a reader that has not begun must compute its rows itself.
func (r *sharedReader) computesAlone() bool {
	return r.rows.abandoned || r.rows.input == nil && r.node.Of != nil
}

// built returns an operator that computes the reader's rows.
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

// abandon makes readers that have not begun compute their rows themselves.
func (s *sharedRows) abandon() {
	s.abandoned = true
	s.trim()
}

// trim drops the batches that no reader will ask for.
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
