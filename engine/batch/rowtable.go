package batch

import (
	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/auditlake/auditlake/arrowdata"
)

// rowTable numbers distinct values of a row type from 0 in order of first appearance: by the codes of their fields, so that no value is
// encoded, and an entry of a dictionary is looked up once.
type rowTable struct {
	fields []*Interner
	// combined numbers what fields have together: entry f is of the words of the number of entry f-1, or of the first field's code, and
	// the code of field f+1. The last one's numbers are the rows'.
	combined []WordTable

	codes   [][]int32 // of the rows looked up, by field
	live    []int32   // those that are not NULL
	words   []uint64
	numbers []int32
}

// newRowTable returns nil for types whose values are not what their fields' codes say: where equal values differ, as instants of other zones
// and zeros of both signs do.
func newRowTable(t arrow.DataType) *rowTable {
	if !isRowOfCodes(t) {
		return nil
	}
	r := &rowTable{}
	for _, field := range t.(*arrow.StructType).Fields() {
		r.fields = append(r.fields, NewInterner(field.Type))
	}
	r.combined, r.codes = make([]WordTable, len(r.fields)-1), make([][]int32, len(r.fields))
	return r
}

func isRowOfCodes(t arrow.DataType) bool {
	row, ok := t.(*arrow.StructType)
	if !ok || row.NumFields() < 2 || row.Field(0).Name == "instant" && row.Field(1).Name == "zone" {
		return false
	}
	for _, field := range row.Fields() {
		if !isAsItsCode(field.Type) {
			return false
		}
	}
	return true
}

// isAsItsCode reports whether equal values of a type are the same.
func isAsItsCode(t arrow.DataType) bool {
	switch t.ID() {
	case arrow.FLOAT32, arrow.FLOAT64:
		return false
	case arrow.DECIMAL128, arrow.FIXED_SIZE_BINARY:
		return true
	case arrow.DICTIONARY:
		return isAsItsCode(t.(*arrow.DictionaryType).ValueType)
	}
	return isWord(t) || isText(t) || isRowOfCodes(t)
}

// lookup writes the code of each row, 1 more than its number, 0 of NULL, and Absent of one that is not there and not to be inserted.
// Work on fields is divided.
func (r *rowTable) lookup(a *array.Struct, codes []int32, insert bool, by Divide) error {
	if err := lookUpParts(by, r.fields, Fields(a), r.codes, insert); err != nil {
		return err
	}
	first := r.codes[0][:len(codes)]
	valid := arrowdata.Validity(a)
	if valid != nil {
		r.live = arrowdata.AppendSetBits(r.live[:0], valid, len(codes))
		for f := range r.codes {
			for i, row := range r.live { // rows ascend
				r.codes[f][i] = r.codes[f][row]
			}
		}
		first = first[:len(r.live)]
	}
	r.words, r.numbers = resize(r.words, len(first)), resize(r.numbers, len(first))
	copy(r.numbers, first)
	for f := range r.combined {
		table := &r.combined[f]
		for i, code := range r.codes[f+1][:len(first)] {
			r.words[i] = PairWord(r.numbers[i], code)
		}
		if insert {
			table.InsertAll(r.words, r.numbers)
		} else {
			table.FindAll(r.words, r.numbers)
		}
	}
	if valid == nil {
		for row, number := range r.numbers {
			codes[row] = found(number)
		}
		return nil
	}
	clear(codes)
	for i, row := range r.live {
		codes[row] = found(r.numbers[i])
	}
	return nil
}

// resize returns a slice of a length, of s's memory if it is large enough, with anything in it.
func resize[T any](s []T, length int) []T {
	if cap(s) < length {
		return make([]T, length)
	}
	return s[:length]
}

// finder returns a table that finds what r has, with memory of its own for lookups.
func (r *rowTable) finder() *rowTable {
	f := &rowTable{combined: r.combined, codes: make([][]int32, len(r.fields))}
	for _, in := range r.fields {
		f.fields = append(f.fields, in.Finder())
	}
	return f
}

func (r *rowTable) len() int { return r.combined[len(r.combined)-1].Len() }

// valuesOf returns the rows of codes, none of them Absent.
func (r *rowTable) valuesOf(t *arrow.StructType, codes []int32, by Divide) arrow.Array {
	var valid []byte
	numbers := make([]int32, len(codes))
	for i, code := range codes {
		if code == 0 {
			if valid == nil {
				valid = arrowdata.FullValidity(len(codes))
			}
			arrowdata.ClearBit(valid, i)
		}
		numbers[i] = code - 1
	}
	values := make([]arrow.Array, len(r.fields))
	ofField := make([]int32, len(codes))
	for f := len(r.combined); f > 0; f-- {
		words := r.combined[f-1].Words()
		for i, number := range numbers {
			ofField[i] = 0
			if number >= 0 {
				numbers[i], ofField[i] = int32(words[number]>>32), int32(uint32(words[number]))
			}
		}
		values[f] = r.fields[f].ValuesOf(ofField, by)
	}
	for i := range numbers {
		numbers[i] = max(0, numbers[i])
	}
	values[0] = r.fields[0].ValuesOf(numbers, by)
	return FromFields(t, len(codes), valid, values)
}

func (r *rowTable) forget() {
	for f := range r.combined {
		r.combined[f].forget()
	}
	for _, in := range r.fields {
		in.forget()
	}
}

func (r *rowTable) forgetLookups() {
	for f := range r.combined {
		r.combined[f].ForgetLookups()
	}
	for _, in := range r.fields {
		in.ForgetLookups()
	}
	r.codes, r.live, r.words, r.numbers = make([][]int32, len(r.fields)), nil, nil, nil
}

func (r *rowTable) sizeBytes() int64 {
	size := 4*int64(cap(r.live)+cap(r.numbers)) + 8*int64(cap(r.words))
	for f, in := range r.fields {
		size += in.SizeBytes() + 4*int64(cap(r.codes[f]))
	}
	for f := range r.combined {
		size += r.combined[f].SizeBytes()
	}
	return size
}

// growthBytes is what lookup of an array's rows may allocate, as Interner.GrowthBytes says.
func (r *rowTable) growthBytes(a arrow.Array, rows int) int64 {
	row, ok := a.(*array.Struct)
	if !ok {
		return 0
	}
	size := int64(rows) * int64(16+4*len(r.fields))
	for f, in := range r.fields {
		size += in.GrowthBytes(Vector{Array: row.Field(f)}, rows)
	}
	for f := range r.combined {
		size += r.combined[f].GrowthBytes(rows)
	}
	return size
}
