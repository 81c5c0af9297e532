package batch

import (
	"sync"
	"weak"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
)

// TextNumbers assigns ids to the texts of dictionaries in memory. A text has the same id in all of them, for all
// queries.
//
// A dictionary is numbered when it is asked for the second time. Ids follow no order and change between runs of the
// program. It is safe for concurrent use.
type TextNumbers struct {
	keeper   Keeper
	maxBytes int64

	mu sync.Mutex // held while a dictionary is numbered
	// last are the texts made last, guarded by mu. While a query uses them no others are made, so that those in
	// memory never take more than maxBytes.
	last weak.Pointer[numberedTexts]
}

// Keeper caches values by comparable keys while there is memory for them.
type Keeper interface {
	Get(key any) (value any, ok bool)
	// AskedBefore reports whether it was recently asked about the same key.
	AskedBefore(key any) bool
	// Put caches a value of a size in bytes, unless the key has one or there is no room.
	Put(key, value any, bytes int64)
	Forget(key any)
}

// numberedTexts are texts by id. Texts are only added: when there is no room for more, new numberedTexts replace
// them.
type numberedTexts struct {
	mu    sync.RWMutex
	table TextTable // guarded by mu; written to under TextNumbers.mu, too

	reservedBytes int64 // reserved in the keeper; guarded by TextNumbers.mu
	refused       int   // dictionary entries that found no room; guarded by TextNumbers.mu
	isOutdated    bool  // to be replaced; guarded by TextNumbers.mu
}

// dictionaryNumbers are the ids of a dictionary's entries, nil if its texts found no room. The keeper holds them,
// but not the dictionary or the texts.
type dictionaryNumbers struct {
	texts   weak.Pointer[numberedTexts]
	numbers []int32
}

// dictionaryParts are the dictionaries whose texts a joint dictionary has, end to end. The keeper holds them until
// the joint one is numbered.
type dictionaryParts []weak.Pointer[array.Data]

// textsKey is the keeper's key for the texts.
type textsKey struct{ of *TextNumbers }

// NewTextNumbers returns TextNumbers whose texts take at most maxBytes of the keeper's memory.
func NewTextNumbers(keeper Keeper, maxBytes int64) *TextNumbers {
	return &TextNumbers{keeper: keeper, maxBytes: maxBytes}
}

// of returns the ids of a dictionary's entries and the texts they refer to; nil if it has none.
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

// Joined declares that a dictionary has the texts of the dictionaries of, end to end, so that it gets their ids. It
// does nothing for a single one, which is the dictionary itself.
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

// remember caches the ids of values that were made from all codes.
func (t *TextNumbers) remember(values arrow.Array, of *numberedCodes) {
	data := values.Data().(*array.Data)
	t.keeper.Put(weak.Make(data), &dictionaryNumbers{texts: weak.Make(of.texts), numbers: of.numbers}, int64(cap(of.numbers))*4)
}

// known returns the cached ids of a dictionary.
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

// texts returns the cached texts, nil if they were dropped.
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
	if isKnown { // another query has numbered it meanwhile
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

// numberPartsLocked returns the ids of a dictionary that was joined from others. It is nil if these are no longer
// in memory, or if not all of them have ids.
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

// add returns the ids of texts that are in no dictionary; nil if numbered has no room for them.
func (t *TextNumbers) add(numbered *numberedTexts, texts *array.String) []int32 {
	t.mu.Lock()
	defer t.mu.Unlock()
	kept, hasRoom := t.reserveLocked(texts.Len(), int64(len(texts.ValueBytes())))
	if kept != numbered || !hasRoom {
		return nil
	}
	return numbered.insert(texts)
}

// reserveLocked returns the texts that n more of bytes in all are added to, and whether there is room. It returns
// nil if nothing can be cached.
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
		if texts.refused += n; texts.refused > texts.table.Len() { // other texts are in demand now
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

// restartLocked returns texts to begin with when none are cached: those that a query still uses, or new ones. It
// returns nil if the ones in use are outdated.
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

// insert assigns ids to texts; NULL gets the id of the empty text.
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

// find returns the ids of texts: Absent for those without, 0 for NULL.
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
