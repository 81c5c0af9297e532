package exec

import (
	"context"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/memory"
	"github.com/auditlake/auditlake/planner/types"
)

func sampleKey(position int, descending, nullsFirst bool) sortKey {
	return sortKey{position: position, valueType: sampleColumns(0)[position].Type, descending: descending, nullsFirst: nullsFirst}
}

// naiveSorted sorts row numbers with the comparison of single values.
func naiveSorted(from *table, keys []sortKey) []int {
	rows := make([]int, from.rows)
	for i := range rows {
		rows[i] = i
	}
	slices.SortStableFunc(rows, func(a, b int) int {
		for _, k := range keys {
			column := from.columns[k.position]
			nullA, nullB := column.IsNull(a), column.IsNull(b)
			c := 0
			switch {
			case nullA && nullB:
				continue
			case nullA != nullB:
				if nullA == k.nullsFirst {
					return -1
				}
				return 1
			default:
				c = numberOrdering(k.nullsFirst)(k.valueType, column, column)(a, b)
			}
			if k.descending {
				c = -c
			}
			if c != 0 {
				return c
			}
		}
		return 0
	})
	return rows
}

// newSorter sorts samples, and spills nothing.
func newSorter(input Operator, keys []sortKey, memory *account) *sorter {
	return &sorter{input: input, runs: &sortedRuns{columns: sampleColumns(1), keys: keys, memory: memory}}
}

func TestSortAndTopN(t *testing.T) {
	orders := [][]sortKey{
		{sampleKey(0, false, false)}, {sampleKey(1, true, true)}, {sampleKey(2, false, true), sampleKey(3, true, false)},
		{sampleKey(3, true, false)}, {sampleKey(1, false, false), sampleKey(2, true, false), sampleKey(0, true, true)},
	}
	everySize(t, func(t *testing.T, input func(*table) *feed, random *rand.Rand) {
		for _, keys := range orders {
			from := sample(100, random)
			want := []string{}
			for _, row := range naiveSorted(from, keys) {
				want = append(want, rowText(from.vectors(), row))
			}
			require.Equal(t, want, rowsOf(t, newSorter(input(from), keys, unlimited())))
			for _, cut := range [][2]int64{{0, 5}, {3, 10}, {98, 10}, {200, 1}, {0, 0}} {
				top := &topN{input: input(from), columns: sampleColumns(1), keys: keys, offset: cut[0], count: cut[1], memory: unlimited()}
				first, end := min(100, cut[0]), min(100, cut[0]+cut[1])
				require.Equal(t, want[first:end], rowsOf(t, top))
			}
		}
	})
}

func TestTopNWithTies(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	from := sample(60_000, random) // enough to be cut while reading
	keys := []sortKey{sampleKey(0, false, false)}
	order := naiveSorted(from, keys)
	end := 3
	for from.columns[0].ValueStr(order[end]) == from.columns[0].ValueStr(order[2]) {
		end++
	}
	top := &topN{input: &feed{reader: &tableReader{table: from}, size: 1000, random: random}, columns: sampleColumns(1),
		keys: keys, count: 3, withTies: true, memory: unlimited()}
	require.Len(t, rowsOf(t, top), end)
}

func TestLimit(t *testing.T) {
	everySize(t, func(t *testing.T, input func(*table) *feed, random *rand.Rand) {
		from := sample(50, random)
		all := rowsOf(t, input(from))
		for _, cut := range []struct{ offset, count int64 }{{0, 10}, {7, 10}, {45, 10}, {60, 1}, {10, -1}, {0, 0}, {3, maxLimit}} {
			end := int64(50)
			if cut.count >= 0 {
				end = min(50, cut.offset+cut.count)
			}
			want := all[min(50, cut.offset):max(end, min(50, cut.offset))]
			require.Equal(t, want, rowsOf(t, &limit{input: input(from), offset: cut.offset, count: cut.count}), "%v", cut)
		}
	})
}

func TestLimitStopsPulling(t *testing.T) {
	from := sample(50, rand.New(rand.NewPCG(1, 1)))
	in := &feed{reader: &tableReader{table: from}, size: 5, random: rand.New(rand.NewPCG(1, 1))}
	rowsOf(t, &limit{input: in, count: 7})
	require.Equal(t, 10, in.reader.given)
	require.True(t, in.closed)
}

// same tells rows apart as DISTINCT does.
func same(a, b *table, i, j int) bool {
	for k, c := range sampleColumns(0)[:3] {
		if batch.Sameness(c.Type, a.columns[k], b.columns[k])(i, j) != batch.True {
			return false
		}
	}
	return true
}

