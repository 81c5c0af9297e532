package exec

import (
	"context"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/spill"
)

// spilledJoin joins left rows with right rows for which there is no memory. It divides both among runs by the hash
// of their keys, so that partners are in runs of the same index, a joinPart. Its rows have the same order as in
// memory: left rows are numbered, and joinRounds return their output by row number.
type spilledJoin struct {
	kind      joinKind
	pairs     *hashJoin // kind, if that returns pairs; nil: it marks left rows
	left      Operator  // the spilledJoin does not close it
	leftKeys  []int
	rightKeys []int
	keepsLeft bool // left rows that match nothing are returned too
	spilling  *keySpilling
	memory    *account // of the rows in memory
	condition joinCondition

	build      *dividedRows // until the left rows are divided
	buildBytes int64        // of all right rows
	buildRows  int64
	leftBytes  int64
	leftRows   int64
	parts      []*joinPart
	divided    bool

	next     int64       // the next left row, by row number
	rows     rowStream   // of the current round; nil: none
	sorting  *sortedRuns // sorts rows; nil: none is in use
	buildMet []uint64    // bits of right rows, by number, that matched; nil unless the others are returned too
	// leftMet are the left rows of the current round and part that matched, if its right rows take several blocks.
	leftMet   []bool
	restGiven bool
	// sortMemory and sortSpiller serve all sortings; nil before the first.
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

// endRound forgets the rows of the round.
func (s *spilledJoin) endRound() {
	if few, ok := s.rows.(*fewLeftRows); ok {
		few.close()
	}
	if s.sorting != nil {
		s.sorting.close()
	}
	s.rows, s.sorting = nil, nil
}

// divideLeft reads the left rows, and makes the parts.
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

// plainBytes is the size of the rows of a run; 0 if it is nil.
func plainBytes(run *spill.Run) int64 {
	if run == nil {
		return 0
	}
	return run.PlainBytes()
}
