package javaregexp

import (
	"slices"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/planner/types"
)

// FuzzPattern: whatever the pattern, there is an error or an answer, and both
// engines give the same one.
func FuzzPattern(f *testing.F) {
	for _, seed := range [][2]string{
		{"a+b", "aab"}, {"^(a|b)*$", "abab\n"}, {`[\w&&[^\d]]+`, "a1"}, {`(?i)\bFoo\b`, "a foo"}, {"a++b", "aab"}, {`(?<x>a)\k<x>`, "aa"},
		{"(?s).", "\n"}, {`\Q.\E`, "."}, {"[[:alpha:]-z]", "-"}, {"x{2,3}?", "xxx"}, {`\p{Lu}`, "É"}, {"(?x) a #", "a"},
	} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, source, text string) {
		if !utf8.ValidString(source) || !utf8.ValidString(text) || len(source) > 100 || len(text) > 100 {
			t.Skip()
		}
		p, err := Compile(nil, source)
		if err != nil {
			require.Equal(t, types.InvalidFunctionArgument, types.ErrorName(err))
			return
		}
		if !p.linearFor(text) {
			t.Skip()
		}
		var want, got, stepwise [][]int
		collect := func(list *[][]int) func([]int) bool {
			return func(loc []int) bool { *list = append(*list, slices.Clone(loc)); return len(*list) < 20 }
		}
		p.backtracking.patient = p.backtracking.quick
		s := p.Search(nil)
		if p.backtracking.each(nil, p, text, 0, collect(&want)) != nil {
			t.Skip() // beyond the limits of that engine
		}
		require.NoError(t, s.EachMatch(text, p.Groups, collect(&got)))
		require.Equal(t, want, got)
		p.searched.Store(bytesBeforeStarts - 1) // starts are made now
		var begun [][]int
		require.NoError(t, s.EachMatch(text, p.Groups, collect(&begun)))
		require.Equal(t, want, begun)
		found, err := s.Matches(text)
		require.NoError(t, err)
		require.Equal(t, len(want) > 0, found)
		first, err := s.FirstMatch(text, p.Groups)
		require.NoError(t, err)
		require.Equal(t, slices.Concat(want[:min(1, len(want))]...), first)
		p.starts.Store(nil)
		p.stepsPerByte = maxStepsAtOnce // as for a long text
		require.NoError(t, s.EachMatch(text, p.Groups, collect(&stepwise)))
		require.Equal(t, want, stepwise)
		found, err = s.Matches(text)
		require.NoError(t, err)
		require.Equal(t, len(want) > 0, found)
		first, err = s.FirstMatch(text, p.Groups)
		require.NoError(t, err)
		require.Equal(t, slices.Concat(want[:min(1, len(want))]...), first)
	})
}
