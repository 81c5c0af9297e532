package exec

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/decimal128"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/arrowtype"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/memory"
	"github.com/auditlake/auditlake/internal/process"
	"github.com/auditlake/auditlake/planner/types"
)

// orderedColumn is a column that a sort key reads.
type orderedColumn struct {
	name      string
	valueType *types.Type
	values    arrow.Array
}

// orderedColumns are columns of every type that has an order, with NULLs, extreme
// values, neighbours that differ little, and many repeats.
func orderedColumns(rows int, random *rand.Rand) []orderedColumn {
	valid := func() []byte {
		v := arrowdata.FullValidity(rows)
		for i := range rows {
			if random.IntN(9) == 0 {
				arrowdata.ClearBit(v, i)
			}
		}
		return v
	}
	integer := func() int64 {
		return []int64{0, 1, -1, math.MaxInt64, math.MinInt64, random.Int64N(1000) - 500, int64(random.Uint64())}[random.IntN(7)]
	}
	float := func() float64 {
		return []float64{0, negativeZero(), nan(), -nan(), math.Inf(1), math.Inf(-1), math.MaxFloat64, -math.SmallestNonzeroFloat64,
			random.NormFloat64(), float64(random.IntN(3))}[random.IntN(10)]
	}
	wide := func() decimal128.Num {
		return []decimal128.Num{decimal128.MaxDecimal128, decimal128.MaxDecimal128.Negate(), decimal128.FromI64(0), decimal128.FromI64(-1),
			decimal128.New(int64(random.IntN(3))-1, random.Uint64()), decimal128.FromI64(random.Int64N(100))}[random.IntN(6)]
	}
	text := func() string {
		return []string{"", "\x00", "a", "a\x00", "arn:aws:iam::1", "arn:aws:iam::10", "arn:aws:iam::1\x00", strings.Repeat("z", random.IntN(40)),
			"arn:aws:iam::" + fmt.Sprint(random.IntN(50)), strings.Repeat("é", random.IntN(9)) + fmt.Sprint(random.IntN(3)), "\xff\xff"}[random.IntN(11)]
	}
	texts := func(valid []byte, some func() string) arrow.Array {
		a, err := batch.FromStrings(arrow.BinaryTypes.String, filled(rows, some), valid)
		if err != nil {
			panic(err)
		}
		return a
	}
	dictionary := func(entries int) arrow.Array {
		words, err := batch.FromStrings(arrow.BinaryTypes.String, filled(entries, text), nil)
		if err != nil {
			panic(err)
		}
		return batch.FromCodes(filled(rows, func() int32 { return int32(random.IntN(entries)) }), valid(), words)
	}
	zoned := func(t *types.Type, instants arrow.Array) arrow.Array {
		zones := batch.FromValues(arrow.PrimitiveTypes.Int32, filled(rows, func() int32 { return int32(random.IntN(3)) }), nil)
		return batch.FromFields(arrowtype.Of(t).(*arrow.StructType), rows, valid(), []arrow.Array{instants, zones})
	}
	of64 := func(t *types.Type) orderedColumn {
		return orderedColumn{t.String(), t, batch.FromValues(arrowtype.Of(t), filled(rows, integer), valid())}
	}
	of32 := func(t *types.Type) orderedColumn {
		return orderedColumn{t.String(), t, batch.FromValues(arrowtype.Of(t), filled(rows, func() int32 { return int32(integer()) }), valid())}
	}
	of128 := func(t *types.Type) orderedColumn {
		return orderedColumn{t.String(), t, batch.FromValues(arrowtype.Of(t), filled(rows, wide), valid())}
	}
	long, longZoned, short, clock := types.TimestampOf(12), types.TimestampTZOf(12), types.TimestampTZOf(3), types.TimeTZOf(6)
	uuid, err := batch.FromStrings(arrowtype.Of(types.UUIDType), filled(rows, func() string {
		return strings.Repeat("\x80", 7) + string([]byte{byte(random.IntN(3) * 127)}) + strings.Repeat("\x01", 7) + string([]byte{byte(random.IntN(3) * 127)})
	}), valid())
	if err != nil {
		panic(err)
	}
	binaries, err := batch.FromStrings(arrow.BinaryTypes.Binary, filled(rows, text), valid())
	if err != nil {
		panic(err)
	}
	lists := func() arrow.Array {
		offsets := make([]int32, rows+1)
		for i := range rows {
			offsets[i+1] = offsets[i] + int32(random.IntN(3))
		}
		return batch.FromLists(offsets, valid(), batch.FromValues(arrow.PrimitiveTypes.Int64, filled(int(offsets[rows]), func() int64 { return random.Int64N(3) }), nil))
	}()
	row := types.RowOf(types.Field{Name: "a", Type: types.BigIntType}, types.Field{Name: "b", Type: types.VarcharType})
	return []orderedColumn{
		{"boolean", types.BooleanType, batch.FromBools(filled(rows, func() bool { return random.IntN(2) == 0 }), valid())},
		{"tinyint", types.TinyIntType, batch.FromValues(arrow.PrimitiveTypes.Int8, filled(rows, func() int8 { return int8(integer()) }), valid())},
		{"smallint", types.SmallIntType, batch.FromValues(arrow.PrimitiveTypes.Int16, filled(rows, func() int16 { return int16(integer()) }), valid())},
		of32(types.IntegerType), of32(types.DateType), of32(types.IntervalYearType),
		of64(types.BigIntType), of64(types.IntervalDayType), of64(types.TimestampOf(3)), of64(types.TimestampOf(6)), of64(types.TimeOf(3)), of64(types.TimeOf(12)),
		{"few bigints", types.BigIntType, batch.FromValues(arrow.PrimitiveTypes.Int64, filled(rows, func() int64 { return random.Int64N(3) }), nil)},
		{"one bigint", types.BigIntType, batch.FromValues(arrow.PrimitiveTypes.Int64, filled(rows, func() int64 { return 7 }), nil)},
		{"real", types.RealType, batch.FromValues(arrow.PrimitiveTypes.Float32, filled(rows, func() float32 { return float32(float()) }), valid())},
		{"double", types.DoubleType, batch.FromValues(arrow.PrimitiveTypes.Float64, filled(rows, float), valid())},
		of128(types.DecimalOf(38, 3)), of128(long),
		{"few decimals", types.DecimalOf(10, 2), batch.FromValues(arrowtype.Of(types.DecimalOf(10, 2)), filled(rows, func() decimal128.Num { return decimal128.FromI64(random.Int64N(20) - 10) }), nil)},
		{"zoned", short, zoned(short, batch.FromValues(arrowtype.Of(short).(*arrow.StructType).Field(0).Type, filled(rows, integer), nil))},
		{"zoned clock", clock, zoned(clock, batch.FromValues(arrowtype.Of(clock).(*arrow.StructType).Field(0).Type, filled(rows, integer), nil))},
		{"long zoned", longZoned, zoned(longZoned, batch.FromValues(arrowtype.Long, filled(rows, wide), nil))},
		{"varchar", types.VarcharType, texts(valid(), text)},
		{"varchar without NULL", types.VarcharType, texts(nil, text)},
		{"varchar with one prefix", types.VarcharType, texts(nil, func() string { return "arn:aws:iam::123456789012:" + text() })},
		{"char(4)", types.CharOf(4), texts(valid(), func() string { return fmt.Sprintf("%-4d", random.IntN(200)) })},
		{"varbinary", types.VarbinaryType, binaries},
		{"dictionary", types.VarcharType, dictionary(10)}, {"large dictionary", types.VarcharType, dictionary(rows + 50)},
		{"uuid", types.UUIDType, uuid},
		{"nothing", types.BigIntType, batch.Nulls(arrow.PrimitiveTypes.Int64, rows)},
		{"unknown", types.UnknownType, array.NewNull(rows)},
		{"array", types.ArrayOf(types.BigIntType), lists},
		{"row", row, batch.FromFields(arrowtype.Of(row).(*arrow.StructType), rows, valid(), []arrow.Array{
			batch.FromValues(arrow.PrimitiveTypes.Int64, filled(rows, func() int64 { return random.Int64N(2) }), nil), texts(nil, text)})},
	}
}

