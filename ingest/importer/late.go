package importer

import (
	"context"
	"slices"
	"time"
)

// lateAfter is how long others wait for an object that is being fetched. The order of files does not change
// answers: it only brings the events of a day together, so that a day is one segment. A late object adds a small
// segment.
const lateAfter = 2 * time.Second

// whenFetched calls take for each object, in order, once it was fetched. A late object is taken when it has come,
// so that a server that stalls does not delay the objects after it.
func (a *ahead) whenFetched(ctx context.Context, objects <-chan listed, take func(listed) error) error {
	var late []listed
	for objects != nil || len(late) > 0 {
		select {
		case o, ok := <-objects:
			switch {
			case !ok:
				objects = nil
			case o.fetch.isDoneBy(ctx, lateAfter):
				if err := take(o); err != nil {
					return err
				}
			default:
				late = append(late, o)
			}
		case <-a.fetched: // perhaps a late one, whose room others may need
		case <-ctx.Done():
			return ctx.Err()
		}
		var err error
		if late, err = takeFetched(late, take); err != nil {
			return err
		}
	}
	return ctx.Err() // the objects may have ended early
}

// takeFetched takes the late objects that have come, and returns the others.
func takeFetched(late []listed, take func(listed) error) ([]listed, error) {
	for i := 0; i < len(late); {
		if !late[i].fetch.isDone() {
			i++
			continue
		}
		o := late[i]
		late = slices.Delete(late, i, i+1)
		if err := take(o); err != nil {
			return nil, err
		}
	}
	return late, nil
}

// isDoneBy waits until the fetch has ended, or until after has passed since it began, and reports whether it has
// ended. An object that is not fetched ahead has no fetch, and no wait.
func (f *fetch) isDoneBy(ctx context.Context, after time.Duration) bool {
	if f.isDone() {
		return true
	}
	timer := time.NewTimer(after - time.Since(f.begun))
	defer timer.Stop()
	select {
	case <-f.done:
	case <-timer.C:
	case <-ctx.Done():
	}
	return f.isDone()
}

func (f *fetch) isDone() bool {
	if f == nil {
		return true
	}
	select {
	case <-f.done:
		return true
	default:
		return false
	}
}
