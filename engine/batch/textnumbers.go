package batch

import (
	"sync"
	"weak"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
)

// TextNumbers numbers the texts of dictionaries that are kept in memory: a text
// has one number in all of them, and has it for all queries. A dictionary is
// numbered when it is asked for the second time. Numbers say nothing about order
// and are not the same in another run of the program. It is safe for concurrent
// use.
type TextNumbers struct {
	keeper   Keeper
	maxBytes int64

	mu sync.Mutex // is held while a dictionary is numbered
	// last are the texts that were made last, guarded by mu: while a query uses them there are no others, so that
	// those in memory never take more than maxBytes.
	last weak.Pointer[numberedTexts]
}

// Keeper keeps values by comparable keys as long as there is memory for them.
type Keeper interface {
	Get(key any) (value any, ok bool)
	// AskedBefore reports whether it was asked the same lately.
	AskedBefore(key any) bool
	// Put keeps a value of so many bytes, unless there is one or no room for it.
	Put(key, value any, bytes int64)
	Forget(key any)
}

// numberedTexts are the texts by number. They become more, never fewer: where they
// have no room any more, others begin anew.
type numberedTexts struct {
	mu    sync.RWMutex
	table TextTable // guarded by mu; written to under TextNumbers.mu, too

	reservedBytes int64 // of the keeper; guarded by TextNumbers.mu
	refused       int   // entries of dictionaries without room; guarded by TextNumbers.mu
	isOutdated    bool  // others are to be numbered; guarded by TextNumbers.mu
}

// dictionaryNumbers are the numbers of a dictionary's entries, nil where its texts
// had no room. The keeper holds them without the dictionary and the texts.
type dictionaryNumbers struct {
	texts   weak.Pointer[numberedTexts]
	numbers []int32
}

// dictionaryParts are the dictionaries whose texts one has, end to end. The keeper holds them until it is numbered.
type dictionaryParts []weak.Pointer[array.Data]

// textsKey is the key under which the texts are kept.
type textsKey struct{ of *TextNumbers }

// NewTextNumbers returns TextNumbers whose texts take up to maxBytes of what keeper keeps.
func NewTextNumbers(keeper Keeper, maxBytes int64) *TextNumbers {
	return &TextNumbers{keeper: keeper, maxBytes: maxBytes}
}

// of returns the numbers of a dictionary's entries, and the texts that have them; nil where it has none.
func (t *TextNumbers) of(dictionary *array.String) (*numberedTexts, []int32) {
	data, ok := dictionary.Data().(*array.Data)
	if !ok {
		return nil, nil
	}
	key := weak.Make(data)
	texts, numbers, isKnown := t.known(key)
	if !isKnown && t.keeper.AskedBefore(key) {
		texts, numbers = t.number(key, dictionary)
	}
	if numbers == nil {
		return nil, nil
	}
	return texts, numbers
}

// Joined tells of a dictionary that it has the texts of others, end to end, so that it gets their numbers. A single
// one is that dictionary.
func (t *TextNumbers) Joined(dictionary arrow.Array, of []arrow.Array) {
	if t == nil || len(of) == 1 {
		return
	}
	const pointerBytes = 8
	parts := make(dictionaryParts, len(of))
	for i, part := range of {
		parts[i] = weak.Make(part.Data().(*array.Data))
	}
	t.keeper.Put(weak.Make(dictionary.Data().(*array.Data)), parts, int64(len(parts))*pointerBytes)
}

// remember keeps the numbers of values that were made of all codes.
func (t *TextNumbers) remember(values arrow.Array, of *numberedCodes) {
	data := values.Data().(*array.Data)
	t.keeper.Put(weak.Make(data), &dictionaryNumbers{texts: weak.Make(of.texts), numbers: of.numbers}, int64(cap(of.numbers))*4)
}

// known returns what is kept for a dictionary.
func (t *TextNumbers) known(key weak.Pointer[array.Data]) (texts *numberedTexts, numbers []int32, isKnown bool) {
	value, ok := t.keeper.Get(key)
	if !ok {
		return nil, nil, false
	}
	d, ok := value.(*dictionaryNumbers)
	if texts = t.texts(); !ok || texts == nil || d.texts != weak.Make(texts) {
		return nil, nil, false
	}
	return texts, d.numbers, true
}

// texts returns the texts that are kept, nil if they were let go.
func (t *TextNumbers) texts() *numberedTexts {
	texts, _ := t.keeper.Get(textsKey{t})
	kept, _ := texts.(*numberedTexts)
	return kept
}