func filled[T any](n int, some func() T) []T {
	out := make([]T, n)
	for i := range out {
		out[i] = some()
	}
	return out
}

// order is a random way to sort by a column at a position.
func (c orderedColumn) order(position int, random *rand.Rand) sortKey {
	return sortKey{position: position, valueType: c.valueType, descending: random.IntN(2) == 0, nullsFirst: random.IntN(2) == 0}
}

// compareLevels compares two rows by normalised keys.
func compareLevels(levels []keyLevel, i, j int32) int {
	for _, l := range levels {
		c := 0
		switch {
		case l.compare != nil:
			c = cmp.Compare(l.compare(i, j), 0)
		case l.text == nil:
			c = cmp.Compare(l.word(i), l.word(j))
		default:
			for from := l.textFrom; c == 0 && !l.text.isNull(i) && from < len(l.text.value(i)); from += chunkBytes {
				c = cmp.Compare(l.text.chunk(i, from, chunkBytes), l.text.chunk(j, from, chunkBytes))
			}
		}
		if c != 0 {
			return c
		}
	}
	return 0
}

func TestNormalisedKeysOrderLikeValues(t *testing.T) {
	if process.UnderRace {
		t.Skip("one goroutine does it all; the unit stage runs it")
	}
	random := rand.New(rand.NewPCG(3, 4))
	const rows = 120
	for _, c := range orderedColumns(rows, random) {
		t.Run(c.name, func(t *testing.T) {
			for _, way := range []sortKey{{}, {descending: true}, {nullsFirst: true}, {descending: true, nullsFirst: true}} {
				way.valueType = c.valueType
				levels, order := (&keyPacker{ctx: t.Context()}).levelsOf(&table{columns: []arrow.Array{c.values}, rows: rows}, []sortKey{way}), columnOrder(c.values, way)
				for i := range int32(rows) {
					for j := range int32(rows) {
						if want, got := cmp.Compare(order(i, j), 0), compareLevels(levels, i, j); want != got {
							require.Equal(t, want, got, "%v: %s and %s", way, c.values.ValueStr(int(i)), c.values.ValueStr(int(j)))
						}
					}
				}
			}
		})
	}
}

