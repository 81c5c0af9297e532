package batch

import (
	"slices"
	"sync"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
)

// UseNumbers makes the interner identify texts of dictionaries by their ids in lake, if they have any, instead of
// reading them. Codes stay the same.
func (in *Interner) UseNumbers(lake *TextNumbers) {
	in.lake = lake
	for _, part := range in.partInterners() {
		part.UseNumbers(lake)
	}
}

// lookupText looks up a text by its id, if it has one.
func (in *Interner) lookupText(texts *array.String, entry int, insert bool) int32 {
	if in.known == nil {
		return in.text(viewBytes(texts.Value(entry)), insert)
	}
	number := in.known[entry]
	if in.numbered.isWhole {
		return in.numbered.lookup(number, texts.ValueLen(entry), insert)
	}
	if code := in.numbered.code(number); code != 0 {
		return code
	}
	code := in.text(viewBytes(texts.Value(entry)), insert)
	if insert {
		in.numbered.setCode(number, code)
	}
	return code
}

// numbersOf returns the ids of a dictionary's entries. It is nil if they have none, or ids of other numberedTexts
// than those used so far.
func (in *Interner) numbersOf(values arrow.Array) []int32 {
	var lakes *numberedTexts
	var numbers []int32
	if texts, ok := values.(*array.String); ok && in.lake != nil {
		lakes, numbers = in.lake.of(texts)
	}
	if lakes != nil && in.numbered == nil {
		in.numbered = &numberedCodes{texts: lakes, isWhole: in.texts.Len() == 0}
	}
	if lakes == nil || lakes != in.numbered.texts {
		in.spellOut()
		return nil
	}
	return numbers
}

// spellOut reads the texts of all codes, because texts without ids are to be looked up.
func (in *Interner) spellOut() {
	switch {
	case in.numbered == nil || !in.numbered.isWhole:
	case in.isFinder:
		in.texts, in.numbered, in.known = in.numbered.spelled(), nil, nil
	default:
		in.numbered.spellOut(in.texts)
	}
}

// maxFewTexts is the most texts without a dictionary that are looked up by their ids in the lake. That spares the
// interner from reading the texts of its codes.
const maxFewTexts = 1 << 10

// lookupFewTexts looks up texts without a dictionary by their ids, as those of a small segment. It returns false if
// they are many, or if one is to be inserted and can get no id.
func (in *Interner) lookupFewTexts(texts *array.String, codes []int32, insert bool) bool {
	if in.numbered == nil || !in.numbered.isWhole || len(codes) > maxFewTexts {
		return false
	}
	numbers := in.numbered.texts.find(texts)
	if insert && slices.Contains(numbers, Absent) {
		if numbers = in.lake.add(in.numbered.texts, texts); numbers == nil {
			return false
		}
	}
	for i, number := range numbers {
		switch {
		case texts.IsNull(i):
			codes[i] = 0
		case number == Absent:
			codes[i] = Absent
		default:
			codes[i] = in.numbered.lookup(number, texts.ValueLen(i), insert)
		}
	}
	return true
}

func (in *Interner) numberedValues(by Divide) arrow.Array {
	return in.numberedValuesOf(codesUpTo(len(in.numbered.numbers)), by)
}

// codesUpTo returns the codes from 0 to last, inclusive.
func codesUpTo(last int) []int32 {
	codes := make([]int32, last+1)
	for i := range codes {
		codes[i] = int32(i)
	}
	return codes
}

// numberedValuesOf returns the texts of codes and copies each once; Take would copy those of numberedValues again.
//
// It holds the lock for one piece at a time: between pieces a worker may wait for another query, which may wait for
// the lock.
func (in *Interner) numberedValuesOf(codes []int32, by Divide) arrow.Array {
	c := in.numbered
	locked := func(pieces int, do func(piece int)) {
		by(pieces, func(piece int) {
			c.texts.mu.RLock()
			defer c.texts.mu.RUnlock()
			do(piece)
		})
	}
	return textsOf(in.valueType, codes, func(code int32) []byte { return c.texts.table.At(c.numbers[code-1]) }, locked)
}

