package storage

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/auditlake/auditlake/storage/catalog"
)

// Sealed are rows being written into segments, to be committed together. A goroutine other than the writer's may
// use it.
type Sealed struct {
	lake     *Lake
	runs     []*dayRun
	segments []*catalog.Segment // written already, under temporary names
}

// Commit waits until the rows are written and makes them durable and visible together with change, as Writer.Commit
// does.
func (s *Sealed) Commit(ctx context.Context, change catalog.ImportChange) error {
	segments, err := finished(ctx, s.runs)
	s.segments, s.runs = append(s.segments, segments...), nil
	if err != nil {
		s.Abort()
		return fmt.Errorf("write segments: %w", err)
	}
	if err := s.lake.commit(ctx, s.segments, change); err != nil {
		s.Abort()
		return fmt.Errorf("commit: %w", err)
	}
	s.segments = nil
	return nil
}

// Abort removes what is not committed.
func (s *Sealed) Abort() {
	segments, _ := finished(context.Background(), s.runs)
	s.lake.removeTemporary(append(s.segments, segments...))
	s.segments, s.runs = nil, nil
}

// finished waits for runs and returns the segments they wrote, by day, whatever the error.
func finished(ctx context.Context, runs []*dayRun) (segments []*catalog.Segment, err error) {
	for _, r := range runs {
		<-r.done
		segments = append(segments, r.segments...)
		err = errors.Join(err, r.err)
	}
	slices.SortStableFunc(segments, func(a, b *catalog.Segment) int { return int(a.Day - b.Day) })
	return segments, errors.Join(err, ctx.Err())
}

// removeTemporary removes files of segments that were not committed. If that fails, opening the lake removes them.
func (l *Lake) removeTemporary(segments []*catalog.Segment) {
	for _, s := range segments {
		_ = l.fs.Remove(l.tempPath(s))
	}
}
