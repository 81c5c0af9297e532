package function

import (
	"fmt"
	"unsafe"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/auditlake/auditlake/engine/arrowtype"
	"github.com/auditlake/auditlake/engine/batch"
)

// column reads the values of a vector.
type column[T any] struct {
	vals []T
	mask int // 0 for a Const, else all ones
}

func (c column[T]) at(i int) T { return c.vals[i&c.mask] }

// repeated copies the value of a Const eight times, for eight.
func (c column[T]) repeated() column[T] {
	if c.mask == 0 {
		value := c.vals[0]
		c.vals = []T{value, value, value, value, value, value, value, value}
	}
	return c
}

// eight returns the values of rows [i, i+8) of a column that repeated returned.
func (c column[T]) eight(i int) *[8]T { return (*[8]T)(c.vals[i&c.mask:]) }

// columnOf opens a vector that holds values of Go type T (see adapt.go). Values
// under NULLs are undefined.
func columnOf[T any](v batch.Vector) column[T] {
	c := column[T]{mask: -1}
	if v.Const {
		c.mask = 0
	}
	switch p := any(&c.vals).(type) {
	case *[]bool:
		*p = batch.Bools(v.Array)
	case *[]string:
		*p = batch.Strings(v.Array)
	case *[][]byte:
		texts := batch.Strings(v.Array)
		*p = make([][]byte, len(texts))
		for i, s := range texts {
			(*p)[i] = viewBytes(s)
		}
	case *[]zoned:
		*p = zonedValues(v.Array)
	case *[]long:
		*p = longValues(v.Array)
	case *[]longZoned:
		*p = longZonedValues(v.Array)
	default:
		c.vals = fixedValues[T](v.Array)
	}
	return c
}

// textColumn reads the texts or byte strings of a vector in place. It suits readers that read each text once or
// twice.
type textColumn struct {
	offsets []int32
	data    []byte
	list    []string // of a vector whose values are not consecutive in memory
	mask    int      // 0 for a Const, else all ones
}

func (c textColumn) at(i int) string {
	i &= c.mask
	if c.list != nil {
		return c.list[i]
	}
	return viewText(c.data[c.offsets[i]:c.offsets[i+1]])
}

// bytes returns the bytes of all values, including those under NULLs.
func (c textColumn) bytes() (n int64) {
	for _, text := range c.list {
		n += int64(len(text))
	}
	if c.list == nil {
		n = int64(c.offsets[len(c.offsets)-1] - c.offsets[0])
	}
	return n
}

// textColumnOf opens a vector of texts or byte strings. Values under NULLs are undefined. The memory of list is not
// accounted: it is short, because engine/expr decodes dictionaries, and accounts that, for each kernel that calls
// textColumnOf.
func textColumnOf(v batch.Vector) textColumn {
	c := textColumn{mask: -1}
	if v.Const {
		c.mask = 0
	}
	switch v.Array.(type) {
	case *array.String, *array.Binary:
		c.offsets, c.data = batch.Text(v.Array)
	default:
		c.list = batch.Strings(v.Array)
	}
	return c
}

func fixedValues[T any](a arrow.Array) []T {
	var zero T
	dt, ok := a.DataType().(arrow.FixedWidthDataType)
	if !ok || dt.BitWidth() != 8*int(unsafe.Sizeof(zero)) {
		panic(fmt.Sprintf("function: %s is not held as %T", a.DataType(), zero))
	}
	return batch.Values[T](a)
}

func zonedValues(a arrow.Array) []zoned {
	fields := batch.Fields(a)
	instants, zones := batch.Values[int64](fields[0]), batch.Values[arrowtype.Zone](fields[1])
	out := make([]zoned, len(instants))
	for i := range out {
		out[i] = zoned{instants[i], zones[i]}
	}
	return out
}

// arrayOf returns an array of type dt over the memory of Go values (see adapt.go).
func arrayOf[R any](dt arrow.DataType, vals []R, valid []byte, by batch.Divide) (arrow.Array, error) {
	switch x := any(vals).(type) {
	case []bool:
		return batch.FromBools(x, valid), nil
	case []string:
		return batch.FromStringsDivided(dt, x, valid, by)
	case [][]byte:
		return batch.FromStringsDivided(dt, x, valid, by)
	case []zoned:
		return zonedArray(dt, x, valid), nil
	case []long:
		return longArray(dt, x, valid), nil
	case []longZoned:
		return longZonedArray(dt, x, valid), nil
	}
	return batch.FromValues(dt, vals, valid), nil
}

func zonedArray(dt arrow.DataType, vals []zoned, valid []byte) arrow.Array {
	instants, zones := make([]int64, len(vals)), make([]arrowtype.Zone, len(vals))
	for i, v := range vals {
		instants[i], zones[i] = v.instant, v.zone
	}
	st := dt.(*arrow.StructType)
	return batch.FromFields(st, len(vals), valid, []arrow.Array{
		batch.FromValues(st.Field(0).Type, instants, valid),
		batch.FromValues(st.Field(1).Type, zones, valid),
	})
}

// lists reads the rows of an array or map vector: row i has the positions [lo, hi) of elems (for maps: of keys and
// values).
type lists struct {
	offsets []int32
	mask    int
	elems   arrow.Array // array elements, or the values of a map
	keys    arrow.Array // maps only
}

func (l lists) at(i int) (lo, hi int) {
	i &= l.mask
	return int(l.offsets[i]), int(l.offsets[i+1])
}

// listOf opens an array vector.
func listOf(v batch.Vector) lists {
	l := lists{mask: -1}
	if v.Const {
		l.mask = 0
	}
	l.offsets, l.elems = batch.Lists(v.Array)
	return l
}

// mapOf opens a map vector.
func mapOf(v batch.Vector) lists {
	l := lists{mask: -1}
	if v.Const {
		l.mask = 0
	}
	l.offsets, l.keys, l.elems = batch.Maps(v.Array)
	return l
}

// structOf opens a row vector as one vector per field.
func structOf(v batch.Vector) []batch.Vector {
	fields := batch.Fields(v.Array)
	out := make([]batch.Vector, len(fields))
	for i, f := range fields {
		out[i] = batch.Vector{Array: f, Const: v.Const}
	}
	return out
}
