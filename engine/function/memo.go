package function

import (
	"maps"
	"strings"
	"sync/atomic"
)

// memo caches an expensive conversion of a text argument (a pattern, a path, a network). It runs once for each of a
// few texts, such as those of a short list that a column is joined with. For more texts it runs once while the text
// stays the same.
func memo[C any](compile func(string) (C, error)) func(string) (C, error) {
	m := &memoized[C]{}
	return func(text string) (C, error) { return m.of(text, compile) }
}

// memoized caches the results of an expensive conversion of texts. It is safe for concurrent use.
type memoized[C any] struct {
	bytesOf func(C) int64 // size of a result; few holds at most maxMemoizedBytes; nil: each is small

	last atomic.Pointer[memoEntry[C]]
	few  atomic.Pointer[map[string]*memoEntry[C]] // never changed, only replaced
}

type memoEntry[C any] struct {
	text     string
	compiled C
	err      error
}

// of returns compile's result for a text. An error that ends the statement is not cached.
func (m *memoized[C]) of(text string, compile func(string) (C, error)) (C, error) {
	if e := m.last.Load(); e != nil && e.text == text {
		return e.compiled, e.err
	}
	var known map[string]*memoEntry[C]
	few := m.few.Load()
	if few != nil {
		known = *few
	}
	if e := known[text]; e != nil {
		return e.compiled, e.err
	}
	e := &memoEntry[C]{text: strings.Clone(text)}
	if e.compiled, e.err = compile(e.text); e.err != nil && EndsStatement(e.err) {
		return e.compiled, e.err
	}
	m.last.Store(e)
	if m.hasRoom(known, e) {
		more := maps.Clone(known)
		if more == nil {
			more = map[string]*memoEntry[C]{}
		}
		more[e.text] = e
		m.few.CompareAndSwap(few, &more)
	}
	return e.compiled, e.err
}

// hasRoom reports whether e may be cached in addition to known.
func (m *memoized[C]) hasRoom(known map[string]*memoEntry[C], e *memoEntry[C]) bool {
	if len(e.text) > maxMemoBytes || len(known) >= maxMemoTexts {
		return false
	}
	if m.bytesOf == nil || e.err != nil {
		return true
	}
	bytes := m.bytesOf(e.compiled)
	for _, k := range known {
		if k.err == nil {
			bytes += m.bytesOf(k.compiled)
		}
	}
	return bytes <= maxMemoizedBytes
}

// Limits of a memo. Its memory is not accounted, so it is small.
const (
	maxMemoTexts     = 64
	maxMemoBytes     = 256
	maxMemoizedBytes = 256 << 10
)
