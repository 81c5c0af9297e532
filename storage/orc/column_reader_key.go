package orc

import (
	"slices"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
)

// entriesReader reads the entries of maps under some keys, without decoding the other values.
type entriesReader struct {
	listReader
	keys []string
}

func (s *Stripe) newEntriesReader(c *column, keys []string, scope *readScope) (columnReader, error) {
	if t, ok := c.dataType.(*arrow.MapType); !ok || t.KeyType().ID() != arrow.STRING {
		return nil, &UnsupportedError{Path: s.reader.path, What: "a key of column " + c.path + ", which is not a map with text keys"}
	}
	if c.isMissing() {
		return s.newColumnReader(c, scope, false)
	}
	b := s.newBaseReader(c, scope)
	if len(keys) == 0 {
		return &emptyMapReader{structReader{baseReader: b}}, nil
	}
	names, err := s.newColumnReader(c.children[0], scope, true)
	if err != nil {
		return nil, err
	}
	values, err := s.newColumnReader(c.children[1], scope, false)
	if err != nil {
		return nil, err
	}
	return &entriesReader{listReader: *newListReader(b, []columnReader{names, values}, c.dataType), keys: keys}, nil
}

func (r *entriesReader) read(w rowWindow) (arrow.ArrayData, error) {
	c, offsets, elements, err := r.elements(w)
	if err != nil {
		return nil, err
	}
	keys, err := r.children[0].read(elements)
	if err != nil {
		return nil, err
	}
	found := r.numbers(array.MakeFromData(keys))
	kept := []int32{} // elements under the keys
	var texts []byte
	ends := []int32{0}
	from := int32(0)
	for row := range c.rows {
		to := offsets[row+1]
		for i := from; i < to; i++ {
			if found[i] == 0 {
				continue
			}
			if len(texts) > maxTextBytes-len(r.keys[found[i]-1]) {
				return nil, &UnsupportedError{Path: r.stripe.reader.path, What: "more than 2 GiB of keys of column " + r.column.path + " at once"}
			}
			kept = append(kept, i)
			texts = append(texts, r.keys[found[i]-1]...)
			ends = append(ends, int32(len(texts)))
		}
		from, offsets[row+1] = to, int32(len(kept))
	}
	if elements.sel != nil {
		for i, at := range kept {
			kept[i] = elements.sel[at]
		}
	}
	values, err := r.children[1].read(rowWindow{n: elements.n, sel: kept})
	if err != nil {
		return nil, err
	}
	names := newArray(arrow.BinaryTypes.String, choice{rows: len(kept)}, nil, arrow.Int32Traits.CastToBytes(ends), texts)
	return newMap(r.column, c, offsets, names, values), nil
}

// newMap puts maps together.
func newMap(column *column, c choice, offsets []int32, keys, values arrow.ArrayData) arrow.ArrayData {
	dataType := mapOf(column.dataType, keys, values)
	entries := newArray(dataType.Elem(), choice{rows: keys.Len()}, []arrow.ArrayData{keys, values})
	return newArray(dataType, c, []arrow.ArrayData{entries}, arrow.Int32Traits.CastToBytes(offsets))
}

// numbers returns for each key its index among the wanted keys plus 1, or 0. It looks each text of a dictionary up
// once.
func (r *entriesReader) numbers(keys arrow.Array) []int32 {
	number := func(text string) int32 { return int32(slices.Index(r.keys, text)) + 1 }
	numbers := make([]int32, keys.Len())
	switch keys := keys.(type) {
	case *array.Dictionary:
		texts := keys.Dictionary().(*array.String)
		byCode := make([]int32, texts.Len())
		for i := range byCode {
			byCode[i] = number(texts.Value(i))
		}
		for i, code := range keys.Indices().(*array.Int32).Int32Values() {
			if keys.IsValid(i) {
				numbers[i] = byCode[code]
			}
		}
	case *array.String:
		for i := range numbers {
			if keys.IsValid(i) {
				numbers[i] = number(keys.Value(i))
			}
		}
	}
	return numbers
}

// emptyMapReader reads which maps are NULL.
type emptyMapReader struct{ structReader }

func (r *emptyMapReader) read(w rowWindow) (arrow.ArrayData, error) {
	c, err := r.choose(w)
	if err != nil {
		return nil, err
	}
	none := rowWindow{}
	keys, _ := nullReader{r.column.children[0].dataType}.read(none)
	values, _ := nullReader{r.column.children[1].dataType}.read(none)
	return newMap(r.column, c, make([]int32, c.rows+1), keys, values), nil
}
