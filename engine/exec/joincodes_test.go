package exec

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/memory"
	"github.com/auditlake/auditlake/planner/types"
)

// TestKeysOfManyRows: rows of a table are found by integers, times and texts as a map finds them, whether codes are places
// or not.
func TestKeysOfManyRows(t *testing.T) {
	const rows = 3 * manyRows / 2
	random := rand.New(rand.NewPCG(3, 4))
	integers := func(n int, to, step int64) arrow.Array {
		values, valid := make([]int64, n), arrowdata.FullValidity(n)
		for i := range values {
			values[i] = random.Int64N(to) * step
			if random.IntN(50) == 0 {
				arrowdata.ClearBit(valid, i)
			}
		}
		return batch.FromValues(arrow.PrimitiveTypes.Int64, values, valid)
	}
	for name, c := range map[string]struct {
		to     []int64 // how many values each key has
		step   int64
		isSpan []bool
	}{
		"few values":           {[]int64{900}, 1, []bool{false}},
		"dense":                {[]int64{rows}, 1, []bool{true}},
		"sparse":               {[]int64{rows * 40}, 1, []bool{false}},
		"dense in steps":       {[]int64{rows}, 1_000_000, []bool{true}},
		"two keys":             {[]int64{rows * 40, 50}, 1000, []bool{true, false}},
		"two spans":            {[]int64{rows * 40, rows}, 1 << 35, []bool{true, true}},
		"more than a word has": {[]int64{1 << 30, 1 << 30, 1 << 30}, 1, []bool{true, true, true}},
		"three keys in a word": {[]int64{5000, 5000, 10}, 1, []bool{true, true, false}},
	} {
		keys := allOf(len(c.to))
		build, probe := &table{rows: rows}, &table{rows: rows}
		for _, to := range c.to {
			build.columns = append(build.columns, integers(rows, to, c.step))
			probe.columns = append(probe.columns, integers(rows, to+to/8, c.step))
		}
		keyOf := func(of *table, row int) (key [3]int64, isKey bool) {
			for i, column := range of.columns {
				if column.IsNull(row) {
					return key, false
				}
				key[i] = batch.Values[int64](column)[row]
			}
			return key, true
		}
		want := map[[3]int64][]int32{}
		for row := range rows {
			if key, isKey := keyOf(build, row); isKey {
				want[key] = append(want[key], int32(row))
			}
		}
		for _, workers := range []int{1, 2, 7} {
			if testing.Short() && workers < 7 {
				continue
			}
			t.Run(fmt.Sprintf("%s, %d workers", name, workers), func(t *testing.T) {
				pool := memory.NewPool(0)
				account := &account{pool.Account("test")}
				found, err := gathering{workers: workers}.newJoinTable(t.Context(), build, keys, account)
				require.NoError(t, err)
				for i, isSpan := range c.isSpan {
					require.Equal(t, isSpan, found.ids.knownOf(i) != nil)
				}
				for _, side := range []*table{build, probe} {
					from, to, err := found.lookup(side.vectors(), rows)
					require.NoError(t, err)
					for row := range rows {
						key, isKey := keyOf(side, row)
						members := found.members[from[row]:to[row]]
						if !isKey {
							require.Zero(t, len(members))
							continue
						}
						require.True(t, slices.Equal(want[key], members), "of %v: %v, not %v", key, members, want[key])
					}
				}
				for i := range keys {
					filter := &runtimeFilter{}
					found.publish([]keyFilter{{key: i, valueType: types.BigIntType, filter: filter}})
					require.True(t, filter.published)
					low, high := endsOf(types.BigIntType, build.columns[i])
					if filter.many {
						require.Equal(t, fmt.Sprint(batch.Values[int64](build.columns[i])[low]), filter.low.String())
						require.Equal(t, fmt.Sprint(batch.Values[int64](build.columns[i])[high]), filter.high.String())
					}
				}
				account.close()
			})
		}
	}
}
