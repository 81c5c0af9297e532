package batch

import (
	"cmp"
	"strings"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/decimal128"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/planner/types"
)

// Truth is a three-valued boolean.
type Truth uint8

// The truth values; Unknown is SQL's NULL.
const (
	False Truth = iota
	True
	Unknown
)

func truthOf(b bool) Truth {
	if b {
		return True
	}
	return False
}

// Ordering returns a function that compares value i of a with value j of b: negative, zero or positive.
//
// Both have type t, which must be orderable, and neither value may be NULL. NaN sorts after all other numbers. If a
// NULL inside a row or array decides, it panics with a *types.Error NOT_SUPPORTED, which the query root reports.
func Ordering(t *types.Type, a, b arrow.Array) func(i, j int) int {
	return ordering(t, a, b, false)
}

// OrderingNaNFirst is Ordering, except that NaN sorts before all other numbers: the order for finding the greatest
// value.
func OrderingNaNFirst(t *types.Type, a, b arrow.Array) func(i, j int) int {
	return ordering(t, a, b, true)
}

func ordering(t *types.Type, a, b arrow.Array, nanFirst bool) func(i, j int) int {
	if t.IsLong() {
		return orderedLong(t, a, b)
	}
	switch t.Kind {
	case types.Boolean:
		x, y := a.(*array.Boolean), b.(*array.Boolean)
		return func(i, j int) int { return boolInt(x.Value(i)) - boolInt(y.Value(j)) }
	case types.TinyInt:
		return ordered(Values[int8](a), Values[int8](b))
	case types.SmallInt:
		return ordered(Values[int16](a), Values[int16](b))
	case types.Integer, types.Date, types.IntervalYear, types.Color:
		return ordered(Values[int32](a), Values[int32](b))
	case types.BigInt, types.Time, types.Timestamp, types.IntervalDay:
		return ordered(Values[int64](a), Values[int64](b))
	case types.Real:
		return orderedFloats(Values[float32](a), Values[float32](b), nanFirst)
	case types.Double:
		return orderedFloats(Values[float64](a), Values[float64](b), nanFirst)
	case types.Decimal:
		return orderedDecimals(a, b)
	case types.TimestampTZ, types.TimeTZ:
		return ordered(Values[int64](Fields(a)[0]), Values[int64](Fields(b)[0]))
	case types.Array:
		return orderedLists(t, a, b, nanFirst)
	case types.Row:
		return orderedRows(t, a, b, nanFirst)
	case types.Unknown:
		return func(int, int) int { panic("batch: a value of type unknown is NULL") }
	}
	x, y := textReader(a), textReader(b)
	return func(i, j int) int { return strings.Compare(x(i), y(j)) }
}

func orderedDecimals(a, b arrow.Array) func(i, j int) int {
	x, y := Values[decimal128.Num](a), Values[decimal128.Num](b)
	return func(i, j int) int { return x[i].Cmp(y[j]) }
}

