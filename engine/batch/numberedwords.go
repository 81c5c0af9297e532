package batch

import (
	"math"
	"sync/atomic"

	"github.com/apache/arrow/go/v15/arrow/array"
)

// NumberedWords have a word for texts by their numbers. One goroutine sets them while others read.
type NumberedWords struct {
	lake  *TextNumbers
	texts *numberedTexts
	// pages exist where a text has a word. A word is stored inverted, so that 0 is none.
	pages atomic.Pointer[[]*wordPage]
	held  int64
	null  atomic.Uint64 // the word of NULL, likewise
}

type wordPage [numbersPerPage]atomic.Uint64

// NumberedWords returns words for the values of in; nil while it does not tell them apart by their numbers alone.
func (in *Interner) NumberedWords() *NumberedWords {
	if in.numbered == nil || !in.numbered.isWhole {
		return nil
	}
	w := &NumberedWords{lake: in.lake, texts: in.numbered.texts}
	w.pages.Store(&[]*wordPage{})
	return w
}

// Set sets the word of a code of in, if the value has a number still. It is not the greatest word of all.
func (w *NumberedWords) Set(in *Interner, code int32, word uint64) {
	if code == 0 {
		w.null.Store(^word)
		return
	}
	if in.numbered == nil || !in.numbered.isWhole || in.numbered.texts != w.texts {
		return
	}
	number := int(in.numbered.numbers[code-1])
	pages := *w.pages.Load()
	if page := number / numbersPerPage; page >= len(pages) || pages[page] == nil {
		more := make([]*wordPage, max(len(pages), page+1))
		copy(more, pages)
		more[page] = &wordPage{}
		w.pages.Store(&more)
		pages = more
		w.held++
	}
	pages[number/numbersPerPage][number%numbersPerPage].Store(^word)
}

// SizeBytes is the memory held.
func (w *NumberedWords) SizeBytes() int64 {
	return 2*pageBytes*w.held + 8*int64(len(*w.pages.Load()))
}

// Null is the word of NULL, the greatest of all where it has none.
func (w *NumberedWords) Null() uint64 { return ^w.null.Load() }

// Of returns the words of a dictionary's entries; false where these have no numbers.
func (w *NumberedWords) Of(dictionary *array.String) (EntryWords, bool) {
	texts, numbers := w.lake.of(dictionary)
	return EntryWords{numbers, *w.pages.Load()}, numbers != nil && texts == w.texts
}

// EntryWords are the words of a dictionary's entries.
type EntryWords struct {
	numbers []int32
	pages   []*wordPage
}

// At is the word of an entry, the greatest of all where it has none.
func (w EntryWords) At(entry int32) uint64 {
	number := w.numbers[entry]
	if page := int(number) / numbersPerPage; page < len(w.pages) && w.pages[page] != nil {
		return ^w.pages[page][number%numbersPerPage].Load()
	}
	return math.MaxUint64
}
