package batch

import "github.com/apache/arrow/go/v15/arrow/array"

// maxShortBytes is how long a short text is: with its length it is a word.
const maxShortBytes = 7

// shortTexts are the short ones of a TextTable. They are found by words that tell all of a text, so that nothing is
// looked at but words.
type shortTexts struct {
	words WordTable
	// numbers are those of the words' texts in the TextTable; nil while all its texts are short: then the words have
	// the same.
	numbers []int32
}

// shortWordAt returns the word of a short text, data[lo:hi].
func shortWordAt(data []byte, lo, hi int32) uint64 { return TextWordAt(data, lo, hi) | uint64(hi-lo) }

func shortWord(text []byte) uint64 { return TextWord(text) | uint64(len(text)) }

// number returns the number of a text. If it is new that is next, and the caller adds it to the texts.
func (s *shortTexts) number(word uint64, next int) (n int32, isNew bool) {
	known := s.words.Len()
	w := s.words.Insert(word)
	if isNew = int(w) == known; isNew {
		s.setNumber(w, next)
	}
	return s.numberOf(w), isNew
}

// setNumber notes the number of a word's text. Those of the words before it are noted.
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

// insertShort is insertAll for some rows, no more than wordsAtOnce, from one on; false: they are not all short, and
// nothing is done. It calls keep with the row of each text that is new.
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