func (t *TextNumbers) number(key weak.Pointer[array.Data], dictionary *array.String) (*numberedTexts, []int32) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.numberLocked(key, dictionary)
}

func (t *TextNumbers) numberLocked(key weak.Pointer[array.Data], dictionary *array.String) (texts *numberedTexts, numbers []int32) {
	texts, numbers, isKnown := t.known(key)
	if isKnown { // since another query asked
		return texts, numbers
	}
	if texts, numbers = t.numberPartsLocked(key); numbers == nil {
		var hasRoom bool
		if texts, hasRoom = t.reserveLocked(dictionary.Len(), int64(len(dictionary.ValueBytes()))); texts == nil {
			return nil, nil
		}
		if hasRoom {
			numbers = texts.insert(dictionary)
		}
	}
	t.keeper.Forget(key)
	t.keeper.Put(key, &dictionaryNumbers{weak.Make(texts), numbers}, int64(cap(numbers))*4)
	return texts, numbers
}

// numberPartsLocked returns the numbers of a dictionary that others were joined to; nil where they are not in memory,
// or not all have numbers.
func (t *TextNumbers) numberPartsLocked(key weak.Pointer[array.Data]) (texts *numberedTexts, numbers []int32) {
	value, _ := t.keeper.Get(key)
	parts, _ := value.(dictionaryParts)
	for _, part := range parts {
		data := part.Value()
		if data == nil {
			return nil, nil
		}
		ofPart, more := t.numberLocked(part, array.NewStringData(data))
		if more == nil || texts != nil && texts != ofPart {
			return nil, nil
		}
		texts, numbers = ofPart, append(numbers, more...)
	}
	return texts, numbers
}

// add returns the numbers of texts that are in no dictionary, nil unless there is room for them in numbered.
func (t *TextNumbers) add(numbered *numberedTexts, texts *array.String) []int32 {
	t.mu.Lock()
	defer t.mu.Unlock()
	kept, hasRoom := t.reserveLocked(texts.Len(), int64(len(texts.ValueBytes())))
	if kept != numbered || !hasRoom {
		return nil
	}
	return numbered.insert(texts)
}

// reserveLocked returns the texts that n more of so many bytes go into, and whether there is
// room for them; nil where nothing can be kept.
func (t *TextNumbers) reserveLocked(n int, bytes int64) (texts *numberedTexts, hasRoom bool) {
	if texts = t.texts(); texts == nil {
		if texts = t.restartLocked(); texts == nil {
			return nil, false
		}
	}
	if new(TextTable).growthBytes(n, bytes) > t.maxBytes/2 {
		return texts, false
	}
	need := texts.table.SizeBytes() + texts.table.growthBytes(n, bytes)
	if need > t.maxBytes {
		if texts.refused += n; texts.refused > texts.table.Len() { // others are asked for now
			texts.isOutdated = true
			t.keeper.Forget(textsKey{t})
		}
		return texts, false
	}
	if need > texts.reservedBytes {
		texts.reservedBytes = min(t.maxBytes, need+need/2)
		t.keeper.Forget(textsKey{t})
		t.keeper.Put(textsKey{t}, texts, texts.reservedBytes)
		if t.texts() != texts {
			return nil, false
		}
	}
	return texts, true
}

// restartLocked returns texts to begin with when none are kept: those that a query uses still, or new ones; nil where
// the ones in use are outdated.
func (t *TextNumbers) restartLocked() *numberedTexts {
	texts := t.last.Value()
	switch {
	case texts == nil:
		texts = &numberedTexts{}
		t.last = weak.Make(texts)
	case texts.isOutdated:
		return nil
	}
	texts.reservedBytes = 0
	return texts
}

// insert numbers texts, and NULLs like the empty one.
func (t *numberedTexts) insert(texts *array.String) []int32 {
	t.mu.Lock()
	defer t.mu.Unlock()
	numbers := make([]int32, texts.Len())
	t.table.insertAll(texts, numbers, false)
	for i, code := range numbers {
		if numbers[i] = code - 1; code == 0 {
			numbers[i] = t.table.Insert(nil)
		}
	}
	return numbers
}

// find returns the numbers of texts, Absent for those that have none; 0 for NULL.
func (t *numberedTexts) find(texts *array.String) []int32 {
	t.mu.RLock()
	defer t.mu.RUnlock()
	numbers := make([]int32, texts.Len())
	for i := range numbers {
		if !texts.IsNull(i) {
			numbers[i] = t.table.Find(viewBytes(texts.Value(i)))
		}
	}
	return numbers
}
