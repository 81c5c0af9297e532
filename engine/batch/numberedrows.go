package batch

import (
	"math/bits"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/auditlake/auditlake/arrowdata"
)

// numberedRows numbers the values of a row type within one batch, as a Numbering does: by the codes of the dictionaries in it, and by those of
// Interners for its other parts. The zero value is ready for use.
type numberedRows struct {
	combined *Combinations // of the codes of parts; nil at first
	count    int           // of the parts that it is of
	parts    []rowPart
}

// rowPart is a part of a row type that is no row itself, or which of its rows are NULL.
type rowPart struct {
	codes    []int32   // by row, 0 is NULL
	interner *Interner // nil where it was not needed yet
}

// isNumberedByParts reports whether values of a type are rows, other than times with their zones.
func isNumberedByParts(t arrow.DataType) bool {
	row, ok := t.(*arrow.StructType)
	return ok && row.NumFields() > 0 && !hasInstants(t)
}

// number writes the number of each row to numbers and appends the first row of each number to firsts.
func (n *numberedRows) number(a *array.Struct, numbers, firsts []int32) ([]int32, error) {
	count, err := n.codeParts(a, nil, len(numbers), 0)
	if err != nil {
		return nil, err
	}
	all := make([][]int32, count)
	for i := range all {
		all[i] = n.parts[i].codes
	}
	if n.count != count {
		n.combined, n.count = NewCombinations(count), count
	}
	n.combined.forget()
	n.combined.Insert(all, numbers)
	next := int32(0)
	for row, number := range numbers {
		if number == next {
			firsts = append(firsts, int32(row))
			next++
		}
	}
	return firsts, nil
}

// codeParts gives the parts of a row type codes, from a place on, and returns the place after them. Rows that are not valid count as NULL.
func (n *numberedRows) codeParts(a *array.Struct, valid []byte, rows, at int) (int, error) {
	valid = arrowdata.And(valid, arrowdata.Validity(a), rows)
	codes := n.part(at, rows).codes
	for row := range codes {
		codes[row] = 1
	}
	maskNulls(codes, valid)
	at++
	for _, field := range Fields(a) {
		if inner, ok := field.(*array.Struct); ok && isNumberedByParts(inner.DataType()) {
			var err error
			if at, err = n.codeParts(inner, valid, rows, at); err != nil {
				return 0, err
			}
			continue
		}
		if err := n.codePart(n.part(at, rows), field, valid); err != nil {
			return 0, err
		}
		at++
	}
	return at, nil
}

// part returns the part at a place, with room for the codes of rows.
func (n *numberedRows) part(at, rows int) *rowPart {
	if at == len(n.parts) {
		n.parts = append(n.parts, rowPart{})
	}
	n.parts[at].codes = resize(n.parts[at].codes, rows)
	return &n.parts[at]
}

// codePart gives the values of a part codes, 0 where the row is not valid.
func (n *numberedRows) codePart(p *rowPart, a arrow.Array, valid []byte) error {
	if d, ok := a.(*array.Dictionary); ok {
		valid = arrowdata.And(valid, arrowdata.Validity(d), len(p.codes))
		for row, code := range Codes(d)[:len(p.codes)] {
			p.codes[row] = code + 1
		}
		maskNulls(p.codes, valid)
		return nil
	}
	if p.interner == nil {
		p.interner = NewInterner(a.DataType())
		p.interner.WithoutValues()
	}
	p.interner.forget()
	err := p.interner.Insert(Vector{Array: a}, len(p.codes), p.codes)
	maskNulls(p.codes, valid)
	return err
}

// maskNulls makes the codes of rows 0 that are not valid.
func maskNulls(codes []int32, valid []byte) {
	if valid == nil {
		return
	}
	for row := range codes {
		codes[row] &= -int32(valid[row>>3] >> (row & 7) & 1)
	}
}

// growthBytes is what number may allocate before what was held so far is given back.
func (n *numberedRows) growthBytes(a *array.Struct, rows int) int64 {
	size, codeBits := n.growthOf(a, rows, nil)
	var level WordTable
	return size + int64(len(codeBits))*int64(rows)*4 + int64(len(combinedIn(codeBits)))*level.GrowthBytes(rows)
}

// growthOf returns what the Interners of parts may allocate, and adds how many bits the codes of each part may be given to codeBits.
func (n *numberedRows) growthOf(a *array.Struct, rows int, codeBits []int) (size int64, all []int) {
	codeBits = append(codeBits, 1)
	for _, field := range Fields(a) {
		if inner, ok := field.(*array.Struct); ok && isNumberedByParts(inner.DataType()) {
			var ofInner int64
			ofInner, codeBits = n.growthOf(inner, rows, codeBits)
			size += ofInner
			continue
		}
		if d, isDictionary := field.(*array.Dictionary); isDictionary {
			codeBits = append(codeBits, bits.Len(uint(d.Dictionary().Len()))+1)
			continue
		}
		interner := NewInterner(field.DataType())
		interner.WithoutValues()
		if at := len(codeBits); at < len(n.parts) && n.parts[at].interner != nil {
			interner = n.parts[at].interner
		}
		size += interner.GrowthBytes(Vector{Array: field}, rows)
		codeBits = append(codeBits, bits.Len(uint(rows))+1)
	}
	return size, codeBits
}

// sizeBytes is the memory held.
func (n *numberedRows) sizeBytes() (size int64) {
	for _, p := range n.parts {
		size += int64(cap(p.codes)) * 4
		if p.interner != nil {
			size += p.interner.SizeBytes()
		}
	}
	if n.combined != nil {
		size += n.combined.SizeBytes()
	}
	return size
}