// TestRanksOfEntries: whoever ranks them, equal texts have one rank, and ranks follow the order.
func TestRanksOfEntries(t *testing.T) {
	random := rand.New(rand.NewPCG(8, 8))
	const entries = 20_000
	texts := filled(entries, func() string { return fmt.Sprintf("arn:aws:iam::%d:user/%d", random.IntN(20), random.IntN(400)) })
	values, err := batch.FromStrings(arrow.BinaryTypes.String, texts, nil)
	require.NoError(t, err)
	distinct := slices.Compact(slices.Sorted(slices.Values(texts)))
	for _, workers := range []int{1, 2, 7} {
		p := &keyPacker{ctx: t.Context(), workers: workers}
		ranks, number := p.rankEntries(values, sortKey{valueType: types.VarcharType})
		require.Equal(t, len(distinct), number)
		for i, text := range texts {
			require.Equal(t, text, distinct[ranks[i]], "%d workers", workers)
		}
	}
}

// stableRows is the order of rows by comparing alone.
func stableRows(t *table, keys []sortKey) []int32 {
	rows := iota32(t.rows)
	order := orderBy(t, keys)
	slices.SortStableFunc(rows, func(i, j int32) int { return order(i, j) })
	return rows
}

func TestSortedRowsOfAllTypes(t *testing.T) {
	for _, size := range []struct{ rows, questions int }{{1, 5}, {10, 100}, {200, 200}, {3000, 30}, {2*manyRows + 10, 5}} {
		if testing.Short() && size.rows < someRows {
			continue // one worker sorts so few rows
		}
		random := rand.New(rand.NewPCG(5, uint64(size.rows)))
		columns := orderedColumns(size.rows, random)
		from := &table{rows: size.rows}
		for _, c := range columns {
			from.columns = append(from.columns, c.values)
		}
		if testing.Short() {
			size.questions = 1 + size.questions/5
		}
		for range size.questions {
			var keys []sortKey
			var names []string
			for range 1 + random.IntN(4) {
				at := random.IntN(len(columns))
				keys, names = append(keys, columns[at].order(at, random)), append(names, columns[at].name)
			}
			want := stableRows(from, keys)
			for _, workers := range []int{1, 2, 7} {
				if testing.Short() && workers == 1 {
					continue
				}
				got, err := sortedRows(context.Background(), from, keys, workers, unlimited())
				require.NoError(t, err)
				require.True(t, slices.Equal(want, got), "%d rows by %v, %d workers", size.rows, names, workers)
			}
			requireWantedPlaces(t, from, keys, want, random)
		}
	}
}

