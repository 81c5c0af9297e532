package exec

import (
	"context"
	"slices"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/memory"
)

// distinctArgs finds the rows whose arguments are new to their group.
type distinctArgs struct {
	argTypes []arrow.DataType
	args     *grouper // assigns ids to the arguments
	// pairs are the known pairs of group and argument id; nil if all rows are in one group.
	pairs *batch.PairSet
	// rest are spilled rows with arguments not known in their group; nil: new arguments are found at once.
	rest     *dividedRows
	spilling *keySpilling

	numbers []int32 // of the arguments, reused
}

func newDistinctArgs(argTypes []arrow.DataType, keyed bool) *distinctArgs {
	d := &distinctArgs{argTypes: argTypes, args: newGrouper(argTypes)}
	d.args.withoutValues()
	if keyed {
		d.pairs = &batch.PairSet{}
	}
	return d
}

// fresh lists the rows with new arguments, ascending. If there is no memory for more arguments, it spills such
// rows, and feedRest finds them later.
func (d *distinctArgs) fresh(groups []int32, args, order []batch.Vector, rows int) ([]int32, error) {
	if d.rest == nil && d.args.groups > 0 && d.spilling.isNeeded(d.args.memory, d.growthBytes(groups, args, rows)) {
		d.rest = d.spilling.divide(0)
	}
	if d.rest == nil {
		fresh, err := d.freshKnown(groups, args, rows)
		if !memory.IsFull(err) || d.args.groups == 0 {
			return fresh, err
		}
		if d.rest = d.spilling.divide(0); d.rest == nil {
			return nil, err
		}
	}
	return nil, d.spillUnknown(groups, args, order, rows)
}

// growthBytes is the memory that freshKnown may need while tables grow.
func (d *distinctArgs) growthBytes(groups []int32, args []batch.Vector, rows int) int64 {
	size := d.args.growthBytes(args, rows)
	if d.pairs != nil {
		size += d.pairs.GrowthBytes(groups[:rows])
	}
	return size
}

// freshKnown lists the rows with new arguments, and adds these to the known ones. If memory is full, it fails and
// changes nothing.
func (d *distinctArgs) freshKnown(groups []int32, args []batch.Vector, rows int) ([]int32, error) {
	d.numbers = resized(d.numbers, rows)
	if d.pairs == nil {
		return d.args.insertNew(args, rows, d.numbers)
	}
	if err := d.args.insert(args, rows, d.numbers); err != nil {
		return nil, err
	}
	return d.pairs.Insert(groups, d.numbers, d.args.groups, nil), nil
}

// spillUnknown spills the rows whose arguments are not known in their group, with the columns that the aggregate
// orders by.
func (d *distinctArgs) spillUnknown(groups []int32, args, order []batch.Vector, rows int) error {
	d.numbers = resized(d.numbers, rows)
	if err := d.args.find(args, rows, d.numbers); err != nil {
		return err
	}
	if d.pairs != nil {
		for row, number := range d.numbers {
			if number != batch.Absent && !d.pairs.Has(groups[row], number) {
				d.numbers[row] = batch.Absent
			}
		}
	}
	of := batch.Vector{Array: batch.FromValues(arrow.PrimitiveTypes.Int32, slices.Clone(groups[:rows]), nil)}
	columns := slices.Concat([]batch.Vector{of}, args, order)
	return d.rest.addRows(&batch.Batch{Columns: columns, Len: rows}, columns[:1+len(args)], absentRows(d.numbers))
}

// feedRest passes the spilled rows whose arguments are new to their group to feed, in order. It forgets the known
// arguments, and gives their memory back.
func (d *distinctArgs) feedRest(ctx context.Context, holder *account, feed func(groups []int32, args, order []batch.Vector, rows int) error) error {
	holder.release(d.sizeBytes())
	keyTypes := []arrow.DataType{arrow.PrimitiveTypes.Int32}
	args := len(d.argTypes)
	keyTypes = append(keyTypes, d.argTypes...)
	d.args, d.pairs, d.numbers = newGrouper(d.argTypes), nil, nil
	held := d.rest.spilling.account()
	rows, err := d.rest.spilling.restOf(ctx, d.rest, len(keyTypes), held, func() *grouper {
		seen := newGrouper(keyTypes)
		seen.memory = held
		seen.withoutValues()
		return seen
	})
	if err != nil {
		return err
	}
	for {
		b, err := rows.nextOrdered(ctx)
		if b == nil || err != nil {
			return err
		}
		b = compact(b)
		groups := batch.Expand(b.Columns[0], b.Len).(*array.Int32).Int32Values()
		if err := feed(groups, b.Columns[1:1+args], b.Columns[1+args:len(b.Columns)-1], b.Len); err != nil {
			return err
		}
	}
}

func (d *distinctArgs) sizeBytes() int64 {
	size := d.args.sizeBytes() + int64(cap(d.numbers))*4
	if d.pairs != nil {
		size += d.pairs.SizeBytes()
	}
	return size
}
