package function

import (
	"math"
	"strings"
	"unsafe"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/arrowtype"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/planner/types"
)

// textExtremes is min or max of texts. It copies a text only when it wins, and does not copy it again on a merge.
type textExtremes struct {
	result   arrow.DataType
	greatest bool
	// flip reverses the order of words for max, so that the winner is always the least.
	flip uint64
	// words are the flipped words of the texts by group; most comparisons need only these. A group without a text
	// has noWord.
	words     []uint64
	won       []wonText
	heldBytes int64 // of the copied texts
}

// noWord is the greatest word.
const noWord = math.MaxUint64

// wonText is the winning text of a group so far.
type wonText struct {
	text string
	any  bool
	// isBorrowed: text is a view of a dictionary's memory. It is set only during Add.
	isBorrowed bool
}

func textExtreme(greatest bool) *AggregateImpl {
	return exactly(&AggregateImpl{New: func(fn *types.Resolved, _ *Env, _ []Lambda) Accumulator {
		e := &textExtremes{result: arrowtype.Of(fn.Return), greatest: greatest}
		if greatest {
			e.flip = math.MaxUint64
		}
		return e
	}})
}

// Resize implements Accumulator.
func (e *textExtremes) Resize(groups int) {
	before := len(e.words)
	e.words, e.won = grown(e.words, groups), grown(e.won, groups)
	for i := before; i < len(e.words); i++ {
		e.words[i] = noWord
	}
}

// wins reports whether a text wins. Its flipped word must not be greater than the group's.
func (e *textExtremes) wins(group int32, word uint64, text string) bool {
	won := &e.won[group]
	switch {
	case word < e.words[group] || !won.any:
		return true
	case unsafe.StringData(text) == unsafe.StringData(won.text) && len(text) == len(won.text):
		return false
	case e.greatest:
		return text > won.text
	}
	return text < won.text
}

// set stores a text as the group's. The text's memory must not change any more.
func (e *textExtremes) set(group int32, word uint64, won wonText) {
	e.heldBytes += allocatedBytes(won.text) - allocatedBytes(e.won[group].text)
	e.words[group], e.won[group] = word, won
}

// allocatedBytes returns the memory of a text that was allocated separately.
func allocatedBytes(text string) int64 { return (int64(len(text)) + 15) &^ 15 }

// Add implements Accumulator.
func (e *textExtremes) Add(groups []int32, args []batch.Vector, rows int) error {
	a := args[0].Array
	if a.DataType().ID() == arrow.NULL {
		return nil
	}
	if coded, isCoded := a.(*array.Dictionary); isCoded && !args[0].Const {
		if texts, areTexts := coded.Dictionary().(*array.String); areTexts {
			e.addCoded(groups[:rows], coded, texts)
			return nil
		}
	}
	if texts, isText := a.(*array.String); isText && !args[0].Const {
		e.addTexts(groups[:rows], texts)
		return nil
	}
	texts, valid := columnOf[string](args[0]), validOf(args[:1], rows)
	for row, group := range groups[:rows] {
		if !arrowdata.IsValid(valid, row) {
			continue
		}
		text := texts.at(row)
		if word := batch.TextWord(viewBytes(text)) ^ e.flip; word <= e.words[group] {
			e.offer(group, word, text)
		}
	}
	return nil
}

// addTexts compares only the words of most texts, and reads them in place.
func (e *textExtremes) addTexts(groups []int32, texts *array.String) {
	offsets, data := batch.Text(texts)
	valid := arrowdata.Validity(texts)
	for row, group := range groups {
		if !arrowdata.IsValid(valid, row) {
			continue
		}
		lo, hi := offsets[row], offsets[row+1]
		if word := batch.TextWordAt(data, lo, hi) ^ e.flip; word <= e.words[group] {
			e.offer(group, word, viewText(data[lo:hi]))
		}
	}
}

// offer adds a text to a group, and copies it if it wins. Its flipped word must not be greater than the group's.
func (e *textExtremes) offer(group int32, word uint64, text string) {
	if e.wins(group, word, text) {
		e.set(group, word, wonText{text: strings.Clone(text), any: true})
	}
}

// addCoded reads texts of a dictionary in place, and copies those that have won in the end.
func (e *textExtremes) addCoded(groups []int32, coded *array.Dictionary, texts *array.String) {
	var borrowed []int32 // groups
	offsets, data := batch.Text(texts)
	codes, valid := batch.Codes(coded), arrowdata.Validity(coded)
	words := e.wordsOf(texts, len(groups))
	for row, group := range groups {
		if valid != nil && !arrowdata.IsSet(valid, row) {
			continue
		}
		code := codes[row]
		var word uint64
		if words != nil {
			word = words[code]
		} else {
			word = batch.TextWord(data[offsets[code]:offsets[code+1]]) ^ e.flip
		}
		if word > e.words[group] {
			continue
		}
		text := data[offsets[code]:offsets[code+1]]
		v := unsafe.String(unsafe.SliceData(text), len(text))
		if !e.wins(group, word, v) {
			continue
		}
		won := &e.won[group]
		if !won.isBorrowed {
			borrowed = append(borrowed, group)
			e.heldBytes -= allocatedBytes(won.text)
		}
		e.words[group], *won = word, wonText{text: v, any: true, isBorrowed: true}
	}
	for _, group := range borrowed {
		won := &e.won[group]
		won.text, won.isBorrowed = strings.Clone(won.text), false
		e.heldBytes += allocatedBytes(won.text)
	}
}

// wordsOf returns the flipped words of a dictionary, nil if it has more texts than rows.
func (e *textExtremes) wordsOf(texts *array.String, rows int) []uint64 {
	if texts.Len() > rows {
		return nil
	}
	offsets, data := batch.Text(texts)
	words := make([]uint64, texts.Len())
	for code := range words {
		words[code] = batch.TextWord(data[offsets[code]:offsets[code+1]]) ^ e.flip
	}
	return words
}

// Merge implements Accumulator.
func (e *textExtremes) Merge(other Accumulator, mapping []int32) error {
	from := other.(*textExtremes)
	for i, word := range from.words {
		group := mapping[i]
		if word <= e.words[group] && from.won[i].any && e.wins(group, word, from.won[i].text) {
			e.set(group, word, from.won[i])
		}
	}
	return nil
}

// Result implements Accumulator.
func (e *textExtremes) Result() (arrow.Array, error) {
	return resultOf(e.result, e.won, func(won *wonText) (string, bool, error) { return won.text, won.any, nil })
}

// SizeBytes implements Accumulator.
func (e *textExtremes) SizeBytes() int64 {
	return statesBytes(e.words) + statesBytes(e.won) + e.heldBytes
}
