package expr

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/function"
)

// TestInterleavedTexts: texts of dictionaries, of columns without one and of constants, NULLs among them, stand one beside the other, as a
// dictionary where they are few beside the rows.
func TestInterleavedTexts(t *testing.T) {
	random := rand.New(rand.NewPCG(4, 2))
	column := func(rows, distinct, nullShare int) *array.String {
		list, valid := make([]string, rows), arrowdata.FullValidity(rows)
		for i := range list {
			list[i] = fmt.Sprint("text ", random.IntN(distinct))
			if nullShare > 0 && random.IntN(nullShare) == 0 {
				arrowdata.ClearBit(valid, i)
			}
		}
		a, err := batch.FromStrings(arrow.BinaryTypes.String, list, valid)
		require.NoError(t, err)
		return a.(*array.String)
	}
	const rows = 300
	coded := func(texts, nullShare int) arrow.Array {
		codes, valid := make([]int32, rows+7), arrowdata.FullValidity(rows+7)
		for i := range codes {
			codes[i] = int32(random.IntN(texts))
			if nullShare > 0 && random.IntN(nullShare) == 0 {
				arrowdata.ClearBit(valid, i)
			}
		}
		return array.NewSlice(batch.FromCodes(codes, valid, column(texts, texts, 0)), 7, rows+7)
	}
	vector := func(a arrow.Array) batch.Vector { return batch.Vector{Array: a} }
	constant := func(nullShare int) batch.Vector {
		return batch.Vector{Array: column(1, 5, nullShare), Const: true}
	}
	plain := array.NewSlice(column(rows+3, 100, 4), 3, rows+3)
	for name, c := range map[string]struct {
		values  []batch.Vector
		isCoded bool
	}{
		"few texts":               {[]batch.Vector{vector(coded(5, 0)), vector(coded(9, 3)), constant(0)}, true},
		"one without dictionary":  {[]batch.Vector{vector(plain), vector(coded(5, 3)), constant(0), constant(1)}, true},
		"no NULL":                 {[]batch.Vector{vector(coded(5, 0)), vector(column(rows, 7, 0)), constant(0)}, true},
		"many without dictionary": {[]batch.Vector{vector(plain), vector(column(rows, 7, 5)), constant(0)}, false},
		"dictionary of which few texts are in use": {[]batch.Vector{vector(coded(1000, 0)), vector(coded(5, 0))}, true},
	} {
		t.Run(name, func(t *testing.T) {
			offsets, elements := batch.Lists(interleave(&function.Env{}, c.values, rows))
			_, isCoded := elements.(*array.Dictionary)
			require.Equal(t, c.isCoded, isCoded)
			given := batch.Decode(elements).(*array.String)
			require.Equal(t, rows*len(c.values), given.Len())
			for row := range rows {
				require.EqualValues(t, row*len(c.values), offsets[row])
				for i, v := range c.values {
					at := row*len(c.values) + i
					wanted := batch.Decode(v.Array).(*array.String)
					require.Equal(t, wanted.IsNull(v.At(row)), given.IsNull(at))
					if !given.IsNull(at) {
						require.Equal(t, wanted.Value(v.At(row)), given.Value(at))
					}
				}
			}
		})
	}
}
