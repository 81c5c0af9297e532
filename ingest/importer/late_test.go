package importer

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestLateObjects: an object that is late is passed over, and taken when it has come, whether others follow or not: they may be waiting for
// the room that it takes.
func TestLateObjects(t *testing.T) {
	a := newAhead(&run{})
	named := func(key string, age time.Duration) listed {
		return listed{Object: Object{Key: key, fetch: &fetch{begun: time.Now().Add(-age), done: make(chan struct{})}}}
	}
	objects, taken, done := make(chan listed), make(chan string, 9), make(chan error, 1)
	go func() {
		done <- a.whenFetched(t.Context(), objects, func(o listed) error {
			taken <- o.Key
			return nil
		})
	}()
	late, later, soon := named("late", lateAfter), named("later", lateAfter), named("soon", 0)
	objects <- late
	objects <- later
	objects <- listed{Object: Object{Key: "on this machine"}}
	require.Equal(t, "on this machine", <-taken)
	a.ended(late.fetch)
	require.Equal(t, "late", <-taken, "before another object is listed")
	objects <- soon
	a.ended(soon.fetch)
	require.Equal(t, "soon", <-taken, "others wait for an object that has just been asked for")
	close(objects)
	a.ended(later.fetch)
	require.Equal(t, "later", <-taken)
	require.NoError(t, <-done)
}

// TestLateObjectsEnd: waiting for late objects ends with the context, and with an error of who takes them.
func TestLateObjectsEnd(t *testing.T) {
	a := newAhead(&run{})
	never := listed{Object: Object{fetch: &fetch{begun: time.Now().Add(-lateAfter), done: make(chan struct{})}}}
	ctx, cancel := context.WithCancel(t.Context())
	objects := make(chan listed, 1)
	objects <- never
	close(objects)
	time.AfterFunc(20*time.Millisecond, cancel)
	require.ErrorIs(t, a.whenFetched(ctx, objects, func(listed) error { return nil }), context.Canceled)

	refused := errors.New("refused")
	objects = make(chan listed, 2)
	objects <- never
	objects <- listed{}
	require.ErrorIs(t, a.whenFetched(t.Context(), objects, func(listed) error { return refused }), refused)
	objects <- never
	a.ended(never.fetch)
	require.ErrorIs(t, a.whenFetched(t.Context(), objects, func(listed) error { return refused }), refused)
}
