package function

import (
	"github.com/apache/arrow/go/v15/arrow"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/planner/types"
)

func booleanAggFunctions() []Function {
	every := func(seen uint8) bool { return seen&seenFalse == 0 }
	any := func(seen uint8) bool { return seen&seenTrue != 0 }
	return []Function{
		aggregate("bool_and(boolean) -> boolean", "Reports whether every value is true.", seenTruths(every)),
		aggregate("every(boolean) -> boolean", "Reports whether every value is true.", seenTruths(every)),
		aggregate("bool_or(boolean) -> boolean", "Reports whether any value is true.", seenTruths(any)),
	}
}

// truthAccumulator notes the truth values that a group has had. It ignores NULL.
type truthAccumulator struct {
	seen  []uint8
	value func(seen uint8) bool // the result of a group that has had values
}

const (
	seenTrue  = 1
	seenFalse = 2
)

// seenTruths returns an aggregate whose result depends on the truth values seen. The result of no values is NULL.
func seenTruths(value func(seen uint8) bool) *AggregateImpl {
	return exactly(&AggregateImpl{New: func(*types.Resolved, *Env, []Lambda) Accumulator { return &truthAccumulator{value: value} }})
}

// Resize implements Accumulator.
func (t *truthAccumulator) Resize(groups int) { t.seen = grown(t.seen, groups) }

// Add implements Accumulator. It does not branch on values, which change from row to row.
func (t *truthAccumulator) Add(groups []int32, args []batch.Vector, rows int) error {
	bits, valid := batch.TrueBits(args[0]), validOf(args[:1], rows)
	switch {
	case args[0].Array.DataType().ID() == arrow.NULL:
	case args[0].Const:
		t.addSame(groups[:rows], bits[0]&1, valid)
	case valid == nil:
		for row, group := range groups[:rows] {
			t.seen[group] |= seenFalse - bits[row>>3]>>(row&7)&1
		}
	default:
		for row, group := range groups[:rows] {
			counts := -(valid[row>>3] >> (row & 7) & 1) // no bit of NULL, or all
			t.seen[group] |= (seenFalse - bits[row>>3]>>(row&7)&1) & counts
		}
	}
	return nil
}

// addSame adds a value, 1 for true, to groups. A non-nil valid means that the value is NULL.
func (t *truthAccumulator) addSame(groups []int32, value uint8, valid []byte) {
	if valid != nil {
		return
	}
	for _, group := range groups {
		t.seen[group] |= seenFalse - value
	}
}

// Merge implements Accumulator.
func (t *truthAccumulator) Merge(other Accumulator, mapping []int32) error {
	for i, seen := range other.(*truthAccumulator).seen {
		t.seen[mapping[i]] |= seen
	}
	return nil
}

// Result implements Accumulator.
func (t *truthAccumulator) Result() (arrow.Array, error) {
	bits, valid := arrowdata.NewBitmap(len(t.seen)), arrowdata.FullValidity(len(t.seen))
	for i, seen := range t.seen {
		switch {
		case seen == 0:
			arrowdata.ClearBit(valid, i)
		case t.value(seen):
			arrowdata.SetBit(bits, i)
		}
	}
	return batch.FromBits(bits, len(t.seen), valid), nil
}

// SizeBytes implements Accumulator.
func (t *truthAccumulator) SizeBytes() int64 { return statesBytes(t.seen) }

func bitwiseAggFunctions() []Function {
	return []Function{
		aggregate("bitwise_and_agg(bigint) -> bigint", "Returns the bitwise AND of all values.",
			combining(func(a, b int64) int64 { return a & b })),
		aggregate("bitwise_or_agg(bigint) -> bigint", "Returns the bitwise OR of all values.",
			combining(func(a, b int64) int64 { return a | b })),
		aggregate("bitwise_xor_agg(bigint) -> bigint", "Returns the bitwise XOR of all values.",
			combining(func(a, b int64) int64 { return a ^ b })),
	}
}

// combining returns the aggregate of an operation that never fails and may take the values in any order. The result
// of no values is NULL.
func combining[T any](merge func(a, b T) T) *AggregateImpl {
	return exactly(combiningInOrder(merge))
}

// combiningInOrder is combining for an operation that depends on the order of the values.
func combiningInOrder[T any](merge func(a, b T) T) *AggregateImpl {
	return totalling(nil, func(t *total[T], v T) error {
		if t.any {
			v = merge(t.sum, v)
		}
		*t = total[T]{v, true}
		return nil
	})
}
