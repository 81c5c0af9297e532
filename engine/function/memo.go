package function

import (
	"maps"
	"strings"
	"sync/atomic"
)

// memo wraps a dear conversion of a text argument (a pattern, a path, a network), so that it runs once for each of
// a few texts, as those of a short list that a column is joined with, and otherwise once as long as the text stays the same.
func memo[C any](compile func(string) (C, error)) func(string) (C, error) {
	m := &memoized[C]{}
	return func(text string) (C, error) { return m.of(text, compile) }
}

// memoized is what a dear conversion made of texts. It is safe for concurrent use.
type memoized[C any] struct {
	isLarge func(C) bool // which are kept no longer than their text stays the same; nil: none

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
	known := m.few.Load()
	if known != nil {
		if e := (*known)[text]; e != nil {
			return e.compiled, e.err
		}
	}
	e := &memoEntry[C]{text: strings.Clone(text)}
	if e.compiled, e.err = compile(e.text); e.err != nil && EndsStatement(e.err) {
		return e.compiled, e.err
	}
	m.last.Store(e)
	if len(text) <= maxMemoBytes && (known == nil || len(*known) < maxMemoTexts) && (e.err != nil || m.isLarge == nil || !m.isLarge(e.compiled)) {
		more := map[string]*memoEntry[C]{}
		if known != nil {
			more = maps.Clone(*known)
		}
		more[e.text] = e
		m.few.CompareAndSwap(known, &more)
	}
	return e.compiled, e.err
}

// What a memo keeps is nobody's memory, so it is little.
const (
	maxMemoTexts = 64
	maxMemoBytes = 256
)
