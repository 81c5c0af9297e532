package expr

import (
	"slices"
	"unsafe"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/function"
	"github.com/auditlake/auditlake/planner/types"
)

// inKernel tests membership in a set of constants.
func inKernel(t *types.Type, items arrow.Array) function.Kernel {
	mark := membersOf(t, items)
	if mark == nil {
		return inNestedKernel(t, items)
	}
	return func(_ *function.Env, args []batch.Vector, _ []function.Lambda, _ int) (batch.Vector, error) {
		a := args[0].Array
		bits, valid := arrowdata.NewBitmap(a.Len()), arrowdata.Validity(a)
		mark(a, bits)
		if items.NullN() > 0 { // a NULL item may be the value
			valid = arrowdata.And(valid, bits, a.Len())
		}
		return batch.Vector{Array: batch.FromBits(bits, a.Len(), valid), Const: args[0].Const}, nil
	}
}

// inNestedKernel is inKernel for values that are compared with one item after another.
func inNestedKernel(t *types.Type, items arrow.Array) function.Kernel {
	return func(env *function.Env, args []batch.Vector, _ []function.Lambda, _ int) (batch.Vector, error) {
		a := args[0].Array
		equal, rows := batch.Equality(t, a, items), a.Len()
		bits, valid := arrowdata.NewBitmap(rows), arrowdata.FullValidity(rows)
		for i := range rows {
			if err := env.Worked(items.Len()); err != nil {
				return batch.Vector{}, err
			}
			result := batch.False
			for j := 0; j < items.Len() && result != batch.True; j++ {
				if truth := equal(i, j); truth != batch.False {
					result = truth
				}
			}
			switch result {
			case batch.True:
				arrowdata.SetBit(bits, i)
			case batch.Unknown:
				arrowdata.ClearBit(valid, i)
			}
		}
		return batch.Vector{Array: batch.FromBits(bits, rows, valid), Const: args[0].Const}, nil
	}
}

// membersOf returns a function that sets the bits of an array's values that are among the items; it may also set
// bits of NULLs. It returns nil for types that need batch.Equality.
func membersOf(t *types.Type, items arrow.Array) func(a arrow.Array, bits []byte) {
	switch t.Kind {
	case types.Varchar, types.Char, types.JSON, types.Varbinary, types.UUID, types.IPAddress:
		return textMembers(items)
	case types.Integer, types.Date, types.IntervalYear, types.Color:
		return valueMembers[int32](items)
	case types.BigInt, types.Timestamp, types.Time, types.IntervalDay:
		if !t.IsLong() {
			return valueMembers[int64](items)
		}
	}
	return nil
}

// Up to smallSet items are compared one by one instead of hashed.
const smallSet = 8

// itemSet is a set of values.
type itemSet[T comparable] struct {
	list []T
	set  map[T]struct{} // nil for a small set
}

// newItemSet returns the set of the items that are not NULL.
func newItemSet[T comparable](items arrow.Array, values []T) *itemSet[T] {
	s := &itemSet[T]{set: make(map[T]struct{}, len(values))}
	for i, v := range values {
		if _, known := s.set[v]; !known && items.IsValid(i) {
			s.set[v] = struct{}{}
			s.list = append(s.list, v)
		}
	}
	if len(s.list) <= smallSet {
		s.set = nil
	}
	return s
}

func (s *itemSet[T]) mark(values []T, bits []byte) {
	if s.set != nil {
		for i, v := range values {
			if _, ok := s.set[v]; ok {
				arrowdata.SetBit(bits, i)
			}
		}
		return
	}
	for i, v := range values {
		for _, item := range s.list {
			if v == item {
				arrowdata.SetBit(bits, i)
				break
			}
		}
	}
}

func valueMembers[T comparable](items arrow.Array) func(a arrow.Array, bits []byte) {
	s := newItemSet(items, batch.Values[T](items))
	return func(a arrow.Array, bits []byte) { s.mark(batch.Values[T](a), bits) }
}

// textMembers reads the texts of a column in place, and compares only those whose length an item may have.
func textMembers(items arrow.Array) func(a arrow.Array, bits []byte) {
	s := newItemSet(items, batch.Strings(items))
	lengths := uint64(0) // the lengths of the items modulo 64
	for _, item := range s.list {
		lengths |= 1 << (len(item) & 63)
	}
	return func(a arrow.Array, bits []byte) {
		if _, ok := a.(*array.String); !ok {
			s.mark(batch.Strings(a), bits)
			return
		}
		offsets, data := batch.Text(a)
		for i := range a.Len() {
			lo, hi := offsets[i], offsets[i+1]
			if lengths>>(uint(hi-lo)&63)&1 == 0 {
				continue
			}
			text, isItem := viewText(data[lo:hi]), false
			if s.set != nil {
				_, isItem = s.set[text]
			} else {
				isItem = slices.Contains(s.list, text)
			}
			if isItem {
				arrowdata.SetBit(bits, i)
			}
		}
	}
}

func viewText(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }
