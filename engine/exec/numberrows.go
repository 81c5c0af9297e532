package exec

import (
	"context"

	"github.com/apache/arrow/go/v15/arrow"

	"github.com/auditlake/auditlake/engine/batch"
)

// numberRows adds a column to its input with the row numbers, from 0.
type numberRows struct {
	input Operator

	next int64
}

func (n *numberRows) Next(ctx context.Context) (*batch.Batch, error) {
	b, err := n.input.Next(ctx)
	if b == nil || err != nil {
		return nil, err
	}
	numbers := make([]int64, b.Len)
	for row := range numbers {
		numbers[row] = n.next + int64(row)
	}
	n.next += int64(b.Len)
	columns := append(append([]batch.Vector{}, b.Columns...), batch.Vector{Array: batch.FromValues(arrow.PrimitiveTypes.Int64, numbers, nil)})
	return &batch.Batch{Columns: columns, Len: b.Len, Sel: b.Sel}, nil
}

func (n *numberRows) Close() { n.input.Close() }
