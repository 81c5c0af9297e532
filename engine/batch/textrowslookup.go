package batch

import (
	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/auditlake/auditlake/arrowdata"
)

// Codes writes the code of each row to codes, Absent for texts that the column does not have. v has texts or is all
// NULL.
func (t *TextRows) Codes(v Vector, codes []int32) {
	if v.Const {
		var code [1]int32
		t.codesOf(v.Array, code[:])
		for row := range codes {
			codes[row] = code[0]
		}
		return
	}
	t.codesOf(v.Array, codes)
}

func (t *TextRows) codesOf(a arrow.Array, codes []int32) {
	switch a := a.(type) {
	case *array.Null:
		clear(codes)
	case *array.Dictionary:
		values := a.Dictionary().(*array.String)
		known := t.found.of(values, len(t.offsets))
		entries, valid := Codes(a), arrowdata.Validity(a)
		// No lookup fails.
		_ = findEntries(known, entries, valid, codes, func(entry int) (int32, error) {
			text := viewBytes(values.Value(entry))
			return t.codeOf(text, hashOf(text)), nil
		})
	case *array.String:
		t.codesOfTexts(a, codes)
	}
}

// codeOf returns the code of a text, Absent if the column does not have it.
func (t *TextRows) codeOf(text []byte, hash uint32) int32 {
	code, _ := t.find(t.parts[t.partOf(hash)].slots, text, hash)
	if code == 0 {
		return Absent
	}
	return code
}

// rowPlaces is what is read ahead to look some texts up, see textPlaces.
type rowPlaces struct {
	hashes  [wordsAtOnce]uint32
	slots   [wordsAtOnce]uint64
	isThere [wordsAtOnce]bool  // the slot has a text of that hash
	begins  [wordsAtOnce]int32 // where that text begins
	firsts  [wordsAtOnce]byte
}

// fetch hashes the first n texts of offsets and reads their slots.
func (p *rowPlaces) fetch(t *TextRows, offsets []int32, data []byte, n int) {
	for i := range n {
		hash := hashOf(data[offsets[i]:offsets[i+1]])
		slots := t.parts[t.partOf(hash)].slots
		p.hashes[i], p.slots[i] = hash, slots[hash&uint32(len(slots)-1)]
	}
	for i, slot := range p.slots[:n] {
		if p.isThere[i] = slot != 0 && uint32(slot>>32) == p.hashes[i]; p.isThere[i] {
			p.begins[i] = t.offsets[uint32(slot)-1]
		}
	}
	for i, begin := range p.begins[:n] {
		if p.isThere[i] && int(begin) < len(t.data) {
			p.firsts[i] = t.data[begin]
		}
	}
}

func (t *TextRows) codesOfTexts(texts *array.String, codes []int32) {
	var p rowPlaces
	offsets, data := Text(texts)
	valid := arrowdata.Validity(texts)
	for from := 0; from < len(codes); from += wordsAtOnce {
		n := min(len(codes)-from, wordsAtOnce)
		p.fetch(t, offsets[from:], data, n)
		for i, hash := range p.hashes[:n] {
			row := from + i
			if !arrowdata.IsValid(valid, row) {
				codes[row] = 0
				continue
			}
			codes[row] = t.codeOf(data[offsets[row]:offsets[row+1]], hash)
		}
	}
}

// MaxCode returns an upper bound of all codes.
func (t *TextRows) MaxCode() int32 { return int32(t.texts.Len()) }

// Ends returns an array with the least text and the greatest; by divides the work. Its type is that of the texts.
func (t *TextRows) Ends(_ arrow.DataType, by Divide) arrow.Array { return EndsOfTexts(t.texts, by) }

// EndsOfTexts returns an array with the least and the greatest text, or NULLs if all are NULL. by divides the work.
func EndsOfTexts(texts *array.String, by Divide) arrow.Array {
	ends := make([]textRowEnds, PiecesOf(texts.Len()))
	by.Rows(texts.Len(), func(piece, from, to int) {
		ends[piece] = noTextEnds
		for row := from; row < to; row++ {
			if texts.IsValid(row) {
				ends[piece].add(texts, int32(row))
			}
		}
	})
	all := noTextEnds
	for _, e := range ends {
		if e.low >= 0 {
			all.add(texts, e.low)
			all.add(texts, e.high)
		}
	}
	return Take(texts, []int32{all.low, all.high})
}

// textRowEnds are the rows of the least and the greatest of some texts, -1 if there is none.
type textRowEnds struct {
	low, high       int32
	least, greatest string
}

var noTextEnds = textRowEnds{low: -1, high: -1}

func (e *textRowEnds) add(texts *array.String, row int32) {
	text := texts.Value(int(row))
	if e.low < 0 || text < e.least {
		e.low, e.least = row, text
	}
	if e.high < 0 || text > e.greatest {
		e.high, e.greatest = row, text
	}
}
