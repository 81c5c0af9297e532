package exec

import (
	"context"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/expr"
)

// filter passes through the rows for which every conjunct is true. Later conjuncts see only rows that passed the
// earlier ones.
type filter struct {
	input     Operator
	conjuncts []expr.Evaluator
}

func (f *filter) Next(ctx context.Context) (*batch.Batch, error) {
	for {
		b, err := f.input.Next(ctx)
		if b == nil || err != nil {
			return nil, err
		}
		if b, err = narrow(b, f.conjuncts); b != nil || err != nil {
			return b, err
		}
	}
}

func (f *filter) apply(b *batch.Batch) (*batch.Batch, error) { return narrow(b, f.conjuncts) }

func (f *filter) Close() { f.input.Close() }

// narrow returns b with the rows that pass every conjunct, nil if there are none.
func narrow(b *batch.Batch, conjuncts []expr.Evaluator) (*batch.Batch, error) {
	for _, c := range conjuncts {
		sel, err := c.Filter(b)
		switch {
		case err != nil:
			return nil, err
		case sel == nil: // all
		case len(sel) == 0:
			return nil, nil
		default:
			b = &batch.Batch{Columns: b.Columns, Len: b.Len, Sel: sel}
		}
	}
	return b, nil
}
