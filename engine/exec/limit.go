package exec

import (
	"context"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/largepages"
	"github.com/auditlake/auditlake/planner/plan"
)

// limit skips offset rows, then passes on count rows, or all if count is negative. It stops pulling as soon as it
// has them.
type limit struct {
	input         Operator
	offset, count int64

	skipped int64 // so far
	passed  int64 // so far
}

func limitOf(n *plan.Limit, input Operator) *limit {
	return &limit{input: input, offset: min(n.Offset, maxLimit), count: min(n.Count, maxLimit)}
}

func (l *limit) Next(ctx context.Context) (*batch.Batch, error) {
	for l.count < 0 || l.passed < l.count {
		b, err := l.input.Next(ctx)
		if b == nil || err != nil {
			return nil, err
		}
		live := int64(b.Live())
		from := min(l.offset-l.skipped, live)
		l.skipped += from
		if from == live {
			continue
		}
		to := live
		if l.count >= 0 {
			to = min(live, from+l.count-l.passed)
		}
		l.passed += to - from
		return sliceLive(b, from, to), nil
	}
	return nil, nil
}

func (l *limit) Close() { l.input.Close() }

// sliceLive keeps the live rows [from, to).
func sliceLive(b *batch.Batch, from, to int64) *batch.Batch {
	if from == 0 && to == int64(b.Live()) {
		return b
	}
	sel := b.Sel
	if sel == nil {
		sel = iota32(b.Len)
	}
	return &batch.Batch{Columns: b.Columns, Len: b.Len, Sel: sel[from:to]}
}

// iota32 returns 0, 1, … n-1.
func iota32(n int) []int32 { return iota32Divided(n, batch.InTurn) }

// iota32Divided is iota32 divided among workers.
func iota32Divided(n int, by batch.Divide) []int32 {
	s := largepages.Make[int32](n)
	by.Rows(n, func(_, from, to int) {
		for i := from; i < to; i++ {
			s[i] = int32(i)
		}
	})
	return s
}
