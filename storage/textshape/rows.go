package textshape

import (
	"fmt"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/auditlake/auditlake/arrowdata"
)

// Rows are the columns of some rows, ready for lookups by shapes. Rows must be bound before use.
type Rows struct {
	layout *Layout
	values []values // by node
}

// NewRows makes rows of a layout without columns.
func (l *Layout) NewRows() *Rows {
	return &Rows{layout: l, values: make([]values, l.nodes)}
}

// values are those of one node in all rows, or in all elements of all rows' lists.
type values struct {
	nulls
	texts   texts   // of texts; of maps the keys
	items   texts   // the values of maps
	offsets []int32 // of lists and maps
	flags   *array.Boolean
	moments []arrow.Timestamp
}

// Bind sets the stored columns of the layout's table, in its order. Text may come as Dictionary(int32, utf8). A nil
// column has no values.
func (r *Rows) Bind(columns []arrow.Array) error {
	if len(columns) != len(r.layout.columns) {
		return fmt.Errorf("shape: %d columns instead of %d", len(columns), len(r.layout.columns))
	}
	for i := range r.values {
		r.values[i] = values{}
	}
	return r.bindAll(r.layout.columns, func(i int) arrow.Array { return columns[i] })
}

func (r *Rows) bindAll(nodes []*node, column func(i int) arrow.Array) error {
	for i, n := range nodes {
		a := column(i)
		if a == nil {
			continue
		}
		if err := r.bind(n, a); err != nil {
			return err
		}
	}
	return nil
}

func (r *Rows) bind(n *node, a arrow.Array) error {
	v := &r.values[n.at]
	v.nulls = newNulls(a)
	ok := true
	switch n.kind {
	case textKind:
		v.texts, ok = newTexts(a)
	case flagKind:
		v.flags, ok = a.(*array.Boolean)
	case momentKind:
		var moments *array.Timestamp
		if moments, ok = a.(*array.Timestamp); ok {
			v.moments = moments.TimestampValues()
		}
	case mapKind:
		ok = v.bindMap(a)
	case rowKind:
		row, isRow := a.(*array.Struct)
		if !isRow || row.NumField() != len(n.children) {
			return unexpected(a)
		}
		return r.bindAll(n.children, row.Field)
	case rowsKind:
		list, isList := a.(*array.List)
		if !isList {
			return unexpected(a)
		}
		v.offsets = list.Offsets()[list.Data().Offset():]
		return r.bind(n.children[0], list.ListValues())
	}
	if !ok {
		return unexpected(a)
	}
	return nil
}

func unexpected(a arrow.Array) error {
	return fmt.Errorf("shape: unexpected column of type %s", a.DataType())
}

func (v *values) bindMap(a arrow.Array) (ok bool) {
	m, ok := a.(*array.Map)
	if !ok {
		return false
	}
	v.offsets = m.Offsets()[m.Data().Offset():]
	if v.texts, ok = newTexts(m.Keys()); !ok {
		return false
	}
	v.items, ok = newTexts(m.Items())
	return ok
}

// entries are the elements of a list or map that is not NULL.
func (v *values) entries(row int) (from, to int) { return int(v.offsets[row]), int(v.offsets[row+1]) }

// nulls says which rows of an array are NULL: all rows if there is no array.
type nulls struct {
	bound bool
	valid []byte // nil: no row is NULL
}

func newNulls(a arrow.Array) nulls { return nulls{bound: true, valid: arrowdata.Validity(a)} }

func (n *nulls) isNull(row int) bool {
	return !n.bound || !arrowdata.IsValid(n.valid, row)
}

// texts are the strings of an array.
type texts struct {
	nulls
	codes   []int32 // of a dictionary's rows; nil: rows are the texts themselves
	offsets []int32
	bytes   []byte
	escapes escapes
}

// escapes says whether any of an array's texts needs escapes.
type escapes uint8

const (
	unknown escapes = iota
	needless
	needed
)

func newTexts(a arrow.Array) (t texts, ok bool) {
	t.nulls = newNulls(a)
	of := a
	if d, isDictionary := a.(*array.Dictionary); isDictionary {
		indices, isInt32 := d.Indices().(*array.Int32)
		if !isInt32 {
			return t, false
		}
		t.codes, of = indices.Int32Values(), d.Dictionary()
	}
	s, ok := of.(*array.String)
	if !ok {
		return t, false
	}
	if buffers := s.Data().Buffers(); s.Len() > 0 {
		t.offsets = arrow.Int32Traits.CastFromBytes(buffers[1].Bytes())[s.Data().Offset():][:s.Len()+1]
		if buffers[2] != nil {
			t.bytes = buffers[2].Bytes()
		}
	}
	return t, true
}

// value is the text of a row that is not NULL.
func (t *texts) value(row int) []byte {
	if t.codes != nil {
		row = int(t.codes[row])
	}
	return t.bytes[t.offsets[row]:t.offsets[row+1]]
}

// at is the text of a row, false for NULL.
func (t *texts) at(row int) ([]byte, bool) {
	if t.isNull(row) {
		return nil, false
	}
	return t.value(row), true
}

// isPlain reports whether a text of the array needs no escapes. Usually none does, which is found once for all.
func (t *texts) isPlain(text []byte) bool {
	if t.escapes == unknown {
		t.escapes = needed
		if isPlain(t.bytes[t.offsets[0]:t.offsets[len(t.offsets)-1]]) {
			t.escapes = needless
		}
	}
	return t.escapes == needless || isPlain(text)
}
