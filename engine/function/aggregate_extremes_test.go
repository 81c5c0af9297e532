package function_test

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/function"
	"github.com/auditlake/auditlake/planner/types"
)

// keyedRow is a row of max_by(value, key, n).
type keyedRow struct {
	group, value int
	key          int64
}

// keyedRows are rows whose keys rise, fall, repeat or come in any order, by group.
func keyedRows(number int) []keyedRow {
	random := rand.New(rand.NewPCG(3, 4))
	rows := make([]keyedRow, number)
	for i := range rows {
		group := random.IntN(4)
		rows[i] = keyedRow{group: group, value: i, key: []int64{int64(i), int64(-i), int64(i % 5), random.Int64N(1000)}[group]}
	}
	return rows
}

// addKeyed adds rows, of which group g is groups[g].
func addKeyed(t *testing.T, to function.Accumulator, rows []keyedRow, groups []int32) {
	t.Helper()
	ids, values, keys := make([]int32, len(rows)), make([]string, len(rows)), make([]int64, len(rows))
	for i, row := range rows {
		ids[i], values[i], keys[i] = groups[row.group], fmt.Sprint("value ", row.value), row.key
	}
	_, n := argument(t, "constant", 1, nil)
	text, err := batch.FromStrings(arrow.BinaryTypes.String, values, nil)
	require.NoError(t, err)
	to.Resize(len(groups))
	require.NoError(t, to.Add(ids, []batch.Vector{{Array: text}, {Array: batch.FromValues(arrow.PrimitiveTypes.Int64, keys, nil)}, n}, len(rows)))
}

// The first rows of many are the same whether they come together, in parts, or in
// states of parts that are merged, and a state does not grow with the rows.
func TestExtremesOfManyRows(t *testing.T) {
	const number, most = 60_000, 200 << 10
	rows := keyedRows(number)
	for _, name := range []string{"max_by", "min_by"} {
		want := make([][]string, 4)
		for g := range want {
			group := slices.DeleteFunc(slices.Clone(rows), func(r keyedRow) bool { return r.group != g })
			slices.SortStableFunc(group, func(a, b keyedRow) int {
				if name == "max_by" {
					a, b = b, a
				}
				return cmp.Compare(a.key, b.key)
			})
			for _, r := range group[:3] {
				want[g] = append(want[g], fmt.Sprint("value ", r.value))
			}
		}
		fn, newOne := resolveCall(t, name+"(varchar,bigint,constant)")
		inOrder, reversed := []int32{0, 1, 2, 3}, []int32{3, 2, 1, 0}
		added := map[string]function.Accumulator{"together": newOne(), "in parts": newOne(), "merged": newOne()}
		addKeyed(t, added["together"], rows, inOrder)
		for part := range slices.Chunk(rows, 700) {
			addKeyed(t, added["in parts"], part, inOrder)
			require.Less(t, added["in parts"].SizeBytes(), int64(most))
		}
		for part := range slices.Chunk(rows, 5000) {
			state := newOne()
			addKeyed(t, state, part, reversed)
			require.Less(t, state.SizeBytes(), int64(most))
			added["merged"].Resize(4)
			require.NoError(t, added["merged"].Merge(state, reversed))
			require.Less(t, added["merged"].SizeBytes(), int64(most))
		}
		for how, state := range added {
			for range 2 { // asking does not change it
				result, err := state.Result()
				require.NoError(t, err)
				for g := range want {
					var got []string
					for _, v := range function.ValueAt(fn.Return, result, g).V.([]types.Value) {
						got = append(got, fmt.Sprint(v.V))
					}
					require.Equal(t, want[g], got, "%s %s, group %d", name, how, g)
				}
			}
		}
	}
}
