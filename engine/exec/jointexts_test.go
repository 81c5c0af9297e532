package exec

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/memory"
	"github.com/auditlake/auditlake/planner/types"
)

// keyOfTexts are the texts of a key.
type keyOfTexts struct {
	numbers []int32 // each has a text, -1 is NULL
	coded   bool    // as a dictionary
}

func (k keyOfTexts) array(t *testing.T) arrow.Array {
	values, valid := make([]string, len(k.numbers)), arrowdata.FullValidity(len(k.numbers))
	for i, number := range k.numbers {
		if number < 0 {
			arrowdata.ClearBit(valid, i)
		} else {
			values[i] = fmt.Sprintf("%08x-%d", uint32(number)*0x9E3779B9, number)
		}
	}
	texts, err := batch.FromStrings(arrow.BinaryTypes.String, values, valid)
	require.NoError(t, err)
	if !k.coded {
		return texts
	}
	return batch.FromCodes(iota32(texts.Len()), valid, batch.Take(texts, iota32(texts.Len())))
}

// TestTextKeysOfManyRows: rows are found by texts as a map finds them, whether they are found by their rows, by one of them alone or as ever.
func TestTextKeysOfManyRows(t *testing.T) {
	const rows = 3 * manyRows / 2
	random := rand.New(rand.NewPCG(3, 4))
	distinct := func() []int32 {
		numbers := iota32(rows)
		random.Shuffle(rows, func(i, j int) { numbers[i], numbers[j] = numbers[j], numbers[i] })
		return numbers
	}
	below := func(n int) []int32 {
		numbers := make([]int32, rows)
		for i := range numbers {
			numbers[i] = random.Int32N(int32(n))
		}
		return numbers
	}
	with := func(numbers []int32, number int32) []int32 {
		numbers[rows-5] = number
		return numbers
	}
	for name, c := range map[string]struct {
		keys     []keyOfTexts
		isOfRows []bool
	}{
		"one key":                      {[]keyOfTexts{{distinct(), false}}, []bool{true}},
		"one key with repeats":         {[]keyOfTexts{{below(rows), false}}, []bool{true}},
		"one key with NULL":            {[]keyOfTexts{{with(distinct(), -1), false}}, []bool{true}},
		"one of texts in eight rows":   {[]keyOfTexts{{below(rows / 8), false}}, []bool{false}},
		"one of few texts":             {[]keyOfTexts{{below(900), false}}, []bool{false}},
		"a dictionary":                 {[]keyOfTexts{{distinct(), true}}, []bool{false}},
		"the first is unique":          {[]keyOfTexts{{distinct(), false}, {below(rows), false}}, []bool{true, true}},
		"the second is unique":         {[]keyOfTexts{{below(rows), false}, {distinct(), false}, {below(rows), false}}, []bool{true, true, true}},
		"unique beside NULL":           {[]keyOfTexts{{distinct(), false}, {with(below(rows), -1), false}}, []bool{true, true}},
		"unique but for one":           {[]keyOfTexts{{with(distinct(), 7), false}, {below(rows), false}}, []bool{true, true}},
		"unique but for NULL":          {[]keyOfTexts{{with(distinct(), -1), false}, {below(rows), false}}, []bool{true, true}},
		"unique beside few":            {[]keyOfTexts{{distinct(), false}, {below(30), false}}, []bool{true, false}},
		"unique beside a dictionary":   {[]keyOfTexts{{distinct(), false}, {below(rows), true}}, []bool{true, false}},
		"three keys, of which two are": {[]keyOfTexts{{below(rows), false}, {below(rows), false}, {below(5), false}}, []bool{true, true, false}},
	} {
		if testing.Short() && len(c.keys) < 3 {
			continue // what is left has both forms of a table
		}
		build, probe := &table{rows: rows}, &table{rows: rows}
		moved := random.Perm(rows)
		for at, key := range c.keys {
			build.columns = append(build.columns, key.array(t))
			numbers := make([]int32, rows)
			for i := range numbers {
				if numbers[i] = key.numbers[moved[i]]; random.IntN(20) == 0 {
					numbers[i] = random.Int32N(2*rows) - 1
				}
			}
			probe.columns = append(probe.columns, keyOfTexts{numbers, at%2 == 0}.array(t))
		}
		keyOf := func(of *table, row int) (key string, isKey bool) {
			for _, column := range of.columns {
				if column.IsNull(row) {
					return "", false
				}
				key += column.ValueStr(row) + "|"
			}
			return key, true
		}
		want := map[string][]int32{}
		for row := range rows {
			if key, isKey := keyOf(build, row); isKey {
				want[key] = append(want[key], int32(row))
			}
		}
		for i, workers := range []int{1, 2, 7} {
			if testing.Short() && workers < 7 || !testing.Short() && IsLeftOut(len(name), i) {
				continue
			}
			t.Run(fmt.Sprintf("%s, %d workers", name, workers), func(t *testing.T) {
				account := &account{memory.NewPool(0).Account("test")}
				found, err := gathering{workers: workers}.newJoinTable(t.Context(), build, allOf(len(c.keys)), account)
				require.NoError(t, err)
				for i, isOfRows := range c.isOfRows {
					require.Equal(t, isOfRows, found.ids.knownOf(i) != nil, "key %d", i)
				}
				matches := 0
				for _, side := range []*table{build, probe} {
					from, to, err := found.lookup(side.vectors(), rows)
					require.NoError(t, err)
					for row := range rows {
						members := found.members[from[row]:to[row]]
						var expected []int32
						if key, isKey := keyOf(side, row); isKey {
							expected = want[key]
						}
						require.True(t, slices.Equal(expected, members), "row %d: %v, not %v", row, members, expected)
						matches += len(members)
					}
				}
				require.Greater(t, matches, rows)
				for i, column := range build.columns {
					filter := &runtimeFilter{}
					found.publish([]keyFilter{{key: i, valueType: types.VarcharType, filter: filter}})
					require.True(t, filter.published)
					if filter.many {
						low, high := endsOf(types.VarcharType, column)
						require.Equal(t, textAt(column, low), fmt.Sprint(filter.low.V))
						require.Equal(t, textAt(column, high), fmt.Sprint(filter.high.V))
					}
				}
				account.close()
			})
		}
	}
}

func textAt(a arrow.Array, at int) string {
	if d, ok := a.(*array.Dictionary); ok {
		return textAt(d.Dictionary(), int(batch.Codes(d)[at]))
	}
	return a.(*array.String).Value(at)
}

// TestTextKeysWithoutMemory: where there is no memory for finding rows by their texts, and where the query is cancelled, that is the error.
func TestTextKeysWithoutMemory(t *testing.T) {
	const rows = insertedRows + 1
	build := &table{rows: rows, columns: []arrow.Array{keyOfTexts{iota32(rows), false}.array(t)}}
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := gathering{}.newJoinTable(cancelled, build, []int{0}, &account{memory.NewPool(0).Account("test")})
	require.ErrorIs(t, err, context.Canceled)
	for _, bytes := range []int64{13 * rows, 21 * rows, 45 * rows} { // for hashes, for slots, for the index
		_, err := gathering{}.newJoinTable(t.Context(), build, []int{0}, &account{memory.NewPool(bytes).Account("test")})
		require.True(t, memory.IsFull(err), "%v", err)
	}
}
