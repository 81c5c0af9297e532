package exec

import (
	"bytes"
	"encoding/binary"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/arrowtype"
	"github.com/auditlake/auditlake/engine/batch"
)

// rowKeys are the keys of a batch's rows as bytes. The keys of two rows, also of different batches, order like the
// rows.
type rowKeys struct {
	data     []byte
	ends     []int
	reserved int64 // bytes of memory to release with the keys
}

// key returns the key of a row.
func (k *rowKeys) key(row int) []byte {
	start := 0
	if row > 0 {
		start = k.ends[row-1]
	}
	return k.data[start:k.ends[row]]
}

// haveRowKeys reports whether every key has a normal form. The type decides that, not the array: an array of NULLs
// always has one.
func haveRowKeys(keys []sortKey) bool {
	for _, k := range keys {
		if appendValueOf(batch.Nulls(arrowtype.Of(k.valueType), 1), k) == nil {
			return false
		}
	}
	return true
}

// newRowKeys returns the keys of a dense batch and reserves their memory. haveRowKeys must be true.
func newRowKeys(b *batch.Batch, keys []sortKey, memory *account) (*rowKeys, error) {
	appends := make([]appendKey, len(keys))
	needed := int64(8 * b.Len)
	for i, k := range keys {
		v := b.Columns[k.position]
		appends[i] = appendKeyOf(v.Array, k)
		if v.Const {
			ofArray := appends[i]
			appends[i] = func(dst []byte, _ int32) []byte { return ofArray(dst, 0) }
		}
		needed += 2*batch.DecodedBytes(v, b.Len) + keyOverhead*int64(b.Len)
	}
	if err := memory.add(needed); err != nil {
		return nil, err
	}
	out := &rowKeys{ends: make([]int, b.Len), reserved: needed}
	for row := range b.Len {
		for _, appendTo := range appends {
			out.data = appendTo(out.data, int32(row))
		}
		out.ends[row] = len(out.data)
	}
	return out, nil
}

// keyOverhead is the most by which a key is longer than twice its value.
const keyOverhead = 12

// appendKey appends the key of a row.
type appendKey func(dst []byte, row int32) []byte

// appendKeyOf returns a function that appends the key of an array's row. A key begins with a byte: 1 for a value, 0
// or 2 for NULL. The value follows: numbers big-endian, texts as appendTextOf encodes them.
func appendKeyOf(a arrow.Array, key sortKey) appendKey {
	null := byte(2)
	if key.nullsFirst {
		null = 0
	}
	if a.NullN() == a.Len() { // its type may be unknown
		return func(dst []byte, _ int32) []byte { return append(dst, null) }
	}
	values := a
	var codes []int32
	if d, ok := a.(*array.Dictionary); ok {
		values, codes = d.Dictionary(), batch.Codes(d)
	}
	appendValue := appendValueOf(values, key)
	valid := arrowdata.Validity(a)
	return func(dst []byte, row int32) []byte {
		if !arrowdata.IsValid(valid, int(row)) {
			return append(dst, null)
		}
		if codes != nil {
			row = codes[row]
		}
		return appendValue(append(dst, 1), row)
	}
}

// appendValueOf is appendKeyOf for values that are not NULL; nil for types without a normal form.
func appendValueOf(values arrow.Array, key sortKey) appendKey {
	switch values.(type) {
	case *array.String, *array.Binary:
		return appendTextOf(values, key.descending)
	}
	parts, ok := keyParts(values, arrowdata.Validity(values), key, nil)
	if !ok {
		return nil
	}
	return func(dst []byte, row int32) []byte {
		for _, p := range parts {
			dst = binary.BigEndian.AppendUint64(dst, p.read(row))
		}
		return dst
	}
}

// appendTextOf appends texts so that a text comes before those that it is a prefix of: two zeros end it, and a byte
// that is not zero follows each zero in it.
func appendTextOf(values arrow.Array, descending bool) appendKey {
	offsets, data := batch.Text(values)
	return func(dst []byte, row int32) []byte {
		text, from := data[offsets[row]:offsets[row+1]], len(dst)
		for zero := bytes.IndexByte(text, 0); zero >= 0; zero = bytes.IndexByte(text, 0) {
			dst = append(append(dst, text[:zero+1]...), 1)
			text = text[zero+1:]
		}
		dst = append(append(dst, text...), 0, 0)
		if descending {
			for i := from; i < len(dst); i++ {
				dst[i] = ^dst[i]
			}
		}
		return dst
	}
}
