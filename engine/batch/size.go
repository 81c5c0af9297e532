package batch

import "github.com/apache/arrow/go/v15/arrow"

// ArrayBytes estimates the memory of the values an array shows, its share only
// where it is a slice. A dictionary, which many arrays share, is left out.
func ArrayBytes(a arrow.Array) int64 { return dataBytes(a.Data()) }

func dataBytes(d arrow.ArrayData) int64 {
	size := int64(0)
	for i, b := range d.Buffers() {
		if b == nil {
			continue
		}
		if i == 2 { // text behind offsets
			size += textBytes(d)
			continue
		}
		size += int64(b.Len())
	}
	for _, child := range d.Children() {
		size += dataBytes(child)
	}
	return scaled(d, size)
}

func textBytes(d arrow.ArrayData) int64 { return int64(d.Buffers()[2].Len()) }

// scaled reduces the size of what d's buffers hold to d's part of it.
func scaled(d arrow.ArrayData, size int64) int64 {
	stored := bufferRows(d)
	if stored <= d.Len() || stored == 0 {
		return size
	}
	return size * int64(d.Len()) / int64(stored)
}

// bufferRows is how many rows d's buffers hold, d.Len() when they do not tell.
func bufferRows(d arrow.ArrayData) int {
	fixed, ok := d.DataType().(arrow.FixedWidthDataType)
	if ok && len(d.Buffers()) > 1 && d.Buffers()[1] != nil && fixed.BitWidth() > 0 {
		return d.Buffers()[1].Len() * 8 / fixed.BitWidth()
	}
	if len(d.Buffers()) > 2 && d.Buffers()[1] != nil {
		return d.Buffers()[1].Len()/4 - 1
	}
	return d.Len()
}
