package exec

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/function"
	"github.com/auditlake/auditlake/engine/memory"
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
			m.accepts = func(v int, _ *rowMatch, row int32) (bool, error) {
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
	m := &patternMatcher{program: program, partition: &function.WindowPartition{End: 1000},
		memory: &account{memory.NewPool(0).Account("test")}}
	ctx, cancel := context.WithCancel(context.Background())
	tried := 0
	m.accepts = func(v int, _ *rowMatch, _ int32) (bool, error) {
		if tried++; tried == 10_000 {
			cancel()
		}
		return v == 1, nil
	}
	_, err = m.match(ctx, 0, 1)
	require.ErrorIs(t, err, context.Canceled)
}
