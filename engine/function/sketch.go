package function

import (
	"github.com/apache/arrow/go/v15/arrow"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/arrowtype"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/planner/types"
)

// summary is the state of an aggregate function of many values. Its binary form is our own, except that of
// hyperLogLog: only the functions here read it.
type summary interface {
	// Encode returns the form that the summary's decode function reads.
	Encode() []byte
	SizeBytes() int64
}

// summarizer holds one summary S per group. It ignores rows with a NULL argument.
type summarizer[S summary] struct {
	// open returns a function that adds a row to a group's summary, initially the zero S, and returns the new
	// summary.
	open   func(args []batch.Vector) (func(s S, row int) (S, error), error)
	join   func(into, from S) (S, error)
	result arrow.DataType
	// repeats is what repeatArguments returns.
	repeats int

	states []S
	isSet  []bool
	bytes  int64
}

func summarizing[S summary](open func([]batch.Vector) (func(S, int) (S, error), error), join func(S, S) (S, error)) *AggregateImpl {
	return &AggregateImpl{New: func(fn *types.Resolved, _ *Env, _ []Lambda) Accumulator {
		return &summarizer[S]{open: open, join: join, result: arrowtype.Of(fn.Return)}
	}}
}

// merging returns the aggregate that joins encoded summaries.
func merging[S summary](decode func([]byte) (S, error), join func(S, S) (S, error)) *AggregateImpl {
	return summarizing(func(args []batch.Vector) (func(S, int) (S, error), error) {
		column := columnOf[[]byte](args[0])
		return func(s S, row int) (S, error) {
			other, err := decode(column.at(row))
			if err != nil {
				return s, err
			}
			return join(s, other)
		}, nil
	}, join)
}

// repeatArguments implements RepeatArguments.
func (s *summarizer[S]) repeatArguments() int { return s.repeats }

// Resize implements Accumulator.
func (s *summarizer[S]) Resize(groups int) {
	s.states, s.isSet = grown(s.states, groups), grown(s.isSet, groups)
}

// Add implements Accumulator.
func (s *summarizer[S]) Add(groups []int32, args []batch.Vector, rows int) error {
	for _, arg := range args {
		if arg.Array.DataType().ID() == arrow.NULL {
			return nil
		}
	}
	add, err := s.open(args)
	if err != nil {
		return err
	}
	valid := validOf(args, rows)
	for row, group := range groups[:rows] {
		if !arrowdata.IsValid(valid, row) {
			continue
		}
		before := s.size(group)
		if s.states[group], err = add(s.states[group], row); err != nil {
			return err
		}
		s.isSet[group] = true
		s.bytes += s.size(group) - before
	}
	return nil
}

func (s *summarizer[S]) size(group int32) int64 {
	if !s.isSet[group] {
		return 0
	}
	return s.states[group].SizeBytes()
}

// Merge implements Accumulator.
func (s *summarizer[S]) Merge(other Accumulator, mapping []int32) error {
	from := other.(*summarizer[S])
	for i, group := range mapping[:len(from.states)] {
		if !from.isSet[i] {
			continue
		}
		before := s.size(group)
		var err error
		if s.states[group], err = s.join(s.states[group], from.states[i]); err != nil {
			return err
		}
		s.isSet[group] = true
		s.bytes += s.size(group) - before
	}
	return nil
}

// Result implements Accumulator.
func (s *summarizer[S]) Result() (arrow.Array, error) {
	out := make([][]byte, len(s.states))
	valid := arrowdata.FullValidity(len(s.states))
	for i, state := range s.states {
		if !s.isSet[i] {
			arrowdata.ClearBit(valid, i)
			continue
		}
		out[i] = state.Encode()
	}
	return arrayOf(s.result, out, valid, batch.InTurn)
}

// SizeBytes implements Accumulator.
func (s *summarizer[S]) SizeBytes() int64 { return s.bytes + statesBytes(s.states) }
