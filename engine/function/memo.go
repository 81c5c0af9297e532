package function

import (
	"maps"
	"strings"
	"sync/atomic"
)

// memo wraps a dear conversion of a text argument (a pattern, a path, a network), so that it runs once for each of
// a few texts, as those of a short list that a column is joined with, and otherwise once as long as the text stays the same.
func memo[C any](compile func(string) (C, error)) func(string) (C, error) {
	type entry struct {
		text     string
		compiled C
		err      error
	}
	var last atomic.Pointer[entry]
	var few atomic.Pointer[map[string]*entry] // never changed, but replaced
	return func(text string) (C, error) {
		if e := last.Load(); e != nil && e.text == text {
			return e.compiled, e.err
		}
		known := few.Load()
		if known != nil {
			if e := (*known)[text]; e != nil {
				return e.compiled, e.err
			}
		}
		e := &entry{text: strings.Clone(text)}
		e.compiled, e.err = compile(e.text)
		last.Store(e)
		if len(text) <= maxMemoBytes && (known == nil || len(*known) < maxMemoTexts) {
			more := map[string]*entry{}
			if known != nil {
				more = maps.Clone(*known)
			}
			more[e.text] = e
			few.CompareAndSwap(known, &more)
		}
		return e.compiled, e.err
	}
}

// What a memo keeps is nobody's memory, so it is little.
const (
	maxMemoTexts = 64
	maxMemoBytes = 256
)
