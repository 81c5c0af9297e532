package function

import (
	"slices"
	"strings"
	"sync/atomic"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/function/internal/like"
	"github.com/auditlake/auditlake/engine/memory"
	"github.com/auditlake/auditlake/planner/types"
)

// A search of the JSON text of maps, such as json_format(CAST(m AS JSON)) LIKE '%secret%', needs only the keys and
// values of the maps for almost all rows. A piece of text without a quote occurs in a map's text only within one
// key, within one value, or between them, where JSON has a few fixed texts. A backslash separates pieces as a quote
// does. So keys and values are searched unchanged, unless they have characters that JSON writes as other letters.

// JSONSearch finds the rows of maps of texts whose JSON text a search matches. It is safe for concurrent use.
type JSONSearch struct {
	partSearch
	keys, values hitsOfDictionary
}

// NewJSONSearch returns the JSONSearch of search, a call over a text and constants; fixed has the constants at
// their positions. It returns nil for calls that are not supported. textCase names the function that converts the
// text before: lower, upper or "".
func NewJSONSearch(search *types.Resolved, fixed []batch.Vector, textCase string) *JSONSearch {
	if !isSearch(search, len(fixed)) {
		return nil
	}
	return &JSONSearch{partSearch: partSearch{search: search, fixed: fixed, textCase: textCases[textCase]}}
}

// RowsToSearch returns a bitmap of the rows of maps that may match. exact: all of them do match. ok is false if
// that is not known, or maps is not a column of maps of texts.
func (s *JSONSearch) RowsToSearch(env *Env, maps arrow.Array) (bits []byte, exact, ok bool, err error) {
	s.prepare.Do(func() { s.choosePart(meterOf(env)) })
	m, isMap := maps.(*array.Map)
	if s.part == nil || !isMap || !isTextColumn(m.Keys()) || !isTextColumn(m.Items()) {
		return nil, false, false, nil
	}
	offsets, keys, values := batch.Maps(m)
	first, last := int(offsets[0]), int(offsets[len(offsets)-1])
	done, err := env.transiently(int64(last - first))
	if err != nil {
		return nil, false, false, err
	}
	defer done()
	hits := make([]byte, last-first)
	for _, side := range []struct {
		texts arrow.Array
		known *hitsOfDictionary
	}{{keys, &s.keys}, {values, &s.values}} {
		if err := s.findEntries(env, array.NewSlice(side.texts, int64(first), int64(last)), side.known, hits); err != nil {
			return nil, false, false, err
		}
	}
	return rowsOfHits(m, offsets, hits), s.exact, true, nil
}

func isTextColumn(a arrow.Array) bool {
	if d, ok := a.(*array.Dictionary); ok {
		a = d.Dictionary()
	}
	return a.DataType().ID() == arrow.STRING
}

// rowsOfHits marks the maps that have an entry marked in hits.
func rowsOfHits(m *array.Map, offsets []int32, hits []byte) []byte {
	rows := m.Len()
	bits, valid := arrowdata.NewBitmap(rows), arrowdata.Validity(m)
	first := offsets[0]
	for row := 0; row < rows; {
		from := int(offsets[row] - first)
		next := slices.Index(hits[from:], 1)
		if next < 0 {
			break
		}
		entry := first + int32(from+next)
		for offsets[row+1] <= entry {
			row++
		}
		if arrowdata.IsValid(valid, row) {
			arrowdata.SetBit(bits, row)
		}
		row++
	}
	return bits
}

// findEntries sets hits for the texts whose JSON form contains the part.
func (s *JSONSearch) findEntries(env *Env, texts arrow.Array, known *hitsOfDictionary, hits []byte) error {
	valid := arrowdata.Validity(texts)
	d, ok := texts.(*array.Dictionary)
	if !ok {
		return s.findTexts(env, texts, func(i int) {
			if arrowdata.IsValid(valid, i) {
				hits[i] = 1
			}
		})
	}
	found, err := known.of(env, d.Dictionary(), s.findTexts)
	if err != nil || found == nil {
		return err
	}
	for i, code := range batch.Codes(d) {
		if arrowdata.IsValid(valid, i) {
			hits[i] |= found[code]
		}
	}
	return nil
}

