package record

import (
	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"

	"github.com/auditlake/auditlake/jsontext"
)

// rowColumn holds rows. A value that is not an object is a NULL row.
type rowColumn struct {
	typ    *arrow.StructType
	valid  validity
	fields []column
}

func newRowColumn(fields *fieldSet, t *arrow.StructType) *rowColumn {
	return &rowColumn{typ: t, fields: newColumns(fields, t.Fields())}
}

func newColumns(set *fieldSet, fields []arrow.Field) []column {
	columns := make([]column, len(set.nodes))
	for i := range columns {
		columns[i] = newColumn(&set.nodes[i], fields[i].Type)
	}
	return columns
}

func (c *rowColumn) set(s *spans, row int, v *value) {
	if v.Kind != jsontext.Object {
		return
	}
	c.valid.set(row)
	for i, field := range c.fields {
		if member := &s.values[int(v.first)+i]; member.Kind > jsontext.Null {
			field.set(s, row, member)
		}
	}
}

func (c *rowColumn) data(rows int, hand handing) arrow.ArrayData {
	bits, nulls := c.valid.take(rows, hand)
	children := make([]arrow.ArrayData, len(c.fields))
	for i, field := range c.fields {
		children[i] = field.data(rows, hand)
	}
	return array.NewData(c.typ, rows, []*memory.Buffer{bits}, children, nulls, 0)
}

// list is the common part of lists and maps: the range of elements of each row.
type list struct {
	typ   arrow.DataType
	valid validity
	ends  offsets
	count int // elements so far
}

// close ends a row after the elements added so far.
func (l *list) close(row int) {
	l.ends = append(l.ends, int32(l.count))
	l.valid.set(row)
}

func (l *list) take(rows int, hand handing, elements arrow.ArrayData) arrow.ArrayData {
	bits, nulls := l.valid.take(rows, hand)
	l.count = 0
	return array.NewData(l.typ, rows, []*memory.Buffer{bits, l.ends.take(rows, hand)}, []arrow.ArrayData{elements}, nulls, 0)
}

// listColumn holds lists of rows or texts. A value that is not an array is a NULL list.
type listColumn struct {
	list
	elements column
}

func (c *listColumn) set(s *spans, row int, v *value) {
	if v.Kind != jsontext.Array {
		return
	}
	c.ends.fill(row)
	for i := v.first; i != 0; i = s.values[i].next {
		if el := &s.values[i]; el.Kind != jsontext.Null {
			c.elements.set(s, c.count, el)
		}
		c.count++
	}
	c.close(row)
}

func (c *listColumn) data(rows int, hand handing) arrow.ArrayData {
	return c.take(rows, hand, c.elements.data(c.count, hand))
}

// mapColumn holds the first level of objects as text. A value that is not an object is a NULL map.
type mapColumn struct {
	list
	keys, values textColumn
}

func (c *mapColumn) set(s *spans, row int, v *value) {
	if v.Kind != jsontext.Object {
		return
	}
	c.ends.fill(row)
	for _, e := range s.entries[v.first : v.first+v.entries] {
		c.keys.setToken(s, c.count, e.key)
		if e.value.Kind != jsontext.Null {
			c.values.setToken(s, c.count, e.value)
		}
		c.count++
	}
	c.close(row)
}

func (c *mapColumn) data(rows int, hand handing) arrow.ArrayData {
	count := c.count
	entries := array.NewData(c.typ.(*arrow.MapType).Elem(), count, []*memory.Buffer{nil},
		[]arrow.ArrayData{c.keys.data(count, hand), c.values.data(count, hand)}, 0, 0)
	return c.take(rows, hand, entries)
}
