package function

import (
	"unsafe"

	"github.com/apache/arrow/go/v15/arrow"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/planner/types"
)

func countFunctions() []Function {
	return []Function{
		aggregate("count() -> bigint", "Returns the number of rows.", exactly(&AggregateImpl{New: newCount})),
		aggregate("count(T) -> bigint", "Returns the number of values that are not NULL.", exactly(&AggregateImpl{New: newCount})),
		aggregate("count_if(boolean) -> bigint", "Returns the number of values that are true.", exactly(&AggregateImpl{New: newCountIf})),
	}
}

// counter counts rows, or with an argument the rows that have a value.
type counter struct{ counts []int64 }

func newCount(*types.Resolved, *Env, []Lambda) Accumulator { return &counter{} }

// Resize implements Accumulator.
func (c *counter) Resize(groups int) { c.counts = grown(c.counts, groups) }

// Add implements Accumulator.
func (c *counter) Add(groups []int32, args []batch.Vector, rows int) error {
	if len(args) > 0 {
		if valid := validOf(args, rows); valid != nil {
			c.addValid(groups[:rows], valid)
			return nil
		}
	}
	if len(c.counts) == 1 {
		c.counts[0] += int64(rows)
		return nil
	}
	for _, group := range groups[:rows] {
		c.counts[group]++
	}
	return nil
}

func (c *counter) addValid(groups []int32, valid []byte) {
	if len(c.counts) == 1 {
		c.counts[0] += int64(arrowdata.CountBits(valid, len(groups)))
		return
	}
	for row, group := range groups {
		if arrowdata.IsValid(valid, row) {
			c.counts[group]++
		}
	}
}

// Merge implements Accumulator.
func (c *counter) Merge(other Accumulator, mapping []int32) error {
	for i, n := range other.(*counter).counts {
		c.counts[mapping[i]] += n
	}
	return nil
}

// Result implements Accumulator.
func (c *counter) Result() (arrow.Array, error) {
	return batch.FromValues(arrow.PrimitiveTypes.Int64, append([]int64{}, c.counts...), nil), nil
}

// SizeBytes implements Accumulator.
func (c *counter) SizeBytes() int64 { return statesBytes(c.counts) }

// trueCounter counts the values that are true.
type trueCounter struct{ counter }

func newCountIf(*types.Resolved, *Env, []Lambda) Accumulator { return &trueCounter{} }

// Add implements Accumulator.
func (c *trueCounter) Add(groups []int32, args []batch.Vector, rows int) error {
	bits := batch.TrueBits(args[0])
	switch {
	case args[0].Const:
		if arrowdata.IsSet(bits, 0) {
			return c.counter.Add(groups, nil, rows)
		}
	case len(c.counts) == 1:
		c.counts[0] += int64(arrowdata.CountBits(bits, rows))
	default:
		for _, row := range arrowdata.AppendSetBits(make([]int32, 0, arrowdata.CountBits(bits, rows)), bits, rows) {
			c.counts[groups[row]]++
		}
	}
	return nil
}

// Merge implements Accumulator.
func (c *trueCounter) Merge(other Accumulator, mapping []int32) error {
	return c.counter.Merge(&other.(*trueCounter).counter, mapping)
}

func sizeOf[T any]() int64 {
	var zero T
	return int64(unsafe.Sizeof(zero))
}