func inOrder(rows []int32) []int32 { return slices.Sorted(slices.Values(rows)) }

// requireWantedPlaces asks for some places of the order want.
func requireWantedPlaces(t *testing.T, rows *table, keys []sortKey, want []int32, random *rand.Rand) {
	from := random.IntN(rows.rows)
	to := from + 1 + random.IntN(rows.rows-from)
	order := orderBy(rows, keys)
	for _, workers := range []int{1, 2} {
		got, err := sortedPlaces(context.Background(), rows, keys, from, to, workers, unlimited())
		require.NoError(t, err)
		require.Equal(t, want[from:to], got[from:to])
		require.True(t, slices.Equal(inOrder(want[:from]), inOrder(got[:from])), "the rows before")
		require.True(t, slices.Equal(inOrder(want[to:]), inOrder(got[to:])), "the rows after")
		for end := to; end < rows.rows && order(want[to-1], want[end]) == 0; end++ {
			require.Equal(t, want[end], got[end], "row %d is equal to the last one wanted", end)
		}
		requireEqualRowsInOrder(t, want, got, order)
	}
}

// requireEqualRowsInOrder looks at rows in got of which want is the order.
func requireEqualRowsInOrder(t *testing.T, want, got []int32, order rowOrder) {
	group := make([]int32, len(want)) // of equal rows, by row
	for i := 1; i < len(want); i++ {
		group[want[i]] = group[want[i-1]]
		if order(want[i-1], want[i]) != 0 {
			group[want[i]]++
		}
	}
	latest := map[int32]int32{}
	for _, row := range got {
		before, isNotFirst := latest[group[row]]
		require.False(t, isNotFirst && before > row, "row %d stands before %d", before, row)
		latest[group[row]] = row
	}
}

// TestSortOfTextsThatGrow has texts of which each begins with the one before.
func TestSortOfTextsThatGrow(t *testing.T) {
	const rows = 3000
	texts := make([]string, rows)
	for i := range texts {
		texts[i] = strings.Repeat("a", (i*7919)%rows)
	}
	a, err := batch.FromStrings(arrow.BinaryTypes.String, texts, nil)
	require.NoError(t, err)
	from, keys := &table{rows: rows, columns: []arrow.Array{a}}, []sortKey{{valueType: types.VarcharType}}
	got, err := sortedRows(context.Background(), from, keys, 2, unlimited())
	require.NoError(t, err)
	require.Equal(t, stableRows(from, keys), got)
}

// TestSortOfPiecesOfOneValue has pieces of work whose values differ from those of other pieces alone.
func TestSortOfPiecesOfOneValue(t *testing.T) {
	const rows, workers, far = 40_000, 2, 1 << 40
	piece := newRowSorter(t.Context(), rows, workers).pieceRows
	values := make([]int64, rows)
	for i := range values {
		values[i] = far - int64(i/piece)
	}
	values[rows-1] = 0 // which is parted from all others first
	from := &table{rows: rows, columns: []arrow.Array{batch.FromValues(arrow.PrimitiveTypes.Int64, values, nil)}}
	keys := []sortKey{{valueType: types.BigIntType}}
	got, err := sortedRows(context.Background(), from, keys, workers, unlimited())
	require.NoError(t, err)
	require.Equal(t, stableRows(from, keys), got)
}

