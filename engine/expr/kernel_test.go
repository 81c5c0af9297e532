package expr_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/function"
	"github.com/auditlake/auditlake/planner/types"
)

// kernelRow is what the tests of kernels look at; nil is NULL.
type kernelRow struct {
	s    *string
	n, k *int64
}

// TestKernelsAreLoops compares kernels that look at many values a step with what each row gives, in columns of
// all lengths around those steps that begin anywhere in their memory.
func TestKernelsAreLoops(t *testing.T) {
	text := func(holds func(s string) bool) func(r kernelRow) *bool {
		return func(r kernelRow) *bool {
			if r.s == nil {
				return nil
			}
			truth := holds(*r.s)
			return &truth
		}
	}
	number := func(holds func(n int64) bool) func(r kernelRow) *bool {
		return func(r kernelRow) *bool {
			if r.n == nil {
				return nil
			}
			truth := holds(*r.n)
			return &truth
		}
	}
	numbers := func(holds func(n, k int64) bool) func(r kernelRow) *bool {
		return func(r kernelRow) *bool {
			if r.n == nil || r.k == nil {
				return nil
			}
			truth := holds(*r.n, *r.k)
			return &truth
		}
	}
	trueOrNull := func(of func(r kernelRow) *bool) func(r kernelRow) *bool {
		return func(r kernelRow) *bool {
			if truth := of(r); truth != nil && *truth {
				return truth
			}
			return nil
		}
	}
	oneOf := func(items ...string) func(s string) bool {
		return func(s string) bool { return strings.Contains("|"+strings.Join(items, "|")+"|", "|"+s+"|") }
	}
	few := func(n int64) bool { return n == -1 || n == 3 }
	for _, c := range []struct {
		text string
		want func(r kernelRow) *bool
	}{
		{"n < 2", number(func(n int64) bool { return n < 2 })},
		{"n <= 2", number(func(n int64) bool { return n <= 2 })},
		{"n > 2", number(func(n int64) bool { return n > 2 })},
		{"2 >= n", number(func(n int64) bool { return n <= 2 })},
		{"n = 2", number(func(n int64) bool { return n == 2 })},
		{"n <> 2", number(func(n int64) bool { return n != 2 })},
		{"n < k", numbers(func(n, k int64) bool { return n < k })},
		{"n >= k", numbers(func(n, k int64) bool { return n >= k })},
		{"n = k", numbers(func(n, k int64) bool { return n == k })},
		{"n IN (-1, 3)", number(few)},
		{"n IN (-1, 3, NULL)", trueOrNull(number(few))},
		{"n IN (0, 1, 2, 3, 4, 5, 6, 7, 8, 9)", number(func(n int64) bool { return n >= 0 && n <= 9 })},
		{"s IN ('ab', 'abab', '')", text(oneOf("ab", "abab", ""))},
		{"s IN ('ab', NULL, 'abab')", trueOrNull(text(oneOf("ab", "abab")))},
		{"s IN ('a', 'b', 'aa', 'ab', 'ba', 'bb', 'aaa', 'bbb', 'abb')", text(oneOf("a", "b", "aa", "ab", "ba", "bb", "aaa", "bbb", "abb"))},
		{"s LIKE 'a%'", text(func(s string) bool { return strings.HasPrefix(s, "a") })},
		{"s LIKE 'abaabaab%'", text(func(s string) bool { return strings.HasPrefix(s, "abaabaab") })},
		{"s LIKE 'abaabaabab%'", text(func(s string) bool { return strings.HasPrefix(s, "abaabaabab") })},
		{"starts_with(s, 'ab')", text(func(s string) bool { return strings.HasPrefix(s, "ab") })},
		{"starts_with(s, '')", text(func(s string) bool { return true })},
		{"s LIKE '%ab%'", text(func(s string) bool { return strings.Contains(s, "ab") })},
		{"s LIKE '%bbabb%'", text(func(s string) bool { return strings.Contains(s, "bbabb") })},
	} {
		t.Run(c.text, func(t *testing.T) {
			e, _ := compile(t, c.text)
			random := rand.New(rand.NewPCG(5, 6))
			for _, length := range []int{1, 7, 8, 9, 63, 64, 65, 500} {
				for _, begin := range []int{0, 3} {
					in, rows := kernelBatch(t, random, begin, length)
					v, err := e.Eval(in)
					require.NoError(t, err)
					selected, err := e.Filter(in)
					require.NoError(t, err)
					kept := map[int32]bool{}
					for _, row := range selected {
						kept[row] = true
					}
					for i, r := range rows {
						want := types.Null(types.BooleanType)
						if truth := c.want(r); truth != nil {
							want.V = *truth
						}
						require.Equal(t, want, function.ValueAt(types.BooleanType, v.Array, v.At(i)), "row %d of %d", i, length)
						require.Equal(t, want.V == true, selected == nil || kept[int32(i)], "row %d of %d", i, length)
					}
				}
			}
		})
	}
}

// kernelBatch returns a batch of length rows of the fixture's columns, of which s, n and k have random values, and those.
func kernelBatch(t *testing.T, random *rand.Rand, begin, length int) (*batch.Batch, []kernelRow) {
	rows := make([]kernelRow, begin+length)
	for i := range rows {
		if random.IntN(5) > 0 {
			s := ""
			for range random.IntN(14) {
				s += string("aab"[random.IntN(3)])
			}
			if random.IntN(4) == 0 {
				s = "abaabaaba" + s
			}
			rows[i].s = &s
		}
		for _, to := range []**int64{&rows[i].n, &rows[i].k} {
			if random.IntN(6) > 0 {
				n := int64(random.IntN(12) - 2)
				*to = &n
			}
		}
	}
	out := &batch.Batch{Len: length}
	for _, c := range fixture {
		vals := make([]types.Value, len(rows))
		for i, r := range rows {
			vals[i] = types.Null(c.t)
			switch {
			case c.name == "s" && r.s != nil:
				vals[i].V = *r.s
			case c.name == "n" && r.n != nil:
				vals[i].V = *r.n
			case c.name == "k" && r.k != nil:
				vals[i].V = *r.k
			}
		}
		a, err := function.ArrayOf(c.t, vals)
		require.NoError(t, err)
		out.Columns = append(out.Columns, batch.Vector{Array: array.NewSlice(a, int64(begin), int64(len(rows)))})
	}
	return out, rows[begin:]
}
