package batch

import (
	"math/bits"
	"slices"

	"github.com/auditlake/auditlake/largepages"
)

// WordTable numbers distinct 64-bit words from 0 in order of first appearance. As long as words ascend, as those of
// times mostly do, and InsertAll was not called, they are found by binary search. The zero value is ready for use.
type WordTable struct {
	slots     []int32 // number + 1, 0 is free; the length is a power of two
	words     []uint64
	isIndexed bool // words are found by slots; otherwise all slots are free, and words ascend
}

// Insert returns the number of word; a new word gets the next one.
func (t *WordTable) Insert(word uint64) int32 {
	if !t.isIndexed {
		var number [1]int32
		if t.InsertAscending([]uint64{word}, number[:]) == 1 {
			return number[0]
		}
		t.index()
	}
	if len(t.words)*2 >= len(t.slots) {
		t.grow()
	}
	return t.insertFrom(mixWord(word)&uint64(len(t.slots)-1), word)
}

// InsertAscending inserts words up to the first that is less than its predecessor, writes their numbers, and
// returns how many it inserted. It inserts none once the table has slots.
func (t *WordTable) InsertAscending(words []uint64, numbers []int32) int {
	if t.isIndexed || len(words) == 0 {
		return 0
	}
	if len(t.words) == 0 {
		t.words = append(t.words, words[0])
	}
	last := t.words[len(t.words)-1]
	for i, word := range words {
		if word != last {
			if word < last {
				return i
			}
			t.words, last = append(withRoom(t.words, 1), word), word
		}
		numbers[i] = int32(len(t.words) - 1)
	}
	return len(words)
}

// insertFrom is Insert with the search starting at slot place. There must be a free slot.
func (t *WordTable) insertFrom(place, word uint64) int32 {
	mask := uint64(len(t.slots) - 1)
	for i := place; ; i = (i + 1) & mask {
		slot := t.slots[i]
		if slot == 0 {
			t.words = append(withRoom(t.words, 1), word)
			t.slots[i] = int32(len(t.words))
			return int32(len(t.words) - 1)
		}
		if t.words[slot-1] == word {
			return slot - 1
		}
	}
}

// Find returns the number of word, -1 if it was never inserted.
func (t *WordTable) Find(word uint64) int32 {
	if !t.isIndexed {
		if number, ok := slices.BinarySearch(t.words, word); ok {
			return int32(number)
		}
		return -1
	}
	mask := uint64(len(t.slots) - 1)
	for i := mixWord(word) & mask; ; i = (i + 1) & mask {
		slot := t.slots[i]
		if slot == 0 {
			return -1
		}
		if t.words[slot-1] == word {
			return slot - 1
		}
	}
}

// wordsAtOnce is how many words are looked up together, so that the processor fetches their slots of a large table
// in parallel.
const wordsAtOnce = 128

// wordPlaces are the first slots of some words, read ahead.
type wordPlaces struct {
	places [wordsAtOnce]uint64
	slots  [wordsAtOnce]int32
	words  [wordsAtOnce]uint64 // the words in these slots; arbitrary for free ones
}

// fetch reads the first slots of words. The table must have at least one word.
func (p *wordPlaces) fetch(t *WordTable, words []uint64) {
	mask := uint64(len(t.slots) - 1)
	for i, word := range words {
		place := mixWord(word) & mask
		p.places[i], p.slots[i] = place, t.slots[place]
	}
	for i := range words {
		p.words[i] = t.words[max(0, p.slots[i]-1)]
	}
}

// InsertAll writes the number of each word to numbers, as if Insert were called in order.
func (t *WordTable) InsertAll(words []uint64, numbers []int32) {
	if !t.isIndexed && len(words) > 0 {
		t.index()
	}
	if len(words) > 0 && len(t.words) == 0 {
		numbers[0] = t.Insert(words[0])
		words, numbers = words[1:], numbers[1:]
	}
	var p wordPlaces
	for len(words) > 0 {
		n := min(len(words), wordsAtOnce)
		for (len(t.words)+n)*2 > len(t.slots) {
			t.grow()
		}
		p.fetch(t, words[:n])
		for i, word := range words[:n] {
			if p.slots[i] != 0 && p.words[i] == word {
				numbers[i] = p.slots[i] - 1
			} else {
				numbers[i] = t.insertFrom(p.places[i], word)
			}
		}
		words, numbers = words[n:], numbers[n:]
	}
}

