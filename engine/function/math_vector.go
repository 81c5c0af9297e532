package function

import (
	"math"
	"slices"

	"github.com/apache/arrow/go/v15/arrow"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/planner/types"
)

func vectorFunctions() []Function {
	return []Function{
		scalar("dot_product(array(double), array(double)) -> double", "Returns the dot product of two vectors.", ofVectors(false, func(a, b []float64) (float64, error) { return dotProduct(a, b), nil })),
		scalar("cosine_similarity(array(double), array(double)) -> double", "Returns the cosine of the angle between two vectors.", ofVectors(true, cosine)),
		scalar("cosine_distance(array(double), array(double)) -> double", "Returns 1 less the cosine of the angle between two vectors.", ofVectors(true, func(a, b []float64) (float64, error) {
			similarity, err := cosine(a, b)
			return 1 - similarity, err
		})),
		scalar("euclidean_distance(array(double), array(double)) -> double", "Returns the length of the difference of two vectors.", ofVectors(false, func(a, b []float64) (float64, error) { return euclidean(a, b), nil })),
		scalar("cosine_similarity(map(varchar, double), map(varchar, double)) -> double", "Returns the cosine of the angle between two sparse vectors.", cosineOfMaps),
	}
}

// vectorValues returns the elements of arrays of doubles, 0 for NULL.
func vectorValues(l lists) []float64 {
	if l.elems.DataType().ID() == arrow.NULL {
		return make([]float64, l.elems.Len())
	}
	values := batch.Values[float64](l.elems)
	if l.elems.NullN() == 0 {
		return values
	}
	values = slices.Clone(values)
	for i := range values {
		if arrowdata.IsNull(l.elems, i) {
			values[i] = 0
		}
	}
	return values
}

// sentValues returns the only list of l as a Trino server reads it from a serialized plan. A NULL has the value
// before it. A NULL before all values has what the values, sent without NULLs, left in its place.
func sentValues(l lists) []float64 {
	lo, hi := l.at(0)
	values := make([]float64, hi-lo)
	sent := 0
	for i, v := range vectorValues(l)[lo:hi] {
		if !arrowdata.IsNull(l.elems, lo+i) {
			values[sent] = v
			sent++
		}
	}
	for i := len(values) - 1; i >= 0 && sent > 0; i-- {
		values[i] = values[sent-1]
		if !arrowdata.IsNull(l.elems, lo+i) {
			sent--
		}
	}
	return values
}

// ofVectors adapts a function of two vectors of equal length. If strict is set, a NULL in either gives NULL, else
// it counts as 0.
func ofVectors(strict bool, f func(a, b []float64) (float64, error)) Bind {
	return rowBind(func(env *Env, args []batch.Vector) func(int) (float64, error) {
		a, b := listOf(args[0]), listOf(args[1])
		x, y := vectorValues(a), vectorValues(b)
		return func(i int) (float64, error) {
			lo, hi := a.at(i)
			from, to := b.at(i)
			if hi-lo != to-from {
				return 0, argumentError("The arguments must have the same length")
			}
			if strict && (anyNull(a.elems, lo, hi) || anyNull(b.elems, from, to)) {
				return 0, errNull
			}
			return f(x[lo:hi], y[from:to])
		}
	})
}

func anyNull(a arrow.Array, lo, hi int) bool {
	for p := lo; p < hi; p++ {
		if arrowdata.IsNull(a, p) {
			return true
		}
	}
	return false
}

func dotProduct(a, b []float64) float64 {
	sum := 0.0
	for i := range a {
		sum += a[i] * b[i]
	}
	return sum
}

func cosine(a, b []float64) (float64, error) {
	x, y := dotProduct(a, a), dotProduct(b, b)
	if x == 0 || y == 0 {
		return 0, argumentError("Vector magnitude cannot be zero")
	}
	return dotProduct(a, b) / math.Sqrt(x*y), nil
}

func euclidean(a, b []float64) float64 {
	sum := 0.0
	for i := range a {
		sum += (a[i] - b[i]) * (a[i] - b[i])
	}
	return math.Sqrt(sum)
}

func cosineOfMaps(fn *types.Resolved) Kernel {
	return rowBind(func(env *Env, args []batch.Vector) func(int) (float64, error) {
		a, b := mapOf(args[0]), mapOf(args[1])
		x, y := vectorValues(a), vectorValues(b)
		aKeys, bKeys := batch.Strings(a.keys), batch.Strings(b.keys)
		return func(i int) (float64, error) {
			lo, hi := a.at(i)
			from, to := b.at(i)
			if anyNull(a.elems, lo, hi) || anyNull(b.elems, from, to) {
				return 0, errNull
			}
			left := make(map[string]float64, hi-lo)
			for p := lo; p < hi; p++ {
				left[aKeys[p]] = x[p]
			}
			dot := 0.0
			for p := from; p < to; p++ {
				dot += left[bKeys[p]] * y[p]
			}
			norms := math.Sqrt(dotProduct(x[lo:hi], x[lo:hi])) * math.Sqrt(dotProduct(y[from:to], y[from:to]))
			return dot / norms, nil
		}
	})(fn)
}
