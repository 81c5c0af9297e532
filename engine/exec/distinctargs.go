package exec

import (
	"github.com/apache/arrow/go/v15/arrow"

	"github.com/auditlake/auditlake/engine/batch"
)

// distinctArgs finds the rows whose arguments their group has not had before.
type distinctArgs struct {
	args *grouper // numbers the arguments
	// pairs numbers (group, arguments); nil where all rows are of one group.
	pairs *batch.WordTable

	numbers []int32 // of the arguments, reused
}

func newDistinctArgs(argTypes []arrow.DataType, keyed bool) *distinctArgs {
	d := &distinctArgs{args: newGrouper(argTypes)}
	if keyed {
		d.pairs = &batch.WordTable{}
	}
	return d
}

// fresh lists the rows, ascending.
func (d *distinctArgs) fresh(groups []int32, args []batch.Vector, rows int) ([]int32, error) {
	d.numbers = resized(d.numbers, rows)
	if d.pairs == nil {
		return d.args.insertNew(args, rows, d.numbers)
	}
	if err := d.args.insert(args, rows, d.numbers); err != nil {
		return nil, err
	}
	var fresh []int32
	next := int32(d.pairs.Len())
	for row, number := range d.numbers {
		if d.pairs.Insert(pairWord(groups[row], number)) == next {
			fresh = append(fresh, int32(row))
			next++
		}
	}
	return fresh, nil
}

func (d *distinctArgs) sizeBytes() int64 {
	size := d.args.sizeBytes() + int64(cap(d.numbers))*4
	if d.pairs != nil {
		size += d.pairs.SizeBytes()
	}
	return size
}
