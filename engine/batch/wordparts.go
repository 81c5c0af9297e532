package batch

// WordParts numbers distinct 64-bit words in several tables, each with the words of some hashes, so that as many goroutines can fill them
// beside each other. Numbers say nothing about the order, and some below Len may be nobody's. All parts are of one moment: nobody finds words
// while others are inserted.
type WordParts struct {
	parts []WordTable
}

// NewWordParts returns so many empty parts.
func NewWordParts(parts int) *WordParts { return &WordParts{parts: make([]WordTable, parts)} }

// part returns which table has the words of a hash, by bits that the table itself hardly uses.
func (w *WordParts) part(hash uint64) int { return int(hash >> 32 * uint64(len(w.parts)) >> 32) }

// InsertPart writes the numbers of those words that belong to a part to numbers, and leaves the others. Each part is one goroutine's.
func (w *WordParts) InsertPart(part int, words []uint64, numbers []int32) {
	var own [wordsAtOnce]uint64
	var rows, found [wordsAtOnce]int32
	n := 0
	insert := func() {
		w.parts[part].InsertAll(own[:n], found[:n])
		for i, row := range rows[:n] {
			numbers[row] = found[i]*int32(len(w.parts)) + int32(part)
		}
		n = 0
	}
	for row, word := range words {
		own[n], rows[n] = word, int32(row)
		if w.part(mixWord(word)) == part {
			n++
		}
		if n == wordsAtOnce {
			insert()
		}
	}
	insert()
}

// FindAll writes the number of each word to numbers, -1 of those that were never inserted.
func (w *WordParts) FindAll(words []uint64, numbers []int32) {
	var places [wordsAtOnce]uint64
	var slots [wordsAtOnce]int32
	var firsts [wordsAtOnce]uint64 // the words of slots
	for ; len(words) > 0; words, numbers = words[min(len(words), wordsAtOnce):], numbers[min(len(words), wordsAtOnce):] {
		some := words[:min(len(words), wordsAtOnce)]
		for i, word := range some { // what the processor has to wait for it fetches at the same time
			hash := mixWord(word)
			places[i], slots[i] = hash, 0
			if t := &w.parts[w.part(hash)]; len(t.slots) > 0 {
				slots[i] = t.slots[hash&uint64(len(t.slots)-1)]
			}
		}
		for i, slot := range slots[:len(some)] {
			if slot > 0 {
				firsts[i] = w.parts[w.part(places[i])].words[slot-1]
			}
		}
		for i, word := range some {
			number := slots[i] - 1
			part := w.part(places[i])
			if number >= 0 && firsts[i] != word {
				number = w.parts[part].Find(word)
			}
			if number >= 0 {
				number = number*int32(len(w.parts)) + int32(part)
			}
			numbers[i] = number
		}
	}
}

// Len is more than any number.
func (w *WordParts) Len() int {
	most := 0
	for i := range w.parts {
		most = max(most, w.parts[i].Len())
	}
	return most * len(w.parts)
}

// SizeBytes is the memory held.
func (w *WordParts) SizeBytes() (size int64) {
	for i := range w.parts {
		size += w.parts[i].SizeBytes()
	}
	return size
}

// Parts is how many tables there are.
func (w *WordParts) Parts() int { return len(w.parts) }