// findTexts calls hit for each text whose JSON form contains the part, possibly also for NULLs.
func (s *JSONSearch) findTexts(env *Env, texts arrow.Array, hit func(i int)) error {
	offsets, data := batch.Text(texts)
	first, last := int(offsets[0]), int(offsets[len(offsets)-1])
	region := data[first:last]
	odd := s.textCase.isOdd(region)
	if odd {
		if err := s.findOddTexts(env, offsets, data, hit); err != nil {
			return err
		}
	}
	if s.textCase != nil {
		done, err := env.transiently(int64(len(region)))
		if err != nil {
			return err
		}
		defer done()
		region = s.textCase.asciiInCase(region)
	}
	eachTextWith(meterOf(env), offsets, viewText(region), s.part, func(i, _ int) {
		if !odd || !s.textCase.isOdd(data[offsets[i]:offsets[i+1]]) {
			hit(i)
		}
	})
	return nil
}

// endsBefore returns how many of the ascending ends are at most position.
func endsBefore(ends []int32, position int32) int {
	reach := 1 // with many hits the next text is near
	for reach < len(ends) && ends[reach] <= position {
		reach *= 2
	}
	from := reach / 2
	to := min(reach+1, len(ends))
	n, _ := slices.BinarySearchFunc(ends[from:to], position, func(end, position int32) int {
		if end <= position {
			return -1
		}
		return 1
	})
	return from + n
}

// findOddTexts writes the JSON form of texts that JSON, or the case conversion, may write with other letters.
func (s *JSONSearch) findOddTexts(env *Env, offsets []int32, data []byte, hit func(i int)) error {
	meter := meterOf(env)
	var written []byte
	for i := range len(offsets) - 1 {
		text := data[offsets[i]:offsets[i+1]]
		if !s.textCase.isOdd(text) {
			continue
		}
		if err := meter.Stopped(); err != nil {
			return err
		}
		const longestEscape = 6 // for one byte
		done, err := env.transiently(longestEscape * int64(len(text)))
		if err != nil {
			return err
		}
		written = appendJSONText(written[:0], viewText(text))
		if s.part.Index(s.textCase.of(viewText(written))) >= 0 {
			hit(i)
		}
		done()
	}
	return nil
}

// choosePart chooses the longest text without quotes and backslashes that every match contains, and that JSON does
// not write between keys and values.
func (s *JSONSearch) choosePart(m *memory.Meter) {
	pieces, contains := neededPieces(m, s.search, s.fixed)
	longest := ""
	for _, piece := range pieces {
		for _, part := range strings.FieldsFunc(piece, func(r rune) bool { return r == '"' || r == '\\' }) {
			if len(part) > len(longest) && !s.standsBetween(part) {
				longest = part
			}
		}
	}
	if longest == "" {
		return
	}
	part := like.PlainPiece(longest)
	s.part, s.exact = &part, contains && longest == pieces[0]
}

// standsBetween reports whether the JSON text of a map may contain part outside its keys and values.
func (s *JSONSearch) standsBetween(part string) bool {
	return slices.ContainsFunc([]string{"{}", ":null,", ":null}", "{", "}"}, func(fixed string) bool {
		return strings.Contains(s.textCase.of(fixed), part)
	})
}

// hitsOfDictionary caches which values of the latest dictionary match.
type hitsOfDictionary struct {
	last atomic.Pointer[dictionaryHits]
}

type dictionaryHits struct {
	dictionary arrow.ArrayData
	hits       []byte // nil: none
}

// of returns 1 for each value of a dictionary for which find reports a hit, nil if there is none.
func (k *hitsOfDictionary) of(env *Env, dictionary arrow.Array, find func(*Env, arrow.Array, func(int)) error) ([]byte, error) {
	if last := k.last.Load(); last != nil && last.dictionary == dictionary.Data() {
		return last.hits, nil
	}
	known := &dictionaryHits{dictionary: dictionary.Data()}
	err := find(env, dictionary, func(i int) {
		if known.hits == nil {
			known.hits = make([]byte, dictionary.Len())
		}
		known.hits[i] = 1
	})
	if err != nil {
		return nil, err
	}
	if len(known.hits) <= maxKeptHits {
		k.last.Store(known)
	}
	return known.hits, nil
}

// maxKeptHits limits the values whose hits are cached. They are not accounted.
const maxKeptHits = 1 << 20
