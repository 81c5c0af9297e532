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
	"github.com/auditlake/auditlake/engine/enginetest/clock"
)

// openOn opens a lake on a machine with a clock that can be set, and one that cannot.
func openOn(t *testing.T, m *clock.Clock, dir string) *engine.Lake {
	t.Helper()
	lake, err := engine.Open(context.Background(), dir, engine.Options{Now: m.Now, Elapsed: m.Elapsed})
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
			m := clock.New(pushDay)
			lake := openOn(t, m, dir)
			again := func() {
				if reopened {
					require.NoError(t, lake.Close())
					lake = openOn(t, m, dir)
				}
			}
			createStore(t, lake, "main", 366)
			importEvents(t, lake, pushDay.Add(-time.Hour))

			m.Set(m.Now().Add(400 * 24 * time.Hour))
			again()
			_, err := lake.Expire(ctx)
			var jump *engine.ClockJumpError
			require.ErrorAs(t, err, &jump)
			require.Equal(t, m.Now(), jump.Now)
			// What happens under the wrong clock does not make it right.
			require.NotEmpty(t, answerOf(t, lake, "SELECT 1"))
			_, err = lake.Compact(ctx)
			require.NoError(t, err)
			importEvents(t, lake, m.Now().Add(-300*24*time.Hour))
			again()
			_, err = lake.Expire(ctx)
			require.ErrorAs(t, err, &jump)

			m.Set(m.Now().Add(-400 * 24 * time.Hour))
			again()
			require.Zero(t, expired(t, lake), "the clock is right again, nothing is lost")
			require.Equal(t, []string{"1"}, answerOf(t, lake, "SELECT count(*) FROM main WHERE eventtime <= now()"))

			m.Set(m.Now().Add(400 * 24 * time.Hour))
			again()
			_, err = lake.Expire(ctx)
			require.ErrorAs(t, err, &jump)
			importEvents(t, lake, m.Now().Add(-time.Hour))
			require.EqualValues(t, 1, expired(t, lake), "events of the new time have come")

			m.Set(m.Now().Add(2 * year))
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
	m := clock.New(pushDay)
	dir := t.TempDir()
	lake := openOn(t, m, dir)
	createStore(t, lake, "main", 7)
	importEvents(t, lake, pushDay.Add(-time.Hour))
	m.Pass(60 * 24 * time.Hour)
	require.EqualValues(t, 1, expired(t, lake), "the process has run all that time")
	require.Equal(t, []string{"0"}, answerOf(t, lake, "SELECT count(*) FROM main"))
	require.NoError(t, lake.Close())
	m.Pass(6 * 24 * time.Hour)
	require.Zero(t, expired(t, openOn(t, m, dir)), "less than seven days without the lake are no jump")
}

func TestPurgeWaitsWhenTheClockJumps(t *testing.T) {
	ctx := context.Background()
	m := clock.New(pushDay)
	lake := openOn(t, m, t.TempDir())
	off := false
	_, err := lake.Stores().Create(ctx, engine.StoreOptions{Name: "main", RetentionDays: 366, TerminationProtected: &off})
	require.NoError(t, err)
	importEvents(t, lake, pushDay.Add(-time.Hour))
	require.NoError(t, lake.Stores().Delete(ctx, "main"))
	m.Set(m.Now().Add(30 * 24 * time.Hour))
	_, err = lake.Expire(ctx)
	var jump *engine.ClockJumpError
	require.ErrorAs(t, err, &jump)
	m.Set(pushDay.Add(time.Hour))
	_, err = lake.Stores().Restore(ctx, "main")
	require.NoError(t, err)
	require.Equal(t, []string{"1"}, answerOf(t, lake, "SELECT count(*) FROM main"))
}
