package exec

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/arrowdata"
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

// TestUnnestOfElementsAlone: where nothing but elements is given out, or they stand one after another, they are those found row by row; also
// beside NULL rows that have elements, and in batches of many.
func TestUnnestOfElementsAlone(t *testing.T) {
	if testing.Short() {
		t.Skip("a single goroutine")
	}
	for _, as := range []struct {
		name         string
		areNull      func(row int) bool
		nullElements int32
	}{
		{"no NULL", func(int) bool { return false }, 0},
		{"empty NULLs", func(row int) bool { return row%5 == 2 }, 0},
		{"NULLs with elements", func(row int) bool { return row%5 == 2 }, 2},
	} {
		t.Run(as.name, func(t *testing.T) {
			everySize(t, func(t *testing.T, input func(*table) *feed, random *rand.Rand) {
				from := sample(3000, random)
				offsets, valid := make([]int32, from.rows+1), arrowdata.FullValidity(from.rows)
				var want []string
				for i := range from.rows {
					n := random.Int32N(9)
					if as.areNull(i) {
						arrowdata.ClearBit(valid, i)
						n = as.nullElements
					}
					for e := offsets[i]; e < offsets[i]+n && !as.areNull(i); e++ {
						want = append(want, fmt.Sprint(e))
					}
					offsets[i+1] = offsets[i] + n
				}
				elements := batch.FromValues(arrow.PrimitiveTypes.Int64, int64sTo(offsets[from.rows]), nil)
				from.columns = append(from.columns, batch.FromLists(offsets, valid, elements))
				at := len(from.columns) // of the element
				for _, besides := range []int{-1, 3} {
					gives := make([]bool, at+1)
					gives[at] = true
					if besides >= 0 {
						gives[besides] = true
					}
					got := rowsOf(t, &unnest{input: input(from), items: []unnestItem{{position: at - 1}}, gives: gives, memory: unlimited()})
					for i := range got {
						fields := strings.Split(got[i], "|")
						got[i] = fields[len(fields)-1]
					}
					require.Equal(t, want, got)
				}
			})
		})
	}
}

// int64sTo lists the numbers below one.
func int64sTo(n int32) []int64 {
	list := make([]int64, n)
	for i := range list {
		list[i] = int64(i)
	}
	return list
}
