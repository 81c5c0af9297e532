package exec

import (
	"context"
	"errors"

	"github.com/auditlake/auditlake/processors"
)

// This file limits what scan workers read ahead of the consumer, and what they leave to others when memory is
// short.

// Row groups read ahead take about 1/aheadShare of the query's memory, but at least leastAhead of them may be in
// flight.
const (
	aheadShare = 8
	leastAhead = 2
	// 1/spillingShare is left for operators that spill, and for those that cannot, see memory.Account.ShouldSpill.
	spillingShare = 4
)

// permit replaces a consumed row group's permit with two, until all are out. If that many row groups of its size
// would take too much memory, fewer are out.
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

// awaitPermit takes a permit, or returns when ctx ends.
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

// holdAhead reserves memory for what a worker made of a row group. A large amount waits for its turn if it needs
// the last quarter of the query's memory, which is for spilling.
func (s *scan) holdAhead(ctx context.Context, r *groupResult, bytes int64) error {
	isMuch := s.memory.UsedBytes()+bytes >= s.memory.LimitBytes()/(2*aheadShare)
	if isMuch && !s.memory.HasRoom(bytes, spillingShare) {
		if err := s.awaitTurn(ctx, r); err != nil {
			return err
		}
	}
	return s.memory.add(bytes)
}

// errLeft ends the consumer's work on a row group before its turn. It is never returned to callers.
var errLeft = errors.New("left to its turn")

// awaitTurn waits, when memory is short, until the consumer comes to a row group. The operators above may need the
// rest to spill; once they want these rows, earlier row groups hold nothing. The consumer itself does not wait but
// leaves the row group until then.
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

// drop releases what was made of a row group.
func (s *scan) drop(r *groupResult) {
	s.memory.release(r.bytes())
	for _, out := range r.ready {
		s.forgetGroups(out)
	}
	r.ready, r.rest, r.restBytes = nil, nil, 0
}
