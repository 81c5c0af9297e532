package exec

import (
	"bytes"
	"encoding/binary"
	"math"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/batch"
)

// textKey reads the texts of a sort key's column.
type textKey struct {
	offsets []int32
	data    []byte
	codes   []int32 // codes of a dictionary; nil: not one
	rows    int
	valid   []byte
	flip    uint64 // all bits set for descending order
}

// A chunk is a number: up to chunkBytes bytes of a text, padded with zeros, and how many bytes were left, at most
// one more than the chunk has. So a text that ends differs from one that continues with zeros.
const (
	chunkBytes      = 7
	chunkLengthBits = 4
)

// textKeyOf returns nil for arrays without text, and for dictionaries with no more entries than rows, which are
// better ranked.
func textKeyOf(a arrow.Array, valid []byte, key sortKey) *textKey {
	t := &textKey{rows: a.Len(), valid: valid}
	if key.descending {
		t.flip = math.MaxUint64
	}
	if d, ok := a.(*array.Dictionary); ok {
		if d.Dictionary().Len() <= a.Len() {
			return nil
		}
		t.codes = batch.Codes(d)
		a = d.Dictionary()
	}
	switch a.(type) {
	case *array.String, *array.Binary:
		t.offsets, t.data = batch.Text(a)
		return t
	}
	return nil
}

// value returns a row's text; there must be one.
func (t *textKey) value(row int32) []byte {
	if t.codes != nil {
		row = t.codes[row]
	}
	return t.data[t.offsets[row]:t.offsets[row+1]]
}

func (t *textKey) isNull(row int32) bool { return !arrowdata.IsValid(t.valid, int(row)) }

// chunk returns the chunk of size bytes that begins at byte from of a row's text, at most its end; 0 for NULL. It
// has 8*size+chunkLengthBits bits.
func (t *textKey) chunk(row int32, from, size int) uint64 {
	if t.isNull(row) {
		return 0
	}
	rest := t.value(row)[from:]
	word := batch.TextWord(rest)
	left := uint64(min(len(rest), size+1))
	return (word>>(64-8*size)<<chunkLengthBits | left) ^ t.flip&lowBits(8*size+chunkLengthBits)
}

// commonPrefix returns the length of the prefix that all texts share.
func (t *textKey) commonPrefix() int {
	var prefix []byte
	for row := range int32(t.rows) {
		if t.isNull(row) {
			continue
		}
		if prefix == nil {
			prefix = t.value(row)
		}
		if prefix = prefix[:sharedBytes(prefix, t.value(row))]; len(prefix) == 0 {
			return 0
		}
	}
	return len(prefix)
}

// sharedPrefix returns how many bytes of prefix the texts of all entries share from byte from on.
func (t *textKey) sharedPrefix(prefix []byte, entries []sortEntry, from int) int64 {
	for _, e := range entries {
		if prefix = prefix[:sharedBytes(prefix, t.value(e.row)[from:])]; len(prefix) == 0 {
			return 0
		}
	}
	return int64(len(prefix))
}

// sharedBytes returns the length of the longest common prefix.
func sharedBytes(a, b []byte) int {
	n := min(len(a), len(b))
	if bytes.Equal(a[:n], b[:n]) {
		return n
	}
	i := 0
	for i+8 <= n && binary.LittleEndian.Uint64(a[i:]) == binary.LittleEndian.Uint64(b[i:]) {
		i += 8
	}
	for a[i] == b[i] {
		i++
	}
	return i
}
