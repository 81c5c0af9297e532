package batch

import (
	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/auditlake/auditlake/arrowdata"
)

// ArrayBytes estimates the memory of the values that an array shows; a slice counts only its share. A dictionary,
// which many arrays share, is left out.
func ArrayBytes(a arrow.Array) int64 { return dataBytes(a.Data()) }

func dataBytes(d arrow.ArrayData) int64 {
	size := int64(0)
	for i, b := range d.Buffers() {
		if b == nil {
			continue
		}
		if i == 2 { // the bytes of texts
			size += textBytes(d)
			continue
		}
		size += int64(b.Len())
	}
	for _, child := range d.Children() {
		bytes := dataBytes(child)
		if d.DataType().ID() == arrow.STRUCT && child.Len() > d.Len() { // a slice of a row array has whole children
			bytes = bytes * int64(d.Len()) / int64(child.Len())
		}
		size += bytes
	}
	return scaled(d, size)
}

func textBytes(d arrow.ArrayData) int64 { return int64(d.Buffers()[2].Len()) }

// HeldBytes is ArrayBytes plus the dictionary.
func HeldBytes(a arrow.Array) int64 {
	bytes := ArrayBytes(a)
	if d, ok := a.(*array.Dictionary); ok {
		bytes += dataBytes(d.Data().Dictionary())
	}
	return bytes
}

// TakenBytes returns the memory that Take(a, idx) needs, except for bitmaps. It reads every index if values differ
// in length.
func TakenBytes(a arrow.Array, idx []int32) int64 {
	w := widths(a)
	return w.taken(idx)
}

// DecodedBytes returns the memory that Decode(Expand(v, rows)) needs, except for bitmaps.
func DecodedBytes(v Vector, rows int) int64 {
	w := widths(v.Array)
	if v.Const {
		return (w.rangeBytes(0, 1) + w.indexBytes(0, 1)) * int64(rows)
	}
	return w.rangeBytes(0, v.Array.Len())
}

// ValueBytes returns a function that returns the decoded size of the value at a position of a.
func ValueBytes(a arrow.Array) func(i int) int64 {
	w := widths(a)
	return func(i int) int64 { return w.rangeBytes(i, i+1) }
}

// RowBytes returns a function that returns the size of a live row of b, with constants and dictionaries expanded.
// row counts the live rows from 0.
func RowBytes(b *Batch) func(row int) int64 {
	columns := make([]width, len(b.Columns))
	for i, v := range b.Columns {
		columns[i] = widths(v.Array)
	}
	return func(row int) int64 {
		if b.Sel != nil {
			row = int(b.Sel[row])
		}
		bytes := int64(0)
		for i, v := range b.Columns {
			at := v.At(row)
			bytes += columns[i].rangeBytes(at, at+1)
		}
		return bytes
	}
}

// Fitting returns how many live rows of b, from live row first on, fit into maxBytes with constants and
// dictionaries expanded. It is at least one.
//
// bytes is at least what they take: the size of all of b if that fits. If check returns an error for the size of a
// row, Fitting returns that error.
func Fitting(b *Batch, first int, maxBytes int64, check func(rowBytes int64) error) (rows int, bytes int64, err error) {
	for _, v := range b.Columns {
		bytes += DecodedBytes(v, b.Len)
	}
	if bytes <= maxBytes && check(bytes) == nil { // no row is longer than all
		return b.Live() - first, bytes, nil
	}
	length := RowBytes(b)
	for bytes = 0; first+rows < b.Live(); rows++ {
		row := length(first + rows)
		if err := check(row); err != nil {
			return 0, 0, err
		}
		if rows > 0 && bytes+row > maxBytes {
			break
		}
		bytes += row
	}
	return rows, bytes, nil
}

// width describes how much memory values of an array take: fixed bytes each, plus what their offsets span in the
// bytes of text or in the elements.
type width struct {
	fixed    int64
	offsets  []int32 // nil: only fixed bytes
	elements []width // elements of a list or map; nil: offsets count bytes
	fields   []width
	// values, codes and valid are those of a dictionary array.
	values *width
	codes  []int32
	valid  []byte // nil: there is no NULL
}

