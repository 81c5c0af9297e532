package engine_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine"
)

// machine has a clock that can be set, and one that cannot.
type machine struct {
	now     time.Time
	elapsed time.Duration
}

// pass lets time pass.
func (m *machine) pass(d time.Duration) { m.now, m.elapsed = m.now.Add(d), m.elapsed+d }

func (m *machine) open(t *testing.T, dir string) *engine.Lake {
	t.Helper()
	lake, err := engine.Open(context.Background(), dir, engine.Options{
		Now: func() time.Time { return m.now }, Elapsed: func() time.Duration { return m.elapsed },
	})
	require.NoError(t, err)
	t.Cleanup(func() { lake.Close() })
	return lake
}

func importEvents(t *testing.T, lake *engine.Lake, at time.Time) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "log.json")
	text := fmt.Sprintf(`{"Records":[{"eventTime":"%s","eventID":"%d","eventCategory":"Management"}]}`, at.Format(time.RFC3339), at.UnixNano())
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	result, err := lake.Imports().Run(context.Background(), engine.ImportOptions{Store: "main", Paths: []string{path}})
	require.NoError(t, err)
	require.EqualValues(t, 1, result.Events)
}

func expired(t *testing.T, lake *engine.Lake, options ...engine.ExpireOption) int64 {
	t.Helper()
	removed, err := lake.Expire(context.Background(), options...)
	require.NoError(t, err)
	return removed.Events
}

func TestExpiryWaitsWhenTheClockJumps(t *testing.T) {
	ctx := context.Background()
	const year = 366 * 24 * time.Hour
	for _, reopened := range []bool{false, true} {
		t.Run(fmt.Sprintf("reopened %t", reopened), func(t *testing.T) {
			dir := t.TempDir()
			m := &machine{now: pushDay}
			lake := m.open(t, dir)
			again := func() {
				if reopened {
					require.NoError(t, lake.Close())
					lake = m.open(t, dir)
				}
			}
			createStore(t, lake, "main", 366)
			importEvents(t, lake, pushDay.Add(-time.Hour))

			m.now = m.now.Add(400 * 24 * time.Hour)
			again()
			_, err := lake.Expire(ctx)
			var jump *engine.ClockJumpError
			require.ErrorAs(t, err, &jump)
			require.Equal(t, m.now, jump.Now)
			// What happens under the wrong clock does not make it right.
			require.NotEmpty(t, answerOf(t, lake, "SELECT 1"))
			_, err = lake.Compact(ctx)
			require.NoError(t, err)
			importEvents(t, lake, m.now.Add(-300*24*time.Hour))
			again()
			_, err = lake.Expire(ctx)
			require.ErrorAs(t, err, &jump)

			m.now = m.now.Add(-400 * 24 * time.Hour)
			again()
			require.Zero(t, expired(t, lake), "the clock is right again, nothing is lost")
			require.Equal(t, []string{"1"}, answerOf(t, lake, "SELECT count(*) FROM main WHERE eventtime <= now()"))

			m.now = m.now.Add(400 * 24 * time.Hour)
			again()
			_, err = lake.Expire(ctx)
			require.ErrorAs(t, err, &jump)
			importEvents(t, lake, m.now.Add(-time.Hour))
			require.EqualValues(t, 1, expired(t, lake), "events of the new time have come")

			m.now = m.now.Add(2 * year)
			again()
			_, err = lake.Expire(ctx)
			require.ErrorAs(t, err, &jump)
			require.EqualValues(t, 2, expired(t, lake, engine.TrustClock()))
			again()
			require.Zero(t, expired(t, lake), "the clock stays trusted")
		})
	}
}

func TestExpiryGoesOnWhileTimePasses(t *testing.T) {
	m := &machine{now: pushDay}
	dir := t.TempDir()
	lake := m.open(t, dir)
	createStore(t, lake, "main", 7)
	importEvents(t, lake, pushDay.Add(-time.Hour))
	m.pass(60 * 24 * time.Hour)
	require.EqualValues(t, 1, expired(t, lake), "the process has run all that time")
	require.Equal(t, []string{"0"}, answerOf(t, lake, "SELECT count(*) FROM main"))
	require.NoError(t, lake.Close())
	m.pass(6 * 24 * time.Hour)
	require.Zero(t, expired(t, m.open(t, dir)), "less than seven days without the lake are no jump")
}

func TestPurgeWaitsWhenTheClockJumps(t *testing.T) {
	ctx := context.Background()
	m := &machine{now: pushDay}
	lake := m.open(t, t.TempDir())
	off := false
	_, err := lake.Stores().Create(ctx, engine.StoreOptions{Name: "main", RetentionDays: 366, TerminationProtected: &off})
	require.NoError(t, err)
	importEvents(t, lake, pushDay.Add(-time.Hour))
	require.NoError(t, lake.Stores().Delete(ctx, "main"))
	m.now = m.now.Add(30 * 24 * time.Hour)
	_, err = lake.Expire(ctx)
	var jump *engine.ClockJumpError
	require.ErrorAs(t, err, &jump)
	m.now = pushDay.Add(time.Hour)
	_, err = lake.Stores().Restore(ctx, "main")
	require.NoError(t, err)
	require.Equal(t, []string{"1"}, answerOf(t, lake, "SELECT count(*) FROM main"))
}
