package function

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/planner/types"
)

// TestCodedExtremes: min and max of many groups are those of values of any type, whether their texts stay few, become many, or are few at first only.
func TestCodedExtremes(t *testing.T) {
	const groups, few, many = 300, 40, maxCodedTexts + 1
	for _, c := range []struct {
		name    string
		steps   string // d: a dictionary of few texts, D: of many, p: few plain texts, P: many, c: a constant, n: NULLs; m: merge others with d, M: others of fewer groups with D
		isCoded bool   // at the end
	}{
		{"dictionaries", "ddd", true},
		{"plain texts after dictionaries", "dpcnd", true},
		{"plain texts first", "pdd", false},
		{"a long dictionary", "dDd", false},
		{"many plain texts", "dPd", false},
		{"NULLs alone", "nn", true},
		{"merged", "ddmdm", true},
		{"merged with those of many that won", "ddMdM", true},
		{"merged into nothing", "m", true},
		{"many merged into nothing", "Md", false},
		{"few into many", "Dm", false},
	} {
		for _, greatest := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, greatest %v", c.name, greatest), func(t *testing.T) {
				random := rand.New(rand.NewPCG(3, 4))
				newOne := func(groups int) [2]Accumulator {
					plain := newExtremeBy(types.VarcharType, types.VarcharType, greatest, false)
					coded := textExtreme(greatest).New(&types.Resolved{Return: types.VarcharType}, nil, nil)
					coded.Resize(groups)
					plain.Resize(groups)
					return [2]Accumulator{coded, plain}
				}
				add := func(to [2]Accumulator, groups int32, step rune) {
					v, rows := codedExtremesStep(t, random, step, few, many)
					ids := make([]int32, rows)
					for i := range ids {
						ids[i] = random.Int32N(groups - 1) // the last has no rows
					}
					for _, state := range to {
						require.NoError(t, state.Add(ids, []batch.Vector{v}, rows))
					}
				}
				into := newOne(groups)
				for _, step := range c.steps {
					if step != 'm' && step != 'M' {
						add(into, groups, step)
						requireSameResults(t, into)
						continue
					}
					number, by := groups, 'd'
					if step == 'M' {
						number, by = groups/10, 'D'
					}
					others, mapping := newOne(number), make([]int32, number)
					add(others, int32(number), by)
					for i := range mapping {
						mapping[i] = int32(i / 2)
					}
					for i, state := range into {
						require.NoError(t, state.Merge(others[i], mapping))
					}
					requireSameResults(t, into)
				}
				require.Equal(t, c.isCoded, into[0].(exact).Accumulator.(*textExtremes).coded != nil)
				require.Positive(t, into[0].SizeBytes())
			})
		}
	}
}

// codedExtremesStep makes the texts of a step.
func codedExtremesStep(t *testing.T, random *rand.Rand, step rune, few, many int) (v batch.Vector, rows int) {
	t.Helper()
	texts := few
	if step == 'D' || step == 'P' {
		texts = many
	}
	values := make([]string, texts)
	for i := range values {
		values[i] = fmt.Sprint("Describe", random.IntN(2*texts))
	}
	values[0] = ""
	plain, err := batch.FromStrings(arrow.BinaryTypes.String, values, nil)
	require.NoError(t, err)
	switch step {
	case 'n':
		return batch.Vector{Array: batch.Nulls(arrow.Null, texts)}, texts
	case 'c':
		return batch.Vector{Array: array.NewSlice(plain, 1, 2), Const: true}, texts
	case 'p', 'P':
		return batch.Vector{Array: plain}, texts
	}
	codes := make([]int32, 2*texts)
	for i := range codes {
		codes[i] = random.Int32N(int32(texts))
	}
	return batch.Vector{Array: batch.FromCodes(codes, someNulls(random, len(codes)), plain)}, len(codes)
}
