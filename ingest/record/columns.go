package record

import (
	"math"
	"slices"
	"strconv"
	"unsafe"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/jsontext"
)

// column collects the values of one column. Rows that are not set are NULL, so a record touches only the columns
// that it has members for.
type column interface {
	// set sets a row to the value v or leaves it NULL. The row must come after all rows set before.
	set(s *spans, row int, v *value)
	// data returns the first rows as an Arrow array and starts over.
	data(rows int, hand handing) arrow.ArrayData
}

func newColumn(n *node, t arrow.DataType) column {
	switch n.shape {
	case textShape:
		return &textColumn{}
	case flagShape:
		return &flagColumn{}
	case momentShape:
		return &fixedColumn[int64]{typ: t, convert: toMillis}
	case doubleShape:
		return &fixedColumn[float64]{typ: t, convert: toDouble}
	case integerShape:
		return &fixedColumn[int32]{typ: t, convert: toInteger}
	case textMapShape:
		return &mapColumn{list: list{typ: t}}
	case rowShape:
		return newRowColumn(n.fields, t.(*arrow.StructType))
	case textsShape:
		return &listColumn{list: list{typ: t}, elements: &textColumn{}}
	}
	elements := newRowColumn(n.fields, t.(*arrow.ListType).Elem().(*arrow.StructType))
	return &listColumn{list: list{typ: t}, elements: elements}
}

// validity marks the rows that are not NULL.
type validity struct {
	bits []byte
}

func (v *validity) set(row int) {
	if row/8 >= len(v.bits) {
		v.bits = padded(v.bits, row/8+1)
	}
	arrowdata.SetBit(v.bits, row)
}

// take returns the validity bitmap of the first rows and their number of NULLs.
func (v *validity) take(rows int, hand handing) (*memory.Buffer, int) {
	v.bits = padded(v.bits, (rows+7)/8)
	return arrowdata.NullBuffer(take(&v.bits, hand), rows)
}

// padded returns values, padded with zero values up to length n.
func padded[T any](values []T, n int) []T {
	if len(values) >= n {
		return values
	}
	return append(values, make([]T, n-len(values))...)
}

// handing says whether rows are given or lent.
type handing uint8

const (
	// given: the rows belong to the receiver.
	given handing = iota
	// lent: the next rows overwrite them.
	lent
)

// maxKeptRoomBytes bounds the memory that a column keeps after lending it.
const maxKeptRoomBytes = 4 << 20

// take returns the collected values. After giving many it makes room for the same number and an eighth more,
// because growing would copy them all. A few are given as a copy, so the large room stays for the next ones; it
// shrinks by an eighth each time.
func take[T any](values *[]T, hand handing) []T {
	taken := *values
	if hand == lent {
		*values = emptied(taken, maxKeptRoomBytes/int(unsafe.Sizeof(*new(T))))
		return taken
	}
	if len(taken) < cap(taken)/2 {
		*values = taken[: 0 : cap(taken)-cap(taken)/8]
		return slices.Clone(taken)
	}
	*values = make([]T, 0, len(taken)+len(taken)/8)
	return taken
}

// offsets are the ends of variable-length rows, after a leading zero.
type offsets []int32

// fill gives each row before row without an end the end of its predecessor.
func (o *offsets) fill(row int) {
	if len(*o) == row+1 {
		return
	}
	if len(*o) == 0 {
		*o = append(*o, 0)
	}
	last := (*o)[len(*o)-1]
	for len(*o) <= row {
		*o = append(*o, last)
	}
}

// take returns the offsets of the first rows.
func (o *offsets) take(rows int, hand handing) *memory.Buffer {
	o.fill(rows)
	return memory.NewBufferBytes(arrow.Int32Traits.CastToBytes(take((*[]int32)(o), hand)))
}

// textColumn holds strings.
type textColumn struct {
	valid validity
	ends  offsets
	bytes []byte
}

func (c *textColumn) set(s *spans, row int, v *value) {
	c.setToken(s, row, v.Token)
}

