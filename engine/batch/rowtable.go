package batch

import (
	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/auditlake/auditlake/arrowdata"
)

// rowTable assigns ids to the distinct values of a row type, from 0 in order of first appearance. It uses the codes
// of their fields, so no value is encoded, and a dictionary entry is looked up once.
type rowTable struct {
	fields   []*Interner
	combined *Combinations // combinations of the fields' codes
	// isOfCodes: the fields' codes determine a value. They do not if equal values can differ: instants of different
	// zones, zeros of both signs, and nested values with such.
	isOfCodes bool

	codes   [][]int32 // of the rows looked up, by field
	live    []int32   // rows that are not NULL
	numbers []int32
}

// newRowTable returns nil if t is not a row type.
func newRowTable(t arrow.DataType) *rowTable {
	row, ok := t.(*arrow.StructType)
	if !ok || row.NumFields() == 0 || hasInstants(t) {
		return nil
	}
	r := &rowTable{isOfCodes: isRowOfCodes(t)}
	for _, field := range row.Fields() {
		in := NewInterner(field.Type)
		if !r.isOfCodes {
			in.WithoutValues()
		}
		r.fields = append(r.fields, in)
	}
	r.combined, r.codes = NewCombinations(len(r.fields)), make([][]int32, len(r.fields))
	return r
}

func isRowOfCodes(t arrow.DataType) bool {
	row, ok := t.(*arrow.StructType)
	if !ok || row.NumFields() == 0 || hasInstants(t) {
		return false
	}
	for _, field := range row.Fields() {
		if !isAsItsCode(field.Type) {
			return false
		}
	}
	return true
}

// isAsItsCode reports whether equal values of a type are always identical.
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

// lookup writes the code of each row to codes: 0 for NULL, else its id + 1. A row that is not known gets an id if
// insert is set, and Absent otherwise. by divides the work on fields.
func (r *rowTable) lookup(a *array.Struct, codes []int32, insert bool, by Divide) error {
	if err := lookUpParts(by, r.fields, Fields(a), r.codes, insert); err != nil {
		return err
	}
	rows := len(codes)
	valid := arrowdata.Validity(a)
	if valid != nil {
		r.live = arrowdata.AppendSetBits(r.live[:0], valid, len(codes))
		for f := range r.codes {
			for i, row := range r.live { // rows ascend
				r.codes[f][i] = r.codes[f][row]
			}
		}
		rows = len(r.live)
	}
	r.numbers = resize(r.numbers, rows)
	if insert {
		r.combined.Insert(r.codes, r.numbers)
	} else {
		r.combined.Find(r.codes, r.numbers)
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

// resize returns a slice of a length with arbitrary content, in s's memory if that is large enough.
func resize[T any](s []T, length int) []T {
	if cap(s) < length {
		return make([]T, length)
	}
	return s[:length]
}

// finder returns a table that finds what r has and uses its own memory for lookups.
func (r *rowTable) finder() *rowTable {
	f := &rowTable{combined: r.combined, isOfCodes: r.isOfCodes, codes: make([][]int32, len(r.fields))}
	for _, in := range r.fields {
		f.fields = append(f.fields, in.Finder())
	}
	return f
}

func (r *rowTable) len() int { return r.combined.Count() }

// valuesOf returns the rows of codes, none of them Absent. isOfCodes must be set.
func (r *rowTable) valuesOf(t *arrow.StructType, codes []int32, by Divide) arrow.Array {
	if r.len() == 0 {
		return Nulls(t, len(codes))
	}
	values := make([]arrow.Array, len(r.fields))
	ofField := make([]int32, len(codes))
	for f, in := range r.fields {
		for i, code := range codes {
			ofField[i] = max(0, code-1)
		}
		r.combined.toCodes(f, ofField)
		for i, code := range codes {
			if code == 0 {
				ofField[i] = 0
			}
		}
		values[f] = in.ValuesOf(ofField, by)
	}
	return FromFields(t, len(codes), validityOf(codes, by), values)
}

func (r *rowTable) forget() {
	r.combined.forget()
	for _, in := range r.fields {
		in.forget()
	}
}

func (r *rowTable) forgetLookups() {
	r.combined.ForgetLookups()
	if !r.isOfCodes { // the Interner's firsts have the values
		r.combined.forgetCodes()
		r.fields = nil
	}
	for _, in := range r.fields {
		in.ForgetLookups()
	}
	r.codes, r.live, r.numbers = make([][]int32, len(r.fields)), nil, nil
}

func (r *rowTable) sizeBytes() int64 {
	size := 4*int64(cap(r.live)+cap(r.numbers)) + r.combined.SizeBytes()
	for f, in := range r.fields {
		size += in.SizeBytes() + 4*int64(cap(r.codes[f]))
	}
	return size
}

// growthBytes returns what lookup of an array's rows may allocate, as Interner.GrowthBytes does.
func (r *rowTable) growthBytes(a arrow.Array, rows int) int64 {
	row, ok := a.(*array.Struct)
	if !ok {
		return 0
	}
	size := int64(rows)*int64(8+4*len(r.fields)) + r.combined.GrowthBytes(rows)
	for f, in := range r.fields {
		size += in.GrowthBytes(Vector{Array: row.Field(f)}, rows)
	}
	return size
}
