package batch

import (
	"hash/maphash"

	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/auditlake/auditlake/largepages"
)

// TextTable numbers distinct byte strings from 0 in order of first appearance and keeps copies of them. The zero
// value is ready for use.
type TextTable struct {
	// slots have the upper half of a text's hash in their upper half, and its number + 1 in the lower half; 0 is
	// free. Their number is a power of two. The search for a text begins at the lower bits of the hash's upper
	// half.
	slots []uint64
	short shortTexts // short texts, which have no slot
	texts textBlocks
	// areNew: nearly all texts of the last inserted array were new.
	areNew bool
}

var textSeed = maphash.MakeSeed()

const upperHalf = 0xffffffff << 32

// Insert returns the number of text, copying it if it is new.
func (t *TextTable) Insert(text []byte) int32 {
	n, isNew := t.number(text, slotHash(text))
	if isNew {
		t.texts.add(text)
	}
	return n
}

// slotHash returns the hash by which a text's slot is found; a short text has none.
func slotHash(text []byte) uint64 {
	if len(text) <= maxShortBytes {
		return 0
	}
	return maphash.Bytes(textSeed, text)
}

// number returns the number of text. If it is new the caller adds it to the texts.
func (t *TextTable) number(text []byte, hash uint64) (n int32, isNew bool) {
	if len(text) <= maxShortBytes {
		return t.short.number(shortWord(text), t.Len())
	}
	if t.longLen()*2 >= len(t.slots) {
		t.grow()
	}
	n, slot := t.find(text, hash)
	if n >= 0 {
		return n, false
	}
	n = int32(t.Len())
	t.slots[slot] = hash&upperHalf | uint64(n+1)
	return n, true
}

// minBorrowedTexts is the least number of texts whose memory is borrowed, as each borrowed array takes a block.
const minBorrowedTexts = 1 << 10

// insertAll writes the number of each text + 1 to codes, 0 for NULL. With mayKeep it may refer to the texts'
// memory, which must never change, instead of copying them. It does so if it expects nearly all to be new.
func (t *TextTable) insertAll(texts *array.String, codes []int32, mayKeep bool) {
	clear(codes)
	before, block := t.Len(), -1
	offsets, data := Text(texts)
	first, end := offsets[0], offsets[len(offsets)-1]
	if mayKeep && t.areNew && len(codes) >= minBorrowedTexts && len(data) <= 2*int(end-first) {
		block = t.texts.borrow(data[first:end])
	}
	keep := func(row int) {
		text := data[offsets[row]:offsets[row+1]]
		if block >= 0 && len(text) <= maxPlacedBytes {
			t.texts.addBorrowed(block, int(offsets[row]-first), len(text))
			return
		}
		t.texts.add(text)
	}
	var p textPlaces
	for from := 0; from < len(codes); from += wordsAtOnce {
		some := codes[from:min(from+wordsAtOnce, len(codes))]
		if t.insertShort(texts, from, some, keep) {
			continue
		}
		p.lookUp(t, texts, from, len(some), func(row int, text []byte, hash uint64) {
			n, isNew := t.number(text, hash)
			if codes[row] = n + 1; isNew {
				keep(row)
			}
		})
	}
	const share = 8
	t.areNew = t.Len()-before > len(codes)-len(codes)/share
}

// findAll writes the number of each text + 1 to codes, 0 for NULL, Absent if it was never inserted.
func (t *TextTable) findAll(texts *array.String, codes []int32) {
	clear(codes)
	var p textPlaces
	for from := 0; from < len(codes); from += wordsAtOnce {
		p.lookUp(t, texts, from, min(wordsAtOnce, len(codes)-from), func(row int, text []byte, hash uint64) { codes[row] = found(t.findHashed(text, hash)) })
	}
}

// Find returns the number of text, -1 if it was never inserted.
func (t *TextTable) Find(text []byte) int32 { return t.findHashed(text, slotHash(text)) }

func (t *TextTable) findHashed(text []byte, hash uint64) int32 {
	switch {
	case len(text) <= maxShortBytes:
		return t.short.find(shortWord(text))
	case len(t.slots) == 0:
		return -1
	}
	n, _ := t.find(text, hash)
	return n
}

// textPlaces is what is read ahead to look some texts up. As for words, the processor fetches their slots in
// parallel.
type textPlaces struct {
	hashes [wordsAtOnce]uint64
	slots  [wordsAtOnce]uint64
	firsts [wordsAtOnce]byte // first bytes of the texts in these slots
}

