package function

import (
	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/batch"
)

// compareTexts has fast paths for texts and a constant: most texts differ from it in length or in their first
// bytes.
func compareTexts(rel relation, x, y batch.Vector, rows int) []byte {
	texts, constant := x, y
	if x.Const {
		texts, constant = y, x
	}
	column, isText := texts.Array.(*array.String)
	if !isText || texts.Const || !constant.Const || arrowdata.IsNull(constant.Array, 0) {
		return compareColumns[string](rel, x, y, rows)
	}
	wanted := batch.Strings(constant.Array)[0]
	if rel == equal {
		return textsEqual(column, wanted)
	}
	if !x.Const {
		return textsBefore(column, wanted, rel == lessOrEqual)
	}
	bits := textsBefore(column, wanted, rel == less) // the constant is before all other texts
	for i := range bits {
		bits[i] = ^bits[i]
	}
	return bits
}

func textsEqual(texts *array.String, wanted string) []byte {
	offsets, data := batch.Text(texts)
	bits := make([]byte, (texts.Len()+7)/8)
	for i := range texts.Len() {
		lo, hi := offsets[i], offsets[i+1]
		if int(hi-lo) == len(wanted) && string(data[lo:hi]) == wanted {
			arrowdata.SetBit(bits, i)
		}
	}
	return bits
}

// textsBefore sets the bits of the texts that come before other, or with orEqual also of those equal to it.
func textsBefore(texts *array.String, other string, orEqual bool) []byte {
	offsets, data := batch.Text(texts)
	bits := make([]byte, (texts.Len()+7)/8)
	first := batch.TextWord(viewBytes(other))
	for i := range texts.Len() {
		lo, hi := offsets[i], offsets[i+1]
		word := batch.TextWordAt(data, lo, hi)
		isBefore := bit(word < first)
		if word == first {
			text := viewText(data[lo:hi])
			isBefore = bit(text < other || orEqual && text == other)
		}
		bits[i>>3] |= isBefore << (i & 7)
	}
	return bits
}
