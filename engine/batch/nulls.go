package batch

import (
	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/auditlake/auditlake/arrowdata"
)

// Nulls makes an array of n NULLs.
func Nulls(dt arrow.DataType, n int) arrow.Array {
	valid := arrowdata.NewBitmap(n)
	switch t := dt.(type) {
	case *arrow.NullType:
		return array.NewNull(n)
	case *arrow.BooleanType:
		return FromBits(make([]byte, len(valid)), n, valid)
	case *arrow.StringType, *arrow.BinaryType:
		return FromText(dt, make([]int32, n+1), nil, valid)
	case *arrow.DictionaryType:
		return FromCodes(make([]int32, n), valid, Nulls(t.ValueType, 0))
	case *arrow.ListType:
		return FromLists(make([]int32, n+1), valid, Nulls(t.Elem(), 0))
	case *arrow.MapType:
		return FromMaps(make([]int32, n+1), valid, Nulls(t.KeyType(), 0), Nulls(t.ItemType(), 0))
	case *arrow.StructType:
		fields := make([]arrow.Array, len(t.Fields()))
		for i, f := range t.Fields() {
			fields[i] = Nulls(f.Type, n)
		}
		return FromFields(t, n, valid, fields)
	}
	return nullFixed(dt.(arrow.FixedWidthDataType), n, valid)
}

func nullFixed(dt arrow.FixedWidthDataType, n int, valid []byte) arrow.Array {
	if n == 0 {
		return FromValues(dt, []byte(nil), nil)
	}
	zeros := make([]byte, n*dt.BitWidth()/8)
	return withBuffer(dt, n, valid, zeros)
}

// NullsAreEmpty reports whether all NULL lists or maps have no elements. offsets say where each row's elements
// begin and end.
func NullsAreEmpty(offsets []int32, valid []byte) bool {
	if valid == nil {
		return true
	}
	for row := range len(offsets) - 1 {
		if offsets[row] != offsets[row+1] && !arrowdata.IsSet(valid, row) {
			return false
		}
	}
	return true
}

// NullsAsEmpty returns a list or map array with empty lists or maps in place of NULLs. empty must have such a value
// in its first row. It returns false if empty does not, or if NULL rows of a hold elements.
func NullsAsEmpty(a, empty arrow.Array) (arrow.Array, bool) {
	isList := a.DataType().ID() == arrow.LIST || a.DataType().ID() == arrow.MAP
	if !isList || empty.DataType().ID() != a.DataType().ID() || empty.IsNull(0) {
		return nil, false
	}
	if offsets, _ := Lists(empty); offsets[0] != offsets[1] {
		return nil, false
	}
	offsets, _ := Lists(a)
	if !NullsAreEmpty(offsets, arrowdata.Validity(a)) {
		return nil, false
	}
	first, last := offsets[0], offsets[a.Len()]
	own := make([]int32, len(offsets)) // a may be a few rows of a long array with elements of other rows
	for row, o := range offsets {
		own[row] = o - first
	}
	return mapElements(a, own, nil, func(of func(arrow.Array) arrow.Array) arrow.Array {
		return array.NewSlice(of(a), int64(first), int64(last))
	}), true
}

// CountNulls makes an array and its children count their NULLs and build their dictionaries. Arrow does that on
// first use, which must not happen in several goroutines at once.
func CountNulls(a arrow.Array) {
	a.NullN()
	switch x := a.(type) {
	case *array.Struct:
		for i := range x.NumField() {
			CountNulls(x.Field(i))
		}
	case *array.Map: // Keys and Items are not the same arrays as the fields of the entries
		CountNulls(x.Keys())
		CountNulls(x.Items())
	case array.ListLike:
		CountNulls(x.ListValues())
	case *array.Dictionary:
		CountNulls(x.Dictionary())
	}
}