// setToken sets a row to the text of a string, or to the source text of any other value.
func (c *textColumn) setToken(s *spans, row int, t jsontext.Token) {
	source := s.source(t)
	if t.Kind == jsontext.String {
		source = source[1 : len(source)-1]
	}
	c.ends.fill(row)
	switch {
	case !t.Rough:
		c.bytes = append(c.bytes, source...)
	case t.Kind == jsontext.String:
		c.bytes = jsontext.AppendString(c.bytes, source)
	default:
		c.bytes = jsontext.AppendCompact(c.bytes, source)
	}
	c.close(row)
}

// setBytes sets a row to a text.
func (c *textColumn) setBytes(row int, text []byte) {
	c.ends.fill(row)
	c.bytes = append(c.bytes, text...)
	c.close(row)
}

// close ends a row's text.
func (c *textColumn) close(row int) {
	c.ends = append(c.ends, int32(len(c.bytes)))
	c.valid.set(row)
}

func (c *textColumn) data(rows int, hand handing) arrow.ArrayData {
	valid, nulls := c.valid.take(rows, hand)
	bytes := memory.NewBufferBytes(take(&c.bytes, hand))
	return array.NewData(arrow.BinaryTypes.String, rows, []*memory.Buffer{valid, c.ends.take(rows, hand), bytes}, nil, nulls, 0)
}

// flagColumn holds booleans. It accepts true, false and the strings "true" and "false".
type flagColumn struct {
	valid validity
	trues []byte
}

func (c *flagColumn) set(s *spans, row int, v *value) {
	truth := v.Kind == jsontext.True
	if v.Kind == jsontext.String {
		text := s.name(v.Token)
		truth = string(text) == "true"
		if !truth && string(text) != "false" {
			return
		}
	} else if !truth && v.Kind != jsontext.False {
		return
	}
	c.valid.set(row)
	c.trues = padded(c.trues, row/8+1)
	if truth {
		arrowdata.SetBit(c.trues, row)
	}
}

func (c *flagColumn) data(rows int, hand handing) arrow.ArrayData {
	valid, nulls := c.valid.take(rows, hand)
	c.trues = padded(c.trues, (rows+7)/8)
	trues := take(&c.trues, hand)
	return array.NewData(arrow.FixedWidthTypes.Boolean, rows, []*memory.Buffer{valid, memory.NewBufferBytes(trues)}, nil, nulls, 0)
}

// fixedColumn holds numbers or instants. A value that convert refuses is NULL.
type fixedColumn[T int32 | int64 | float64] struct {
	typ     arrow.DataType
	convert func(kind jsontext.Kind, text []byte) (T, bool)
	valid   validity
	values  []T
}

func (c *fixedColumn[T]) set(s *spans, row int, v *value) {
	var text []byte
	switch v.Kind {
	case jsontext.String:
		text = s.name(v.Token)
	case jsontext.Number:
		text = s.source(v.Token)
	default:
		return
	}
	if converted, ok := c.convert(v.Kind, text); ok {
		c.values = append(padded(c.values, row), converted)
		c.valid.set(row)
	}
}

func (c *fixedColumn[T]) data(rows int, hand handing) arrow.ArrayData {
	valid, nulls := c.valid.take(rows, hand)
	c.values = padded(c.values, rows)
	values := take(&c.values, hand)
	return array.NewData(c.typ, rows, []*memory.Buffer{valid, memory.NewBufferBytes(arrow.GetBytes(values))}, nil, nulls, 0)
}

func toMillis(kind jsontext.Kind, text []byte) (int64, bool) {
	if kind != jsontext.String {
		return 0, false
	}
	return ParseTime(text)
}

// toDouble accepts numbers and strings that hold one.
func toDouble(_ jsontext.Kind, text []byte) (float64, bool) {
	if !isNumber(text) {
		return 0, false
	}
	f, err := strconv.ParseFloat(string(text), 64)
	return f, err == nil
}

// toInteger accepts numbers, and strings that hold one, whose whole value fits a 32-bit integer.
func toInteger(kind jsontext.Kind, text []byte) (int32, bool) {
	f, ok := toDouble(kind, text)
	if !ok || f != math.Trunc(f) || f < math.MinInt32 || f > math.MaxInt32 {
		return 0, false
	}
	return int32(f), true
}

// isNumber reports whether text is a JSON number.
func isNumber(text []byte) bool {
	var sc jsontext.Scanner
	sc.Reset(text)
	t, ok := sc.Value()
	return ok && t.Kind == jsontext.Number && t.Start == 0 && int(t.End) == len(text)
}
