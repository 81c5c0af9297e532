package javaregexp

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// randomPattern writes a pattern of some depth.
func randomPattern(random *rand.Rand, depth int) string {
	pick := func(of ...string) string { return of[random.IntN(len(of))] }
	if depth == 0 {
		return pick("a", "b", "1", "-", "[ab]", "[0-9]", "[^-]", "[^a1]", "ab", "a1", ".", "(?i:B)", "é")
	}
	part := func() string { return randomPattern(random, depth-1) }
	switch random.IntN(9) {
	case 0:
		return "(" + part() + ")" + pick("", "+", "+?", "{2}")
	case 1:
		return "(?:" + part() + "|" + part() + ")"
	case 2:
		return "(" + part() + ")|" + part()
	case 3:
		return "(?:" + part() + ")" + pick("*", "?", "+", "*?", "+?", "??", "{1,3}")
	case 4:
		return "(?:" + pick("^", "", "(^a)|", `\b`, `\B`) + part() + "|" + part() + ")"
	case 5:
		return part() + pick(`\b`, `\B`, `\b|`, `(\B)`) + part() + pick(`\b`, "")
	default:
		return part() + part()
	}
}

// TestRandomPatterns compares what is found by table with what Go's engine finds.
func TestRandomPatterns(t *testing.T) {
	if testing.Short() {
		t.Skip("a single goroutine")
	}
	random := rand.New(rand.NewPCG(87, 88))
	tables, located := 0, 0
	for range 700 {
		source := []string{"", "", "", "^"}[random.IntN(4)] + "(?:" + randomPattern(random, random.IntN(4)) + ")" + []string{"", "", "", `\z`}[random.IntN(4)]
		p, err := Compile(nil, source)
		require.NoError(t, err)
		if p.linear == nil || p.mayBeEmpty {
			continue
		}
		search := p.Search(nil)
		p.searched.Store(bytesBeforeStarts - 1)
		for range 40 {
			var b strings.Builder
			for range random.IntN(15) {
				b.WriteString([]string{"a", "b", "1", "-", "B", "ab", "a1", "é"}[random.IntN(71)/10])
			}
			text := b.String()
			if !p.linearFor(text) { // Java's words have more letters than Go's
				continue
			}
			want := p.linear.FindAllStringSubmatchIndex(text, -1)
			for _, groups := range []int{0, p.Groups} {
				var got [][]int
				require.NoError(t, search.EachMatch(text, groups, func(loc []int) bool { got = append(got, slices.Clone(loc[:2*groups+2])); return true }))
				require.Len(t, got, len(want), "%s in %q", source, text)
				for i, loc := range got {
					require.Equal(t, want[i][:2*groups+2], loc, "%s in %q", source, text)
				}
				first, err := search.FirstMatch(text, groups)
				require.NoError(t, err)
				require.Equal(t, len(want) > 0, first != nil)
				if first != nil {
					require.Equal(t, want[0][:2*groups+2], first[:2*groups+2], "%s in %q", source, text)
				}
			}
			found, err := search.Matches(text)
			require.NoError(t, err)
			require.Equal(t, len(want) > 0, found, "%s in %q", source, text)
		}
		if table := p.starts.Load(); table != nil {
			tables++
			if p.Groups > 0 && table.groups.known {
				located++
			}
		}
	}
	require.Greater(t, tables, 250)
	require.Greater(t, located, 50)
}
