package exec

import (
	"context"
	"slices"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/memory"
)

// distinctArgs finds the rows whose arguments their group has not had before.
type distinctArgs struct {
	argTypes []arrow.DataType
	args     *grouper // numbers the arguments
	// pairs are of groups and numbers; nil where all rows are of one group.
	pairs *batch.PairSet
	// rest are the rows of arguments that their group is not known to have had; nil: such rows are found at once.
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

// fresh lists the rows, ascending. Where there is no memory for more arguments it spills instead rows that feedRest
// finds.
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

// growthBytes is what freshKnown may need while tables grow.
func (d *distinctArgs) growthBytes(groups []int32, args []batch.Vector, rows int) int64 {
	size := d.args.growthBytes(args, rows)
	if d.pairs != nil {
		size += d.pairs.GrowthBytes(groups[:rows])
	}
	return size
}

// freshKnown lists the rows, of which all arguments become known. After an error of memory it has changed nothing.
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

// spillUnknown spills the rows whose arguments are not known of their group, with what the aggregate orders by.
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

// feedRest gives the rows that were spilled to feed, as far as their arguments are new to their group, in order.
// Nothing is known after it, and the memory of that is given back.
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