func TestSetOperations(t *testing.T) {
	operations := map[string]func(before, others int64) int64{"intersect": intersectAll, "intersect all": intersectAll,
		"except": exceptAll, "except all": exceptAll}
	everySize(t, func(t *testing.T, input func(*table) *feed, random *rand.Rand) {
		left, right := sample(60, random), sample(40, random)
		three := []int{0, 1, 2}
		types := columnTypes(sampleColumns(1)[:3])
		for name, remains := range operations {
			want, all := 0, strings.HasSuffix(name, " all")
			for _, n := range distinctCounts(left, right) {
				if !all {
					n[0] = min(1, n[0])
				}
				want += int(remains(n[0], n[1]))
			}
			got := rowsOf(t, &setCount{columns: 3, newRows: func() *grouper { return newGrouper(types) }, memory: unlimited(), left: remains, all: all,
				inputs: []Operator{&pick{input(left), three}, &pick{input(right), three}}})
			require.Len(t, got, want, name)
		}
		both := &concatenation{inputs: []Operator{&pick{input(left), three}, &pick{input(right), three}}}
		got := rowsOf(t, &distinct{input: both, rows: firstRows{seen: newGrouper(types), memory: unlimited()}})
		require.Len(t, got, len(distinctCounts(left, right)))
	})
}

// distinctCounts counts each distinct row in both tables.
func distinctCounts(left, right *table) [][2]int64 {
	var counts [][2]int64
	var firsts []struct {
		in  *table
		row int
	}
	for side, from := range []*table{left, right} {
	rows:
		for row := range from.rows {
			for i, f := range firsts {
				if same(f.in, from, f.row, row) {
					counts[i][side]++
					continue rows
				}
			}
			firsts = append(firsts, struct {
				in  *table
				row int
			}{from, row})
			counts = append(counts, [2]int64{})
			counts[len(counts)-1][side]++
		}
	}
	return counts
}

func TestSingleRow(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	run := func(rows, size int) (*batch.Batch, error) {
		in := &feed{reader: &tableReader{table: sample(rows, random)}, size: size, random: random}
		return (&singleRow{input: in, columns: sampleColumns(1)}).Next(context.Background())
	}
	b, err := run(0, 1)
	require.NoError(t, err)
	require.Equal(t, "NULL|NULL|NULL|NULL", rowText(b.Columns, 0))
	b, err = run(1, 1)
	require.NoError(t, err)
	require.Equal(t, 1, b.Live())
	for _, size := range []int{1, 2} {
		_, err = run(2, size)
		require.Equal(t, types.SubqueryMultipleRows, types.ErrorName(err))
	}
}

func TestMemoryLimit(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	from := sample(5000, random)
	input := func() Operator {
		return &feed{reader: &tableReader{table: from}, size: 100, random: random}
	}
	pool := memory.NewPool(20_000)
	limited := func() *account { return &account{pool.Account("test")} }
	for name, o := range map[string]Operator{
		"sort":     newSorter(input(), []sortKey{sampleKey(0, false, false)}, limited()),
		"distinct": &distinct{input: input(), rows: firstRows{seen: newGrouper(columnTypes(sampleColumns(1))), memory: limited()}},
		"join":     &hashJoin{left: input(), right: input(), rightColumns: sampleColumns(5), leftColumns: sampleColumns(1), memory: limited()},
	} {
		var err error
		for b := (*batch.Batch)(nil); err == nil; {
			if b, err = o.Next(context.Background()); b == nil && err == nil {
				break
			}
		}
		require.Equal(t, types.ExceededMemoryLimit, types.ErrorName(err), name)
		o.Close()
	}
	require.Zero(t, pool.UsedBytes())
}

func TestCancel(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	random := rand.New(rand.NewPCG(1, 1))
	in := &feed{reader: &tableReader{table: sample(10, random)}, size: 1, random: random}
	_, err := newSorter(in, []sortKey{sampleKey(0, false, false)}, unlimited()).Next(ctx)
	require.ErrorIs(t, err, context.Canceled)
}

func TestSortStopsWhenCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	from := sample(200_000, rand.New(rand.NewPCG(1, 1)))
	for _, position := range []int{1, 3} { // without and with a prefix to sort by
		_, err := sortedRows(ctx, from, []sortKey{sampleKey(position, true, false)}, 2, nil)
		require.ErrorIs(t, err, context.Canceled)
	}
}