func TestSortReportsNullsThatDecide(t *testing.T) {
	offsets := make([]int32, 50_001)
	for i := range offsets {
		offsets[i] = int32(i)
	}
	valid := arrowdata.FullValidity(50_000)
	arrowdata.ClearBit(valid, 41_000)
	elems := batch.FromValues(arrow.PrimitiveTypes.Int64, make([]int64, 50_000), valid)
	from := &table{rows: 50_000, columns: []arrow.Array{batch.FromValues(arrow.PrimitiveTypes.Int64, filled(50_000, func() int64 { return rand.Int64N(2) }), nil), batch.FromLists(offsets, nil, elems)}}
	keys := []sortKey{{valueType: types.BigIntType}, {position: 1, valueType: types.ArrayOf(types.BigIntType)}}
	_, err := func() (rows []int32, err error) {
		defer batch.Recover(&err)
		return sortedRows(context.Background(), from, keys, 2, unlimited())
	}()
	require.Equal(t, types.NotSupported, types.ErrorName(err))
}

func TestSortHoldsMemoryForItsEntries(t *testing.T) {
	from := sample(1000, rand.New(rand.NewPCG(1, 1)))
	pool := memory.NewPool(sortBytesPerRow * 1000)
	account := &account{pool.Account("test")}
	rows, err := sortedRows(context.Background(), from, []sortKey{sampleKey(0, false, false)}, 2, account)
	require.NoError(t, err)
	require.Len(t, rows, 1000)
	require.Zero(t, pool.UsedBytes())
	_, err = sortedRows(context.Background(), sample(1001, rand.New(rand.NewPCG(1, 1))), []sortKey{sampleKey(0, false, false)}, 2, account)
	require.Equal(t, types.ExceededMemoryLimit, types.ErrorName(err))
}

// TestCandidatesComeBeforeTheBar: of the rows of a batch those are left that a sort by two keys puts before a bar, whatever the type of the first.
func TestCandidatesComeBeforeTheBar(t *testing.T) {
	random := rand.New(rand.NewPCG(4, 6))
	const rows = 400
	columns, second := orderedColumns(rows, random), filled(rows, func() int64 { return random.Int64N(5) })
	numbers := batch.FromValues(arrow.PrimitiveTypes.Int64, filled(rows, func() int64 { return random.Int64() }), nil)
	for _, c := range columns {
		for trial := range 8 {
			first := c.order(0, random)
			keys := []sortKey{first, {position: 1, valueType: types.BigIntType, descending: trial%2 == 0}}
			all := &table{rows: rows, columns: []arrow.Array{c.values, batch.FromValues(arrow.PrimitiveTypes.Int64, second, nil), numbers}}
			order := orderBy(all, keys)
			at := int32(random.IntN(rows))
			bar := []arrow.Array{batch.Decode(batch.Take(all.columns[0], []int32{at})), batch.Decode(batch.Take(all.columns[1], []int32{at}))}
			top := &topN{keys: keys, withTies: trial%4 > 1}
			b := &batch.Batch{Columns: all.vectors(), Len: rows}
			if trial > 3 {
				b.Sel = filled(rows/2, func() int32 { return int32(random.IntN(rows)) })
				slices.Sort(b.Sel)
			}
			var want []int32
			for i := range b.Live() {
				row := int32(i)
				if b.Sel != nil {
					row = b.Sel[i]
				}
				if o := order(row, at); o < 0 || o == 0 && top.withTies {
					want = append(want, row)
				}
			}
			got := top.candidates(b, bar, top.withTies)
			require.Equal(t, len(want), got.Len, "%s, trial %d", c.name, trial)
			require.Equal(t, batch.Values[int64](batch.Take(numbers, want)), batch.Values[int64](got.Columns[2].Array), "%s, trial %d", c.name, trial)
		}
	}
}
