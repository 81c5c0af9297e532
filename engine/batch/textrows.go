package batch

import (
	"hash/maphash"

	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/largepages"
)

// TextRows assigns codes to the texts of a known column that hardly repeat, without copying texts.
//
// Code 0 is NULL; another code is the first row of its text, plus 1. First all rows are hashed, then MakeRoom is
// called, then each part of the hashes is inserted, several in parallel if need be. From then on it is safe for
// concurrent use.
type TextRows struct {
	texts   *array.String
	offsets []int32
	data    []byte
	valid   []byte
	hashes  []uint32 // upper halves, by row; nil once all are inserted
	parts   []textSlots
	found   *foundCodes
}

// textSlots is the hash table of one part. A slot has a hash in its upper half, and the code of the first row with
// its text in the lower half; 0 is free. The search for a text begins at the lower bits of its hash.
type textSlots struct {
	slots []uint64 // their number is a power of two
	count int      // distinct texts
}

// NewTextRows returns TextRows of a column with the given number of parts. No rows are hashed yet.
func NewTextRows(texts *array.String, parts int) *TextRows {
	t := &TextRows{texts: texts, valid: arrowdata.Validity(texts), hashes: make([]uint32, texts.Len()), parts: make([]textSlots, parts), found: &foundCodes{}}
	t.offsets, t.data = Text(texts)
	return t
}

func (t *TextRows) text(row int32) []byte { return t.data[t.offsets[row]:t.offsets[row+1]] }

// partOf returns the part of a hash, chosen by its upper bits, which the slot hardly depends on.
func (t *TextRows) partOf(hash uint32) int { return int(uint64(hash) * uint64(len(t.parts)) >> 32) }

// hashOf returns the upper half of a text's hash.
func hashOf(text []byte) uint32 { return uint32(maphash.Bytes(textSeed, text) >> 32) }

// Hash hashes the rows [from, to). Several goroutines may hash different rows.
func (t *TextRows) Hash(from, to int) {
	for row := from; row < to; row++ {
		t.hashes[row] = hashOf(t.text(int32(row)))
	}
}

// slotCounts returns how many slots each part needs: rows take at most half of them.
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

// RoomBytes returns what MakeRoom allocates. All rows must be hashed.
func (t *TextRows) RoomBytes() (bytes int64) {
	for _, slots := range t.slotCounts() {
		bytes += int64(slots) * 8
	}
	return bytes
}

// MakeRoom allocates the slots for all rows. All rows must be hashed.
func (t *TextRows) MakeRoom() {
	for part, slots := range t.slotCounts() {
		t.parts[part].slots = make([]uint64, slots)
		largepages.Made(t.parts[part].slots)
	}
}

// InsertPart inserts the rows of [from, to) that belong to a part, and writes their codes. All rows before from
// must be inserted. Only one goroutine may work on a part.
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

// insertRows inserts up to wordsAtOnce rows of a part. It reads their slots first, so that the processor fetches
// them in parallel.
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
		if seen[i] != 0 || p.slots[place] != 0 { // filled meanwhile
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

// find returns the code of a text, or 0 and the free slot for it.
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

// EndInsert frees what lookups do not need. All rows must be inserted.
func (t *TextRows) EndInsert() { t.hashes = nil }

// SizeBytes returns the memory held, without the column and the cached lookups.
func (t *TextRows) SizeBytes() (size int64) {
	for i := range t.parts {
		size += int64(cap(t.parts[i].slots)) * 8
	}
	return size + int64(cap(t.hashes))*4
}
