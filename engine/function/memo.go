package function

import (
	"maps"
	"strings"
	"sync/atomic"
)

// memo wraps a dear conversion of a text argument (a pattern, a path, a network), so that it runs once for each of a
// few texts, as those of a short list that a column is joined with, and otherwise once as long as the text stays the
// same.
func memo[C any](compile func(string) (C, error)) func(string) (C, error) {
	m := &memoized[C]{}
	return func(text string) (C, error) { return m.of(text, compile) }
}

// memoized is what a dear conversion made of texts. It is safe for concurrent use.
type memoized[C any] struct {
	bytesOf func(C) int64 // what is kept for when a text comes again takes no more than maxMemoizedBytes; nil: each takes little

	last atomic.Pointer[memoEntry[C]]
	few  atomic.Pointer[map[string]*memoEntry[C]] // never changed, but replaced
}

type memoEntry[C any] struct {
	text     string
	compiled C
	err      error
}

// of is what compile makes of a text. An error that ends the statement is not kept.
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

// hasRoom reports whether e may be kept beside those that are known.
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

// What a memo keeps is nobody's memory, so it is little.
const (
	maxMemoTexts     = 64
	maxMemoBytes     = 256
	maxMemoizedBytes = 256 << 10
)
