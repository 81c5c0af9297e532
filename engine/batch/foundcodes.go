package batch

import (
	"sync"
	"sync/atomic"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/auditlake/auditlake/arrowdata"
)

// foundCodes are the codes that the finders of an Interner found for the entries of dictionaries. Workers look at
// different rows with the same dictionary; each entry is looked up by one of them.
type foundCodes struct {
	mu     sync.Mutex
	latest [4]entryCodes // mu: the last one that was asked for first
}

// entryCodes are the codes of a dictionary's entries, unresolved ones not looked up yet. They are read and written
// atomically.
type entryCodes struct {
	dictionary arrow.ArrayData
	values     int // of the Interner, as it may get more for other finders
	codes      []int32
}

// of returns what is known of a dictionary's entries among so many values.
func (f *foundCodes) of(dictionary arrow.Array, values int) []int32 {
	f.mu.Lock()
	defer f.mu.Unlock()
	at := 0
	for at < len(f.latest)-1 && (f.latest[at].dictionary != dictionary.Data() || f.latest[at].values != values) {
		at++
	}
	wanted := f.latest[at]
	if wanted.dictionary != dictionary.Data() || wanted.values != values {
		wanted = entryCodes{dictionary: dictionary.Data(), values: values, codes: make([]int32, dictionary.Len())}
		for i := range wanted.codes {
			wanted.codes[i] = unresolved
		}
	}
	copy(f.latest[1:at+1], f.latest[:at])
	f.latest[0] = wanted
	return wanted.codes
}

// findDictionary is lookupDictionary of a finder.
func (in *Interner) findDictionary(a *array.Dictionary, codes []int32) error {
	values := a.Dictionary()
	if in.dictionary != values.Data() {
		in.dictionary = values.Data()
		in.dictCodes = in.found.of(values, in.Len())
		in.known = in.numbersOf(values)
	}
	return findEntries(in.dictCodes, Codes(a), arrowdata.Validity(a), codes, func(entry int) (int32, error) {
		return in.lookupEntry(values, entry, false)
	})
}

// findEntries writes the code of each row's entry of a dictionary to codes, 0 of NULL. known are those of entries,
// which find looks up where nobody has so far.
func findEntries(known, entries []int32, valid []byte, codes []int32, find func(entry int) (int32, error)) error {
	for i := range codes {
		if !arrowdata.IsValid(valid, i) {
			codes[i] = 0
			continue
		}
		place := &known[entries[i]]
		code := atomic.LoadInt32(place)
		if code == unresolved {
			var err error
			if code, err = find(int(entries[i])); err != nil {
				return err
			}
			atomic.StoreInt32(place, code)
		}
		codes[i] = code
	}
	return nil
}
