package spill

import (
	"encoding/binary"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"

	"github.com/auditlake/auditlake/engine/batch"
)

// A record before compression, see docs/formats/spill.md: the number of rows, the number of columns, then each column.
// Numbers have 4 bytes; buffers begin at multiples of 8, so that they are read in place.

// appendBatch appends a dense batch.
func (r *Run) appendBatch(dst []byte, b *batch.Batch) []byte {
	dst = appendNumber(dst, b.Len)
	dst = appendNumber(dst, len(b.Columns))
	rows := make([]int32, b.Len)
	for i := range rows {
		rows[i] = int32(i)
	}
	for _, v := range b.Columns {
		isConst, idx := 0, rows
		if v.Const {
			isConst, idx = 1, rows[:1]
		}
		dst = appendNumber(dst, isConst)
		// Taken, an array has no offset, and of its parent's buffers no more than its own rows.
		dst = r.appendData(dst, batch.Take(withoutLongDictionary(v.Array, len(idx)), idx).Data())
	}
	return dst
}

// withoutLongDictionary decodes what holds more values than rows of it are written, or has
// dictionaries inside.
func withoutLongDictionary(a arrow.Array, rows int) arrow.Array {
	d, ok := a.(*array.Dictionary)
	if !ok {
		return batch.Decode(a)
	}
	if d.Dictionary().Len() > rows || batch.HeldBytes(a) > batch.DecodedBytes(batch.Vector{Array: a}, a.Len()) {
		return batch.Decode(a)
	}
	return a
}

// appendData appends an array without offset.
func (r *Run) appendData(dst []byte, d arrow.ArrayData) []byte {
	dst = appendNumber(dst, r.typeNumber(d.DataType()))
	dst = appendNumber(dst, d.Len())
	dst = appendNumber(dst, d.NullN())
	dst = appendNumber(dst, d.Offset())
	dst = appendNumber(dst, len(d.Buffers()))
	for _, b := range d.Buffers() {
		if b == nil {
			dst = appendNumber(dst, 0)
			continue
		}
		dst = appendNumber(dst, b.Len()+1)
		for len(dst)%8 != 0 {
			dst = append(dst, 0)
		}
		dst = append(dst, b.Bytes()...)
	}
	dst = appendNumber(dst, len(d.Children()))
	for _, child := range d.Children() {
		dst = r.appendData(dst, child)
	}
	if d.DataType().ID() == arrow.DICTIONARY {
		dst = r.appendData(dst, d.Dictionary())
	}
	return dst
}

func appendNumber(dst []byte, n int) []byte {
	for len(dst)%4 != 0 {
		dst = append(dst, 0)
	}
	return binary.LittleEndian.AppendUint32(dst, uint32(n))
}

// typeNumber is the place of a type among those of the run's arrays.
func (r *Run) typeNumber(t arrow.DataType) int {
	for i, have := range r.types {
		if have == t || arrow.TypeEqual(have, t, arrow.CheckMetadata()) {
			return i
		}
	}
	r.types = append(r.types, t)
	return len(r.types) - 1
}

// decoder reads the encoded bytes. Their checksum was verified, so they are as they were written.
type decoder struct {
	types []arrow.DataType
	plain []byte
	at    int
}

// decodeBatch returns the batch of a record over its bytes.
func (r *Run) decodeBatch(plain []byte) *batch.Batch {
	d := &decoder{types: r.types, plain: plain}
	b := &batch.Batch{Len: d.number()}
	b.Columns = make([]batch.Vector, d.number())
	for i := range b.Columns {
		b.Columns[i].Const = d.number() == 1
		b.Columns[i].Array = array.MakeFromData(d.data())
	}
	return b
}

func (d *decoder) number() int {
	d.at = (d.at + 3) &^ 3
	n := int32(binary.LittleEndian.Uint32(d.plain[d.at:]))
	d.at += 4
	return int(n)
}

func (d *decoder) data() arrow.ArrayData {
	dt := d.types[d.number()]
	rows, nulls, offset := d.number(), d.number(), d.number()
	buffers := make([]*memory.Buffer, d.number())
	for i := range buffers {
		length := d.number() - 1
		if length < 0 {
			continue
		}
		d.at = (d.at + 7) &^ 7
		buffers[i] = memory.NewBufferBytes(d.plain[d.at : d.at+length : d.at+length])
		d.at += length
	}
	children := make([]arrow.ArrayData, d.number())
	for i := range children {
		children[i] = d.data()
	}
	if dt.ID() != arrow.DICTIONARY {
		return array.NewData(dt, rows, buffers, children, nulls, offset)
	}
	return array.NewDataWithDictionary(dt, rows, buffers, nulls, offset, d.data().(*array.Data))
}
