package exec

import (
	"context"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/spill"
)

// joinPart holds the right rows of some keys, and the left rows that may match them.
type joinPart struct {
	build *spill.Run // nil: there are none
	left  *spill.Run // nil: there are none
	// isOrdered: build is ordered by the value that joinWindows use.
	isOrdered bool
}

// addParts makes parts of divided rows. It divides a part that does not fit in memory again, unless the part seems
// to have few keys.
func (s *spilledJoin) addParts(ctx context.Context, build, left *dividedRows) error {
	buildRows := int64(0)
	for _, run := range build.runs {
		if run != nil {
			buildRows += run.Rows()
		}
	}
	for i := range build.runs {
		part := &joinPart{build: build.runs[i], left: left.runs[i]}
		switch {
		case part.build == nil && part.left == nil:
			continue
		case part.left == nil && s.buildMet == nil:
			s.spilling.drop(part.build)
			continue
		case part.build == nil || part.left == nil || s.fits(part.build) || len(s.rightKeys) == 0 || part.build.Rows() > buildRows/8*7:
			s.parts = append(s.parts, part)
			continue
		}
		if err := s.dividePart(ctx, part, build.level+1); err != nil {
			return err
		}
	}
	return nil
}

// dividePart divides the rows of a part again, by another hash.
func (s *spilledJoin) dividePart(ctx context.Context, part *joinPart, level int) error {
	build := s.spilling.divide(level)
	if build == nil {
		s.parts = append(s.parts, part)
		return nil
	}
	if err := s.divideRun(ctx, part.build, build, s.rightKeys); err != nil {
		return err
	}
	left := s.spilling.divideLike(build)
	if err := s.divideRun(ctx, part.left, left, s.leftKeys); err != nil {
		return err
	}
	return s.addParts(ctx, build, left)
}

func (s *spilledJoin) divideRun(ctx context.Context, run *spill.Run, into *dividedRows, keys []int) error {
	err := readRun(ctx, run, func(_ context.Context, b *batch.Batch) error {
		return into.addRows(b, pickColumns(b, keys), iota32(b.Len))
	})
	if err != nil {
		return err
	}
	s.spilling.drop(run)
	return into.finish()
}

// The right rows in memory at once, with what finding them takes, use at most one byte in blockShare of it.
const blockShare = 4

// fits reports whether the rows of a run fit in memory at once.
func (s *spilledJoin) fits(build *spill.Run) bool {
	return build.Rows() == 1 || blockBytes(build.PlainBytes(), build.Rows()) <= s.memory.LimitBytes()/blockShare
}

// blockBytes is the memory that right rows take until they can be found by their keys.
func blockBytes(bytes, rows int64) int64 { return 2*bytes + buildRowBytes*rows }

// orderPart sorts the right rows of a part by the value that joinWindows use. If all rows fit in memory at once,
// the joinWindow sorts them instead.
func (s *spilledJoin) orderPart(ctx context.Context, p *joinPart) error {
	if len(s.condition.bounds) == 0 || p.isOrdered || p.build == nil || s.fits(p.build) {
		return nil
	}
	return s.sortPart(ctx, p)
}

func (s *spilledJoin) sortPart(ctx context.Context, p *joinPart) error {
	bound := s.condition.bounds[0]
	columns := len(s.kind.spilledColumns())
	sorting := s.spilling.sortedBy(sortKey{position: columns, valueType: bound.Right.Type()})
	defer sorting.close()
	err := readRun(ctx, p.build, func(ctx context.Context, b *batch.Batch) error {
		value, err := bound.right.Eval(b)
		if err != nil {
			return err
		}
		return sorting.addBatch(ctx, &batch.Batch{Columns: append(b.Columns[:columns:columns], value), Len: b.Len})
	})
	if err != nil {
		return err
	}
	rows, err := sorting.finish(ctx)
	if err != nil {
		return err
	}
	run, err := s.spilling.newRun()
	if err != nil {
		return err
	}
	for {
		b, err := unnumbered{rows}.nextOrdered(ctx)
		if err != nil {
			return err
		}
		if b == nil {
			break
		}
		if err := run.Write(b); err != nil {
			return err
		}
	}
	if err := run.Finish(); err != nil {
		return err
	}
	s.spilling.memory.release(openRunRecords * s.spilling.spiller.RecordBytes())
	s.spilling.drop(p.build)
	p.build, p.isOrdered = run, true
	return nil
}
