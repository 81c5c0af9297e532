package batch

import (
	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/auditlake/auditlake/arrowdata"
)

// joinedCodes are the codes of dictionaries that become one, whose values are numbered in the order of the rows.
type joinedCodes struct {
	values    *Interner // empty at first
	maxValues int
	codes     []int32 // of all rows; those of NULL are any
}

// joinedPart is one of the arrays.
type joinedPart struct {
	array arrow.Array
	at    int // its first row among all
	// used are the entries of its dictionary that its rows have, in their order; nil: they were not looked for.
	used  []int32
	known []int32 // the code in values of each used entry of the dictionary
}

// join gives the rows of arrays their codes. Workers find out which entries of dictionaries are used, one goroutine numbers these, and workers
// write what that makes of the rows. It returns false where there are too many values.
func (j *joinedCodes) join(arrays []arrow.Array, by Divide) bool {
	parts := make([]joinedPart, len(arrays))
	at := 0
	for i, a := range arrays {
		parts[i] = joinedPart{array: a, at: at}
		at += a.Len()
	}
	by(len(parts), func(i int) { parts[i].findUsed() })
	var before *joinedPart
	for i := range parts {
		p := &parts[i]
		if !j.number(p, before) {
			return false
		}
		before = p
	}
	by(len(parts), func(i int) { j.write(&parts[i]) })
	return true
}

// findUsed finds out which entries the rows have, where that takes no more than the rows do.
func (p *joinedPart) findUsed() {
	const valuesPerRow = 2
	d, ok := p.array.(*array.Dictionary)
	if !ok || d.Dictionary().Len() > valuesPerRow*d.Len() {
		return
	}
	isUsed, valid := make([]bool, d.Dictionary().Len()), arrowdata.Validity(d)
	p.used = []int32{}
	for i, entry := range Codes(d) {
		if arrowdata.IsValid(valid, i) && !isUsed[entry] {
			isUsed[entry] = true
			p.used = append(p.used, entry)
		}
	}
}

// number gives the values of a part, which comes after another one, their codes; false: there are too many.
func (j *joinedCodes) number(p, before *joinedPart) bool {
	if p.used == nil {
		if err := j.values.Insert(Vector{Array: p.array}, p.array.Len(), j.codes[p.at:p.at+p.array.Len()]); err != nil {
			return false
		}
		return j.hasRoom(p)
	}
	dictionary := p.array.(*array.Dictionary).Dictionary()
	if before != nil && before.known != nil && before.array.(*array.Dictionary).Dictionary().Data() == dictionary.Data() {
		p.known = before.known
	} else {
		p.known = make([]int32, dictionary.Len())
	}
	var unknown []int32
	for _, entry := range p.used {
		if p.known[entry] == 0 {
			unknown = append(unknown, entry)
		}
	}
	codes := make([]int32, len(unknown))
	if err := j.values.Insert(Vector{Array: FromCodes(unknown, nil, dictionary)}, len(unknown), codes); err != nil {
		return false
	}
	for i, entry := range unknown {
		p.known[entry] = codes[i]
	}
	return j.hasRoom(p)
}

// hasRoom reports whether the values are not too many for the rows up to the end of a part.
func (j *joinedCodes) hasRoom(p *joinedPart) bool {
	end := p.at + p.array.Len()
	return j.values.Len() <= min(j.maxValues, max(fewJoinedValues, end/joinedRowsPerValue))
}

// write writes the codes of a part, which count from 0 on.
func (j *joinedCodes) write(p *joinedPart) {
	codes := j.codes[p.at : p.at+p.array.Len()]
	if p.known == nil {
		for i, code := range codes {
			codes[i] = max(0, code-1)
		}
		return
	}
	entries, valid := Codes(p.array.(*array.Dictionary)), arrowdata.Validity(p.array)
	if valid == nil {
		for i, entry := range entries {
			codes[i] = p.known[entry] - 1
		}
		return
	}
	for i, entry := range entries {
		codes[i] = 0
		if arrowdata.IsSet(valid, i) {
			codes[i] = p.known[entry] - 1
		}
	}
}
