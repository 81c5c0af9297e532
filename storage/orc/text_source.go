package orc

import (
	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
)

// textSource reaches the texts of an array, which may be a dictionary of texts.
type textSource struct {
	codes   []int32 // of the rows of a dictionary; nil: rows are texts themselves
	offsets []int32 // in data, of each text
	data    []byte
}

// textSourceOf returns the texts of an array; ok is false if it holds none.
func textSourceOf(arr arrow.Array) (source textSource, ok bool) {
	switch values := arr.(type) {
	case *array.String:
		if values.Len() == 0 { // there may be no memory
			return source, true
		}
		source.offsets = values.ValueOffsets()
		if buffer := values.Data().Buffers()[2]; buffer != nil {
			source.data = buffer.Bytes()
		}
		return source, true
	case *array.Dictionary:
		texts, ok := values.Dictionary().(*array.String)
		if !ok {
			return source, false
		}
		source, _ = textSourceOf(texts)
		source.codes = dictionaryCodes(values)
		return source, true
	}
	return source, false
}

// dictionaryCodes returns the codes of all rows; those of NULL rows mean nothing.
func dictionaryCodes(values *array.Dictionary) []int32 {
	if codes, ok := values.Indices().(*array.Int32); ok && codes.Len() > 0 {
		return codes.Int32Values()
	}
	codes := make([]int32, values.Len())
	for i := range codes {
		if values.IsValid(i) {
			codes[i] = int32(values.GetValueIndex(i))
		}
	}
	return codes
}

// at returns the text of a row, which must not be changed.
func (s *textSource) at(row int32) []byte {
	if s.codes != nil {
		row = s.codes[row]
	}
	return s.data[s.offsets[row]:s.offsets[row+1]]
}

// lead returns the texts of the first rows as far as they lie together in memory, and how many these are.
func (s *textSource) lead(rows []int32) (n int, texts []byte) {
	if s.codes != nil {
		return 1, s.at(rows[0])
	}
	for n = 1; n < len(rows) && s.offsets[rows[n]] == s.offsets[rows[n-1]+1]; {
		n++
	}
	return n, s.data[s.offsets[rows[0]]:s.offsets[rows[n-1]+1]]
}
