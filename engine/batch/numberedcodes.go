package batch

import (
	"slices"
	"sync"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
)

// UseNumbers makes the interner tell texts of dictionaries apart by their numbers,
// where they have some, instead of by looking at them. Codes are the same.
func (in *Interner) UseNumbers(lake *TextNumbers) {
	in.lake = lake
	for _, part := range in.partInterners() {
		part.UseNumbers(lake)
	}
}

// lookupText looks up a text by its number, if it has one.
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

// numbersOf returns the numbers of a dictionary's entries, nil where they have
// none that are worth anything beside those used so far.
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

// spellOut looks at the texts of all codes, because others come that have no numbers.
func (in *Interner) spellOut() {
	switch {
	case in.numbered == nil || !in.numbered.isWhole:
	case in.isFinder:
		in.texts, in.numbered, in.known = in.numbered.spelled(), nil, nil
	default:
		in.numbered.spellOut(in.texts)
	}
}

// maxFewTexts is up to how many texts without a dictionary are worth a look at the numbers of the lake, which spares
// the interner spelling out what it has.
const maxFewTexts = 1 << 10

// lookupFewTexts looks up texts that came without a dictionary by their numbers, as those of a segment of some
// rows; false where they are many, or one that is to be inserted has no number and gets none.
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

// codesUpTo lists the codes from NULL's up to one.
func codesUpTo(last int) []int32 {
	codes := make([]int32, last+1)
	for i := range codes {
		codes[i] = int32(i)
	}
	return codes
}

// numberedValuesOf copies each text once, where Take would copy those that numberedValues has copied. The lock is
// held for a piece at a time: between two of them a worker may have to wait for another query, and that one for the
// lock.
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
	// numbersPerPage is how many numbers in a row share a page of numberedCodes.
	numbersPerPage = 1 << 10
	pageBytes      = 4 * numbersPerPage
)

// numberedCodes are the codes of an Interner by the numbers of texts.
type numberedCodes struct {
	texts *numberedTexts
	pages [][]int32 // the code of each number, in pages that exist where one has a code; 0: none
	held  int       // pages that exist
	// isWhole: the values of all codes are in numbers, and the Interner has no texts.
	isWhole bool
	numbers []int32 // of the codes from 1 on
	bytes   int64   // of their texts

	spellsOnce sync.Once
	forFinders *TextTable // set by spellsOnce
}

// code returns the code of a number, 0 for none.
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

// lookup returns the code of a number, of a text of so many bytes, while isWhole; Absent where it has none and gets
// none.
func (c *numberedCodes) lookup(number int32, bytes int, insert bool) int32 {
	if code := c.code(number); code != 0 {
		return code
	}
	if !insert {
		return Absent
	}
	return c.addNumber(number, bytes)
}

// addNumber gives a number, of a text of so many bytes, the next code.
func (c *numberedCodes) addNumber(number int32, bytes int) int32 {
	c.numbers = append(c.numbers, number)
	c.bytes += int64(bytes)
	code := int32(len(c.numbers))
	c.setCode(number, code)
	return code
}

// spelled returns the texts of all codes, which have the same codes less one there, for finders.
func (c *numberedCodes) spelled() *TextTable {
	c.spellsOnce.Do(func() {
		c.forFinders = &TextTable{}
		c.insertInto(c.forFinders)
	})
	return c.forFinders
}

// spellOut inserts the texts of all codes into table, where they get the same codes less one.
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

// growthBytes is what the codes of rows more may take, and their texts if they have to be spelt out for
// others of so many bytes.
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

// sizeBytes is the memory held; texts count, as who holds their codes mostly gives them out in the end.
func (c *numberedCodes) sizeBytes() int64 {
	return int64(cap(c.pages))*24 + int64(c.held)*pageBytes + int64(cap(c.numbers))*4 + c.bytes
}
