package batch

import (
	"sync"
	"sync/atomic"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/auditlake/auditlake/arrowdata"
)

// foundCodes caches the codes that the finders of an Interner found for entries of dictionaries. Workers read
// different rows of the same dictionary, and one of them looks an entry up for all.
type foundCodes struct {
	mu     sync.Mutex
	latest [4]entryCodes // guarded by mu; the most recently used first
}

// entryCodes are the codes of a dictionary's entries, unresolved until they are looked up. They are read and
// written atomically.
type entryCodes struct {
	dictionary arrow.ArrayData
	values     int // the Interner's size, which may grow between finders
	codes      []int32
}

// of returns the cached codes of a dictionary's entries in an Interner of values codes.
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

// findDictionary is lookupDictionary for a finder.
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

// findEntries writes the code of each row's dictionary entry to codes, 0 for NULL. known caches the codes of
// entries; find is called for an entry that is still unresolved.
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
