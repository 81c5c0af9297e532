package exec

import (
	"context"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/expr"
)

// project computes one column per item.
type project struct {
	input  Operator
	items  *expr.List
	memory *account // holds the last batch; nil in a scan, which accounts for it itself
}

func (p *project) Next(ctx context.Context) (*batch.Batch, error) {
	b, err := p.input.Next(ctx)
	if b == nil || err != nil {
		return nil, err
	}
	if b, err = p.apply(b); err != nil {
		return nil, err
	}
	return b, p.memory.set(batchBytes(b))
}

func (p *project) apply(b *batch.Batch) (*batch.Batch, error) {
	columns, err := p.items.Eval(b)
	if err != nil {
		return nil, err
	}
	return &batch.Batch{Columns: columns, Len: b.Live()}, nil
}

func (p *project) Close() {
	p.memory.close()
	p.input.Close()
}

// pick returns the columns at positions, without touching rows.
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
