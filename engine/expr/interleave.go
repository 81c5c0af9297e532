package expr

import (
	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/function"
)

// interleave returns the list array whose row i holds value i of each vector.
func interleave(env *function.Env, values []batch.Vector, rows int) arrow.Array {
	offsets := make([]int32, rows+1)
	for row := range offsets {
		offsets[row] = int32(row * len(values))
	}
	if coded := interleaveCoded(env, values, rows); coded != nil {
		return batch.FromLists(offsets, nil, coded)
	}
	arrays := make([]arrow.Array, len(values))
	idx := make([]int32, rows*len(values))
	joined := 0
	for i, v := range values {
		env.LookAfter(rows)
		arrays[i] = v.Array
		for row := range rows {
			idx[row*len(values)+i] = int32(joined + v.At(row))
		}
		joined += v.Array.Len()
	}
	return batch.FromLists(offsets, nil, env.Take(env.Concat(arrays), idx))
}

// interleaveCoded returns the elements of interleave as a dictionary array. A vector without a dictionary
// contributes each of its texts once. It returns nil if the elements are not texts, or too few per text.
func interleaveCoded(env *function.Env, values []batch.Vector, rows int) arrow.Array {
	const elementsPerText = 2
	dictionaries, texts := make([]arrow.Array, len(values)), 0
	for i, v := range values {
		if dictionaries[i] = rowTexts(v.Array); dictionaries[i] == nil {
			return nil
		}
		texts += dictionaries[i].Len()
	}
	elements := rows * len(values)
	if texts*elementsPerText > elements {
		return nil
	}
	if err := env.Grow(int64(elements) * 5); err != nil { // four bytes, and bits
		batch.Fail(err)
	}
	codes, valid := make([]int32, elements), []byte(nil)
	first := int32(0) // code of the vector's first text
	for i, v := range values {
		env.LookAfter(rows)
		of := rowCodes(v.Array)
		for row := range rows {
			code, at := of[v.At(row)], row*len(values)+i
			if codes[at] = first + code; code < 0 {
				if valid == nil {
					valid = arrowdata.FullValidity(elements)
				}
				codes[at] = 0
				arrowdata.ClearBit(valid, at)
			}
		}
		first += int32(dictionaries[i].Len())
	}
	return batch.FromCodes(codes, valid, env.Concat(dictionaries))
}

// rowTexts returns the texts of a column without NULLs: its dictionary, or one text for each row. It returns nil if
// the column has no texts.
func rowTexts(a arrow.Array) arrow.Array {
	switch a := a.(type) {
	case *array.Dictionary:
		if _, isText := a.Dictionary().(*array.String); isText {
			return a.Dictionary()
		}
	case *array.String:
		offsets, data := batch.Text(a)
		return batch.FromText(a.DataType(), offsets, data, nil)
	}
	return nil
}

// rowCodes returns the index of each row's text in the result of rowTexts, -1 for NULL.
func rowCodes(a arrow.Array) []int32 {
	if d, ok := a.(*array.Dictionary); ok {
		return batch.CodesOrNull(d)
	}
	codes, valid := make([]int32, a.Len()), arrowdata.Validity(a)
	for row := range codes {
		codes[row] = int32(row)
		if !arrowdata.IsValid(valid, row) {
			codes[row] = -1
		}
	}
	return codes
}
