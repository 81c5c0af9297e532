package exec

import (
	"context"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/expr"
	"github.com/auditlake/auditlake/engine/memory"
)

// project computes one column per item.
type project struct {
	input  Operator
	items  *expr.List
	memory *account // holds the last batch; nil in a scan, which does so itself

	// workers compute batches beside each other: those of rows that are shared, or all where all are read anyway. What they made and nobody has asked
	// for is held by madeAhead.
	workers     int
	madeAhead   *account
	ahead       *probesAhead[projected] // nil: batches are computed one by one
	isReadToEnd bool                    // see readToEnd
	isBegun     bool
}

// projected is what a worker made of a batch.
type projected struct {
	from, made *batch.Batch // made is nil where there was no room for it
	bytes      int64        // of made
}

func (p *project) Next(ctx context.Context) (*batch.Batch, error) {
	if !p.isBegun {
		p.isBegun = true
		p.ahead = newProbesAhead(p.input, p.isReadToEnd, p.project, p.workers, p.memory)
	}
	b, err := p.next(ctx)
	if b == nil || err != nil {
		return nil, err
	}
	return b, p.memory.set(batchBytes(b) + p.ahead.heldBytes())
}

func (p *project) next(ctx context.Context) (*batch.Batch, error) {
	if p.ahead == nil {
		b, err := p.input.Next(ctx)
		if b == nil || err != nil {
			return nil, err
		}
		return p.apply(b)
	}
	next, err := p.ahead.next(ctx)
	if next.from == nil || err != nil {
		return nil, err
	}
	p.madeAhead.release(next.bytes)
	if next.made == nil {
		return p.apply(next.from)
	}
	return next.made, nil
}

// project is what a worker does. What has no room yet is left to whoever asks for it.
func (p *project) project(_ context.Context, b *batch.Batch) (projected, error) {
	out := projected{from: b}
	made, err := p.apply(b)
	if err == nil {
		out.bytes = batchBytes(made)
		err = p.madeAhead.add(out.bytes)
	}
	if memory.IsFull(err) {
		return projected{from: b}, nil
	}
	out.made = made
	return out, err
}

func (p *project) apply(b *batch.Batch) (*batch.Batch, error) {
	columns, err := p.items.Eval(b)
	if err != nil {
		return nil, err
	}
	return &batch.Batch{Columns: columns, Len: b.Live()}, nil
}

func (p *project) Close() {
	p.ahead.close()
	p.madeAhead.close()
	p.memory.close()
	p.input.Close()
}

// pick passes columns on under their positions, without touching rows.
type pick struct {
	input     Operator
	positions []int
}

func (p *pick) Next(ctx context.Context) (*batch.Batch, error) {
	b, err := p.input.Next(ctx)
	if b == nil || err != nil {
		return nil, err
	}
	return p.apply(b)
}

func (p *pick) apply(b *batch.Batch) (*batch.Batch, error) {
	return &batch.Batch{Columns: pickColumns(b, p.positions), Len: b.Len, Sel: b.Sel}, nil
}

func (p *pick) Close() { p.input.Close() }

func pickColumns(b *batch.Batch, positions []int) []batch.Vector {
	columns := make([]batch.Vector, len(positions))
	for i, at := range positions {
		columns[i] = b.Columns[at]
	}
	return columns
}
