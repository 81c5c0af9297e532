package exec

import (
	"context"

	"github.com/auditlake/auditlake/engine/batch"
)

// distinct passes the first row of each combination of all columns on.
type distinct struct {
	input    Operator
	seen     *grouper
	memory   *account
	grouping *batchGrouping // is a stage of the scan below; nil: there is none

	groups []int32
}

func (d *distinct) Next(ctx context.Context) (*batch.Batch, error) {
	for {
		b, err := d.input.Next(ctx)
		if b == nil || err != nil {
			return nil, err
		}
		b = compact(b)
		d.groups = resized(d.groups, b.Len)
		fresh, err := d.seen.insertNew(b.Columns, b.Len, d.groups)
		if err != nil {
			return nil, err
		}
		if err := d.memory.set(d.seen.sizeBytes()); err != nil {
			return nil, err
		}
		if len(fresh) > 0 {
			return &batch.Batch{Columns: b.Columns, Len: b.Len, Sel: fresh}, nil
		}
	}
}

func (d *distinct) Close() {
	d.memory.close()
	d.input.Close() // after it no batch is being grouped
	if d.grouping != nil {
		d.grouping.memory.close()
	}
}
