package importer

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/storage/catalog"
)

// expire removes what the store's retention no longer covers.
func (l *testLake) expire(t *testing.T, at time.Time) int64 {
	t.Helper()
	removed, err := l.Expire(t.Context(), l.store.ID, l.store.Horizon(at))
	require.NoError(t, err)
	return removed.Rows
}

// TestExpiredRowsComeBack shrinks the retention, lets days expire and grows it again.
func TestExpiredRowsComeBack(t *testing.T) {
	a := logFile(event("a1", 1), event("a20", 20), event("a40", 40))
	b := logFile(event("b2", 2), event("b20", 20), event("b60", 60))
	both := objects(map[string]string{"a.json": a, "b.json": b})
	l := newLake(t, 100)
	l.run(t, both, Options{})

	l.retain(t, 10)
	require.EqualValues(t, 4, l.expire(t, now))
	r, files := l.run(t, both, Options{})
	require.Zero(t, r.Import.Counts.Events, "nothing to bring back within the retention")
	require.True(t, files[0].Unchanged)

	l.retain(t, 30)
	r, files = l.run(t, objects(map[string]string{"a.json": a}), Options{})
	require.EqualValues(t, 1, r.Import.Counts.Events)
	require.EqualValues(t, 1, r.Import.Counts.SkippedKnown)
	require.EqualValues(t, 1, r.Import.Counts.SkippedRetention)
	require.False(t, files[0].Unchanged)

	// The day now has a segment again, but none with rows of b.
	l.reopen(t)
	r, _ = l.run(t, both, Options{})
	require.EqualValues(t, 1, r.Import.Counts.Events)
	require.EqualValues(t, 3, r.Import.Counts.SkippedKnown)

	l.retain(t, 10)
	require.EqualValues(t, 2, l.expire(t, now))
	l.retain(t, 100)
	r, _ = l.run(t, both, Options{})
	require.EqualValues(t, 4, r.Import.Counts.Events)
	r, _ = l.run(t, both, Options{})
	require.Zero(t, r.Import.Counts.Events)
	require.Equal(t, sorted(event("a1", 1), event("a20", 20), event("a40", 40), event("b2", 2), event("b20", 20), event("b60", 60)), l.texts(t))
}

// TestExpiredBeginningComesBack has a file that grows after its first rows have expired.
func TestExpiredBeginningComesBack(t *testing.T) {
	l := newLake(t, 100)
	l.run(t, objects(map[string]string{"log": ndjson(event("1", 1), event("50", 50))}), Options{})
	l.retain(t, 10)
	require.EqualValues(t, 1, l.expire(t, now))
	l.retain(t, 100)
	grown := objects(map[string]string{"log": ndjson(event("1", 1), event("50", 50), event("60", 60))})
	grown.touched = now.Add(time.Minute)
	r, _ := l.run(t, grown, Options{})
	require.EqualValues(t, 2, r.Import.Counts.Events)
	require.Equal(t, sorted(event("1", 1), event("50", 50), event("60", 60)), l.texts(t))
}

func TestExpiriesAreNoted(t *testing.T) {
	l := newLake(t, 100)
	source := objects(map[string]string{"a": ndjson(event("1", 1), event("10", 10), event("20", 20), event("30", 30))})
	l.run(t, source, Options{})
	cuts := func() (before []catalog.Day) {
		require.NoError(t, l.Catalog().View(func(tx *catalog.Tx) error {
			e, err := tx.Expiry(l.store.ID)
			require.NoError(t, err)
			for _, c := range e.Cuts {
				require.False(t, c.At.IsZero())
				before = append(before, c.Before)
			}
			return nil
		}))
		return before
	}
	ago := func(days int) catalog.Day { return catalog.DayOf(now.AddDate(0, 0, -days).UnixMilli()) }
	l.expire(t, now)
	require.Empty(t, cuts(), "nothing was removed")
	for _, step := range []struct {
		retention int
		want      []catalog.Day
	}{{25, []catalog.Day{ago(29)}}, {15, []catalog.Day{ago(19)}}, {5, []catalog.Day{ago(9)}}} {
		l.retain(t, step.retention)
		l.expire(t, now)
		require.Equal(t, step.want, cuts(), "the furthest says it all")
	}
	l.retain(t, 100)
	l.run(t, source, Options{})
	l.retain(t, 25)
	l.expire(t, now)
	require.Equal(t, []catalog.Day{ago(9), ago(29)}, cuts())
}

// TestExpiryDuringImport: what an import decided before an expiry does not get in after it.
func TestExpiryDuringImport(t *testing.T) {
	l := newLake(t, 100)
	source := objects(map[string]string{"a": event("50", 50), "b": event("51", 51)})
	l.run(t, source, Options{})
	source = objects(map[string]string{"a": event("50", 50), "b": event("51", 51), "c": event("52", 52), "d": event("1", 1)})
	source.onOpen = func(int64) {
		_, err := l.Expire(t.Context(), l.store.ID, now.AddDate(0, 0, -50))
		require.NoError(t, err)
	}
	_, err := Run(t.Context(), l.Lake, l.store, source, Options{Now: now, Workers: 1})
	require.ErrorIs(t, err, catalog.ErrExpired)
	require.Equal(t, sorted(event("50", 50)), l.texts(t))
	source.onOpen = nil
	l.run(t, source, Options{})
	require.Equal(t, sorted(event("1", 1), event("50", 50), event("51", 51), event("52", 52)), l.texts(t))
}