// FindAll writes the number of each word to numbers, -1 for those never inserted.
func (t *WordTable) FindAll(words []uint64, numbers []int32) {
	if !t.isIndexed {
		for i, word := range words {
			numbers[i] = t.Find(word)
		}
		return
	}
	var p wordPlaces
	for len(words) > 0 {
		n := min(len(words), wordsAtOnce)
		p.fetch(t, words[:n])
		for i, word := range words[:n] {
			switch {
			case p.slots[i] == 0:
				numbers[i] = -1
			case p.words[i] == word:
				numbers[i] = p.slots[i] - 1
			default:
				numbers[i] = t.Find(word)
			}
		}
		words, numbers = words[n:], numbers[n:]
	}
}

// Len returns the number of words.
func (t *WordTable) Len() int { return len(t.words) }

// Words returns the words by number. Callers must not change the slice.
func (t *WordTable) Words() []uint64 { return t.words }

// GrowthBytes returns what inserting more words may allocate before the table frees its old memory.
func (t *WordTable) GrowthBytes(more int) int64 {
	size := slotGrowth(len(t.slots), len(t.words)+more, 4) + sliceGrowth(cap(t.words), len(t.words)+more, 8)
	if !t.isIndexed {
		size += slotGrowth(len(t.slots), len(t.words), 4) // the present words may get slots first
	}
	return size
}

// slotGrowth returns the size of the slots, slotBytes each, that entries need, or 0 if there are enough.
func slotGrowth(slots, entries, slotBytes int) int64 {
	if count := slotCount(slots, entries); count > slots {
		return int64(count) * int64(slotBytes)
	}
	return 0
}

// slotCount returns how many slots entries need; it grows slots, the present number.
func slotCount(slots, entries int) int {
	for slots = max(16, slots); slots <= entries*2; slots *= 2 {
	}
	return slots
}

// sliceGrowth returns the bytes that withRoom allocates for a slice of length, 0 within its capacity.
func sliceGrowth(capacity, length, entryBytes int) int64 {
	if length <= capacity {
		return 0
	}
	return int64(grownCapacity(capacity, length, entryBytes)) * int64(entryBytes)
}

// forget empties the table and keeps its memory.
func (t *WordTable) forget() {
	if t.isIndexed {
		clear(t.slots)
	}
	t.words, t.isIndexed = t.words[:0], false
}

// ForgetLookups frees the slots. Words keep their numbers, but none can be looked up or inserted any more.
func (t *WordTable) ForgetLookups() { t.slots = nil }

// SizeBytes returns the memory held.
func (t *WordTable) SizeBytes() int64 {
	return int64(cap(t.slots))*4 + int64(cap(t.words))*8
}

// grow doubles the slots.
func (t *WordTable) grow() {
	t.slots = make([]int32, max(16, 2*len(t.slots)))
	largepages.Made(t.slots)
	t.fillSlots()
}

// index builds the slots, by which words are found from then on.
func (t *WordTable) index() {
	if n := slotCount(len(t.slots), len(t.words)); n > len(t.slots) {
		t.slots = make([]int32, n)
		largepages.Made(t.slots)
	}
	t.fillSlots()
	t.isIndexed = true
}

// fillSlots puts all words into the slots, which are free.
func (t *WordTable) fillSlots() {
	mask := uint64(len(t.slots) - 1)
	for n, word := range t.words {
		i := mixWord(word) & mask
		for t.slots[i] != 0 {
			i = (i + 1) & mask
		}
		t.slots[i] = int32(n + 1)
	}
}

// mixWord mixes a word's bits into the low ones, which choose the slot.
func mixWord(w uint64) uint64 {
	high, low := bits.Mul64(w^0x9e3779b97f4a7c15, 0xd6e8feb86659fd93)
	return high ^ low
}
