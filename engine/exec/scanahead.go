package exec

import (
	"context"
	"errors"

	"github.com/auditlake/auditlake/processors"
)

// This file is about what the workers of a scan make ahead of its consumer: how much, and what they leave to others
// where memory is short.

// Row groups that are read ahead have about one in aheadShare bytes of the query's memory, but leastAhead of them are
// in any case.
const (
	aheadShare = 8
	leastAhead = 2
	// One in spillingShare bytes is left to the spilling of operators, and to those that cannot spill, see
	// memory.Account.ShouldSpill.
	spillingShare = 4
)

// permit replaces the permit of a consumed row group, by two until all are out. Where as many row groups like that
// one would take much memory, fewer are out.
func (s *scan) permit() {
	most := cap(s.permits)
	if limit := s.memory.LimitBytes(); limit > 0 {
		most = int(min(int64(most), max(leastAhead, limit/aheadShare/max(1, s.consumedBytes.Load()))))
	}
	s.given--
	for n := 0; n < 2 && s.given < most; n++ {
		s.given++
		s.permits <- struct{}{}
		if s.asleep.Load() > 0 {
			processors.PassOn()
		}
	}
}

// awaitPermit takes a permit, or returns when ctx has ended.
func (s *scan) awaitPermit(ctx context.Context) {
	select {
	case <-s.permits:
		return
	default:
	}
	s.asleep.Add(1)
	defer s.asleep.Add(-1)
	select {
	case <-s.permits:
	case <-ctx.Done():
	}
}

// holdAhead reserves memory for what a worker made of a row group. Much of it waits for its turn where it would take
// of the last quarter of the query's memory, which is for spilling.
func (s *scan) holdAhead(ctx context.Context, r *groupResult, bytes int64) error {
	isMuch := s.memory.UsedBytes()+bytes >= s.memory.LimitBytes()/(2*aheadShare)
	if isMuch && !s.memory.HasRoom(bytes, spillingShare) {
		if err := s.awaitTurn(ctx, r); err != nil {
			return err
		}
	}
	return s.memory.add(bytes)
}

// errLeft ends the consumer's work on a row group before its turn. Nobody sees it.
var errLeft = errors.New("left to its turn")

// awaitTurn waits, where there is little memory, until the consumer has come to a row group: the operators that get
// the rows may need what there is to spill, and when they want those of this one, row groups before it hold nothing.
// The consumer itself leaves it until then.
func (s *scan) awaitTurn(ctx context.Context, r *groupResult) error {
	if r.byConsumer && !r.isWanted() {
		r.isLeft = true
		return errLeft
	}
	s.claim.Aside(ctx, func() {
		select {
		case <-r.wanted:
		case <-ctx.Done():
		}
	})
	return ctx.Err()
}

// isWanted reports whether the consumer has come to the row group.
func (r *groupResult) isWanted() bool {
	select {
	case <-r.wanted:
		return true
	default:
		return false
	}
}

// drop gives up what was made of a row group.
func (s *scan) drop(r *groupResult) {
	s.memory.release(r.bytes())
	for _, out := range r.ready {
		s.forgetGroups(out)
	}
	r.ready, r.rest, r.restBytes = nil, nil, 0
}