func widths(a arrow.Array) width {
	switch x := a.(type) {
	case *array.Null:
		return width{}
	case *array.Boolean:
		return width{fixed: 1}
	case *array.String, *array.Binary:
		offsets, _ := Text(a)
		return width{fixed: 4, offsets: offsets}
	case *array.Dictionary:
		values := widths(x.Dictionary())
		return width{values: &values, codes: Codes(x), valid: arrowdata.Validity(x)}
	case *array.Struct:
		w := width{}
		for _, f := range Fields(x) {
			w.fields = append(w.fields, widths(f))
		}
		return w
	case *array.Map:
		offsets, _ := Lists(x)
		return width{fixed: 4, offsets: offsets, elements: []width{widths(x.Keys()), widths(x.Items())}}
	case *array.List:
		offsets, elems := Lists(x)
		return width{fixed: 4, offsets: offsets, elements: []width{widths(elems)}}
	}
	if fixed, ok := a.DataType().(arrow.FixedWidthDataType); ok {
		return width{fixed: int64(fixed.BitWidth()+7) / 8}
	}
	return width{}
}

// rangeBytes returns the memory of the values [lo, hi).
func (w *width) rangeBytes(lo, hi int) int64 {
	bytes := w.fixed * int64(hi-lo)
	for f := range w.fields {
		bytes += w.fields[f].rangeBytes(lo, hi)
	}
	if w.values != nil {
		bytes += w.codedBytes(lo, hi)
	}
	if w.offsets == nil || lo == hi {
		return bytes
	}
	from, to := int(w.offsets[lo]), int(w.offsets[hi])
	if w.elements == nil {
		return bytes + int64(to-from)
	}
	for e := range w.elements {
		bytes += w.elements[e].rangeBytes(from, to)
	}
	return bytes
}

// codedBytes is rangeBytes for a dictionary, whose values are texts.
func (w *width) codedBytes(lo, hi int) int64 {
	codes, offsets, rows := w.codes[lo:hi], w.values.offsets, int64(hi-lo)
	if w.valid == nil {
		return textsBytes(codes, offsets) + w.values.fixed*rows
	}
	bytes := int64(0)
	for i, code := range codes {
		if arrowdata.IsSet(w.valid, lo+i) {
			bytes += int64(offsets[code+1] - offsets[code])
		} else {
			rows--
		}
	}
	return bytes + w.values.fixed*rows
}

// textsBytes returns the total length of the texts of codes.
func textsBytes(codes, offsets []int32) int64 {
	bytes := int64(0)
	for ; len(codes) >= 4; codes = codes[4:] {
		a, b, c, d := codes[0], codes[1], codes[2], codes[3]
		bytes += int64(offsets[a+1]-offsets[a]) + int64(offsets[b+1]-offsets[b]) + int64(offsets[c+1]-offsets[c]) + int64(offsets[d+1]-offsets[d])
	}
	for _, code := range codes {
		bytes += int64(offsets[code+1] - offsets[code])
	}
	return bytes
}

func (w *width) taken(idx []int32) int64 {
	if w.values != nil { // stays a dictionary
		return 4 * int64(len(idx))
	}
	bytes := w.fixed * int64(len(idx))
	for f := range w.fields {
		bytes += w.fields[f].taken(idx)
	}
	if w.offsets == nil {
		return bytes
	}
	if w.elements == nil {
		for _, i := range idx {
			if i >= 0 {
				bytes += int64(w.offsets[i+1] - w.offsets[i])
			}
		}
		return bytes
	}
	lists := width{offsets: w.offsets, elements: w.elements}
	for _, i := range idx {
		if i >= 0 {
			bytes += lists.rangeBytes(int(i), int(i)+1) + lists.indexBytes(int(i), int(i)+1)
		}
	}
	return bytes
}

// indexBytes returns the memory of the indexes that Take lists for the elements of the lists [lo, hi), and for the
// elements nested in them.
func (w *width) indexBytes(lo, hi int) int64 {
	bytes := int64(0)
	for f := range w.fields {
		bytes += w.fields[f].indexBytes(lo, hi)
	}
	if w.elements == nil || lo == hi {
		return bytes
	}
	from, to := int(w.offsets[lo]), int(w.offsets[hi])
	bytes += 4 * int64(to-from)
	for e := range w.elements {
		bytes += w.elements[e].indexBytes(from, to)
	}
	return bytes
}

// scaled reduces the size of d's buffers to the share that d shows.
func scaled(d arrow.ArrayData, size int64) int64 {
	stored := bufferRows(d)
	if stored <= d.Len() || stored == 0 {
		return size
	}
	return size * int64(d.Len()) / int64(stored)
}

// bufferRows returns how many rows d's buffers hold, or d.Len() if that is not known.
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
