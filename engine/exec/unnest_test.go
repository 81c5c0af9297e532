package exec

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/batch"
)

func TestUnnestWithoutWhatNothingReads(t *testing.T) {
	everySize(t, func(t *testing.T, input func(*table) *feed, random *rand.Rand) {
		from := sample(200, random)
		offsets := make([]int32, from.rows+1) // each id stands in the list of a row, some have several and many none
		for i := range from.rows {
			offsets[i+1] = min(int32(from.rows), offsets[i]+random.Int32N(3))
		}
		elements := batch.Take(from.columns[3], iota32(int(offsets[from.rows])))
		from.columns = append(from.columns, batch.FromLists(offsets, nil, elements))
		made := func(gives []bool) []string {
			return rowsOf(t, &unnest{input: input(from), items: []unnestItem{{position: 4}}, ordinality: true, gives: gives, memory: unlimited()})
		}
		all := made(nil)
		require.NotEmpty(t, all)
		// Of columns n, s, d, id, the list, its element and the ordinal, two are left.
		few := made([]bool{false, false, false, true, false, false, true})
		require.Len(t, few, len(all))
		for i := range all {
			fields := strings.Split(all[i], "|")
			require.Equal(t, fields[3]+"|"+fields[len(fields)-1], few[i])
		}
	})
}