// fetch hashes the n texts of an array that begin at from, and reads their slots.
func (p *textPlaces) fetch(t *TextTable, texts *array.String, from, n int) {
	for i := range n {
		p.hashes[i] = slotHash(viewBytes(texts.Value(from + i)))
	}
	p.look(t, n)
}

// look reads the slots of n hashed texts.
func (p *textPlaces) look(t *TextTable, n int) {
	if len(t.slots) == 0 {
		return
	}
	mask := uint64(len(t.slots) - 1)
	for i, hash := range p.hashes[:n] {
		p.slots[i] = t.slots[hash>>32&mask]
	}
	for i, slot := range p.slots[:n] {
		if slot == 0 || (slot^p.hashes[i])&upperHalf != 0 {
			continue
		}
		if text := t.At(int32(uint32(slot) - 1)); len(text) > 0 {
			p.firsts[i] = text[0]
		}
	}
}

// insert writes the numbers + 1 of the texts some, at most wordsAtOnce, to codes, which is indexed by text. New
// texts are copied.
func (p *textPlaces) insert(t *TextTable, texts *array.String, some []int32, codes []int32) {
	for i, at := range some {
		p.hashes[i] = slotHash(viewBytes(texts.Value(int(at))))
	}
	p.look(t, len(some))
	for i, at := range some {
		text := viewBytes(texts.Value(int(at)))
		n, isNew := t.number(text, p.hashes[i])
		if codes[at] = n + 1; isNew {
			t.texts.add(text)
		}
	}
}

// lookUp calls look for each of the n texts from on that is not NULL, with its row and hash.
func (p *textPlaces) lookUp(t *TextTable, texts *array.String, from, n int, look func(row int, text []byte, hash uint64)) {
	p.fetch(t, texts, from, n)
	for i, hash := range p.hashes[:n] {
		if row := from + i; !texts.IsNull(row) {
			look(row, viewBytes(texts.Value(row)), hash)
		}
	}
}

// find returns the number of text, or -1 and the free slot for it.
func (t *TextTable) find(text []byte, hash uint64) (n int32, slot uint64) {
	mask := uint64(len(t.slots) - 1)
	for i := hash >> 32 & mask; ; i = (i + 1) & mask {
		s := t.slots[i]
		if s == 0 {
			return -1, i
		}
		if (s^hash)&upperHalf != 0 {
			continue
		}
		if n := int32(uint32(s) - 1); string(t.At(n)) == string(text) {
			return n, i
		}
	}
}

// Len returns the number of strings.
func (t *TextTable) Len() int { return t.texts.count() }

// longLen returns how many strings have slots.
func (t *TextTable) longLen() int { return t.Len() - t.short.words.Len() }

// At returns string n. Callers must not change it.
func (t *TextTable) At(n int32) []byte { return t.texts.at(n) }

// growthBytes returns what inserting more texts may allocate. bytes is their total length, with or without offsets.
// Short texts among mostly long ones are counted like long ones.
func (t *TextTable) growthBytes(more int, bytes int64) int64 {
	const offsetBytes = 4
	size := slotGrowth(len(t.slots), t.longLen()+more, 8)
	if bytes <= int64(more)*(maxShortBytes+offsetBytes) {
		size = max(size, t.short.growthBytes(more))
	}
	return size + t.texts.growthBytes(more, bytes)
}

// forget empties the table and keeps its memory.
func (t *TextTable) forget() {
	clear(t.slots)
	t.short.forget()
	t.texts.forget()
}

// SizeBytes returns the memory held.
func (t *TextTable) SizeBytes() int64 {
	return int64(cap(t.slots))*8 + t.short.sizeBytes() + t.texts.sizeBytes()
}

// forgetLookups frees the hash tables. Texts keep their numbers, but none can be looked up or inserted any more.
func (t *TextTable) forgetLookups() { t.slots, t.short = nil, shortTexts{} }

// grow doubles the slots. A text stays at its slot or moves up by the old number of slots, so that both halves are
// filled from their begin on.
func (t *TextTable) grow() {
	before := t.slots
	t.slots = make([]uint64, max(16, 2*len(before)))
	largepages.Made(t.slots)
	mask := uint64(len(t.slots) - 1)
	for _, slot := range before {
		if slot == 0 {
			continue
		}
		i := slot >> 32 & mask
		for t.slots[i] != 0 {
			i = (i + 1) & mask
		}
		t.slots[i] = slot
	}
}
