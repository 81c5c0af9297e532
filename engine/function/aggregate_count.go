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
		aggregate("count_if(boolean) -> bigint", "Returns the number of values that are true.", exactly(folding(
			func(n *int64, v bool) error {
				if v {
					*n++
				}
				return nil
			},
			func(n, other *int64) error { *n += *other; return nil },
			func(n *int64) (int64, bool, error) { return *n, true, nil }))),
	}
}

// counter counts rows, those with a value when there is an argument.
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
	for _, group := range groups[:rows] {
		c.counts[group]++
	}
	return nil
}

func (c *counter) addValid(groups []int32, valid []byte) {
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

func sizeOf[T any]() int64 {
	var zero T
	return int64(unsafe.Sizeof(zero))
}
