package batch

import (
	"fmt"
	"math"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"
)

// Concat joins arrays of one type (some of which may be dictionaries of it)
// end to end. Dictionaries survive when all arrays share one; else the result
// is decoded. A result past 2 GiB of text or list elements panics with a
// *types.Error that the query root reports.
func Concat(arrays []arrow.Array) arrow.Array {
	if len(arrays) == 1 {
		return arrays[0]
	}
	if joined, ok := concatShared(arrays); ok {
		return joined
	}
	decoded := each(arrays, Decode)
	checkSizes(decoded)
	joined, err := array.Concatenate(decoded, memory.DefaultAllocator)
	if err != nil {
		panic(fmt.Sprintf("batch: arrays of one type do not join: %v", err))
	}
	return joined
}

// concatShared joins dictionary arrays over the same dictionary.
func concatShared(arrays []arrow.Array) (arrow.Array, bool) {
	first, ok := arrays[0].(*array.Dictionary)
	if !ok {
		return nil, false
	}
	total, nulls := 0, 0
	for _, a := range arrays {
		d, ok := a.(*array.Dictionary)
		if !ok || d.Data().Dictionary() != first.Data().Dictionary() {
			return nil, false
		}
		total += d.Len()
		nulls += d.NullN()
	}
	codes := make([]int32, 0, total)
	var valid []byte
	if nulls > 0 {
		valid = FullValidity(total)
	}
	for _, a := range arrays {
		d := a.(*array.Dictionary)
		for i := 0; i < d.Len() && d.NullN() > 0; i++ {
			if d.IsNull(i) {
				ClearBit(valid, len(codes)+i)
			}
		}
		codes = append(codes, Codes(d)...)
	}
	return FromCodes(codes, valid, first.Dictionary()), true
}

// checkSizes panics for text and lists whose 32-bit offsets would overflow.
func checkSizes(arrays []arrow.Array) {
	total := 0
	for _, a := range arrays {
		if a.Len() == 0 {
			continue
		}
		switch a.(type) {
		case *array.String, *array.Binary:
			offsets, _ := Text(a)
			total += int(offsets[len(offsets)-1] - offsets[0])
		case *array.List, *array.Map:
			offsets, _ := Lists(a)
			total += int(offsets[len(offsets)-1] - offsets[0])
		}
	}
	if total > math.MaxInt32 {
		panic(tooBig("joined values"))
	}
	switch first := arrays[0].(type) {
	case *array.Struct:
		for f := range first.NumField() {
			fields := make([]arrow.Array, len(arrays))
			for i, a := range arrays {
				fields[i] = a.(*array.Struct).Field(f)
			}
			checkSizes(fields)
		}
	case *array.List, *array.Map:
		elems := make([]arrow.Array, len(arrays))
		for i, a := range arrays {
			_, elems[i] = Lists(a)
		}
		checkSizes(elems)
	}
}
