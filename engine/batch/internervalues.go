package batch

import (
	"sync"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/auditlake/auditlake/arrowdata"
)

// Values returns the array of distinct values by code; position 0 is NULL. Like Take it panics with a *types.Error
// when they pass the limits of an array.
func (in *Interner) Values() arrow.Array { return in.ValuesDivided(InTurn) }

// ValuesDivided is Values with its work divided by by.
func (in *Interner) ValuesDivided(by Divide) arrow.Array {
	null := Nulls(in.valueType, 1)
	switch {
	case in.words != nil:
		return in.wordValues()
	case in.rows != nil && in.rows.isOfCodes:
		return in.ValuesOf(codesUpTo(in.rows.len()), by)
	case isText(in.valueType):
		return in.textValues(by)
	case len(in.firsts) == 0:
		return null
	}
	joined := Concat(append([]arrow.Array{null}, in.firsts...))
	in.firsts, in.firstsBytes = []arrow.Array{array.NewSlice(joined, 1, int64(joined.Len()))}, ArrayBytes(joined)
	return joined
}

// NonNullValues returns the values of the codes from 1 on, as ValuesDivided does. They may share the interner's
// memory: more values may be inserted, but none forgotten.
func (in *Interner) NonNullValues(by Divide) arrow.Array {
	const maxRoom = 8 // unused capacity that the values keep alive is at most 1/maxRoom of them
	if in.words != nil && isWord(in.valueType) && isItsWord(in.valueType) && cap(in.words.words)-len(in.words.words) <= len(in.words.words)/maxRoom {
		return FromValues(in.valueType, in.words.words, nil)
	}
	all := in.ValuesDivided(by)
	return array.NewSlice(all, 1, int64(all.Len()))
}

// ValuesOf returns the values of codes, none of them Absent. by divides the work. It panics as Values does.
func (in *Interner) ValuesOf(codes []int32, by Divide) arrow.Array {
	switch {
	case in.rows != nil && in.rows.isOfCodes:
		return in.rows.valuesOf(in.valueType.(*arrow.StructType), codes, by)
	case in.numbered != nil && in.numbered.isWhole:
		return in.numberedValuesOf(codes, by)
	case isText(in.valueType) && !in.texts.texts.isWhole():
		return textsOf(in.valueType, codes, func(code int32) []byte { return in.texts.At(code - 1) }, by)
	}
	return TakeDivided(in.ValuesDivided(by), codes, by)
}

// IsOfTexts reports whether the values are texts, so that Coded may be called.
func (in *Interner) IsOfTexts() bool { return isText(in.valueType) }

// Text returns the text of a code other than NULL's, in an interner of texts without ids. Callers must not change
// it.
func (in *Interner) Text(code int32) []byte { return in.texts.At(code - 1) }

// Coded returns the values of codes, which are texts, as a dictionary; by divides the work. It takes over codes.
// None of them may be Absent.
func (in *Interner) Coded(codes []int32, by Divide) *array.Dictionary {
	valid := validityOf(codes, by)
	by.Rows(len(codes), func(_, from, to int) {
		for i, code := range codes[from:to] {
			codes[from+i] = max(0, code-1)
		}
	})
	return in.codedBy(codes, valid, by)
}

// codedBy is Coded for codes that count from 0; those of NULL are arbitrary.
func (in *Interner) codedBy(numbers []int32, valid []byte, by Divide) *array.Dictionary {
	values := in.NonNullValues(by)
	CountNulls(values) // others share it
	if in.numbered != nil && in.numbered.isWhole {
		in.lake.remember(values, in.numbered)
	}
	return FromCodes(numbers, valid, values)
}

// validityOf returns the validity bitmap of values with codes; nil: none is NULL. by divides the work.
func validityOf(codes []int32, by Divide) []byte {
	var valid []byte
	var makeValid sync.Once
	by.Rows(len(codes), func(_, from, to int) { // pieces have no byte in common
		for i := from; i < to; i++ {
			if codes[i] == 0 {
				makeValid.Do(func() { valid = arrowdata.FullValidity(len(codes)) })
				arrowdata.ClearBit(valid, i)
			}
		}
	})
	return valid
}

func (in *Interner) textValues(by Divide) arrow.Array {
	if in.numbered != nil && in.numbered.isWhole {
		return in.numberedValues(by)
	}
	return in.texts.texts.values(in.valueType, by)
}

func (in *Interner) wordValues() arrow.Array {
	if isWord(in.valueType) {
		return in.wordsAs(in.valueType)
	}
	row, n := in.valueType.(*arrow.StructType), in.words.Len()+1
	zones, valid := append(make([]int32, 1, n), in.zones...), nullFirst(n)
	return FromFields(row, n, valid, []arrow.Array{in.wordsAs(row.Field(0).Type), FromValues(row.Field(1).Type, zones, valid)})
}

func (in *Interner) wordsAs(t arrow.DataType) arrow.Array {
	n := in.words.Len() + 1
	if isItsWord(t) {
		words := append(withRoom([]uint64(nil), n), 0)
		return FromValues(t, append(words, in.words.words...), nullFirst(n))
	}
	b := make([]byte, wordWidth(t, n))
	for i, w := range in.words.words {
		putWord(b, t, i+1, w)
	}
	return withBuffer(t, n, nullFirst(n), b)
}

// nullFirst returns the validity bitmap of n values; only the first is NULL.
func nullFirst(n int) []byte {
	valid := arrowdata.FullValidity(n)
	arrowdata.ClearBit(valid, 0)
	return valid
}
