package function

import (
	"cmp"
	"slices"

	"github.com/apache/arrow/go/v15/arrow"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/arrowtype"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/planner/types"
)

func numericHistogramFunctions() []Function {
	const doc = "Returns a histogram of at most n buckets: a map from each bucket's centre to its weight."
	return []Function{
		aggregate("numeric_histogram(bigint, double) -> map(double, double)", doc, &AggregateImpl{New: newNumericHistogram[float64]}),
		aggregate("numeric_histogram(bigint, double, double) -> map(double, double)", doc, &AggregateImpl{New: newNumericHistogram[float64]}),
		aggregate("numeric_histogram(bigint, real) -> map(real, real)", doc, &AggregateImpl{New: newNumericHistogram[float32]}),
		aggregate("numeric_histogram(bigint, real, double) -> map(real, real)", doc, &AggregateImpl{New: newNumericHistogram[float32]}),
	}
}

// spareBuckets is how many buckets beyond the wanted number collect before the nearest are merged.
const spareBuckets = 100

// numericHistogram holds the buckets of each group, as in Ben-Haim and Tom-Tov's algorithm.
type numericHistogram[T float32 | float64] struct {
	result *types.Type
	states []bucketList
	bytes  int64
}

type bucketList struct {
	wanted  int // 0 before the first row
	buckets []bucket
}

type bucket struct{ value, weight float64 }

func newNumericHistogram[T float32 | float64](fn *types.Resolved, _ *Env, _ []Lambda) Accumulator {
	return &numericHistogram[T]{result: fn.Return}
}

// Resize implements Accumulator.
func (h *numericHistogram[T]) Resize(groups int) { h.states = grown(h.states, groups) }

// Add implements Accumulator.
func (h *numericHistogram[T]) Add(groups []int32, args []batch.Vector, rows int) error {
	wanted, values := columnOf[int64](args[0]), columnOf[T](args[1])
	weight := func(int) float64 { return 1 }
	if len(args) > 2 {
		weight = columnOf[float64](args[2]).at
	}
	valid := validOf(args, rows)
	for row, group := range groups[:rows] {
		if !arrowdata.IsValid(valid, row) {
			continue
		}
		s := &h.states[group]
		if s.wanted == 0 {
			n := wanted.at(row)
			if n < 2 || n > maxExtremes {
				return argumentError("numeric_histogram bucket count must be between 2 and %d", maxExtremes)
			}
			s.wanted = int(n)
		}
		h.bytes += s.add(bucket{float64(values.at(row)), weight(row)})
	}
	return nil
}

// add adds a bucket, and returns by how many bytes the list grew.
func (s *bucketList) add(b bucket) int64 {
	before := cap(s.buckets)
	s.buckets = append(s.buckets, b)
	if len(s.buckets) >= s.wanted+spareBuckets {
		s.reduce()
	}
	return int64(cap(s.buckets)-before) * 16
}

// reduce sorts the buckets, merges equal ones, and then the nearest two until at most wanted are left.
func (s *bucketList) reduce() {
	slices.SortStableFunc(s.buckets, func(a, b bucket) int { return cmp.Compare(a.value, b.value) })
	joined := s.buckets[:0]
	for _, b := range s.buckets {
		if last := len(joined) - 1; last >= 0 && joined[last].value == b.value {
			joined[last].weight += b.weight
			continue
		}
		joined = append(joined, b)
	}
	for len(joined) > s.wanted {
		nearest := 0
		for i := 1; i+1 < len(joined); i++ {
			if joined[i+1].value-joined[i].value < joined[nearest+1].value-joined[nearest].value {
				nearest = i
			}
		}
		a, b := joined[nearest], joined[nearest+1]
		weight := a.weight + b.weight
		joined[nearest] = bucket{(a.value*a.weight + b.value*b.weight) / weight, weight}
		joined = slices.Delete(joined, nearest+1, nearest+2)
	}
	s.buckets = joined
}

// Merge implements Accumulator.
func (h *numericHistogram[T]) Merge(other Accumulator, mapping []int32) error {
	for i, from := range other.(*numericHistogram[T]).states {
		to := &h.states[mapping[i]]
		to.wanted = max(to.wanted, from.wanted)
		for _, b := range from.buckets {
			h.bytes += to.add(b)
		}
	}
	return nil
}

// Result implements Accumulator.
func (h *numericHistogram[T]) Result() (arrow.Array, error) {
	ends := make([]int32, len(h.states)+1)
	valid := arrowdata.FullValidity(len(h.states))
	var keys, weights []T
	for i := range h.states {
		s := &h.states[i]
		if len(s.buckets) == 0 {
			arrowdata.ClearBit(valid, i)
		}
		s.reduce()
		for _, b := range s.buckets {
			keys, weights = append(keys, T(b.value)), append(weights, T(b.weight))
		}
		ends[i+1] = int32(len(keys))
	}
	dt := arrowtype.Of(h.result.Key)
	return batch.FromMaps(ends, valid, batch.FromValues(dt, keys, nil), batch.FromValues(dt, weights, nil)), nil
}

// SizeBytes implements Accumulator.
func (h *numericHistogram[T]) SizeBytes() int64 { return h.bytes + statesBytes(h.states) }
