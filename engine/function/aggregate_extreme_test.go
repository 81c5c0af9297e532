package function

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/planner/types"
)

// TestExtremesOfTypes: min and max of integers and texts are those of values of any type: with NULLs, groups of nothing else, the ends of a type,
// texts whose first bytes are equal, dictionaries that are longer than the rows, constants, and states that are merged.
func TestExtremesOfTypes(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 8))
	integers := func(rows int, valid []byte) arrow.Array {
		values := make([]int64, rows)
		for i := range values {
			values[i] = []int64{math.MinInt64, math.MaxInt64, random.Int64N(9) - 4}[random.IntN(3)]
		}
		return batch.FromValues(arrow.PrimitiveTypes.Int64, values, valid)
	}
	small := func(rows int, valid []byte) arrow.Array {
		values := make([]int8, rows)
		for i := range values {
			values[i] = int8(random.IntN(256) - 128)
		}
		return batch.FromValues(arrow.PrimitiveTypes.Int8, values, valid)
	}
	texts := func(rows int, valid []byte) arrow.Array {
		values := make([]string, rows)
		for i := range values {
			values[i] = []string{"", "\x00", "Describe", "Describe\x00", "ÿÿÿÿÿÿÿÿ", "DescribeInstances", fmt.Sprint("Describe", random.IntN(30))}[random.IntN(7)]
		}
		a, err := batch.FromStrings(arrow.BinaryTypes.String, values, valid)
		require.NoError(t, err)
		return a
	}
	coded := func(rows int, valid []byte, entries int) arrow.Array {
		codes := make([]int32, rows)
		for i := range codes {
			codes[i] = random.Int32N(int32(entries))
		}
		return batch.FromCodes(codes, valid, texts(entries, nil))
	}
	for name, c := range map[string]struct {
		of     *types.Type
		values func(rows int, valid []byte) arrow.Array
	}{
		"bigint":           {types.BigIntType, integers},
		"tinyint":          {types.TinyIntType, small},
		"varchar":          {types.VarcharType, texts},
		"short dictionary": {types.VarcharType, func(rows int, valid []byte) arrow.Array { return coded(rows, valid, 1+rows/2) }},
		"long dictionary":  {types.VarcharType, func(rows int, valid []byte) arrow.Array { return coded(rows, valid, 3*rows) }},
	} {
		for _, greatest := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, greatest %v", name, greatest), func(t *testing.T) {
				fn := &types.Resolved{Args: []*types.Type{c.of}, Return: c.of}
				newOne := func() [2]Accumulator {
					plain := newExtremeBy(c.of, c.of, greatest, false)
					return [2]Accumulator{extremeOf(fn, greatest).New(fn, nil, nil), plain}
				}
				into, parts := newOne(), newOne()
				for try := range 60 {
					rows, groups := 1+random.IntN(50), 1+try/3
					ids, valid := make([]int32, rows), someNulls(random, rows)
					for i := range ids {
						ids[i] = random.Int32N(int32(groups))
					}
					if try%3 == 0 {
						valid = nil
					}
					v := batch.Vector{Array: c.values(rows, valid)}
					if try%11 == 10 {
						v = batch.Vector{Array: array.NewSlice(v.Array, 0, 1), Const: true}
					}
					for i, state := range [][2]Accumulator{into, parts}[try%2] {
						state.Resize(groups + 1) // the last has no rows
						require.NoError(t, state.Add(ids, []batch.Vector{v}, rows), i)
					}
					requireSameResults(t, into)
					if try%10 != 9 {
						continue
					}
					mapping := make([]int32, groups+1)
					for i := range mapping {
						mapping[i] = random.Int32N(int32(groups + 2))
					}
					for i, state := range into {
						state.Resize(groups + 2)
						parts[i].Resize(groups + 1)
						require.NoError(t, state.Merge(parts[i], mapping))
					}
					requireSameResults(t, into)
					parts = newOne()
				}
			})
		}
	}
}

// someNulls is the validity of rows of which about one in five is NULL.
func someNulls(random *rand.Rand, rows int) []byte {
	valid := arrowdata.FullValidity(rows)
	for i := range rows {
		if random.IntN(5) == 0 {
			arrowdata.ClearBit(valid, i)
		}
	}
	return valid
}

func requireSameResults(t *testing.T, of [2]Accumulator) {
	t.Helper()
	got, err := of[0].Result()
	require.NoError(t, err)
	want, err := of[1].Result()
	require.NoError(t, err)
	require.Equal(t, want.Len(), got.Len())
	require.Equal(t, fmt.Sprint(batch.Decode(want)), fmt.Sprint(batch.Decode(got)))
}
