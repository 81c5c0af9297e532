package batch

import "github.com/apache/arrow/go/v15/arrow/array"

// maxShortBytes is the longest short text: with its length it fits into one word.
const maxShortBytes = 7

// shortTexts are the short texts of a TextTable. Their words contain the whole text, so lookups read only words.
type shortTexts struct {
	words WordTable
	// numbers maps words to the texts' numbers in the TextTable. It is nil while all texts there are short: then
	// both numbers are equal.
	numbers []int32
}

// shortWordAt returns the word of a short text, data[lo:hi].
func shortWordAt(data []byte, lo, hi int32) uint64 { return TextWordAt(data, lo, hi) | uint64(hi-lo) }

func shortWord(text []byte) uint64 { return TextWord(text) | uint64(len(text)) }

// number returns the text's number. A new text gets next; the caller then appends it to the table.
func (s *shortTexts) number(word uint64, next int) (n int32, isNew bool) {
	known := s.words.Len()
	w := s.words.Insert(word)
	if isNew = int(w) == known; isNew {
		s.setNumber(w, next)
	}
	return s.numberOf(w), isNew
}

// setNumber records the number of a word's text. Those of all words before it are already recorded.
func (s *shortTexts) setNumber(word int32, n int) {
	if s.numbers == nil {
		if n == int(word) {
			return
		}
		for i := range word {
			s.numbers = append(withRoom(s.numbers, 1), i)
		}
	}
	s.numbers = append(withRoom(s.numbers, 1), int32(n))
}

// numberOf returns the number of a word's text.
func (s *shortTexts) numberOf(word int32) int32 {
	if s.numbers == nil {
		return word
	}
	return s.numbers[word]
}

// find returns the number of a text, -1 if it was never inserted.
func (s *shortTexts) find(word uint64) int32 {
	if w := s.words.Find(word); w >= 0 {
		return s.numberOf(w)
	}
	return -1
}

// insertShort is insertAll for the rows from on, at most wordsAtOnce. It calls keep with the row of each new text.
// If they are not all short it does nothing and returns false.
func (t *TextTable) insertShort(texts *array.String, from int, codes []int32, keep func(row int)) bool {
	var words [wordsAtOnce]uint64
	var rows, numbers [wordsAtOnce]int32
	offsets, data := Text(texts)
	n := 0
	for i := range codes {
		lo, hi := offsets[from+i], offsets[from+i+1]
		switch {
		case texts.IsNull(from + i):
			continue
		case hi-lo > maxShortBytes:
			return false
		}
		words[n], rows[n] = shortWordAt(data, lo, hi), int32(i)
		n++
	}
	next := t.short.words.Len()
	t.short.words.InsertAll(words[:n], numbers[:n])
	for i, word := range numbers[:n] {
		if int(word) == next {
			t.short.setNumber(word, t.Len())
			keep(from + int(rows[i]))
			next++
		}
		codes[rows[i]] = t.short.numberOf(word) + 1
	}
	return true
}

func (s *shortTexts) growthBytes(more int) int64 {
	size := s.words.GrowthBytes(more)
	if s.numbers != nil {
		size += sliceGrowth(cap(s.numbers), s.words.Len()+more, 4)
	}
	return size
}

func (s *shortTexts) forget() {
	s.words.forget()
	s.numbers = nil
}

func (s *shortTexts) sizeBytes() int64 { return s.words.SizeBytes() + int64(cap(s.numbers))*4 }
