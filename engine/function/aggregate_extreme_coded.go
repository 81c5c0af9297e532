package function

import (
	"bytes"
	"slices"
	"unsafe"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/auditlake/auditlake/engine/batch"
)

// codedExtremes are min or max of texts as long as these are few, short and fewer than groups: a group has the code of its text, which is neither
// copied for it nor seen by the garbage collector.
type codedExtremes struct {
	greatest bool
	flip     uint64          // see textExtremes
	texts    *batch.Interner // all that have come
	words    []uint64        // the flipped words by code
	won      []int32         // the code of each group's text; 0, which is NULL's: it has none
	codes    []int32         // of the rows at hand
	taken    arrow.ArrayData // the dictionary that came last; nil: none did
}

// With so many texts, those of a dictionary to come included, or so many bytes of them, a group has the text itself.
const (
	maxCodedTexts = 1 << 12
	maxCodedBytes = 1 << 20
)

func newCodedExtremes(greatest bool, flip uint64) *codedExtremes {
	return &codedExtremes{greatest: greatest, flip: flip, texts: batch.NewInterner(arrow.BinaryTypes.String), words: []uint64{noWord}}
}

// mayTake reports whether texts are few enough. It asks for more groups than there are texts: otherwise few texts win, and looking at
// the others' words takes less than telling them apart.
func (e *codedExtremes) mayTake(v batch.Vector) bool {
	switch a := v.Array.(type) {
	case *array.String:
		return !e.isUnused() && e.hasRoom(a.Len(), batch.HeldBytes(a))
	case *array.Dictionary:
		values, areTexts := a.Dictionary().(*array.String)
		return areTexts && (values.Data() == e.taken || e.hasRoom(values.Len(), batch.HeldBytes(values)))
	}
	return false
}

// hasRoom reports whether there may be so many more texts of so many bytes.
func (e *codedExtremes) hasRoom(texts int, bytes int64) bool {
	all := e.texts.Len() + texts
	return all <= maxCodedTexts && all <= len(e.won) && e.texts.SizeBytes()+bytes <= maxCodedBytes
}

// isUnused reports whether no text has come.
func (e *codedExtremes) isUnused() bool { return e.texts.Len() == 1 }

// add takes a text of each group in.
func (e *codedExtremes) add(groups []int32, v batch.Vector) error {
	e.codes = grown(e.codes, len(groups))
	codes := e.codes[:len(groups)]
	if err := e.insert(v, codes); err != nil {
		return err
	}
	if coded, isCoded := v.Array.(*array.Dictionary); isCoded {
		e.taken = coded.Dictionary().Data()
	}
	e.offer(groups, codes)
	return nil
}

// merge takes what others have won in, whose group i is group mapping[i] here.
func (e *codedExtremes) merge(from *codedExtremes, mapping []int32) error {
	texts := from.texts.Values()
	codes := make([]int32, texts.Len())
	if err := e.insert(batch.Vector{Array: texts}, codes); err != nil {
		return err
	}
	won := make([]int32, len(from.won))
	for group, code := range from.won {
		won[group] = codes[code]
	}
	e.offer(mapping, won)
	return nil
}

// insert finds the code of each text.
func (e *codedExtremes) insert(v batch.Vector, codes []int32) error {
	if err := e.texts.Insert(v, len(codes), codes); err != nil {
		return err
	}
	for code := len(e.words); code < e.texts.Len(); code++ {
		e.words = append(e.words, batch.TextWord(e.texts.Text(int32(code)))^e.flip)
	}
	return nil
}

// offer gives each group, of so many as there are codes, its text if that wins.
func (e *codedExtremes) offer(groups, codes []int32) {
	words, won := e.words, e.won
	for row, code := range codes {
		group := groups[row]
		now := won[group]
		if code == now || code == 0 {
			continue
		}
		if word, best := words[code], words[now]; word < best || word == best && (now == 0 || e.isBetter(code, now)) {
			won[group] = code
		}
	}
}

// isBetter compares two texts as such.
func (e *codedExtremes) isBetter(code, than int32) bool {
	order := bytes.Compare(e.texts.Text(code), e.texts.Text(than))
	return order < 0 && !e.greatest || order > 0 && e.greatest
}

// result is a dictionary where there are more groups than texts.
func (e *codedExtremes) result(by batch.Divide) (arrow.Array, error) {
	if e.texts.Len() > 1 && e.texts.Len() < len(e.won) {
		return e.texts.Coded(slices.Clone(e.won), by), nil
	}
	return resultOf(arrow.BinaryTypes.String, e.won, func(code *int32) (string, bool, error) {
		if *code == 0 {
			return "", false, nil
		}
		text := e.texts.Text(*code)
		return unsafe.String(unsafe.SliceData(text), len(text)), true, nil
	})
}

func (e *codedExtremes) sizeBytes() int64 {
	return e.texts.SizeBytes() + statesBytes(e.words) + statesBytes(e.won) + statesBytes(e.codes)
}
