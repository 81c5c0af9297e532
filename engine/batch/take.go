package batch

import (
	"math"
	"slices"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/largepages"
)

// Take gathers the values of a at idx, in that order; a negative index makes a NULL. Dictionaries stay shared. A
// result past 2 GiB of text or list elements panics with a *types.Error that the query root reports.
func Take(a arrow.Array, idx []int32) arrow.Array { return TakeDivided(a, idx, InTurn) }

// TakeDivided is Take with its work divided by by.
func TakeDivided(a arrow.Array, idx []int32, by Divide) arrow.Array {
	valid := takeValidity(a, idx, by)
	dt := a.DataType()
	switch x := a.(type) {
	case *array.Null:
		return array.NewNull(len(idx))
	case *array.Boolean:
		return FromBits(takeBits(boolBits(x), idx, by), len(idx), valid)
	case *array.String, *array.Binary:
		return takeText(a, idx, valid, by)
	case *array.FixedSizeBinary:
		return takeBytes(x, idx, valid)
	case *array.Dictionary:
		return FromCodes(takeValues(Codes(x), idx, by), valid, x.Dictionary())
	case *array.Struct:
		fields := each(Fields(x), func(f arrow.Array) arrow.Array { return TakeDivided(f, idx, by) })
		return FromFields(dt.(*arrow.StructType), len(idx), valid, fields)
	case *array.Map, *array.List:
		return takeNested(a, idx, valid, by)
	}
	switch dt.(arrow.FixedWidthDataType).BitWidth() {
	case 8:
		return FromValues(dt, takeValues(Values[uint8](a), idx, by), valid)
	case 16:
		return FromValues(dt, takeValues(Values[uint16](a), idx, by), valid)
	case 32:
		return FromValues(dt, takeValues(Values[uint32](a), idx, by), valid)
	case 64:
		return FromValues(dt, takeValues(Values[uint64](a), idx, by), valid)
	case 128:
		return FromValues(dt, takeValues(Values[[2]uint64](a), idx, by), valid)
	}
	panic("batch: cannot gather values of type " + dt.String())
}

// each maps arrays.
func each(arrays []arrow.Array, f func(arrow.Array) arrow.Array) []arrow.Array {
	out := make([]arrow.Array, len(arrays))
	for i, a := range arrays {
		out[i] = f(a)
	}
	return out
}

// takeValidity returns the validity of the result, nil if it has no NULL.
func takeValidity(a arrow.Array, idx []int32, by Divide) []byte {
	from := arrowdata.Validity(a)
	if from == nil {
		for _, i := range idx {
			if i < 0 {
				return negativeAsNull(idx, by)
			}
		}
		return nil
	}
	return takeBits(from, idx, by)
}

// takeBits gathers bits; a negative index gives 0. Pieces share no byte of the result.
func takeBits(from []byte, idx []int32, by Divide) []byte {
	out := arrowdata.NewBitmap(len(idx))
	by.Rows(len(idx), func(_, first, end int) {
		for ; first < end; first += 8 {
			var bits byte
			for k, i := range idx[first:min(first+8, end)] {
				if i >= 0 {
					bits |= from[i>>3] >> (i & 7) & 1 << k
				}
			}
			out[first>>3] = bits
		}
	})
	return out
}

func negativeAsNull(idx []int32, by Divide) []byte {
	valid := arrowdata.NewBitmap(len(idx))
	by.Rows(len(idx), func(_, from, to int) {
		for o := from; o < to; o++ {
			if idx[o] >= 0 {
				arrowdata.SetBit(valid, o)
			}
		}
	})
	return valid
}

func takeValues[T any](vals []T, idx []int32, by Divide) []T {
	out := largepages.Make[T](len(idx))
	by.Rows(len(idx), func(_, from, to int) {
		out := out[from:to]
		for o, i := range idx[from:to] {
			var v T
			if i >= 0 {
				v = vals[i]
			}
			out[o] = v
		}
	})
	return out
}

func takeBytes(a *array.FixedSizeBinary, idx []int32, valid []byte) arrow.Array {
	width := a.DataType().(*arrow.FixedSizeBinaryType).ByteWidth
	out := make([]byte, len(idx)*width)
	for o, i := range idx {
		if i >= 0 {
			copy(out[o*width:], a.Value(int(i)))
		}
	}
	return withBuffer(a.DataType(), len(idx), valid, out)
}

