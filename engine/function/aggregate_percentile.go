package function

import (
	"cmp"
	"math"
	"slices"

	"github.com/apache/arrow/go/v15/arrow"

	"github.com/auditlake/auditlake/engine/arrowtype"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/function/internal/sketch"
	"github.com/auditlake/auditlake/planner/types"
)

func percentileFunctions() []Function {
	var list []Function
	for _, t := range []string{"bigint", "double", "real"} {
		for _, f := range []struct {
			args, result string
			weighted     bool
		}{
			{"(" + t + ", double) -> ", t, false},
			{"(" + t + ", array(double)) -> ", "array(" + t + ")", false},
			{"(" + t + ", double, double) -> ", t, true},
			{"(" + t + ", double, array(double)) -> ", "array(" + t + ")", true},
			{"(" + t + ", double, double, double) -> ", t, true},
		} {
			list = append(list, aggregate("approx_percentile"+f.args+f.result,
				"Returns the value at a percentile between 0 and 1; it is one of the values.", percentile(f.weighted)))
		}
	}
	return list
}

// percentile collects all values, so that its answer is exact, but for weighted
// ones without an accuracy: those lie between values, as in Trino's digest.
func percentile(weighted bool) *AggregateImpl {
	return &AggregateImpl{New: func(fn *types.Resolved, env *Env, _ []Lambda) Accumulator {
		c := newCollector(env, fn.Args)
		fraction := 1
		if weighted {
			fraction = 2
		}
		if len(fn.Args) != 3 {
			c.ofFirsts = fraction
		}
		c.keep = validOf
		c.finish = func(offsets []int32, columns []arrow.Array) (arrow.Array, error) {
			if len(fn.Args) == 3 {
				return weightedPercentiles(fn.Return, offsets, columns)
			}
			p := &percentiles{values: columns[0], fractions: batch.Vector{Array: columns[fraction]}}
			if err := p.checkFinite(); err != nil && !weighted {
				return nil, err
			}
			if weighted {
				p.weights = batch.Values[float64](columns[1])
				if err := checkAccuracies(batch.Values[float64](columns[3])); err != nil {
					return nil, err
				}
			}
			const wordBytes, candidateBytes = 8, 4
			done, err := env.reserved(int64(columns[0].Len()) * (wordBytes + candidateBytes))
			if err != nil {
				return nil, err
			}
			defer done()
			p.words = numberWords(columns[0])
			return p.result(arrowtype.Of(fn.Return), offsets)
		}
		return c
	}}
}

func checkAccuracies(accuracies []float64) error {
	for _, accuracy := range accuracies {
		if !(accuracy > 0 && accuracy < 1) {
			return argumentError("Percentile accuracy must be strictly between 0 and 1")
		}
	}
	return nil
}

type percentiles struct {
	values    arrow.Array
	weights   []float64    // nil: all 1
	fractions batch.Vector // by group
	words     []uint64     // of values, in whose order they are
}

func numberReader(a arrow.Array) func(row int32) float64 {
	switch a.DataType().ID() {
	case arrow.INT64:
		values := batch.Values[int64](a)
		return func(row int32) float64 { return float64(values[row]) }
	case arrow.FLOAT32:
		values := batch.Values[float32](a)
		return func(row int32) float64 { return float64(values[row]) }
	}
	values := batch.Values[float64](a)
	return func(row int32) float64 { return values[row] }
}

// checkFinite refuses NaN and infinities, which Trino's digest does not take.
func (p *percentiles) checkFinite() error {
	number := numberReader(p.values)
	for row := range int32(p.values.Len()) {
		if v := number(row); !sketch.IsFinite(v) {
			return argumentError("value must be finite; was %v", v)
		}
	}
	return nil
}

func (p *percentiles) result(dt arrow.DataType, offsets []int32) (arrow.Array, error) {
	groups := len(offsets) - 1
	var picked []int32
	ends := make([]int32, groups+1)
	for g := range groups {
		rows, err := p.ofGroup(g, offsets[g], offsets[g+1])
		if err != nil {
			return nil, err
		}
		if picked, err = p.pick(picked, rows, dt.ID() == arrow.LIST); err != nil {
			return nil, err
		}
		ends[g+1] = int32(len(picked))
	}
	taken := batch.Take(p.values, picked)
	if dt.ID() == arrow.LIST {
		return batch.FromLists(ends, nonEmpty(offsets), taken), nil
	}
	return taken, nil
}

// groupRows are the rows of a group, from first up to, not including, end; byWeight has them by value where weights count.
type groupRows struct {
	group      int
	first, end int32
	byWeight   []int32
}

// pick appends the row for each fraction of a group; -1 for a group without rows.
func (p *percentiles) pick(picked []int32, rows groupRows, list bool) ([]int32, error) {
	if p.weights == nil && rows.first == rows.end || p.weights != nil && len(rows.byWeight) == 0 {
		if list {
			return picked, nil
		}
		return append(picked, -1), nil
	}
	if !list {
		row, err := p.at(rows, p.fractions, rows.group)
		return append(picked, row), err
	}
	fractions := listOf(p.fractions)
	lo, hi := fractions.at(rows.group)
	for i := lo; i < hi; i++ {
		row, err := p.at(rows, batch.Vector{Array: fractions.elems}, i)
		if err != nil {
			return nil, err
		}
		picked = append(picked, row)
	}
	return picked, nil
}

// ofGroup checks the weights of a group's rows, and lists those that have one by value.
func (p *percentiles) ofGroup(group int, first, end int32) (groupRows, error) {
	rows := groupRows{group: group, first: first, end: end}
	if p.weights == nil {
		return rows, nil
	}
	for row := first; row < end; row++ {
		if !(p.weights[row] >= 0) {
			return rows, argumentError("percentile weight must be >= 0")
		}
		if p.weights[row] > 0 {
			rows.byWeight = append(rows.byWeight, row)
		}
	}
	slices.SortStableFunc(rows.byWeight, func(a, b int32) int { return cmp.Compare(p.words[a], p.words[b]) })
	return rows, nil
}

// at is the row at a fraction of the weight of a group's rows.
func (p *percentiles) at(group groupRows, fractions batch.Vector, i int) (int32, error) {
	f := columnOf[float64](fractions).at(i)
	if isNull(fractions, i) || !(f >= 0 && f <= 1) {
		return 0, argumentError("Percentile must be between 0 and 1")
	}
	if p.weights == nil {
		words := p.words[group.first:group.end]
		place := min(len(words)-1, int(math.Floor(f*float64(len(words)))))
		return group.first + int32(nthOf(words, place)), nil
	}
	rows := group.byWeight
	all := 0.0
	for _, row := range rows {
		all += p.weights[row]
	}
	sum := 0.0
	for _, row := range rows {
		if sum += p.weights[row]; sum > f*all {
			return row, nil
		}
	}
	return rows[len(rows)-1], nil
}
