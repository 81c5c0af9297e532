package exec

import (
	"context"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/function"
	"github.com/auditlake/auditlake/engine/memory"
	"github.com/auditlake/auditlake/internal/process"
	"github.com/auditlake/auditlake/planner/plan"
)

// Patterns over the letters of a text: variable 0 is any row, 1 an "a", 2 a "b".
var (
	anyRow  = &plan.RowPattern{Op: plan.PatternVariable, Variable: 0}
	letterA = &plan.RowPattern{Op: plan.PatternVariable, Variable: 1}
	letterB = &plan.RowPattern{Op: plan.PatternVariable, Variable: 2}
	nothing = &plan.RowPattern{Op: plan.PatternEmpty}
)

func sequenceOf(items ...*plan.RowPattern) *plan.RowPattern {
	return &plan.RowPattern{Op: plan.PatternSequence, Items: items}
}

func eitherOf(items ...*plan.RowPattern) *plan.RowPattern {
	return &plan.RowPattern{Op: plan.PatternEither, Items: items}
}

func repeated(item *plan.RowPattern, least, most int64) *plan.RowPattern {
	return &plan.RowPattern{Op: plan.PatternRepeat, Items: []*plan.RowPattern{item}, Min: least, Max: most}
}

func reluctant(item *plan.RowPattern, least, most int64) *plan.RowPattern {
	p := repeated(item, least, most)
	p.Reluctant = true
	return p
}

func TestPatternMatcher(t *testing.T) {
	for name, c := range map[string]struct {
		pattern *plan.RowPattern
		text    string
		want    string // variables of the match's rows, "-" for none
	}{
		"greedy":                    {repeated(letterA, 1, -1), "aaab", "111"},
		"reluctant":                 {reluctant(letterA, 1, -1), "aaab", "1"},
		"reluctant until it fits":   {sequenceOf(reluctant(anyRow, 0, -1), letterB), "aaba", "002"},
		"greedy gives back":         {sequenceOf(repeated(anyRow, 0, -1), letterA, letterB), "abaab", "00012"},
		"bounded":                   {repeated(letterA, 2, 3), "aaaa", "111"},
		"too few":                   {repeated(letterA, 2, 3), "ab", "-"},
		"first alternative":         {eitherOf(anyRow, letterA), "a", "0"},
		"second alternative":        {sequenceOf(eitherOf(sequenceOf(letterA, letterA), letterA), letterB), "ab", "12"},
		"permutation":               {&plan.RowPattern{Op: plan.PatternPermute, Items: []*plan.RowPattern{letterA, letterB}}, "ba", "21"},
		"end":                       {sequenceOf(repeated(letterA, 1, -1), &plan.RowPattern{Op: plan.PatternEnd}), "aab", "-"},
		"nothing":                   {nothing, "a", ""},
		"a loop of nothing ends":    {repeated(nothing, 0, -1), "a", ""},
		"a loop of maybe a row":     {sequenceOf(repeated(repeated(letterA, 0, 1), 0, -1), letterB), "aab", "112"},
		"a loop in a loop":          {sequenceOf(repeated(repeated(letterA, 0, -1), 0, -1), letterB), "aaab", "1112"},
		"empty preferred in a loop": {repeated(eitherOf(nothing, letterA), 0, -1), "aaa", ""},
		"empty preferred, then a b": {sequenceOf(repeated(eitherOf(nothing, letterA), 1, -1), letterB), "aab", "112"},
		"a loop of at least three":  {sequenceOf(repeated(letterA, 3, -1), anyRow), "aaaab", "11110"},
		"reluctant, at least two":   {reluctant(letterA, 2, -1), "aaaa", "11"},
		"more ways than one can go": {sequenceOf(repeated(repeated(letterA, 1, -1), 1, -1), letterB), strings.Repeat("a", 200), "-"},
	} {
		t.Run(name, func(t *testing.T) {
			program, err := compilePattern(c.pattern)
			require.NoError(t, err)
			rows := int32(len(c.text))
			m := &patternMatcher{
				program: program, partition: &function.WindowPartition{End: rows},
				failed: make([]bool, (int(rows)+1)*len(program.steps)),
				memory: &account{memory.NewPool(0).Account("test")},
			}
			m.accepts = func(v int, _ *matchedRow, row int32) (bool, error) {
				return v == 0 || c.text[row] == "-ab"[v], nil
			}
			found, err := m.match(context.Background(), 0, 1)
			require.NoError(t, err)
			got := "-"
			if found != nil {
				got = ""
				for _, label := range found.labels {
					got += string(rune('0' + label))
				}
			}
			require.Equal(t, c.want, got)
		})
	}
}

func TestPatternProgramIsBounded(t *testing.T) {
	deep := letterA
	for range 30 {
		deep = repeated(deep, 10, 10)
	}
	_, err := compilePattern(deep)
	require.ErrorContains(t, err, "NOT_SUPPORTED")
}

func TestRepeatedNothingIsNothing(t *testing.T) {
	program, err := compilePattern(repeated(repeated(nothing, 1<<60, 1<<60), 1<<60, 1<<60))
	require.NoError(t, err)
	require.Len(t, program.steps, 1)
}

