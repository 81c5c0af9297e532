package function

import (
	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/batch"
)

// codedTexts reads the texts or byte strings of an array in place, also those of a dictionary.
type codedTexts struct {
	offsets []int32 // of the texts of the array or its dictionary, in data
	data    []byte
	codes   []int32 // by row; nil: row i has text i. Undefined under NULLs.
}

func codedTextsOf(a arrow.Array) (t codedTexts) {
	if d, isCoded := a.(*array.Dictionary); isCoded {
		t.codes, a = batch.Codes(d), d.Dictionary()
	}
	t.offsets, t.data = batch.Text(a)
	return t
}

// at returns the text of a row that is not NULL.
func (t *codedTexts) at(row int) string {
	if t.codes != nil {
		row = int(t.codes[row])
	}
	return t.entry(row)
}

// entry returns text i of the dictionary, or of the array if it has none.
func (t *codedTexts) entry(i int) string { return viewText(t.data[t.offsets[i]:t.offsets[i+1]]) }

// bytesOf returns the bytes of the texts of valid rows in [from, to). Without a dictionary, texts under NULLs count
// too.
func (t *codedTexts) bytesOf(from, to int, valid []byte) (n int64) {
	if t.codes == nil {
		return int64(t.offsets[to] - t.offsets[from])
	}
	for row := from; row < to; row++ {
		if arrowdata.IsValid(valid, row) {
			code := t.codes[row]
			n += int64(t.offsets[code+1] - t.offsets[code])
		}
	}
	return n
}
