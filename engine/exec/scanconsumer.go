package exec

import (
	"context"
	"errors"

	"github.com/auditlake/auditlake/processors"
)

// This file is about the consumer of a scan as one of those who work on its row groups: handing each over to a
// goroutine that sleeps until then takes more time than many of them take.

// next gives the next row group's result, nil at the end. Until that is there the consumer works on row groups that
// come later, as far as workers may, and waits where there are none.
func (s *scan) next(ctx context.Context) (*groupResult, error) {
	for {
		isEnd, isThere := s.comeToNext()
		switch {
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case isEnd: // of the table, or the workers stopped with ctx
			return nil, nil
		case isThere:
			r := s.coming
			s.coming = nil
			return r, nil
		case s.help(ctx):
		default:
			processors.ClaimOf(ctx).Aside(ctx, func() { s.await(ctx) })
		}
	}
}

// comeToNext goes to the next row group, if one has been begun, and tells whether there is none any more, or it is
// done.
func (s *scan) comeToNext() (isEnd, isThere bool) {
	if s.coming == nil {
		select {
		case r := <-s.results:
			s.comeTo(r)
			if r == nil {
				return true, false
			}
		default:
			return false, false
		}
	}
	return false, s.coming.isDone()
}

// comeTo notes that the consumer has come to a row group, nil: to the end.
func (s *scan) comeTo(r *groupResult) {
	if s.coming = r; r != nil {
		close(r.wanted)
	}
}

// await waits until the next row group is begun, or done.
func (s *scan) await(ctx context.Context) {
	s.isAwaited.Store(true)
	defer s.isAwaited.Store(false)
	if s.coming != nil {
		select {
		case <-s.coming.done:
		case <-ctx.Done():
		}
		return
	}
	select {
	case r := <-s.results:
		s.comeTo(r)
	case <-ctx.Done():
	}
}

// help has the consumer work on a row group: the next one, if that is left to it, or one that nobody has begun, if it
// may. It reports whether there was one.
func (s *scan) help(ctx context.Context) bool {
	r := s.coming
	switch {
	case r != nil && r.isLeft:
		r.isLeft = false
	case s.hasEnded, r != nil && !s.memory.HasRoom(s.consumedBytes.Load(), spillingShare):
		return false
	default:
		if r = s.beginSoon(ctx); r == nil {
			return false
		}
		s.comeToNext() // mostly that one, which then is not left
	}
	if s.workOn(ctx, r); !r.isLeft {
		close(r.done)
	}
	s.claim.Yield()
	return true
}

// beginSoon is begin for the consumer, who waits neither for a permit nor while a worker takes a row group.
func (s *scan) beginSoon(ctx context.Context) *groupResult {
	if !processors.LocksSoon(&s.beginning) {
		return nil
	}
	defer s.beginning.Unlock()
	select {
	case <-s.permits:
	default:
		return nil
	}
	r := s.takeNext(untilDone{ctx, s.coming}, true)
	s.hasEnded = s.hasBegunAll
	return r
}

// untilDone is a context that ends with errNextIsThere when a row group is done, too, for those who look at Err: to
// find the next one of those that are left, a scan may look at many. A row group that is nil is never done.
type untilDone struct {
	context.Context
	r *groupResult
}

// errNextIsThere ends the consumer's search for a row group. Nobody sees it.
var errNextIsThere = errors.New("the next row group is there")

func (c untilDone) Err() error {
	if err := c.Context.Err(); err != nil {
		return err
	}
	if c.r != nil && c.r.isDone() {
		return errNextIsThere
	}
	return nil
}

func (r *groupResult) isDone() bool {
	select {
	case <-r.done:
		return true
	default:
		return false
	}
}
