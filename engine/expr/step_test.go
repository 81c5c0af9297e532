package expr_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/function"
	"github.com/auditlake/auditlake/planner/types"
)

// dividedSteps are calls of reduce whose steps have parts that do not look at the state. Some fail for elements, some for states, and some for
// elements that a condition keeps away.
var dividedSteps = []string{
	"reduce(%s, BIGINT '0', (acc, x) -> acc + coalesce(length(x), 0), acc -> acc)",
	"reduce(%s, n, (acc, x) -> acc * length(x) - n, acc -> acc)",
	"reduce(%s, s, (acc, x) -> concat(acc, upper(x), x, u), acc -> reverse(acc))",
	"reduce(%s, BIGINT '0', (acc, x) -> IF(length(x) > 2, acc + length(x) * k, acc), acc -> acc)",
	"reduce(%s, BIGINT '0', (acc, x) -> greatest(acc, length(x), n), acc -> acc)",
	"reduce(%s, BIGINT '3', (acc, x) -> greatest(acc, length(x)), acc -> acc)",
	"reduce(%s, n, (acc, x) -> least(coalesce(CAST(x AS bigint), n), acc), acc -> acc)",
	"reduce(%s, '2', (acc, x) -> least(x, acc), acc -> acc)",
	"reduce(%s, s, (acc, x) -> greatest(acc, x), acc -> acc)",
	"reduce(%s, 0e0, (acc, x) -> greatest(acc, CAST(length(x) AS double)), acc -> acc)",
	"reduce(%s, BIGINT '0', (acc, x) -> acc + CAST(x AS bigint), acc -> acc)",
	"reduce(%s, BIGINT '0', (acc, x) -> acc + TRY(CAST(x AS bigint)) + TRY(acc / length(x)), acc -> acc)",
	"reduce(%s, BIGINT '0', (acc, x) -> coalesce(TRY_CAST(x AS bigint), acc + length(x)), acc -> acc)",
	"reduce(%s, BIGINT '9223372036854775805', (acc, x) -> acc + length(x), acc -> acc)",
	"reduce(%s, BIGINT '4', (acc, x) -> (acc - length(x)) + 10 / (acc - length(x)), acc -> acc)",
	"reduce(%s, BIGINT '0', (acc, x) -> IF(acc > 3 AND 10 / (length(x) - 3) > 0, acc, acc + length(x)), acc -> acc)",
	"reduce(%s, BIGINT '0', (acc, x) -> CASE WHEN length(x) = 3 THEN acc WHEN acc > 100 / length(x) THEN NULL ELSE acc + 100 / length(x) END, acc -> acc)",
	"reduce(%s, ROW(0, ''), (acc, x) -> CAST(ROW(acc[1] + length(x), lower(x)) AS row(bigint, varchar)), acc -> acc[1])",
	"reduce(%s, ARRAY[''], (acc, x) -> filter(acc || upper(x), y -> y <> x), acc -> cardinality(acc))",
	"reduce(%s, BIGINT '0', (acc, x) -> acc + length(x) + reduce(ARRAY[x, 'ab'], acc, (b, y) -> b + length(concat(x, y)), b -> b), acc -> acc)",
	"reduce(%s, BIGINT '0', (acc, x) -> length(x), acc -> acc)",
	"reduce(%s, BIGINT '0', (acc, x) -> acc + n * 3, acc -> acc)",
	"reduce(%s, BIGINT '0', (acc, x) -> IF(x IN ('Get', upper(x)), acc + length(x), acc - length(x)), acc -> acc)",
	"reduce(%s, BIGINT '0', (acc, x) -> acc + length(split(x, 't')[2]), acc -> acc)",
}

// TestDividedSteps: reduce gives what it gives inside another lambda, where steps are not divided, errors included.
func TestDividedSteps(t *testing.T) {
	if testing.Short() {
		t.Skip("a single goroutine")
	}
	random := rand.New(rand.NewPCG(5, 11))
	for _, step := range dividedSteps {
		divided, typ := compile(t, fmt.Sprintf(step, "l"))
		whole, _ := compile(t, "element_at(transform(ARRAY[l], list -> "+fmt.Sprintf(step, "list")+"), 1)")
		for range 40 {
			b := listsOfWords(t, random)
			want, failed := whole.Eval(b)
			got, err := divided.Eval(b)
			if failed != nil {
				require.EqualError(t, err, failed.Error(), step)
				continue
			}
			require.NoError(t, err, step)
			require.Equal(t, values(typ, want, b.Len), values(typ, got, b.Len), step)
		}
	}
}

// listsOfWords is some rows of the table, whose column l has other lists: few of their words fail, so that most batches do not.
func listsOfWords(t *testing.T, random *rand.Rand) *batch.Batch {
	few := fixtureBatch(t, random.IntN(2) == 0)
	b := &batch.Batch{Len: 1 + random.IntN(30)}
	rows := make([]int32, b.Len)
	for i := range rows {
		rows[i] = int32(random.IntN(few.Len))
	}
	words := []string{"1", "23", "456", "7890", "12"}
	if random.IntN(3) == 0 {
		words = append(words, "Get", "", "tt")
	}
	for i, c := range few.Columns {
		if fixture[i].name != "l" {
			b.Columns = append(b.Columns, batch.Vector{Array: batch.Take(c.Array, rows)})
			continue
		}
		lists := make([]types.Value, b.Len)
		for row := range lists {
			lists[row].Type = fixture[i].t
			if random.IntN(6) == 0 {
				continue
			}
			list := []types.Value{}
			for range random.IntN(5) {
				word := types.Value{Type: types.VarcharType, V: words[random.IntN(len(words))]}
				if random.IntN(9) == 0 {
					word.V = nil
				}
				list = append(list, word)
			}
			lists[row].V = list
		}
		a, err := function.ArrayOf(fixture[i].t, lists)
		require.NoError(t, err)
		if random.IntN(2) == 0 {
			a = encodeTexts(t, a)
		}
		b.Columns = append(b.Columns, batch.Vector{Array: a})
	}
	return b
}