// orderedLong compares long timestamps, regardless of their zones.
func orderedLong(t *types.Type, a, b arrow.Array) func(i, j int) int {
	if t.Kind == types.TimestampTZ {
		a, b = Fields(a)[0], Fields(b)[0]
	}
	return orderedDecimals(a, b)
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

func ordered[T cmp.Ordered](x, y []T) func(i, j int) int {
	return func(i, j int) int { return cmp.Compare(x[i], y[j]) }
}

func orderedFloats[T float32 | float64](x, y []T, nanFirst bool) func(i, j int) int {
	return func(i, j int) int {
		a, b := x[i], y[j]
		switch {
		case a < b:
			return -1
		case a > b:
			return 1
		case a == b:
			return 0
		}
		if nanFirst {
			return boolInt(b != b) - boolInt(a != a)
		}
		return boolInt(a != a) - boolInt(b != b)
	}
}

// textReader reads the values of utf8, binary, or dictionary arrays.
func textReader(a arrow.Array) func(i int) string {
	switch x := a.(type) {
	case *array.String:
		return x.Value
	case *array.Dictionary:
		value, codes := textReader(x.Dictionary()), Codes(x)
		return func(i int) string { return value(int(codes[i])) }
	case *array.Binary:
		return func(i int) string { return viewString(x.Value(i)) }
	case *array.FixedSizeBinary:
		return func(i int) string { return viewString(x.Value(i)) }
	}
	panic("batch: no order of values of type " + a.DataType().String())
}

func orderedLists(t *types.Type, a, b arrow.Array, nanFirst bool) func(i, j int) int {
	aOffsets, aElems := Lists(a)
	bOffsets, bElems := Lists(b)
	compare := ordering(t.Elem, aElems, bElems, nanFirst)
	return func(i, j int) int {
		n, m := int(aOffsets[i+1]-aOffsets[i]), int(bOffsets[j+1]-bOffsets[j])
		for k := range min(n, m) {
			x, y := int(aOffsets[i])+k, int(bOffsets[j])+k
			if arrowdata.IsNull(aElems, x) || arrowdata.IsNull(bElems, y) {
				panic(nullOrder("ARRAY comparison not supported for arrays with null elements"))
			}
			if c := compare(x, y); c != 0 {
				return c
			}
		}
		return cmp.Compare(n, m)
	}
}

func orderedRows(t *types.Type, a, b arrow.Array, nanFirst bool) func(i, j int) int {
	aFields, bFields := Fields(a), Fields(b)
	compare, hasNulls := make([]func(i, j int) int, len(t.Fields)), make([]bool, len(t.Fields))
	for f, field := range t.Fields {
		compare[f] = ordering(field.Type, aFields[f], bFields[f], nanFirst)
		hasNulls[f] = mayHaveNulls(aFields[f]) || mayHaveNulls(bFields[f])
	}
	return func(i, j int) int {
		for f := range compare {
			if hasNulls[f] && (arrowdata.IsNull(aFields[f], i) || arrowdata.IsNull(bFields[f], j)) {
				panic(nullOrder("ROW comparison not supported for fields with null elements"))
			}
			if c := compare[f](i, j); c != 0 {
				return c
			}
		}
		return 0
	}
}

// mayHaveNulls reports whether a may have NULLs. It does not count them, as another goroutine may be counting.
func mayHaveNulls(a arrow.Array) bool {
	return len(a.NullBitmapBytes()) > 0 || a.DataType().ID() == arrow.NULL
}

func nullOrder(message string) error {
	return types.Errorf(types.NotSupported, types.Pos{}, "%s", message)
}

// Equality returns SQL's = between value i of a and value j of b, both of comparable type t. It is Unknown when a
// NULL leaves it open. NaN equals nothing, and instants are equal in all time zones.
func Equality(t *types.Type, a, b arrow.Array) func(i, j int) Truth {
	return withNulls(a, b, equality(t, a, b, false),
		func(_, _ bool) Truth { return Unknown })
}

// Sameness returns whether value i of a and value j of b are not distinct, as in GROUP BY, DISTINCT and IS DISTINCT
// FROM: NULL is the same as NULL, and NaN as NaN. It never returns Unknown.
func Sameness(t *types.Type, a, b arrow.Array) func(i, j int) Truth {
	return withNulls(a, b, equality(t, a, b, true),
		func(x, y bool) Truth { return truthOf(x == y) })
}

func withNulls(a, b arrow.Array, equal func(i, j int) Truth, null func(x, y bool) Truth) func(i, j int) Truth {
	if !mayHaveNulls(a) && !mayHaveNulls(b) {
		return equal
	}
	return func(i, j int) Truth {
		if x, y := arrowdata.IsNull(a, i), arrowdata.IsNull(b, j); x || y {
			return null(x, y)
		}
		return equal(i, j)
	}
}

// equality compares non-NULL values; same makes nested NULLs and NaNs equal.
func equality(t *types.Type, a, b arrow.Array, same bool) func(i, j int) Truth {
	nested := Equality
	if same {
		nested = Sameness
	}
	switch t.Kind {
	case types.Unknown:
		return func(int, int) Truth { panic("batch: a value of type unknown is NULL") }
	case types.Real:
		return equalFloats(Values[float32](a), Values[float32](b), same)
	case types.Double:
		return equalFloats(Values[float64](a), Values[float64](b), same)
	case types.Array:
		return equalLists(t, a, b, nested)
	case types.Map:
		return equalMaps(t, a, b, nested)
	case types.Row:
		return equalRows(t, a, b, nested)
	}
	if isText(a.DataType()) && isText(b.DataType()) {
		return equalTexts(a, b)
	}
	compare := Ordering(t, a, b)
	return func(i, j int) Truth { return truthOf(compare(i, j) == 0) }
}

func equalFloats[T float32 | float64](x, y []T, same bool) func(i, j int) Truth {
	return func(i, j int) Truth {
		a, b := x[i], y[j]
		return truthOf(a == b || same && a != a && b != b)
	}
}

// equalTexts compares bytes only if both texts have the same length.
func equalTexts(a, b arrow.Array) func(i, j int) Truth {
	x, xs := Text(a)
	y, ys := Text(b)
	return func(i, j int) Truth {
		return truthOf(string(xs[x[i]:x[i+1]]) == string(ys[y[j]:y[j+1]]))
	}
}

type equalities = func(t *types.Type, a, b arrow.Array) func(i, j int) Truth

func equalLists(t *types.Type, a, b arrow.Array, nested equalities) func(i, j int) Truth {
	aOffsets, aElems := Lists(a)
	bOffsets, bElems := Lists(b)
	equal := nested(t.Elem, aElems, bElems)
	return func(i, j int) Truth {
		n := int(aOffsets[i+1] - aOffsets[i])
		if n != int(bOffsets[j+1]-bOffsets[j]) {
			return False
		}
		return allOf(n, func(k int) Truth { return equal(int(aOffsets[i])+k, int(bOffsets[j])+k) })
	}
}

func equalRows(t *types.Type, a, b arrow.Array, nested equalities) func(i, j int) Truth {
	aFields, bFields := Fields(a), Fields(b)
	equal := make([]func(i, j int) Truth, len(t.Fields))
	for f, field := range t.Fields {
		equal[f] = nested(field.Type, aFields[f], bFields[f])
	}
	return func(i, j int) Truth {
		return allOf(len(equal), func(f int) Truth { return equal[f](i, j) })
	}
}

// equalMaps ignores the order of entries. Keys must be equal, so maps with a NaN key are never the same.
func equalMaps(t *types.Type, a, b arrow.Array, nested equalities) func(i, j int) Truth {
	aOffsets, aKeys, aValues := Maps(a)
	bOffsets, bKeys, bValues := Maps(b)
	sameKey := Equality(t.Key, aKeys, bKeys)
	equal := nested(t.Elem, aValues, bValues)
	return func(i, j int) Truth {
		n := int(aOffsets[i+1] - aOffsets[i])
		if n != int(bOffsets[j+1]-bOffsets[j]) {
			return False
		}
		return allOf(n, func(k int) Truth {
			x := int(aOffsets[i]) + k
			for y := int(bOffsets[j]); y < int(bOffsets[j+1]); y++ {
				if sameKey(x, y) == True {
					return equal(x, y)
				}
			}
			return False
		})
	}
}

// allOf returns the conjunction of n truths; it stops at the first False.
func allOf(n int, truth func(k int) Truth) Truth {
	result := True
	for k := range n {
		switch truth(k) {
		case False:
			return False
		case Unknown:
			result = Unknown
		}
	}
	return result
}
