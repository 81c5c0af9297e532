package spool

import (
	"encoding/binary"
	"errors"
	"math"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/memory"
)

var errLayout = errors.New("its arrays do not fit together")

// checkData makes sure that all values of an array lie within its buffers and
// children. The Arrow library does not check, and kernels read without bounds.
func checkData(d arrow.ArrayData) error {
	if d.Offset() != 0 || d.Len() < 0 || d.Len() > math.MaxInt32 {
		return errLayout
	}
	if d.DataType().ID() == arrow.NULL {
		return nil
	}
	buffers := d.Buffers()
	if d.NullN() != 0 && bufferBytes(buffers[0]) < (d.Len()+7)/8 {
		return errLayout
	}
	switch d.DataType().(type) {
	case *arrow.StringType, *arrow.BinaryType:
		return checkOffsets(buffers[1], d.Len(), bufferBytes(buffers[2]))
	case *arrow.ListType, *arrow.MapType:
		if err := checkOffsets(buffers[1], d.Len(), d.Children()[0].Len()); err != nil {
			return err
		}
	case *arrow.StructType:
		for _, child := range d.Children() {
			if child.Len() < d.Len() {
				return errLayout
			}
		}
	case arrow.FixedWidthDataType:
		bits := d.DataType().(arrow.FixedWidthDataType).BitWidth()
		if bufferBytes(buffers[1]) < (d.Len()*bits+7)/8 {
			return errLayout
		}
	default:
		return errLayout
	}
	for _, child := range d.Children() {
		if err := checkData(child); err != nil {
			return err
		}
	}
	return nil
}

// checkOffsets makes sure that length stretches lie in order within limit.
func checkOffsets(offsets *memory.Buffer, length, limit int) error {
	if length == 0 {
		return nil
	}
	if bufferBytes(offsets) < 4*(length+1) {
		return errLayout
	}
	before := int32(0)
	for i := range length + 1 {
		at := int32(binary.LittleEndian.Uint32(offsets.Bytes()[4*i:]))
		if at < before || int(at) > limit {
			return errLayout
		}
		before = at
	}
	return nil
}

func bufferBytes(b *memory.Buffer) int {
	if b == nil {
		return 0
	}
	return b.Len()
}