const (
	// numbersPerPage is the number of consecutive ids that share a page of numberedCodes.
	numbersPerPage = 1 << 10
	pageBytes      = 4 * numbersPerPage
)

// numberedCodes are the codes of an Interner by the ids of texts.
type numberedCodes struct {
	texts *numberedTexts
	pages [][]int32 // the code of each id, 0 for none, in pages that exist if one id has a code
	held  int       // number of pages that exist
	// isWhole: numbers has the values of all codes, and the Interner has no texts.
	isWhole bool
	numbers []int32 // ids of the codes from 1 on
	bytes   int64   // of their texts

	spellsOnce sync.Once
	forFinders *TextTable // set by spellsOnce
}

// code returns the code of an id, 0 for none.
func (c *numberedCodes) code(number int32) int32 {
	page := int(number) / numbersPerPage
	if page >= len(c.pages) || c.pages[page] == nil {
		return 0
	}
	return c.pages[page][number%numbersPerPage]
}

func (c *numberedCodes) setCode(number, code int32) {
	page := int(number) / numbersPerPage
	for page >= len(c.pages) {
		c.pages = append(c.pages, nil)
	}
	if c.pages[page] == nil {
		c.pages[page] = make([]int32, numbersPerPage)
		c.held++
	}
	c.pages[page][number%numbersPerPage] = code
}

// lookup returns the code of the text with id number, bytes long. If there is none it assigns one when insert is
// set, and returns Absent otherwise. isWhole must be set.
func (c *numberedCodes) lookup(number int32, bytes int, insert bool) int32 {
	if code := c.code(number); code != 0 {
		return code
	}
	if !insert {
		return Absent
	}
	return c.addNumber(number, bytes)
}

// addNumber assigns the next code to the text with id number, bytes long.
func (c *numberedCodes) addNumber(number int32, bytes int) int32 {
	c.numbers = append(c.numbers, number)
	c.bytes += int64(bytes)
	code := int32(len(c.numbers))
	c.setCode(number, code)
	return code
}

// spelled returns a table of the texts of all codes, for finders. A text's number there is its code less one.
func (c *numberedCodes) spelled() *TextTable {
	c.spellsOnce.Do(func() {
		c.forFinders = &TextTable{}
		c.insertInto(c.forFinders)
	})
	return c.forFinders
}

// spellOut inserts the texts of all codes into table, where their numbers are their codes less one.
func (c *numberedCodes) spellOut(table *TextTable) {
	c.insertInto(table)
	c.isWhole, c.numbers, c.bytes = false, nil, 0
}

func (c *numberedCodes) insertInto(table *TextTable) {
	c.texts.mu.RLock()
	defer c.texts.mu.RUnlock()
	for _, number := range c.numbers {
		table.Insert(c.texts.table.At(number))
	}
}

// growthBytes returns what the codes of further rows may take. If the interner may have to spell out its texts for
// new ones, of bytes in all, it includes both.
func (c *numberedCodes) growthBytes(rows int, bytes int64) int64 {
	c.texts.mu.RLock()
	numbers := c.texts.table.Len()
	c.texts.mu.RUnlock()
	size := int64(min(rows, numbers/numbersPerPage+1-c.held)) * pageBytes
	if c.isWhole {
		size += sliceGrowth(cap(c.numbers), len(c.numbers)+rows, 4) + new(TextTable).growthBytes(len(c.numbers)+rows, c.bytes+bytes)
	}
	return size
}

// sizeBytes returns the memory held. Texts count, as the holder of codes mostly returns the texts in the end.
func (c *numberedCodes) sizeBytes() int64 {
	return int64(cap(c.pages))*24 + int64(c.held)*pageBytes + int64(cap(c.numbers))*4 + c.bytes
}
