package function

import (
	"math/rand/v2"
	"strconv"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/memory"
	"github.com/auditlake/auditlake/planner/types"
)

// shortTexts are short texts, some of them NULL if nulls says so.
func shortTexts(t *testing.T, n int, nulls bool) arrow.Array {
	values, valid := make([]string, n), arrowdata.FullValidity(n)
	for i := range values {
		values[i] = strconv.Itoa(rand.IntN(1000))[rand.IntN(2):]
		if nulls && rand.IntN(5) == 0 {
			arrowdata.ClearBit(valid, i)
		}
	}
	if !nulls {
		valid = nil
	}
	a, err := batch.FromStrings(arrow.BinaryTypes.String, values, valid)
	require.NoError(t, err)
	return a
}

// randomLists are lists of texts, some of them NULL and not empty.
func randomLists(t *testing.T, rows int, nullElements bool) arrow.Array {
	offsets, valid := []int32{0}, arrowdata.FullValidity(rows)
	for i := range rows {
		offsets = append(offsets, offsets[i]+rand.Int32N(5))
		if rand.IntN(6) == 0 {
			arrowdata.ClearBit(valid, i)
		}
	}
	return batch.FromLists(offsets, valid, shortTexts(t, int(offsets[rows]), nullElements))
}

// elementsAlone are the elements that a vector gives a row, as text; isNull: it is NULL there.
func elementsAlone(v batch.Vector, row int) (out []string, isNull bool) {
	at := v.At(row)
	if v.Array.IsNull(at) {
		return nil, true
	}
	l, ok := v.Array.(*array.List)
	if !ok {
		return []string{v.Array.ValueStr(at)}, false
	}
	offsets, elems := batch.Lists(l)
	for p := offsets[at]; p < offsets[at+1]; p++ {
		out = append(out, elems.ValueStr(int(p)))
	}
	return out, false
}

// TestJoinedLists: arrays joined by || have the elements of each, in their order. An array that is NULL makes the result NULL.
func TestJoinedLists(t *testing.T) {
	const rows = 500
	texts := types.ArrayOf(types.VarcharType)
	lists, others, withNulls := randomLists(t, rows, false), randomLists(t, rows, false), randomLists(t, rows, true)
	one := batch.Vector{Array: batch.FromLists([]int32{0, 3}, nil, shortTexts(t, 3, false)), Const: true}
	for _, row := range []struct {
		name string
		args []batch.Vector
	}{
		{"one column twice", []batch.Vector{{Array: lists}, {Array: lists}}},
		{"two columns", []batch.Vector{{Array: lists}, {Array: others}}},
		{"with NULL elements", []batch.Vector{{Array: withNulls}, {Array: lists}, {Array: withNulls}}},
		{"a constant", []batch.Vector{{Array: lists}, one}},
		{"constants", []batch.Vector{one, one}},
		{"a NULL", []batch.Vector{{Array: lists}, {Array: batch.Nulls(lists.DataType(), 1), Const: true}}},
		{"a part of a column", []batch.Vector{{Array: array.NewSlice(lists, 3, rows)}, {Array: array.NewSlice(others, 0, rows-3)}}},
		{"an element", []batch.Vector{{Array: lists}, {Array: shortTexts(t, rows, false)}}},
		{"elements of which some are NULL", []batch.Vector{{Array: lists}, {Array: shortTexts(t, rows, true)}}},
		{"a constant element", []batch.Vector{{Array: lists}, constantText(t, "x")}},
	} {
		t.Run(row.name, func(t *testing.T) {
			argTypes, n := make([]*types.Type, len(row.args)), rows
			for i, v := range row.args {
				argTypes[i] = texts
				if _, isList := v.Array.(*array.List); !isList {
					argTypes[i] = types.VarcharType
				}
				if !v.Const {
					n = v.Array.Len()
				}
			}
			requireJoined(t, kernelOf(t, "concat", argTypes...), row.args, n)
		})
	}
}

func requireJoined(t *testing.T, kernel Kernel, args []batch.Vector, rows int) {
	got, err := kernel(nil, args, nil, rows)
	require.NoError(t, err)
	require.Equal(t, allConst(args), got.Const)
	for i := range rows {
		var want []string
		wantNull := false
		for _, v := range args {
			elements, isNull := elementsAlone(v, i)
			want, wantNull = append(want, elements...), wantNull || isNull
		}
		elements, isNull := elementsAlone(got, i)
		require.Equal(t, wantNull, isNull, "row %d", i)
		if !isNull {
			require.Equal(t, want, elements, "row %d", i)
		}
	}
}

// longLists are as many lists of one bigint each.
func longLists(rows int) arrow.Array {
	offsets, values := make([]int32, rows+1), make([]int64, rows)
	for i := range values {
		offsets[i+1], values[i] = int32(i+1), int64(i)
	}
	return batch.FromLists(offsets, nil, batch.FromValues(arrow.PrimitiveTypes.Int64, values, nil))
}

// TestJoinedPartsOfLongColumns: of a few rows of a long column no more is copied than their elements.
func TestJoinedPartsOfLongColumns(t *testing.T) {
	const from, rows = 100, 8
	bigints := types.ArrayOf(types.BigIntType)
	a, b := array.NewSlice(longLists(1<<18), from, from+rows), array.NewSlice(longLists(1<<18), from, from+rows)
	env := (&Env{Memory: memory.NewPool(64 << 10).Account("test")}).Metered()
	v, err := kernelOf(t, "concat", bigints, bigints)(env, []batch.Vector{{Array: a}, {Array: b}}, nil, rows)
	require.NoError(t, err)
	_, elems := batch.Lists(v.Array)
	require.Equal(t, []int64{100, 100, 101, 101}, batch.Values[int64](elems)[:4])
}
