package orc

import (
	"slices"

	"github.com/apache/arrow/go/v15/arrow"

	"github.com/auditlake/auditlake/storage/orc/internal/orcpb"
)

// maxElements bounds the list elements and map entries that one read decodes.
const maxElements = 1 << 24

func (s *Stripe) newNestedReader(b *baseReader) (columnReader, error) {
	children := make([]columnReader, len(b.column.children))
	for i, child := range b.column.children {
		var err error
		if children[i], err = s.newColumnReader(child, b.scope, false); err != nil {
			return nil, err
		}
	}
	switch b.column.kind {
	case orcpb.Type_STRUCT:
		return &structReader{baseReader: b, fields: children}, nil
	case orcpb.Type_UNION:
		return newUnionReader(b, children), nil
	}
	return newListReader(b, children, b.column.dataType), nil
}

// structReader reads structs with all their fields, or only their nulls if it has none.
type structReader struct {
	*baseReader
	fields []columnReader
}

func (r *structReader) seek(group int) error {
	if r.present != nil {
		if _, err := r.places(group); err != nil {
			return err
		}
	}
	for _, f := range r.fields {
		if err := f.seek(group); err != nil {
			return err
		}
	}
	return nil
}

func (r *structReader) skip(n int) error {
	values, err := r.skipPresent(n)
	if err != nil {
		return err
	}
	for _, f := range r.fields {
		if err := f.skip(values); err != nil {
			return err
		}
	}
	return nil
}

func (r *structReader) read(w rowWindow) (arrow.ArrayData, error) {
	valid, err := r.validity(w)
	if err != nil {
		return nil, err
	}
	fields := make([]arrow.ArrayData, len(r.fields))
	for i, f := range r.fields {
		if fields[i], err = f.read(rowWindow{n: w.n, exists: valid, sel: w.sel}); err != nil {
			return nil, err
		}
	}
	return newArray(structOf(r.column.dataType, fields), choose(w.n, valid, w.sel), fields), nil
}

// structOf returns the type of structs with the given fields: fields declared as text may be dictionaries.
func structOf(declared arrow.DataType, fields []arrow.ArrayData) arrow.DataType {
	isDeclared := true
	types := slices.Clone(declared.(*arrow.StructType).Fields())
	for i, f := range fields {
		isDeclared = isDeclared && f.DataType() == types[i].Type
		types[i].Type = f.DataType()
	}
	if isDeclared {
		return declared
	}
	return arrow.StructOf(types...)
}

// listOf is structOf for lists.
func listOf(declared arrow.DataType, elements arrow.ArrayData) arrow.DataType {
	field := declared.(*arrow.ListType).ElemField()
	if elements.DataType() == field.Type {
		return declared
	}
	field.Type = elements.DataType()
	return arrow.ListOfField(field)
}

// mapOf is structOf for maps.
func mapOf(declared arrow.DataType, keys, values arrow.ArrayData) *arrow.MapType {
	t := declared.(*arrow.MapType)
	if keys.DataType() == t.KeyType() && values.DataType() == t.ItemType() {
		return t
	}
	return arrow.MapOf(keys.DataType(), values.DataType())
}

// fieldReader reads one field of a struct: NULL where the struct is NULL.
type fieldReader struct {
	parent *structReader // without fields
	field  columnReader
}

func (r *fieldReader) seek(group int) error {
	if err := r.parent.seek(group); err != nil {
		return err
	}
	return r.field.seek(group)
}

func (r *fieldReader) skip(n int) error {
	values, err := r.parent.skipPresent(n)
	if err != nil {
		return err
	}
	return r.field.skip(values)
}

func (r *fieldReader) read(w rowWindow) (arrow.ArrayData, error) {
	valid, err := r.parent.validity(w)
	if err != nil {
		return nil, err
	}
	return r.field.read(rowWindow{n: w.n, exists: valid, sel: w.sel})
}

// listReader reads lists and maps, or one part of their elements as a list.
type listReader struct {
	*baseReader
	lengths  *intReader
	children []columnReader
	dataType arrow.DataType
}

func newListReader(b *baseReader, children []columnReader, dataType arrow.DataType) *listReader {
	return &listReader{baseReader: b, children: children, dataType: dataType,
		lengths: b.ints(orcpb.Stream_LENGTH, false)}
}

func (r *listReader) seek(group int) error {
	p, err := r.places(group)
	if err != nil {
		return err
	}
	if p.ints(r.lengths); p.err != nil {
		return p.err
	}
	for _, child := range r.children {
		if err := child.seek(group); err != nil {
			return err
		}
	}
	return nil
}

func (r *listReader) skip(n int) error {
	values, err := r.skipPresent(n)
	if err != nil {
		return err
	}
	return r.lengths.eachRun(values, func(lengths []int64) error {
		elements, err := r.sum(lengths)
		if err != nil {
			return err
		}
		for _, child := range r.children {
			if err := child.skip(elements); err != nil {
				return err
			}
		}
		return nil
	})
}

func (r *listReader) sum(lengths []int64) (int, error) {
	total := int64(0)
	for _, n := range lengths {
		if n < 0 || n > maxElements {
			return 0, r.lengths.in.damaged("a list or map of column %s has %d elements", r.column.path, n)
		}
		if total += n; total > maxElements {
			return 0, &UnsupportedError{Path: r.stripe.reader.path, What: "more than 16,777,216 list elements of column " + r.column.path + " at once"}
		}
	}
	return int(total), nil
}

// elements finds the lists wanted, where they end, and which elements they hold.
func (r *listReader) elements(lists rowWindow) (c choice, offsets []int32, w rowWindow, err error) {
	if c, err = r.choose(lists); err != nil {
		return c, nil, w, err
	}
	lengths := takeInts(c.span())
	defer giveInts(lengths)
	if err := r.lengths.next(lengths); err != nil {
		return c, nil, w, err
	}
	if w.n, err = r.sum(lengths); err != nil {
		return c, nil, w, err
	}
	offsets = make([]int32, c.rows+1)
	if c.at == nil {
		value, end := 0, int32(0)
		for row := range c.rows {
			if c.valid.has(row) {
				end += int32(lengths[value])
				value++
			}
			offsets[row+1] = end
		}
		return c, offsets, w, nil
	}
	w.sel = make([]int32, 0, len(c.at))
	value, at, first := 0, 0, 0
	for row := range c.rows {
		if c.valid.has(row) {
			for ; at < int(c.at[value]); at++ {
				first += int(lengths[at])
			}
			for i := range int(lengths[at]) {
				w.sel = append(w.sel, int32(first+i))
			}
			value++
		}
		offsets[row+1] = int32(len(w.sel))
	}
	if len(w.sel) == w.n { // lists between the wanted ones are empty
		w.sel = nil
	}
	return c, offsets, w, nil
}

func (r *listReader) read(w rowWindow) (arrow.ArrayData, error) {
	c, offsets, elements, err := r.elements(w)
	if err != nil {
		return nil, err
	}
	children := make([]arrow.ArrayData, len(r.children))
	for i, child := range r.children {
		if children[i], err = child.read(elements); err != nil {
			return nil, err
		}
	}
	if r.dataType.ID() == arrow.MAP {
		if children[0].NullN() > 0 { // Arrow has no such maps
			return nil, &UnsupportedError{Path: r.stripe.reader.path, What: "a NULL map key in column " + r.column.path}
		}
		return newMap(r.column, c, offsets, children[0], children[1]), nil
	}
	return newArray(listOf(r.dataType, children[0]), c, children, arrow.Int32Traits.CastToBytes(offsets)), nil
}
