package exec

import (
	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/batch"
)

// matching returns a bitmap of the rows of a key column that may match rows of the other side; nil: all. The caller
// must not change it.
type matching func(v batch.Vector, rows int) []byte

// ofAll returns a bitmap of the rows that may match by all keys; nil: all.
func (m matching) ofAll(keys []batch.Vector, rows int) []byte {
	var all []byte
	for _, key := range keys {
		bits := m(key, rows)
		switch {
		case bits == nil:
		case all == nil:
			all = bits
		default:
			both := arrowdata.NewBitmap(rows)
			for i := range both {
				both[i] = all[i] & bits[i]
			}
			all = both
		}
	}
	return all
}

// rowsOf lists the rows whose keys may match.
func (m matching) rowsOf(keys []batch.Vector, rows int) []int32 {
	bits := m.ofAll(keys, rows)
	if bits == nil {
		return iota32(rows)
	}
	return arrowdata.AppendSetBits(make([]int32, 0, arrowdata.CountBits(bits, rows)), bits, rows)
}

// dropsAny reports whether there are rows whose keys match nothing.
func (m matching) dropsAny(keys []batch.Vector, rows int) bool {
	bits := m.ofAll(keys, rows)
	return bits != nil && arrowdata.CountBits(bits, rows) < rows
}

// notNull marks the values that are not NULL; nil: all.
func notNull(v batch.Vector, rows int) []byte {
	valid := arrowdata.Validity(v.Array)
	if valid != nil && v.Const {
		return arrowdata.NewBitmap(rows)
	}
	return valid
}

// equalToSome marks the values that can equal others; nil: all. NULL, NaN and nested values that hold one of them
// cannot.
func equalToSome(v batch.Vector, rows int) []byte {
	a := v.Array
	if !isFloat(a) && !isNested(a) {
		return notNull(v, rows)
	}
	var bits []byte
	for row := range rows {
		if !holdsUnequal(a, v.At(row)) {
			continue
		}
		if bits == nil {
			bits = arrowdata.FullValidity(rows)
		}
		arrowdata.ClearBit(bits, row)
	}
	return bits
}

// dropOthers sets the ids of rows that are not in bits to batch.Absent, and reports whether there are any.
func dropOthers(ids []int32, bits []byte) (anyDropped bool) {
	if bits == nil {
		return false
	}
	for row := range ids {
		if !arrowdata.IsSet(bits, row) {
			ids[row], anyDropped = batch.Absent, true
		}
	}
	return anyDropped
}

// only returns the rows of a dense batch that may match by the keys at some positions: mostly all, but few if few
// events have the key.
func (m matching) only(b *batch.Batch, at []int) *batch.Batch {
	bits := m.ofAll(pickColumns(b, at), b.Len)
	if bits == nil {
		return b
	}
	left := arrowdata.CountBits(bits, b.Len)
	if left == b.Len {
		return b
	}
	rows := arrowdata.AppendSetBits(make([]int32, 0, left), bits, b.Len)
	return &batch.Batch{Columns: takeAll(b.Columns, rows), Len: left}
}

// matchableStage drops the rows whose keys match nothing, in the workers of a scan that is a join's build side.
type matchableStage struct{ keys []int }

func (s *matchableStage) apply(b *batch.Batch) (*batch.Batch, error) {
	if b = matching(equalToSome).only(compact(b), s.keys); b.Len == 0 {
		return nil, nil
	}
	return b, nil
}

func isFloat(a arrow.Array) bool {
	return a.DataType().ID() == arrow.FLOAT64 || a.DataType().ID() == arrow.FLOAT32
}

// isIntegers reports whether values are stored as 64-bit integers, as integers and times are.
func isIntegers(a arrow.Array) bool {
	return a.DataType().ID() == arrow.INT64 || a.DataType().ID() == arrow.TIMESTAMP
}

func isNaN(a arrow.Array, i int) bool {
	if f, ok := a.(*array.Float64); ok {
		return f.Value(i) != f.Value(i)
	}
	f := a.(*array.Float32)
	return f.Value(i) != f.Value(i)
}

// isNested reports whether a's values are lists, maps or rows.
func isNested(a arrow.Array) bool {
	switch a.(type) {
	case *array.List, *array.Map:
		return true
	case *array.Struct:
		_, zoned := batch.Instants(a)
		return !zoned
	}
	return false
}

// holdsUnequal reports whether value i of a is NULL or NaN, or holds one.
func holdsUnequal(a arrow.Array, i int) bool {
	switch x := a.(type) {
	case *array.Struct:
		if isNested(a) && !a.IsNull(i) {
			for f := range x.NumField() {
				if holdsUnequal(x.Field(f), i) {
					return true
				}
			}
			return false
		}
	case *array.Map:
		return a.IsNull(i) || anyUnequal(x, x.Keys(), i) || anyUnequal(x, x.Items(), i)
	case *array.List:
		return a.IsNull(i) || anyUnequal(x, x.ListValues(), i)
	}
	return arrowdata.IsNull(a, i) || isFloat(a) && isNaN(a, i)
}

func anyUnequal(list array.ListLike, values arrow.Array, i int) bool {
	start, end := list.ValueOffsets(i)
	for j := start; j < end; j++ {
		if holdsUnequal(values, int(j)) {
			return true
		}
	}
	return false
}
