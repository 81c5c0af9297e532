package javaregexp

import (
	"fmt"
	"sync"
	"time"

	"github.com/dlclark/regexp2"

	"github.com/auditlake/auditlake/engine/memory"
	"github.com/auditlake/auditlake/planner/types"
)

// backtracker searches with the backtracking engine, which only its time limit can stop. So a search that exceeds a
// short limit starts again in a goroutine, which is abandoned when the statement ends.
type backtracker struct {
	quick, patient func() (*regexp2.Regexp, error)
}

const (
	// maxQuickTime bounds a search that its statement waits for.
	maxQuickTime = 100 * time.Millisecond
	// maxMatchTime bounds one search.
	maxMatchTime = 2 * time.Second
	// stopInterval is how often a statement that waits looks whether it has ended.
	stopInterval = 20 * time.Millisecond
)

// backtrackFactor is what a search needs for a byte of the text: its code
// points, where they start, and the places to return to.
const backtrackFactor = 16

func newBacktracker(written string) backtracker {
	compile := func(limit time.Duration) func() (*regexp2.Regexp, error) {
		return sync.OnceValues(func() (*regexp2.Regexp, error) {
			re, err := regexp2.Compile(written, regexp2.None)
			if err == nil {
				re.MatchTimeout = limit
			}
			return re, err
		})
	}
	return backtracker{quick: compile(maxQuickTime), patient: compile(maxMatchTime)}
}

// search runs one search by find, which may be called twice.
func (b *backtracker) search(m *memory.Meter, p *Pattern, find func(re *regexp2.Regexp) (*regexp2.Match, error)) (*regexp2.Match, error) {
	re, err := b.quick()
	if err != nil {
		return nil, p.failed(err)
	}
	if match, err := find(re); err == nil { // else its time is over
		return match, nil
	}
	if re, err = b.patient(); err != nil {
		return nil, p.failed(err)
	}
	type result struct {
		match *regexp2.Match
		err   error
	}
	found := make(chan result, 1)
	go func() {
		var r result
		defer func() {
			if failure := recover(); failure != nil {
				r.err = fmt.Errorf("function: a search of the backtracking engine failed: %v", failure)
			}
			found <- r
		}()
		if r.match, r.err = find(re); r.err != nil { // its text holds the whole text that is searched
			r.err = p.failed(fmt.Errorf("this takes longer than %s", maxMatchTime))
		}
	}()
	tick := time.NewTicker(stopInterval)
	defer tick.Stop()
	for {
		select {
		case r := <-found:
			return r.match, r.err
		case <-tick.C:
			if err := m.StoppedElsewhere(); err != nil {
				return nil, err
			}
		}
	}
}

func (p *Pattern) failed(err error) error {
	return types.Errorf(types.GenericUserError, types.Pos{}, "Regular expression '%s' cannot be matched: %v", types.Shortened(p.Source), err)
}

// matches reports whether the pattern is found in text.
func (b *backtracker) matches(m *memory.Meter, p *Pattern, text string) (bool, error) {
	t, err := newRuneText(m, text)
	if err != nil {
		return false, err
	}
	match, err := b.search(m, p, func(re *regexp2.Regexp) (*regexp2.Match, error) {
		if found, err := re.MatchRunes(t.runes); !found {
			return nil, err
		}
		return &regexp2.Match{}, nil
	})
	if err != nil {
		return false, err
	}
	return match != nil, t.close(m)
}

// each is Search.EachMatch, from a code point on.
func (b *backtracker) each(m *memory.Meter, p *Pattern, text string, from int, visit func(loc []int) bool) error {
	t, err := newRuneText(m, text)
	if err != nil {
		return err
	}
	if from > len(t.runes) {
		return t.close(m)
	}
	match, err := b.search(m, p, func(re *regexp2.Regexp) (*regexp2.Match, error) {
		return re.FindRunesMatchStartingAt(t.runes, from)
	})
	for ; match != nil && err == nil && visit(t.locate(match, p.Groups)); match, err = b.after(m, p, match) {
		if err := m.Stopped(); err != nil {
			return err
		}
	}
	if err != nil {
		return err
	}
	return t.close(m)
}

// EachMatchFrom is EachMatch from a code point of the text on. Lookbehinds see what stands before it.
func (s *Search) EachMatchFrom(text string, from int, visit func(loc []int) bool) error {
	return s.backtracking.each(s.meter, s.Pattern, text, from, visit)
}

func (b *backtracker) after(m *memory.Meter, p *Pattern, last *regexp2.Match) (*regexp2.Match, error) {
	return b.search(m, p, func(re *regexp2.Regexp) (*regexp2.Match, error) { return re.FindNextMatch(last) })
}

// runeText is a text as the backtracking engine reads it.
type runeText struct {
	text   string
	runes  []rune
	starts []int32 // the byte where each code point starts, and the end; nil if each is one byte
}

// newRuneText counts the text on m; the caller closes it unless the evaluation fails.
func newRuneText(m *memory.Meter, text string) (*runeText, error) {
	if err := m.Grow(backtrackFactor * int64(len(text))); err != nil {
		return nil, err
	}
	t := &runeText{text: text, runes: []rune(text)}
	if len(t.runes) < len(text) {
		t.starts = make([]int32, 0, len(t.runes)+1)
		for i := range text {
			t.starts = append(t.starts, int32(i))
		}
		t.starts = append(t.starts, int32(len(text)))
	}
	return t, nil
}

func (t *runeText) close(m *memory.Meter) error {
	return m.Settle(m.Used() - backtrackFactor*int64(len(t.text)))
}

// locate returns the bytes of a match and its groups, see Search.FirstMatch.
func (t *runeText) locate(match *regexp2.Match, groups int) []int {
	loc := make([]int, 2*(groups+1))
	for g := range groups + 1 {
		loc[2*g], loc[2*g+1] = -1, -1
		if group := match.GroupByNumber(g); group != nil && len(group.Captures) > 0 {
			loc[2*g], loc[2*g+1] = t.byteOf(group.Index), t.byteOf(group.Index+group.Length)
		}
	}
	return loc
}

func (t *runeText) byteOf(codePoint int) int {
	if t.starts == nil {
		return codePoint
	}
	return int(t.starts[codePoint])
}