func withBuffer(dt arrow.DataType, n int, valid, values []byte) arrow.Array {
	buf, nulls := arrowdata.NullBuffer(valid, n)
	return array.MakeFromData(array.NewData(dt, n,
		[]*memory.Buffer{buf, memory.NewBufferBytes(values)}, nil, nulls, 0))
}

// takeOffsets returns the offsets of the values at idx. what names the values in the error if they are too many.
func takeOffsets(from, idx []int32, valid []byte, what string, by Divide) []int32 {
	offsets := largepages.Make[int32](len(idx) + 1)
	offsets[0] = 0
	begins := make([]int, PiecesOf(len(idx))) // by piece: at first its length, then where it begins
	by.Rows(len(idx), func(piece, first, end int) {
		total := 0
		for o := first; o < end; o++ {
			if i := idx[o]; i >= 0 && arrowdata.IsValid(valid, o) {
				total += int(from[i+1] - from[i])
			}
			if total > math.MaxInt32 {
				panic(TooBig(what))
			}
			offsets[o+1] = int32(total)
		}
		begins[piece] = total
	})
	total := 0
	for piece, length := range begins {
		begins[piece] = total
		if total += length; total > math.MaxInt32 {
			panic(TooBig(what))
		}
	}
	by.Rows(len(idx), func(piece, first, end int) {
		if begins[piece] == 0 {
			return
		}
		for o := first; o < end; o++ {
			offsets[o+1] += int32(begins[piece])
		}
	})
	return offsets
}

// takeText gathers the values of a utf8 or binary array. Texts that follow each other are copied together, as most
// rows that pass a condition are neighbours.
func takeText(a arrow.Array, idx []int32, valid []byte, by Divide) arrow.Array {
	from, data := Text(a)
	offsets := takeOffsets(from, idx, valid, "text", by)
	out := largepages.Make[byte](int(offsets[len(idx)]))
	by.Rows(len(idx), func(_, first, end int) {
		for o := first; o < end; {
			last := o + 1
			if i := idx[o]; offsets[last] > offsets[o] {
				for last < end && idx[last] == idx[last-1]+1 && offsets[last+1]-offsets[last] == from[idx[last]+1]-from[idx[last]] {
					last++
				}
				CopyText(out[offsets[o]:offsets[last]], data[from[i]:from[idx[last-1]+1]])
			}
			o = last
		}
	})
	return FromText(a.DataType(), offsets, out, valid)
}

// takeNested gathers lists or maps: their offsets, then the elements. The result shares a's elements if its own are
// at least half of them and follow each other in a, as when only NULL and empty rows are dropped.
func takeNested(a arrow.Array, idx []int32, valid []byte, by Divide) arrow.Array {
	from, children := Lists(a)
	offsets := takeOffsets(from, idx, valid, "lists", by)
	count := offsets[len(idx)]
	if first, ok := neighbours(from, idx, offsets); ok && 2*int(count) >= children.Len() {
		return mapElements(a, offsets, valid, func(of func(arrow.Array) arrow.Array) arrow.Array {
			return array.NewSlice(of(a), int64(first), int64(first+count))
		})
	}
	elems := make([]int32, 0, count)
	for o, i := range idx {
		if offsets[o+1] > offsets[o] {
			for e := from[i]; e < from[i+1]; e++ {
				elems = append(elems, e)
			}
		}
	}
	return mapElements(a, offsets, valid, func(of func(arrow.Array) arrow.Array) arrow.Array { return TakeDivided(of(a), elems, by) })
}

// neighbours reports whether the elements of the lists at idx follow each other in the original without a gap, and
// returns the position of the first. offsets are those of the result.
func neighbours(from, idx, offsets []int32) (first int32, ok bool) {
	next := int32(-1)
	for o, i := range idx {
		if offsets[o+1] == offsets[o] {
			continue
		}
		if next < 0 {
			first, next = from[i], from[i]
		}
		if from[i] != next {
			return 0, false
		}
		next = from[i+1]
	}
	return first, true
}

