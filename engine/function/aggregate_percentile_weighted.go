package function

import (
	"math"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/function/internal/sketch"
	"github.com/auditlake/auditlake/planner/types"
)

// weightedPercentiles estimates percentiles from a digest of each group's values (columns[0]) and weights.
func weightedPercentiles(result *types.Type, offsets []int32, columns []arrow.Array) (arrow.Array, error) {
	if integers, ok := columns[0].(*array.Int64); ok {
		if err := checkDoubles(integers.Int64Values()); err != nil {
			return nil, err
		}
	}
	number, weights := numberReader(columns[0]), batch.Values[float64](columns[1])
	fractions := batch.Vector{Array: columns[2]}
	var found []float64
	ends := make([]int32, len(offsets))
	for g := range len(offsets) - 1 {
		d := sketch.NewTDigest()
		for row := offsets[g]; row < offsets[g+1]; row++ {
			if err := d.Add(number(row), weights[row]); err != nil {
				return nil, err
			}
		}
		d.Compress(sketch.Compression)
		shares, err := sharesOf(fractions, int(offsets[g]), offsets[g] < offsets[g+1])
		if err != nil {
			return nil, err
		}
		for _, share := range shares {
			value, err := d.At(share)
			if err != nil {
				return nil, err
			}
			found = append(found, value)
		}
		if len(shares) == 0 && result.Kind != types.Array {
			found = append(found, math.NaN())
		}
		ends[g+1] = int32(len(found))
	}
	valid := nonEmpty(offsets)
	if result.Kind == types.Array {
		return batch.FromLists(ends, valid, numbersOf(result.Elem, found, nil)), nil
	}
	return numbersOf(result, found, valid), nil
}

// checkDoubles fails for an integer that is not exactly a double, as Trino does. The greatest integer passes, as in
// Trino, because 2^63 converts back to it.
func checkDoubles(integers []int64) error {
	for _, v := range integers {
		if roundToInteger(float64(v)) != v {
			return argumentError("no exact double representation for long: %d", v)
		}
	}
	return nil
}

// sharesOf returns the percentiles that a group's first row requests.
func sharesOf(fractions batch.Vector, row int, any bool) ([]float64, error) {
	if !any {
		return nil, nil
	}
	var shares []float64
	if fractions.Array.DataType().ID() != arrow.LIST {
		shares = []float64{columnOf[float64](fractions).at(row)}
	} else {
		list := listOf(fractions)
		elems := batch.Vector{Array: list.elems}
		lo, hi := list.at(row)
		for i := lo; i < hi; i++ {
			if isNull(elems, i) {
				return nil, argumentError("Percentile must be between 0 and 1")
			}
			shares = append(shares, columnOf[float64](elems).at(i))
		}
	}
	for _, share := range shares {
		if !(share >= 0 && share <= 1) {
			return nil, argumentError("Percentile must be between 0 and 1")
		}
	}
	return shares, nil
}

// numbersOf returns an array of values of a numeric type; integers are rounded.
func numbersOf(t *types.Type, values []float64, valid []byte) arrow.Array {
	switch t.Kind {
	case types.BigInt:
		return batch.FromValues(arrow.PrimitiveTypes.Int64, converted(values, roundToInteger), valid)
	case types.Real:
		return batch.FromValues(arrow.PrimitiveTypes.Float32, converted(values, func(v float64) float32 { return float32(v) }), valid)
	}
	return batch.FromValues(arrow.PrimitiveTypes.Float64, values, valid)
}

// roundToInteger returns the integer nearest to v. Values above all integers give the greatest one (2^63 is its
// nearest double), values below give the least.
func roundToInteger(v float64) int64 {
	const limit = 1 << 63
	switch whole := roundHalfUp(v); {
	case whole >= limit:
		return math.MaxInt64
	case whole < -limit:
		return math.MinInt64
	default:
		return int64(whole)
	}
}

func converted[T any](values []float64, convert func(float64) T) []T {
	out := make([]T, len(values))
	for i, v := range values {
		out[i] = convert(v)
	}
	return out
}
