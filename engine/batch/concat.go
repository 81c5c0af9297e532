package batch

import (
	"fmt"
	"math"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/bitutil"
	"github.com/apache/arrow/go/v15/arrow/memory"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/largepages"
)

// Concat joins arrays of one type, or dictionaries of it, end to end.
//
// Dictionaries, also in the elements of lists, survive if all arrays share one, or if a joint one has few values.
// Otherwise the result is decoded. A result past 2 GiB of text or list elements panics with a *types.Error that the
// query root reports.
func Concat(arrays []arrow.Array) arrow.Array { return ConcatDivided(arrays, nil, InTurn) }

// ConcatDivided is Concat with its work divided by by. It identifies texts by their ids in lake, if they have any,
// instead of comparing them; the result is the same.
func ConcatDivided(arrays []arrow.Array, lake *TextNumbers, by Divide) arrow.Array {
	if len(arrays) == 1 {
		return arrays[0]
	}
	if joined, ok := concatShared(arrays); ok {
		return joined
	}
	if joined, ok := concatDictionaries(arrays, lake, by); ok {
		return joined
	}
	if arrays[0].DataType().ID() == arrow.LIST {
		return concatLists(arrays, func(elements []arrow.Array) arrow.Array { return ConcatDivided(elements, lake, by) })
	}
	decoded := make([]arrow.Array, len(arrays))
	by(len(arrays), func(i int) { decoded[i] = Decode(arrays[i]) })
	return concat(decoded, by)
}

func concat(arrays []arrow.Array, by Divide) arrow.Array {
	switch first := arrays[0].(type) {
	case *array.Null:
		return array.NewNull(totalLen(arrays))
	case *array.Struct:
		fields := make([]arrow.Array, first.NumField())
		for f := range fields {
			fields[f] = concat(each(arrays, func(a arrow.Array) arrow.Array { return a.(*array.Struct).Field(f) }), by)
		}
		return FromFields(first.DataType().(*arrow.StructType), totalLen(arrays), concatValidity(arrays), fields)
	case *array.Map, *array.List:
		return concatLists(arrays, func(elements []arrow.Array) arrow.Array { return concat(elements, by) })
	case *array.String, *array.Binary:
		return concatTexts(arrays, by)
	case *array.Boolean: // bits, not bytes
	default:
		if fixed, ok := first.DataType().(arrow.FixedWidthDataType); ok {
			return concatFixed(fixed, arrays, by)
		}
	}
	joined, err := array.Concatenate(arrays, memory.DefaultAllocator)
	if err != nil {
		panic(fmt.Sprintf("batch: arrays of one type do not join: %v", err))
	}
	return joined
}

// concatLists joins lists or maps; concat joins their elements, or keys and values.
func concatLists(arrays []arrow.Array, concat func([]arrow.Array) arrow.Array) arrow.Array {
	return mapElements(arrays[0], concatOffsets(arrays), concatValidity(arrays), func(of func(arrow.Array) arrow.Array) arrow.Array {
		return concat(each(arrays, func(a arrow.Array) arrow.Array {
			from, _ := Lists(a)
			return array.NewSlice(of(a), int64(from[0]), int64(from[len(from)-1]))
		}))
	})
}

func totalLen(arrays []arrow.Array) int {
	n := 0
	for _, a := range arrays {
		n += a.Len()
	}
	return n
}

// concatShared joins dictionary arrays over the same dictionary.
func concatShared(arrays []arrow.Array) (arrow.Array, bool) {
	first, ok := arrays[0].(*array.Dictionary)
	if !ok {
		return nil, false
	}
	codes := largepages.Make[int32](totalLen(arrays))[:0]
	for _, a := range arrays {
		d, ok := a.(*array.Dictionary)
		if !ok || d.Data().Dictionary() != first.Data().Dictionary() {
			return nil, false
		}
		codes = append(codes, Codes(d)...)
	}
	return FromCodes(codes, concatValidity(arrays), first.Dictionary()), true
}

const (
	// maxJoinedValues is the most values of a joint dictionary, regardless of the rows.
	maxJoinedValues = 1 << 18
	// fewJoinedValues is the number of values from which a joint dictionary is given up as soon as its values
	// hardly repeat in the rows so far.
	fewJoinedValues = 1 << 16
	// joinedRowsPerValue is the least number of rows per value.
	joinedRowsPerValue = 2
)

// MaxJoinedValues returns the most values that the joint dictionary of arrays with rows rows may have.
func MaxJoinedValues(rows int) int { return min(maxJoinedValues, rows/joinedRowsPerValue) }

