package batch_test

import (
	"math"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/batch"
)

const second = 1_000_000 // microseconds

func TestSpan(t *testing.T) {
	for name, c := range map[string]struct {
		values  []int64
		null    int // row that is NULL, -1: none
		maxCode int32
		codes   map[int64]int32
	}{
		"one value":     {values: []int64{7, 7}, null: -1, maxCode: 1, codes: map[int64]int32{7: 1, 6: batch.Absent, 8: batch.Absent}},
		"few apart":     {values: []int64{5, -3, 0}, null: -1, maxCode: 9, codes: map[int64]int32{-3: 1, 5: 9, 1: 5, -4: batch.Absent, 6: batch.Absent}},
		"whole seconds": {values: []int64{30 * 86400 * second, 0, 86400 * second, 61 * second}, null: -1, maxCode: 30*86400 + 1, codes: map[int64]int32{second: 2, second + 1: batch.Absent, -second: batch.Absent, 30 * 86400 * second: 30*86400 + 1, (30*86400 + 1) * second: batch.Absent}},
		"odd steps": {values: []int64{1 << 40, 1<<40 + 3*105*second, 1<<40 + 9000*105*second}, null: -1, maxCode: 3001,
			codes: map[int64]int32{1<<40 + 3*105*second: 2, 1<<40 + 105*second: batch.Absent, 1<<40 + 6*105*second: 3}},
		"least of all":   {values: []int64{math.MinInt64, math.MinInt64 + 10}, null: -1, maxCode: 11, codes: map[int64]int32{math.MinInt64 + 3: 4, math.MaxInt64: batch.Absent, 0: batch.Absent}},
		"farthest apart": {values: []int64{math.MinInt64, math.MaxInt64}, null: -1, maxCode: 2, codes: map[int64]int32{math.MinInt64: 1, math.MaxInt64: 2, 0: batch.Absent, -1: batch.Absent}},
		"NULL counts not": {values: []int64{1, math.MaxInt64, 3}, null: 1, maxCode: 3, codes: map[int64]int32{2: 2,
			math.MaxInt64: batch.Absent, math.MinInt64: batch.Absent}},
	} {
		t.Run(name, func(t *testing.T) {
			var valid []byte
			if c.null >= 0 {
				valid = arrowdata.FullValidity(len(c.values))
				arrowdata.ClearBit(valid, c.null)
			}
			column := batch.FromValues(arrow.PrimitiveTypes.Int64, c.values, valid)
			span := batch.SpanOf(column)
			require.NotNil(t, span)
			require.Equal(t, c.maxCode, span.MaxCode())
			own := make([]int32, len(c.values))
			span.Codes(batch.Vector{Array: column}, own)
			for row, code := range own {
				if row == c.null {
					require.Zero(t, code)
				} else {
					require.Positive(t, code, "of %d", c.values[row])
				}
			}
			for value, code := range c.codes {
				one, always := make([]int32, 1), make([]int32, 3)
				asked := batch.FromValues(arrow.PrimitiveTypes.Int64, []int64{value}, nil)
				span.Codes(batch.Vector{Array: asked}, one)
				require.Equal(t, code, one[0], "of %d", value)
				span.Codes(batch.Vector{Array: asked, Const: true}, always)
				require.Equal(t, []int32{code, code, code}, always)
			}
			ends := batch.Values[int64](span.Ends(arrow.PrimitiveTypes.Int64, batch.InTurn))
			require.LessOrEqual(t, ends[0], ends[1])
		})
	}
	nulls := make([]int32, 2)
	batch.SpanOf(batch.FromValues(arrow.PrimitiveTypes.Int64, []int64{1}, nil)).Codes(batch.Vector{Array: batch.Nulls(arrow.Null, 2)}, nulls)
	require.Equal(t, []int32{0, 0}, nulls)
}

func TestNoSpan(t *testing.T) {
	require.Nil(t, batch.SpanOf(batch.FromValues(arrow.PrimitiveTypes.Int64, []int64{0, math.MaxInt64, math.MaxInt64 - 1}, nil)), "too many places")
	require.Nil(t, batch.SpanOf(batch.Nulls(arrow.PrimitiveTypes.Int64, 3)), "no value")
	require.Nil(t, batch.SpanOf(batch.FromValues(arrow.PrimitiveTypes.Float64, []float64{1}, nil)), "no integers")
	require.Nil(t, batch.SpanOf(batch.FromValues(arrow.PrimitiveTypes.Int64, []int64{}, nil)), "no rows")
}
