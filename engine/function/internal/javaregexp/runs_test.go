package javaregexp

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestRuns compares the runs of classes with what Go's engine finds, in texts about as long as the pieces that are looked at once.
func TestRuns(t *testing.T) {
	if testing.Short() {
		t.Skip("a single goroutine")
	}
	random := rand.New(rand.NewPCG(89, 90))
	for _, c := range []struct {
		pattern string
		has     bool
	}{
		{"[0-9]+", true},
		{"[a-f]", true},
		{"[^a1]+", true},
		{`\D+`, true},
		{`[^\x00-\x7f]+`, true},
		{"(?i)[a-c]+", true},
		{`[^a]`, false}, // a match may be several bytes
		{"[aé]+", false},
		{"[0-9]+?", false},
		{"([0-9]+)", false},
		{"[0-9]+a", false},
		{"(?i)[k]+", false}, // as the Kelvin sign
		{"[0-9]*", false},
	} {
		p, err := Compile(nil, c.pattern)
		require.NoError(t, err)
		require.Equal(t, c.has, p.runs != nil, c.pattern)
		search := p.Search(nil)
		for range 500 {
			var b strings.Builder
			for range random.IntN(140) {
				b.WriteString(strings.Repeat([]string{"a", "1", "-", "F", "é"}[random.IntN(5)], 1+random.IntN(3)*random.IntN(60)/20))
			}
			text := b.String()
			if random.IntN(3) == 0 {
				text = strings.Repeat("1", 64*random.IntN(3))
			}
			var got [][]int
			require.NoError(t, search.EachMatch(text, 0, func(loc []int) bool { got = append(got, slices.Clone(loc[:2])); return true }))
			if !p.mayBeEmpty { // of whose empty matches Java finds others
				require.Equal(t, p.linear.FindAllStringIndex(text, -1), got, "%s in %q", c.pattern, text)
			}
		}
	}
}

func TestRunsEndWithTheVisit(t *testing.T) {
	p, err := Compile(nil, "[0-9]+")
	require.NoError(t, err)
	visits := 0
	require.NoError(t, p.Search(nil).EachMatch("1 2 3", 0, func([]int) bool { visits++; return visits < 2 }))
	require.Equal(t, 2, visits)
}
