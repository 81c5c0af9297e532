package javaregexp

import (
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestStarts compares what is found with starts with what Go's engine finds.
func TestStarts(t *testing.T) {
	if testing.Short() {
		t.Skip("has a single goroutine")
	}
	random := rand.New(rand.NewPCG(85, 86))
	for _, c := range []struct {
		pattern string
		has     bool
	}{
		{"[0-9a-f]{8,}|arn:[^ ]+|i-[0-9a-f]+", true},
		{"(a+)(b|ac)?", true},
		{"(?i)AB|c", true},
		{"a.*f", true},
		{"(?s)a.+?:", true},
		{"[^a-f ]+", true},
		{"(ab|a)(c|bcd)", true},
		{"a|ab|c.", true},
		{"(a|ab)(c|bcd)??(f*)", true},
		{"a+?b?(?:c|A)*?|b+", true},
		{"a(?:b| .*)??", true},
		{"x*", false},
		{"(a|)b*", false},
		{"^ab", true},
		{`^[a-c0-9]+\z`, true},
		{`^(a+|b)([a-f]*)`, true},
		{`(?:^a|^b)c?`, true},
		{`(?:^[ab])+c?`, true},
		{`^[^-]\z`, true},
		{`^.[a-f]?\z`, true},
		{`(^a|b)`, true},
		{`^[0-9]+\z|arn:|[a-c]{3}`, true},
		{`(?:^a|b)+(f?)|c(?:^a|b)`, true},
		{`^a+|\z`, false},
		{`\z^`, false},
		{`^(?:\z|a)f?`, false},
		{`a\z`, true},
		{`[a-c]+(?:7|\z)`, true},
		{`(a+?|b)(\z|c)(f?)`, true},
		{`(?:éa|b)\z`, true},
		{`[a-f]b?\z`, true},
		{`(?:ab){0,2}(?:c|f7)?[a-f]\z`, true},
		{`(ab?\z|a)`, true},
		{`(ab?)\z|(a)`, true},
		{`(?:a\z)?b|c\z|:\z?`, true},
		{`a(?:\z\z|b\z)+|f(?:\zx)?`, true},
		{`(a|\z)`, false},
		{`\ba`, true},
		{`\b(a|bc)+\b`, true},
		{`a\b|f\B|c+?\b`, true},
		{`\Bb|^\ba|7\b\z`, true},
		{`\b[0-9a-f]{2,5}\b`, true},
		{`(a\b|ab|a)(:| )?`, true},
		{`\b|a`, false},
		{`\ba??\b`, false},
		{"[a-c]{70}x", false},
	} {
		p, err := Compile(nil, c.pattern)
		require.NoError(t, err)
		engine := regexp.MustCompile(c.pattern)
		search := p.Search(nil)
		matches, known := 0, 0
		for range 3000 {
			var b strings.Builder
			for range random.IntN(40) {
				b.WriteString([]string{"a", "b", "c", "f", "A", " ", ":", "arn:", "i-", "7", "\n", "0123"}[random.IntN(12)])
			}
			if random.IntN(20) == 0 && !strings.Contains(strings.ToLower(c.pattern), `\b`) { // Java's words have it
				b.WriteString("é")
			}
			text := b.String()
			p.searched.CompareAndSwap(0, bytesBeforeStarts-1)
			if s := p.startsFor(text); s != nil {
				if _, ok := s.find(text, 0); ok {
					known++
				}
			}
			var got [][]int
			require.NoError(t, search.EachMatch(text, p.Groups, func(loc []int) bool { got = append(got, slices.Clone(loc)); return true }))
			want := engine.FindAllStringSubmatchIndex(text, -1)
			if !p.mayBeEmpty { // of whose empty matches Java finds others
				require.Equal(t, want, got, "%s in %q", c.pattern, text)
			}
			matches += len(want)
			found, err := search.Matches(text)
			require.NoError(t, err)
			require.Equal(t, len(want) > 0, found)
			first, err := search.FirstMatch(text, p.Groups)
			require.NoError(t, err)
			require.Equal(t, engine.FindStringSubmatchIndex(text), first)
			whole, err := search.FirstMatch(text, 0)
			require.NoError(t, err)
			require.Equal(t, engine.FindStringIndex(text), whole[:min(2, len(whole))], "%s in %q", c.pattern, text)
		}
		require.Equal(t, c.has, p.starts.Load() != nil, c.pattern)
		if c.has {
			require.Greater(t, known, 2000, c.pattern)
			least := 100
			if p.starts.Load().isAnchored {
				least = 10
			}
			require.Greater(t, matches, least, c.pattern)
		}
	}
}

// TestStartsBeforeMoreThanASCII: the end of a match is known if the pattern asks for no byte behind it.
func TestStartsBeforeMoreThanASCII(t *testing.T) {
	for _, c := range []struct {
		pattern, text string
		end           int
		known         bool
	}{
		{`\d\d:\d\d`, "12:30é", 5, true},
		{`(\d)(?:a|b\z)`, "1aé", 2, true},
		{`ab\z|a`, "abé", 1, true},
		{`^ab?`, "abé", 2, true},
		{`\d+`, "12é", 0, false},
		{`a|aé`, "aé", 1, true}, // the first alternative is preferred
		{`aé|a`, "aé", 0, false},
	} {
		p, err := Compile(nil, c.pattern)
		require.NoError(t, err)
		p.searched.Store(bytesBeforeStarts - 1)
		s := p.startsFor(c.text)
		require.NotNil(t, s, c.pattern)
		end, known := s.end(c.text, 0)
		require.Equal(t, c.known, known, c.pattern)
		require.Equal(t, c.end, end, c.pattern)
		loc, err := p.Search(nil).FirstMatch(c.text, p.Groups)
		require.NoError(t, err)
		require.Equal(t, p.linear.FindStringSubmatchIndex(c.text), loc, c.pattern)
	}
}

// TestStartsForLongTexts: starts search what they can in a time that is short, and what Go's engine can.
func TestStartsForLongTexts(t *testing.T) {
	for _, c := range []struct {
		pattern string
		most    int // bytes
	}{
		{"[ab]c", maxStepsAtOnce / 7},
		{"[ab]c[ab]c[ab]c", maxStepsAtOnce / maxWorkRatio},
	} {
		p, err := Compile(nil, c.pattern)
		require.NoError(t, err)
		text := strings.Repeat("a", c.most+1)
		p.searched.Store(bytesBeforeStarts - 1)
		require.NotNil(t, p.startsFor(text[:c.most]), c.pattern)
		require.Nil(t, p.startsFor(text), c.pattern)
	}
}

// TestStartsLeaveLongWork: a text in which the pattern almost matches at each place is left to Go's engine.
func TestStartsLeaveLongWork(t *testing.T) {
	p, err := Compile(nil, "a[ab]{0,20}c")
	require.NoError(t, err)
	text := strings.Repeat("aab", 5000)
	p.searched.Store(bytesBeforeStarts - 1)
	s := p.startsFor(text)
	require.NotNil(t, s)
	_, known := s.find(text, 0)
	require.False(t, known)
	found, err := p.Search(nil).Matches(text)
	require.NoError(t, err)
	require.False(t, found)
}