// mapElements makes a list or map array like a with new elements. It calls element once per child, with the
// function that reads that child of an array.
func mapElements(a arrow.Array, offsets []int32, valid []byte, element func(of func(arrow.Array) arrow.Array) arrow.Array) arrow.Array {
	if _, isMap := a.(*array.Map); !isMap {
		return FromLists(offsets, valid, element(func(a arrow.Array) arrow.Array { return a.(*array.List).ListValues() }))
	}
	keys := element(func(a arrow.Array) arrow.Array { return a.(*array.Map).Keys() })
	values := element(func(a arrow.Array) arrow.Array { return a.(*array.Map).Items() })
	return FromMaps(offsets, valid, keys, values)
}

// TakeVector gathers rows of v. A constant stays constant unless a negative index asks for a NULL.
func TakeVector(v Vector, idx []int32) Vector {
	if v.Const {
		if slices.Min(append(idx[:len(idx):len(idx)], 0)) >= 0 {
			return v
		}
		zeros := make([]int32, len(idx))
		for o, i := range idx {
			zeros[o] = min(i, 0)
		}
		idx = zeros
	}
	return Vector{Array: Take(v.Array, idx)}
}

// TakeOwned is TakeVector with a result that does not refer to the memory of v. A dictionary stays one if it is no
// longer than the rows' texts. So keeping a few rows of a long batch takes no more memory than DecodedBytes
// returns.
func TakeOwned(v Vector, idx []int32) Vector {
	taken := TakeVector(v, idx)
	if taken.Const {
		taken.Array = Take(taken.Array, []int32{0})
	}
	switch a := taken.Array.(type) {
	case *array.Struct, *array.List, *array.Map: // may share elements
		taken.Array = concat([]arrow.Array{Decode(a)}, InTurn)
	case *array.Dictionary:
		if HeldBytes(a) > DecodedBytes(Vector{Array: a}, a.Len()) {
			taken.Array = Decode(a)
		} else {
			taken.Array = FromCodes(Codes(a), arrowdata.Validity(a), concat([]arrow.Array{a.Dictionary()}, InTurn))
		}
	}
	return taken
}

// Part returns the columns of rows live rows of b, from live row first on.
func Part(b *Batch, first, rows int) []Vector {
	out := make([]Vector, len(b.Columns))
	for i, v := range b.Columns {
		switch {
		case v.Const:
			out[i] = v
		case b.Sel != nil:
			out[i] = TakeVector(v, b.Sel[first:first+rows])
		case rows == b.Len:
			out[i] = v
		default:
			out[i] = Vector{Array: array.NewSlice(v.Array, int64(first), int64(first+rows))}
		}
	}
	return out
}

// Expand returns v as an array of rows values.
func Expand(v Vector, rows int) arrow.Array {
	if !v.Const {
		return v.Array
	}
	return Take(v.Array, make([]int32, rows))
}

// Decode returns a without dictionary encoding, also inside nested types.
func Decode(a arrow.Array) arrow.Array {
	if !hasDictionary(a.DataType()) {
		return a
	}
	switch x := a.(type) {
	case *array.Dictionary:
		return Take(x.Dictionary(), CodesOrNull(x))
	case *array.Struct:
		fields := each(Fields(x), Decode)
		return FromFields(x.DataType().(*arrow.StructType), x.Len(), arrowdata.Validity(x), fields)
	case *array.Map, *array.List:
		offsets, _ := Lists(x)
		return mapElements(a, offsets, arrowdata.Validity(a), func(of func(arrow.Array) arrow.Array) arrow.Array { return Decode(of(a)) })
	}
	return a
}

// CodesOrNull returns the codes of d, -1 for NULL.
func CodesOrNull(d *array.Dictionary) []int32 {
	codes := Codes(d)
	if d.NullN() == 0 {
		return codes
	}
	out := slices.Clone(codes)
	valid := arrowdata.Validity(d)
	for i := range out {
		if !arrowdata.IsSet(valid, i) {
			out[i] = -1
		}
	}
	return out
}

// HasDictionary reports whether a or a nested array is dictionary-encoded.
func HasDictionary(a arrow.Array) bool { return hasDictionary(a.DataType()) }

func hasDictionary(dt arrow.DataType) bool {
	if dt.ID() == arrow.DICTIONARY {
		return true
	}
	nested, ok := dt.(arrow.NestedType)
	return ok && slices.ContainsFunc(nested.Fields(), func(f arrow.Field) bool { return hasDictionary(f.Type) })
}
