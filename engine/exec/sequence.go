package exec

import (
	"context"

	"github.com/apache/arrow/go/v15/arrow"

	"github.com/auditlake/auditlake/engine/batch"
)

// sequence returns the numbers from next to stop, step apart.
type sequence struct {
	next, stop, step int64

	done bool
}

func (s *sequence) Next(ctx context.Context) (*batch.Batch, error) {
	if err := ctx.Err(); err != nil || s.done {
		return nil, err
	}
	numbers := make([]int64, 0, batch.Rows)
	for !s.done && len(numbers) < batch.Rows {
		numbers = append(numbers, s.next)
		// The distance is compared as unsigned, so that it cannot overflow.
		left, step := uint64(s.stop)-uint64(s.next), uint64(s.step)
		if s.step < 0 {
			left, step = -left, -step
		}
		s.done = step == 0 || left < step
		s.next += s.step
	}
	column := batch.FromValues(arrow.PrimitiveTypes.Int64, numbers, nil)
	return &batch.Batch{Columns: []batch.Vector{{Array: column}}, Len: len(numbers)}, nil
}

func (s *sequence) Close() {}
