package exec

import (
	"context"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/spill"
)

// spilledJoin joins left rows with right ones that there is no memory for. Both are divided among runs by the hash of
// their keys, so that partners are in runs of the same number, a joinPart. Its rows have the order that they have
// when all is in memory: left rows are numbered, and what comes of them is given out by number, in joinRounds.
type spilledJoin struct {
	kind      joinKind
	pairs     *hashJoin // kind, if that gives pairs; nil: it marks left rows
	left      Operator  // somebody else closes it
	leftKeys  []int
	rightKeys []int
	keepsLeft bool // left rows that match nothing come out, too
	spilling  *keySpilling
	memory    *account // of the rows at hand
	condition joinCondition

	build      *dividedRows // until the left rows are divided
	buildBytes int64        // of all right rows
	buildRows  int64
	leftBytes  int64
	leftRows   int64
	parts      []*joinPart
	divided    bool

	next      int64       // the left row to go on with, by its number
	rows      rowStream   // of the round at hand; nil: none
	sorting   *sortedRuns // puts rows in their order; nil: none is at work
	buildMet  []uint64    // bits of right rows, by number, that matched; nil unless the others come out, too
	leftMet   []bool      // left rows of the round and part at hand that matched, if its right rows are not in memory all at once
	restGiven bool
	// sortMemory and sortSpiller are of all sortings; nil: there was none.
	sortMemory  *account
	sortSpiller *spill.Spiller
}

func newSpilledJoin(kind joinKind, build *buildRows) *spilledJoin {
	s := &spilledJoin{kind: kind, rightKeys: build.keys, spilling: build.spilling, memory: build.spilling.account(), build: build.divided,
		buildRows: build.divided.rows}
	switch k := kind.(type) {
	case *hashJoin:
		s.pairs, s.leftKeys, s.keepsLeft, s.condition = k, k.leftKeys, k.keepsLeft(), k.condition
	case *semiJoin:
		s.leftKeys, s.keepsLeft, s.condition = k.leftKeys, true, k.condition
		k.dropped = build.dropped
	}
	if build.unbounded {
		s.condition.bounds = nil
	}
	return s
}

func (s *spilledJoin) Next(ctx context.Context) (*batch.Batch, error) {
	if !s.divided {
		if err := s.divideLeft(ctx); err != nil {
			return nil, err
		}
		s.divided = true
	}
	for {
		if s.rows != nil {
			if b, err := s.rows.nextOrdered(ctx); b != nil || err != nil {
				return b, err
			}
			s.endRound()
		}
		switch {
		case s.next < s.leftRows:
			if err := s.beginRound(ctx); err != nil {
				return nil, err
			}
		case s.buildMet != nil && !s.restGiven:
			s.restGiven = true
			if err := s.giveRest(ctx); err != nil {
				return nil, err
			}
		default:
			return nil, nil
		}
	}
}

// Close does nothing: the join whose rows were spilled calls close.
func (s *spilledJoin) Close() {}

func (s *spilledJoin) close() { s.endRound() }

// endRound forgets the rows that were given out.
func (s *spilledJoin) endRound() {
	if few, ok := s.rows.(*fewLeftRows); ok {
		few.close()
	}
	if s.sorting != nil {
		s.sorting.close()
	}
	s.rows, s.sorting = nil, nil
}

// divideLeft reads the left rows.
func (s *spilledJoin) divideLeft(ctx context.Context) error {
	left := s.spilling.divideLike(s.build)
	if !s.keepsLeft {
		left.wanted = make([]bool, len(s.build.runs))
		for i, run := range s.build.runs {
			left.wanted[i] = run != nil
		}
	}
	for {
		b, err := s.left.Next(ctx)
		if err != nil {
			return err
		}
		if b == nil {
			break
		}
		b = compact(b)
		keys, rows := pickColumns(b, s.leftKeys), []int32(nil)
		if s.keepsLeft {
			rows = iota32(b.Len)
		} else {
			rows = matching(equalToSome).rowsOf(keys, b.Len)
		}
		if err := left.addRows(b, keys, rows); err != nil {
			return err
		}
	}
	s.leftRows = left.rows
	if err := left.finish(); err != nil {
		return err
	}
	for _, run := range s.build.runs {
		s.buildBytes += plainBytes(run)
	}
	for _, run := range left.runs {
		s.leftBytes += plainBytes(run)
	}
	if s.pairs != nil && s.pairs.keepsRight() {
		words := (s.buildRows + 63) / 64
		if err := s.memory.add(8 * words); err != nil {
			return err
		}
		s.buildMet = make([]uint64, words)
	}
	err := s.addParts(ctx, s.build, left)
	s.build = nil
	return err
}

// plainBytes is how long the rows of a run are, nil for none.
func plainBytes(run *spill.Run) int64 {
	if run == nil {
		return 0
	}
	return run.PlainBytes()
}
