package batch

import (
	"hash/maphash"

	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/largepages"
)

// TextRows gives texts codes by the rows of a column that is known as a whole, and whose texts hardly repeat: code 0
// is NULL, another is the first row of its text + 1. It refers to the column instead of copying texts. Rows are
// hashed first, then room is made, then each part of the hashes is inserted, several of them beside each other if
// need be. From then on it is safe for concurrent use.
type TextRows struct {
	texts   *array.String
	offsets []int32
	data    []byte
	valid   []byte
	hashes  []uint32 // upper halves, by row; nil when all are inserted
	parts   []textSlots
	found   *foundCodes
}

// textSlots are those of some hashes. A slot has a hash in its upper half, and in its lower one the code of the first
// row with its text; 0 is free. The lower bits of the hash are the place at which a text is looked for first.
type textSlots struct {
	slots []uint64 // their number is a power of two
	count int      // of texts
}

// NewTextRows returns one of a column, of which no rows are hashed yet, in so many parts.
func NewTextRows(texts *array.String, parts int) *TextRows {
	t := &TextRows{texts: texts, valid: arrowdata.Validity(texts), hashes: make([]uint32, texts.Len()), parts: make([]textSlots, parts), found: &foundCodes{}}
	t.offsets, t.data = Text(texts)
	return t
}

func (t *TextRows) text(row int32) []byte { return t.data[t.offsets[row]:t.offsets[row+1]] }

// partOf returns the part of a hash, by bits that its place hardly uses.
func (t *TextRows) partOf(hash uint32) int { return int(uint64(hash) * uint64(len(t.parts)) >> 32) }

// hashOf is the upper half of a text's hash.
func hashOf(text []byte) uint32 { return uint32(maphash.Bytes(textSeed, text) >> 32) }

// Hash hashes rows from one up to another. Several goroutines may hash different rows.
func (t *TextRows) Hash(from, to int) {
	for row := from; row < to; row++ {
		t.hashes[row] = hashOf(t.text(int32(row)))
	}
}

// slotCounts are how many slots the parts need: rows take up to half of them.
func (t *TextRows) slotCounts() []int {
	counts := make([]int, len(t.parts))
	for _, hash := range t.hashes {
		counts[t.partOf(hash)]++
	}
	for part, rows := range counts {
		counts[part] = slotCount(0, rows)
	}
	return counts
}

// RoomBytes is what MakeRoom allocates, when all rows are hashed.
func (t *TextRows) RoomBytes() (bytes int64) {
	for _, slots := range t.slotCounts() {
		bytes += int64(slots) * 8
	}
	return bytes
}

// MakeRoom makes room for all rows, when they are hashed.
func (t *TextRows) MakeRoom() {
	for part, slots := range t.slotCounts() {
		t.parts[part].slots = make([]uint64, slots)
		largepages.Made(t.parts[part].slots)
	}
}

// InsertPart inserts those rows from one up to another that belong to a part, and writes their codes. All rows before
// have been inserted. Each part is one goroutine's.
func (t *TextRows) InsertPart(part, from, to int, codes []int32) {
	var own [wordsAtOnce]int32
	n := 0
	for row := from; row < to; row++ {
		own[n] = int32(row)
		if t.partOf(t.hashes[row]) == part {
			n++
		}
		if n == wordsAtOnce {
			t.insertRows(part, own[:], codes)
			n = 0
		}
	}
	t.insertRows(part, own[:n], codes)
}

// insertRows inserts up to wordsAtOnce rows of a part. What the processor has to wait for it fetches at the same time.
func (t *TextRows) insertRows(part int, rows, codes []int32) {
	p := &t.parts[part]
	mask := uint32(len(p.slots) - 1)
	var seen [wordsAtOnce]uint64
	for i, row := range rows {
		seen[i] = p.slots[t.hashes[row]&mask]
	}
	for i, row := range rows {
		if !arrowdata.IsValid(t.valid, int(row)) {
			codes[row] = 0
			continue
		}
		hash := t.hashes[row]
		code, place := int32(0), hash&mask
		if seen[i] != 0 || p.slots[place] != 0 { // since it was seen
			code, place = t.find(p.slots, t.text(row), hash)
		}
		if code == 0 {
			code = row + 1
			p.slots[place] = uint64(hash)<<32 | uint64(code)
			p.count++
		}
		codes[row] = code
	}
}

// find returns the code of a text, or 0 and the free slot that it belongs in.
func (t *TextRows) find(slots []uint64, text []byte, hash uint32) (code int32, place uint32) {
	mask := uint32(len(slots) - 1)
	for place = hash & mask; ; place = (place + 1) & mask {
		slot := slots[place]
		if slot == 0 {
			return 0, place
		}
		if uint32(slot>>32) != hash {
			continue
		}
		if code = int32(uint32(slot)); string(t.text(code-1)) == string(text) {
			return code, place
		}
	}
}

// EndInsert gives back what nothing is found by, when all rows are inserted.
func (t *TextRows) EndInsert() { t.hashes = nil }

// SizeBytes is the memory held, besides the column and what was looked up.
func (t *TextRows) SizeBytes() (size int64) {
	for i := range t.parts {
		size += int64(cap(t.parts[i].slots)) * 8
	}
	return size + int64(cap(t.hashes))*4
}
