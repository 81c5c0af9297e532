package exec

import (
	"context"

	"github.com/auditlake/auditlake/engine/batch"
)

// distinct passes through the first row of each combination of all columns.
type distinct struct {
	input    Operator
	workers  int
	rows     firstRows
	newSeen  func() *grouper // makes an empty one
	grouping *batchGrouping  // is a stage of the scan below; nil: there is none
	// ahead becomes pipeline once it is known that all rows are read; nil: it has, or nothing can be done in
	// parallel.
	ahead    *distinctPipeline
	pipeline *distinctPipeline // nil: batches are taken one after another

	rest rowStream // of the spilled rows; nil before the end of the input
}

func (d *distinct) Next(ctx context.Context) (*batch.Batch, error) {
	if d.rest == nil {
		d.rows.seen.divideLookups(ctx, d.workers)
	}
	for d.rest == nil {
		b, fresh, err := d.nextFirst(ctx)
		if err != nil {
			return nil, err
		}
		if b == nil {
			if d.rows.rest == nil {
				return nil, nil
			}
			if err := d.endInput(ctx); err != nil {
				return nil, err
			}
			break
		}
		if len(fresh) > 0 {
			return &batch.Batch{Columns: b.Columns, Len: b.Len, Sel: fresh}, nil
		}
	}
	return d.rest.nextOrdered(ctx)
}

// nextFirst returns a batch of the input, and those of its first rows that are found now; nil at the end.
func (d *distinct) nextFirst(ctx context.Context) (b *batch.Batch, fresh []int32, err error) {
	if p := d.pipeline; p != nil {
		if b, fresh, err = p.next(ctx); b != nil || err != nil {
			return b, fresh, err
		}
		d.pipeline = nil
		if err := p.end(); err != nil || p.isAtEnd {
			return nil, nil, err
		}
		b = p.left
	}
	if b == nil {
		if b, err = d.input.Next(ctx); b == nil || err != nil {
			return nil, nil, err
		}
		b = compact(b)
	}
	fresh, err = d.rows.firstOf(b, b.Columns)
	return b, fresh, err
}

// endInput finds the first rows among the spilled ones.
func (d *distinct) endInput(ctx context.Context) error {
	keys := len(d.rows.seen.columns)
	d.rows.seen = nil
	if err := d.rows.memory.set(0); err != nil {
		return err
	}
	rest, err := d.rows.spilling.restOf(ctx, d.rows.rest, keys, d.rows.memory, d.newSeen)
	d.rest = unnumbered{rest}
	return err
}

func (d *distinct) Close() {
	if d.pipeline != nil {
		d.pipeline.close()
	}
	d.rows.spilling.close()
	d.rows.memory.close()
	d.input.Close() // after it no batch is being grouped
	if d.grouping != nil {
		d.grouping.memory.close()
	}
}
