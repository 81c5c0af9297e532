package function

import (
	"slices"

	"github.com/apache/arrow/go/v15/arrow"

	"github.com/auditlake/auditlake/engine/arrowtype"
	"github.com/auditlake/auditlake/engine/batch"
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

// percentile collects all values, so its result is exact. Weighted percentiles without an accuracy are the
// exception: they lie between values, as in Trino's digest.
func percentile(weighted bool) *AggregateImpl {
	return &AggregateImpl{New: func(fn *types.Resolved, env *Env, _ []Lambda) Accumulator {
		if len(fn.Args) == 3 {
			c := newCollector(env, fn.Args)
			c.keep = validOf
			c.finish = func(offsets []int32, columns []arrow.Array) (arrow.Array, error) {
				return weightedPercentiles(fn.Return, offsets, columns)
			}
			return c
		}
		return newPercentileState(fn, env, weighted)
	}}
}

// percentileState holds the values of all rows, and the fractions of the first row of each group.
type percentileState struct {
	*collector // of all arguments except the fractions
	fractions  anyValue
	argument   int // the position of the fractions
}

func newPercentileState(fn *types.Resolved, env *Env, weighted bool) *percentileState {
	s := &percentileState{argument: 1}
	if weighted {
		s.argument = 2
	}
	s.collector = newCollector(env, without(fn.Args, s.argument))
	s.fractions.valueType = arrowtype.Of(fn.Args[s.argument])
	s.finish = s.percentiles
	return s
}

// without returns a list without one of its elements.
func without[T any](list []T, i int) []T { return slices.Delete(slices.Clone(list), i, i+1) }

// Resize implements Accumulator.
func (s *percentileState) Resize(groups int) {
	s.collector.Resize(groups)
	s.fractions.Resize(groups)
}

// Add implements Accumulator. It ignores rows with a NULL argument.
func (s *percentileState) Add(groups []int32, args []batch.Vector, rows int) error {
	groups, args = groups[:rows], args[:len(s.argTypes)+1]
	if valid := validOf(args, rows); valid != nil {
		groups, args = validRows(groups, args, valid)
	}
	if err := s.fractions.Add(groups, args[s.argument:s.argument+1], len(groups)); err != nil {
		return err
	}
	return s.collector.Add(groups, without(args, s.argument), len(groups))
}

// Merge implements Accumulator.
func (s *percentileState) Merge(other Accumulator, mapping []int32) error {
	from := other.(*percentileState)
	if err := s.fractions.Merge(&from.fractions, mapping); err != nil {
		return err
	}
	return s.collector.Merge(from.collector, mapping)
}

// SizeBytes implements Accumulator.
func (s *percentileState) SizeBytes() int64 { return s.collector.SizeBytes() + s.fractions.SizeBytes() }

// percentiles is the finish of the collector.
func (s *percentileState) percentiles(offsets []int32, columns []arrow.Array) (arrow.Array, error) {
	p := newPercentiles(columns[0], s.fractions.values())
	if len(columns) == 1 {
		if err := p.checkFinite(); err != nil {
			return nil, err
		}
	} else {
		p.weights = batch.Values[float64](columns[1])
		if err := checkAccuracies(batch.Values[float64](columns[2])); err != nil {
			return nil, err
		}
	}
	const wordBytes, candidateBytes = 8, 4
	done, err := s.env.reserved(int64(columns[0].Len()) * (wordBytes + candidateBytes))
	if err != nil {
		return nil, err
	}
	defer done()
	p.words = numberWords(columns[0], s.divide)
	return p.result(offsets, s.divide)
}

func checkAccuracies(accuracies []float64) error {
	for _, accuracy := range accuracies {
		if !(accuracy > 0 && accuracy < 1) {
			return argumentError("Percentile accuracy must be strictly between 0 and 1")
		}
	}
	return nil
}
