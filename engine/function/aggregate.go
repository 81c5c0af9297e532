package function

import (
	"github.com/apache/arrow/go/v15/arrow"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/arrowtype"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/planner/types"
)

// fold is an accumulator of one argument with a state of type S for each group. It ignores NULL.
type fold[A, S, R any] struct {
	// step adds a value; join adds another group's state; value returns the result, false for NULL.
	step  func(state *S, value A) error
	join  func(state, other *S) error
	value func(state *S) (R, bool, error)
	// run adds values in order, as step would; nil if it would not be faster.
	run func(state *S, values []A) error

	result arrow.DataType
	states []S
}

// folding returns the aggregate of a fold.
func folding[A, S, R any](
	step func(*S, A) error, join func(*S, *S) error, value func(*S) (R, bool, error),
) *AggregateImpl {
	return foldingRuns(nil, step, join, value)
}

// foldingRuns is folding with the run of a fold.
func foldingRuns[A, S, R any](
	run func(*S, []A) error, step func(*S, A) error, join func(*S, *S) error, value func(*S) (R, bool, error),
) *AggregateImpl {
	return &AggregateImpl{New: func(fn *types.Resolved, _ *Env, _ []Lambda) Accumulator {
		return &fold[A, S, R]{step: step, join: join, value: value, run: run, result: arrowtype.Of(fn.Return)}
	}}
}

// Resize implements Accumulator.
func (f *fold[A, S, R]) Resize(groups int) { f.states = grown(f.states, groups) }

// Add implements Accumulator.
func (f *fold[A, S, R]) Add(groups []int32, args []batch.Vector, rows int) error {
	if args[0].Array.DataType().ID() == arrow.NULL {
		return nil
	}
	values := columnOf[A](args[0])
	valid := validOf(args[:1], rows)
	if f.run != nil && len(f.states) == 1 && valid == nil && !args[0].Const {
		return f.run(&f.states[0], values.vals[:rows])
	}
	for row, group := range groups[:rows] {
		if !arrowdata.IsValid(valid, row) {
			continue
		}
		if err := f.step(&f.states[group], values.at(row)); err != nil {
			return err
		}
	}
	return nil
}

// Merge implements Accumulator.
func (f *fold[A, S, R]) Merge(other Accumulator, mapping []int32) error {
	from := other.(*fold[A, S, R]).states
	for i := range from {
		if err := f.join(&f.states[mapping[i]], &from[i]); err != nil {
			return err
		}
	}
	return nil
}

// Result implements Accumulator.
func (f *fold[A, S, R]) Result() (arrow.Array, error) {
	return resultOf(f.result, f.states, f.value)
}

// SizeBytes implements Accumulator.
func (f *fold[A, S, R]) SizeBytes() int64 { return statesBytes(f.states) }

// resultOf returns the array of the groups' results.
func resultOf[S, R any](dt arrow.DataType, states []S, value func(*S) (R, bool, error)) (arrow.Array, error) {
	out := make([]R, len(states))
	valid := arrowdata.FullValidity(len(states))
	for i := range states {
		v, ok, err := value(&states[i])
		if err != nil {
			return nil, err
		}
		if !ok {
			arrowdata.ClearBit(valid, i)
			continue
		}
		out[i] = v
	}
	return arrayOf(dt, out, valid, batch.InTurn)
}

// grown returns states with at least n entries, new ones zero.
func grown[S any](states []S, n int) []S {
	if n <= len(states) {
		return states
	}
	if n <= cap(states) {
		return states[:n]
	}
	bigger := make([]S, n, max(n, 2*cap(states)))
	copy(bigger, states)
	return bigger
}

// statesBytes returns the memory of the states themselves.
func statesBytes[S any](states []S) int64 {
	return int64(cap(states)) * sizeOf[S]()
}
