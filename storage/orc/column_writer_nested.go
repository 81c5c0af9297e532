package orc

import (
	"errors"
	"fmt"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/auditlake/auditlake/storage/orc/internal/orcpb"
)

// structColumn writes a struct; its fields get the rows where it is not null. The root is one too.
type structColumn struct {
	baseWriter
	fields []columnWriter
}

func newStructColumn(c *column, settings *writerSettings) *structColumn {
	w := &structColumn{baseWriter: newBaseWriter(c, settings)}
	for _, child := range c.children {
		w.fields = append(w.fields, newColumnWriter(child, settings))
	}
	w.startGroup()
	return w
}

func (w *structColumn) write(arr arrow.Array, rows []int32) error {
	values, ok := arr.(*array.Struct)
	if !ok {
		return typeError(w.column, arr)
	}
	valid := w.notePresent(arr, rows)
	w.group.count += uint64(len(valid))
	return w.writeFields(values.Field, valid)
}

func (w *structColumn) writeFields(field func(int) arrow.Array, rows []int32) error {
	for i, f := range w.fields {
		if err := f.write(field(i), rows); err != nil {
			return err
		}
	}
	return nil
}

func (w *structColumn) endGroup() {
	w.baseWriter.endGroup()
	for _, f := range w.fields {
		f.endGroup()
	}
}

func (w *structColumn) endStripe() error {
	return errors.Join(w.baseWriter.endStripe(), endStripes(w.fields))
}

func (w *structColumn) takeStripe(s *stripeContent) error {
	if err := w.baseWriter.takeStripe(s); err != nil {
		return err
	}
	return takeStripes(w.fields, s)
}

func (w *structColumn) fileStatistics(list []*orcpb.ColumnStatistics) []*orcpb.ColumnStatistics {
	list = w.baseWriter.fileStatistics(list)
	for _, f := range w.fields {
		list = f.fileStatistics(list)
	}
	return list
}

func (w *structColumn) bytes() int { return w.baseWriter.bytes() + sumOf(w.fields, columnWriter.bytes) }

// listColumn writes lists, and maps as lists with two children.
type listColumn struct {
	baseWriter
	lengths  *intWriter
	children []columnWriter
	elements []int32
}

func newListColumn(c *column, settings *writerSettings) *listColumn {
	w := &listColumn{baseWriter: newBaseWriter(c, settings)}
	w.lengths = w.ints(orcpb.Stream_LENGTH, false)
	for _, child := range c.children {
		w.children = append(w.children, newColumnWriter(child, settings))
	}
	w.startGroup()
	return w
}

func (w *listColumn) write(arr arrow.Array, rows []int32) error {
	offsets, children, err := w.split(arr)
	if err != nil {
		return err
	}
	valid := w.notePresent(arr, rows)
	w.group.count += uint64(len(valid))
	w.elements = w.elements[:0]
	for _, row := range valid {
		start, end := offsets[row], offsets[row+1]
		w.lengths.add(int64(end - start))
		for ; start < end; start++ {
			w.elements = append(w.elements, start)
		}
	}
	for i, child := range w.children {
		if err := child.write(children[i], w.elements); err != nil {
			return err
		}
	}
	return nil
}

// split returns the offsets of arr's lists, from its first element on, and the arrays they point into.
func (w *listColumn) split(arr arrow.Array) ([]int32, []arrow.Array, error) {
	switch values := arr.(type) {
	case *array.Map:
		entries := values.ListValues().(*array.Struct)
		return values.Offsets()[values.Data().Offset():], []arrow.Array{entries.Field(0), entries.Field(1)}, nil
	case *array.List:
		return values.Offsets()[values.Data().Offset():], []arrow.Array{values.ListValues()}, nil
	}
	return nil, nil, typeError(w.column, arr)
}

func (w *listColumn) endGroup() {
	w.baseWriter.endGroup()
	for _, child := range w.children {
		child.endGroup()
	}
}

func (w *listColumn) endStripe() error {
	return errors.Join(w.baseWriter.endStripe(), endStripes(w.children))
}

func (w *listColumn) takeStripe(s *stripeContent) error {
	if err := w.baseWriter.takeStripe(s); err != nil {
		return err
	}
	return takeStripes(w.children, s)
}

func (w *listColumn) fileStatistics(list []*orcpb.ColumnStatistics) []*orcpb.ColumnStatistics {
	list = w.baseWriter.fileStatistics(list)
	for _, child := range w.children {
		list = child.fileStatistics(list)
	}
	return list
}

func (w *listColumn) bytes() int { return w.baseWriter.bytes() + sumOf(w.children, columnWriter.bytes) }

func endStripes(writers []columnWriter) error {
	for _, w := range writers {
		if err := w.endStripe(); err != nil {
			return err
		}
	}
	return nil
}

func takeStripes(writers []columnWriter, s *stripeContent) error {
	for _, w := range writers {
		if err := w.takeStripe(s); err != nil {
			return err
		}
	}
	return nil
}

func sumOf(writers []columnWriter, size func(columnWriter) int) int {
	n := 0
	for _, w := range writers {
		n += size(w)
	}
	return n
}

func typeError(c *column, arr arrow.Array) error {
	return fmt.Errorf("orc: column %s is %v, got an array of %v", c.path, c.dataType, arr.DataType())
}