func TestPatternMatcherStops(t *testing.T) {
	program, err := compilePattern(sequenceOf(repeated(repeated(letterA, 1, -1), 1, -1), letterB))
	require.NoError(t, err)
	m := &patternMatcher{program: program, partition: &function.WindowPartition{End: 100_000},
		memory: &account{memory.NewPool(0).Account("test")}}
	ctx, cancel := context.WithCancel(context.Background())
	tried := 0
	m.accepts = func(v int, _ *matchedRow, _ int32) (bool, error) {
		if tried++; tried == 10_000 {
			cancel()
		}
		return v == 1, nil
	}
	_, err = m.match(ctx, 0, 1)
	require.ErrorIs(t, err, context.Canceled)
}

// TestPatternMatcherKeepsTheAnswer compares, for random patterns whose conditions
// look at rows before, the matcher that drops ways which are alike with one that
// keeps all that differ anywhere.
func TestPatternMatcherKeepsTheAnswer(t *testing.T) {
	if process.UnderRace {
		t.Skip("one goroutine does it all; the unit stage runs it")
	}
	random := rand.New(rand.NewPCG(1, 2))
	onlyA := []bool{false, true, false}
	features := []pastFeature{
		{kind: lastRows, count: 2, labels: onlyA, places: true},
		{kind: nthRow, count: 1, labels: []bool{false, false, true}, places: true},
		{kind: allRows, labels: onlyA, places: true},
	}
	for i := range 1500 {
		pattern := sequenceOf(repeated(eitherOf(randomPattern(random, 2), randomPattern(random, 2)), 1, -1), &plan.RowPattern{Op: plan.PatternEnd})
		program, err := compilePattern(pattern)
		require.NoError(t, err)
		rows, seed := int32(5+random.IntN(4)), random.Uint32()
		feature := random.IntN(len(features))
		found := func(f pastFeature) *rowMatch {
			past := &patternPast{list: []pastFeature{f}}
			past.placeFeatures(program, [][]int{{0}, {0}, {0}})
			m := &patternMatcher{program: program, partition: &function.WindowPartition{End: rows}, past: past,
				memory: &account{memory.NewPool(0).Account("test")}}
			m.accepts = func(v int, path *matchedRow, row int32) (bool, error) {
				return (answerOf(feature, m.labelsOf(path, row, v)[:row])+seed+uint32(v))*2654435761>>30 != 0, nil
			}
			out, err := m.match(context.Background(), 0, 1)
			require.NoError(t, err)
			return out
		}
		require.Equal(t, found(pastFeature{kind: allRows, names: true}), found(features[feature]), "pattern %d", i)
	}
}

// answerOf is what a condition sees of the rows before: the last two rows, the
// first or all of a variable.
func answerOf(feature int, labels []int16) (answer uint32) {
	wanted := []int16{1, 2, 1}[feature]
	seen := 0
	for i := range labels {
		at := i
		if feature == 0 {
			at = len(labels) - 1 - i
		}
		if labels[at] != wanted || feature == 0 && seen == 2 || feature == 1 && seen == 1 {
			continue
		}
		seen++
		answer = answer*31 + uint32(at) + 1
	}
	return answer
}

func randomPattern(random *rand.Rand, depth int) *plan.RowPattern {
	part := func() *plan.RowPattern { return randomPattern(random, depth-1) }
	kind := random.IntN(7)
	if depth == 0 {
		kind = random.IntN(2)
	}
	switch kind {
	case 0, 1:
		return []*plan.RowPattern{anyRow, letterA, letterB, letterA, letterB, nothing}[random.IntN(6)]
	case 2:
		return sequenceOf(part(), part())
	case 3:
		return eitherOf(part(), part())
	case 4:
		return &plan.RowPattern{Op: plan.PatternExclusion, Items: []*plan.RowPattern{part()}}
	}
	p := repeated(part(), int64(random.IntN(3)), -1)
	if random.IntN(2) == 0 {
		p.Max = p.Min + int64(random.IntN(3))
	}
	p.Reluctant = random.IntN(2) == 0
	return p
}

// TestPatternMatcherIsBounded counts how often rows are tried as variables where
// the ways through a pattern double with each row.
func TestPatternMatcherIsBounded(t *testing.T) {
	const rows = 511
	pattern := sequenceOf(repeated(sequenceOf(letterA, repeated(letterB, 0, 1)), 1, -1), &plan.RowPattern{Op: plan.PatternEnd})
	program, err := compilePattern(pattern)
	require.NoError(t, err)
	past := &patternPast{list: []pastFeature{{kind: lastRows, count: 1, labels: []bool{false, true, false}, places: true}}}
	past.placeFeatures(program, [][]int{nil, nil, {0}})
	pool := memory.NewPool(0)
	m := &patternMatcher{program: program, partition: &function.WindowPartition{End: rows}, past: past, memory: &account{pool.Account("test")}}
	tried := 0
	m.accepts = func(_ int, _ *matchedRow, row int32) (bool, error) { tried++; return row < rows-1, nil }
	found, err := m.match(context.Background(), 0, 1)
	require.NoError(t, err)
	require.Nil(t, found)
	require.Less(t, tried, 5*rows)
	require.Positive(t, pool.UsedBytes())
}
