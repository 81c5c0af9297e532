package exec

import (
	"context"
	"errors"

	"github.com/auditlake/auditlake/processors"
)

// In this file the consumer of a scan works on row groups too: many take less time than handing them over to a
// goroutine that sleeps until then.

// next returns the next row group's result, nil at the end. Until it is ready the consumer works on later row
// groups, if permits allow, and otherwise waits.
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

// comeToNext moves to the next row group if one was begun. It reports whether the scan is at its end, and whether
// the row group is done.
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

// comeTo notes that the consumer has come to a row group; nil: to the end.
func (s *scan) comeTo(r *groupResult) {
	if s.coming = r; r != nil {
		close(r.wanted)
	}
}

// await waits until the next row group is begun or done.
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

// help makes the consumer work on a row group, and reports whether there was one: the next one, if left to it, or a
// new one, if permitted.
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
		s.comeToNext() // usually that one, which then is not left
	}
	if s.workOn(ctx, r); !r.isLeft {
		close(r.done)
	}
	s.claim.Yield()
	return true
}

// beginSoon is begin for the consumer. It returns nil instead of waiting for a permit or for a worker that takes a
// row group.
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

// untilDone is a context whose Err is also set, to errNextIsThere, once row group r is done: finding the next row
// group may take long. A nil r is never done.
type untilDone struct {
	context.Context
	r *groupResult
}

// errNextIsThere ends the consumer's search for a row group. It is never returned to callers.
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
