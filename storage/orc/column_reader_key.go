package orc

import (
	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/auditlake/auditlake/storage/orc/internal/orcpb"
)

// keyReader reads what a map has under one key, without decoding the other values.
type keyReader struct {
	listReader
	key string
}

func (s *Stripe) newKeyReader(c *column, key string, scope *readScope, asCodes bool) (columnReader, error) {
	if c.kind != orcpb.Type_MAP || !c.children[0].isText() {
		return nil, &UnsupportedError{Path: s.reader.path, What: "a key of column " + c.path + ", which is not a map with text keys"}
	}
	if c.isMissing() {
		return s.newColumnReader(c.children[1], scope, asCodes)
	}
	b := s.newBaseReader(c, scope)
	keys, err := s.newColumnReader(c.children[0], scope, true)
	if err != nil {
		return nil, err
	}
	values, err := s.newColumnReader(c.children[1], scope, asCodes)
	if err != nil {
		return nil, err
	}
	return &keyReader{listReader: *newListReader(b, []columnReader{keys, values}, c.dataType), key: key}, nil
}

func (r *keyReader) read(w rowWindow) (arrow.ArrayData, error) {
	c, err := r.choose(w)
	if err != nil {
		return nil, err
	}
	offsets, elements, err := r.elements(c)
	if err != nil {
		return nil, err
	}
	keys, err := r.children[0].read(elements)
	if err != nil {
		return nil, err
	}
	found := findKey(array.MakeFromData(keys), r.key)
	sel := make([]int32, c.rows)
	for row := range sel {
		sel[row] = -1
		for i := offsets[row]; i < offsets[row+1]; i++ {
			if found[i] { // the last of equal keys counts
				sel[row] = i
			}
		}
	}
	if elements.sel != nil {
		for row, i := range sel {
			if i >= 0 {
				sel[row] = elements.sel[i]
			}
		}
	}
	return r.children[1].read(rowWindow{n: elements.n, sel: sel})
}

// findKey tells which of the keys are key. In a dictionary it is looked for once.
func findKey(keys arrow.Array, key string) []bool {
	found := make([]bool, keys.Len())
	switch keys := keys.(type) {
	case *array.Dictionary:
		wanted := int32(-1)
		texts := keys.Dictionary().(*array.String)
		for i := range texts.Len() {
			if texts.Value(i) == key {
				wanted = int32(i)
			}
		}
		if wanted < 0 {
			return found
		}
		for i, code := range keys.Indices().(*array.Int32).Int32Values() {
			found[i] = code == wanted && keys.IsValid(i)
		}
	case *array.String:
		for i := range found {
			found[i] = keys.IsValid(i) && keys.Value(i) == key
		}
	}
	return found
}