// concatDictionaries joins text dictionaries, and a few arrays without one, into one dictionary of the values in
// use. It returns false if these are more than MaxJoinedValues.
func concatDictionaries(arrays []arrow.Array, lake *TextNumbers, by Divide) (arrow.Array, bool) {
	rows := totalLen(arrays)
	maxValues := MaxJoinedValues(rows)
	valueType, plainRows := arrays[0].DataType(), 0
	for _, a := range arrays {
		if d, ok := a.DataType().(*arrow.DictionaryType); ok {
			valueType = d.ValueType
		} else {
			plainRows += a.Len()
		}
	}
	const maxPlainShare = 8
	if !isText(valueType) || plainRows > rows/maxPlainShare {
		return nil, false
	}
	values := NewInterner(valueType)
	values.UseNumbers(lake)
	j := joinedCodes{values: values, maxValues: maxValues, codes: largepages.Make[int32](rows)}
	if !j.join(arrays, by) {
		return nil, false
	}
	return values.codedBy(j.codes, concatValidity(arrays), by), true
}

// concatValidity joins the validity of arrays; nil if there is no NULL.
func concatValidity(arrays []arrow.Array) []byte {
	var valid []byte
	at := 0
	for _, a := range arrays {
		if from := arrowdata.Validity(a); from != nil {
			if valid == nil {
				valid = arrowdata.FullValidity(totalLen(arrays))
			}
			bitutil.CopyBitmap(from, 0, a.Len(), valid, at)
		}
		at += a.Len()
	}
	return valid
}

// concatOffsets joins the offsets of list or map arrays; the result begins at 0.
func concatOffsets(arrays []arrow.Array) []int32 {
	out := make([]int32, 1, totalLen(arrays)+1)
	total := 0
	for _, a := range arrays {
		offsets, _ := Lists(a)
		if total+int(offsets[len(offsets)-1]-offsets[0]) > math.MaxInt32 {
			panic(TooBig("lists"))
		}
		for _, o := range offsets[1:] {
			out = append(out, int32(total)+o-offsets[0])
		}
		total = int(out[len(out)-1])
	}
	return out
}

func concatTexts(arrays []arrow.Array, by Divide) arrow.Array {
	begins, total := make([]int, len(arrays)), 0 // where each array's bytes begin in the result
	for i, a := range arrays {
		offsets, _ := Text(a)
		begins[i] = total
		total += int(offsets[len(offsets)-1] - offsets[0])
	}
	if total > math.MaxInt32 {
		panic(TooBig("text"))
	}
	offsets, data := largepages.Make[int32](totalLen(arrays)+1), largepages.Make[byte](total)
	offsets[0] = 0
	divideArrays(arrays, by, func(i, row, first, end int) {
		from, text := Text(arrays[i])
		moved := int32(begins[i]) - from[0]
		for r, o := range from[first+1 : end+1] {
			offsets[row+r+1] = o + moved
		}
		CopyText(data[from[first]+moved:], text[from[first]:from[end]])
	})
	return FromText(arrays[0].DataType(), offsets, data, concatValidity(arrays))
}

// concatFixed joins arrays of fixed-width values.
func concatFixed(dt arrow.FixedWidthDataType, arrays []arrow.Array, by Divide) arrow.Array {
	n, width := totalLen(arrays), dt.BitWidth()/8
	data := largepages.Make[byte](n * width)
	divideArrays(arrays, by, func(i, row, first, end int) {
		d := arrays[i].Data()
		CopyText(data[row*width:], d.Buffers()[1].Bytes()[(d.Offset()+first)*width:(d.Offset()+end)*width])
	})
	buf, nulls := arrowdata.NullBuffer(concatValidity(arrays), n)
	return array.MakeFromData(array.NewData(dt, n, []*memory.Buffer{buf, memory.NewBufferBytes(data)}, nil, nulls, 0))
}

// divideArrays divides the rows of arrays. It calls do for rows [first, end) of one array; row is the position of
// the first of them in the result.
func divideArrays(arrays []arrow.Array, by Divide, do func(array, row, first, end int)) {
	type rows struct{ array, row, first, end int }
	var pieces []rows
	row := 0
	for i, a := range arrays {
		for first := 0; first < a.Len(); first += PieceRows {
			end := min(a.Len(), first+PieceRows)
			pieces = append(pieces, rows{i, row, first, end})
			row += end - first
		}
	}
	by(len(pieces), func(i int) { do(pieces[i].array, pieces[i].row, pieces[i].first, pieces[i].end) })
}
