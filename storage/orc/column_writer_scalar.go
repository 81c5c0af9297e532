package orc

import (
	"encoding/binary"
	"math"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/auditlake/auditlake/storage/orc/internal/orcpb"
)

// intColumn writes 16, 32 and 64 bit integers and dates.
type intColumn struct {
	baseWriter
	data *intWriter
}

func newIntColumn(c *column, settings *writerSettings) *intColumn {
	w := &intColumn{baseWriter: newBaseWriter(c, settings)}
	w.data = w.ints(orcpb.Stream_DATA, true)
	w.startGroup()
	return w
}

func (w *intColumn) write(arr arrow.Array, rows []int32) error {
	if !arrow.TypeEqual(arr.DataType(), w.column.dataType) {
		return typeError(w.column, arr)
	}
	valid := w.notePresent(arr, rows)
	switch values := arr.(type) {
	case *array.Int64:
		addInts(w, values.Int64Values(), valid)
	case *array.Int32:
		addInts(w, values.Int32Values(), valid)
	case *array.Int16:
		addInts(w, values.Int16Values(), valid)
	case *array.Date32:
		addInts(w, values.Date32Values(), valid)
	}
	return nil
}

func addInts[T ~int16 | ~int32 | ~int64](w *intColumn, values []T, rows []int32) {
	for _, row := range rows {
		v := int64(values[row])
		w.data.add(v)
		w.group.addInt(v)
	}
}

// byteColumn writes 8 bit integers.
type byteColumn struct {
	baseWriter
	data *byteWriter
}

func newByteColumn(c *column, settings *writerSettings) *byteColumn {
	w := &byteColumn{baseWriter: newBaseWriter(c, settings)}
	w.data = newByteWriter(w.stream(orcpb.Stream_DATA))
	w.encoders = []encoder{w.data}
	w.startGroup()
	return w
}

func (w *byteColumn) write(arr arrow.Array, rows []int32) error {
	values, ok := arr.(*array.Int8)
	if !ok {
		return typeError(w.column, arr)
	}
	valid := w.notePresent(arr, rows)
	for _, row := range valid {
		v := values.Value(int(row))
		w.data.add(byte(v))
		w.group.addInt(int64(v))
	}
	return nil
}

// boolColumn writes booleans as bits.
type boolColumn struct {
	baseWriter
	data *boolWriter
}

func newBoolColumn(c *column, settings *writerSettings) *boolColumn {
	w := &boolColumn{baseWriter: newBaseWriter(c, settings)}
	w.data = newBoolWriter(w.stream(orcpb.Stream_DATA))
	w.encoders = []encoder{w.data}
	w.startGroup()
	return w
}

func (w *boolColumn) write(arr arrow.Array, rows []int32) error {
	values, ok := arr.(*array.Boolean)
	if !ok {
		return typeError(w.column, arr)
	}
	valid := w.notePresent(arr, rows)
	for _, row := range valid {
		v := values.Value(int(row))
		w.data.add(v)
		n := int64(0)
		if v {
			n = 1
		}
		w.group.addInt(n)
	}
	return nil
}

// floatColumn writes real and double values.
type floatColumn struct {
	baseWriter
	data *outStream
	buf  []byte
}

func newFloatColumn(c *column, settings *writerSettings) *floatColumn {
	w := &floatColumn{baseWriter: newBaseWriter(c, settings)}
	w.data = w.stream(orcpb.Stream_DATA)
	w.encoders = []encoder{w.data}
	w.startGroup()
	return w
}

func (w *floatColumn) write(arr arrow.Array, rows []int32) error {
	if !arrow.TypeEqual(arr.DataType(), w.column.dataType) {
		return typeError(w.column, arr)
	}
	valid := w.notePresent(arr, rows)
	w.buf = w.buf[:0]
	switch values := arr.(type) {
	case *array.Float64:
		for _, row := range valid {
			v := values.Value(int(row))
			w.buf = binary.LittleEndian.AppendUint64(w.buf, math.Float64bits(v))
			w.group.addFloat(v)
		}
	case *array.Float32:
		for _, row := range valid {
			v := values.Value(int(row))
			w.buf = binary.LittleEndian.AppendUint32(w.buf, math.Float32bits(v))
			w.group.addFloat(float64(v))
		}
	}
	w.data.write(w.buf)
	return nil
}
