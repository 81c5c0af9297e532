package orc

import (
	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/auditlake/auditlake/storage/orc/internal/orcpb"
)

// binaryColumn writes binary values, always direct.
type binaryColumn struct {
	baseWriter
	data    *outStream
	lengths *intWriter
}

func newBinaryColumn(c *column, settings *writerSettings) *binaryColumn {
	w := &binaryColumn{baseWriter: newBaseWriter(c, settings)}
	w.data = w.stream(orcpb.Stream_DATA)
	w.encoders = []encoder{w.data}
	w.lengths = w.ints(orcpb.Stream_LENGTH, false)
	w.startGroup()
	return w
}

func (w *binaryColumn) write(arr arrow.Array, rows []int32) error {
	values, ok := arr.(*array.Binary)
	if !ok {
		return typeError(w.column, arr)
	}
	for _, row := range w.notePresent(arr, rows) {
		v := values.Value(int(row))
		w.data.write(v)
		w.lengths.add(int64(len(v)))
		w.group.addLengths(1, len(v))
	}
	return nil
}
