package engine

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/enginetest/clock"
)

// logLines is what a lake told its log; safe for concurrent use.
type logLines struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logLines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *logLines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// segmentsAt counts the files of segments, besides those that were set aside.
func segmentsAt(t *testing.T, lake *Lake) (n int) {
	t.Helper()
	require.NoError(t, filepath.WalkDir(filepath.Join(lake.Dir(), "stores"), func(path string, _ fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) { // it went meanwhile
			return nil
		}
		if strings.HasSuffix(path, ".orc") && !strings.Contains(path, "orphaned") && !strings.HasPrefix(filepath.Base(path), ".") {
			n++
		}
		return err
	}))
	return n
}

// pushSegments pushes events of a day, a segment each.
func pushSegments(t *testing.T, lake *Lake, day string, n int) {
	t.Helper()
	for i := range n {
		event := fmt.Sprintf(`{"eventTime":"%sT10:00:00Z","eventID":"%s.%d"}`, day, day, i)
		results, err := lake.Push(context.Background(), "main", [][]byte{[]byte(event)})
		require.NoError(t, err)
		require.Empty(t, results[0].Code, results[0].Message)
		require.NoError(t, lake.Flush(context.Background()))
	}
}

func countEvents(t *testing.T, lake *Lake) int64 {
	t.Helper()
	d, err := lake.Stores().Describe(context.Background(), "main")
	require.NoError(t, err)
	return d.Events
}

// Tasks run when the clock says so, not before, and tell what they did.
func TestMaintenanceFollowsTheClock(t *testing.T) {
	ctx := context.Background()
	now := clock.New(time.Date(2026, 1, 10, 0, 0, 0, 0, time.UTC))
	var log logLines
	lake, err := Open(ctx, t.TempDir(), Options{Now: now.Now, Log: slog.New(slog.NewTextHandler(&log, nil))})
	require.NoError(t, err)
	defer lake.Close()
	_, err = lake.Stores().Create(ctx, StoreOptions{Name: "main", RetentionDays: 7})
	require.NoError(t, err)
	pushSegments(t, lake, "2026-01-05", 3)
	pushSegments(t, lake, "2026-01-09", 1)
	require.Equal(t, 4, strings.Count(log.String(), "msg=flush events=1 bytes="), log.String())

	m := newMaintenance(lake, Maintenance{CompactEvery: time.Hour, ExpireEvery: 24 * time.Hour}, lake.options.Log)
	steps := []struct {
		name             string
		after            time.Duration // of the clock
		segments, events int64
		wait             time.Duration
		line             string
	}{
		{"before the first time", 59 * time.Second, 4, 4, time.Second, ""},
		{"the first time", time.Second, 2, 4, time.Minute, "msg=compaction merged=3 written=1 events=3 repeats=0 bytesBefore="},
		{"the day reaches into retention", 60 * time.Hour, 2, 1, time.Minute, ""},
		{"no longer, but expiry is not due", 18 * time.Hour, 2, 1, time.Minute, ""},
		{"expiry", 6 * time.Hour, 1, 1, time.Minute, "msg=expiry segments=1 events=3 bytes="},
	}
	for _, s := range steps {
		now.Pass(s.after)
		before := log.String()
		require.Equal(t, s.wait, m.runDue(ctx, now.Now()), s.name)
		require.EqualValues(t, s.segments, segmentsAt(t, lake), s.name)
		require.Equal(t, s.events, countEvents(t, lake), s.name)
		said := strings.TrimPrefix(log.String(), before)
		require.Contains(t, said, s.line, s.name)
		require.Equal(t, s.line == "", said == "", "%s: %s", s.name, said)
	}
}

// A clock that is set back does not put off a task by more than it is seldom.
func TestMaintenanceWhenTheClockIsSetBack(t *testing.T) {
	ctx := context.Background()
	now := clock.New(time.Date(2038, 1, 1, 0, 0, 0, 0, time.UTC))
	lake, err := Open(ctx, t.TempDir(), Options{Now: now.Now})
	require.NoError(t, err)
	defer lake.Close()
	m := newMaintenance(lake, Maintenance{CompactEvery: time.Hour}, lake.options.Log)
	var runs int
	m.tasks[0].run = func(context.Context) ([]any, error) { runs++; return nil, nil }

	now.Set(time.Date(2026, 1, 10, 0, 0, 0, 0, time.UTC))
	m.runDue(ctx, now.Now())
	require.Zero(t, runs)
	now.Pass(time.Hour)
	m.runDue(ctx, now.Now())
	require.Equal(t, 1, runs)
}

// A task that fails says so and runs again when it is due again.
func TestMaintenanceThatFails(t *testing.T) {
	ctx := context.Background()
	now := clock.New(time.Date(2026, 1, 10, 0, 0, 0, 0, time.UTC))
	var log logLines
	lake, err := Open(ctx, t.TempDir(), Options{Now: now.Now, Log: slog.New(slog.NewTextHandler(&log, nil))})
	require.NoError(t, err)
	defer lake.Close()
	_, err = lake.Stores().Create(ctx, StoreOptions{Name: "main"})
	require.NoError(t, err)
	pushSegments(t, lake, "2026-01-09", 2)
	folders, err := filepath.Glob(filepath.Join(lake.Dir(), "stores", "*", "eventday=2026-01-09"))
	require.NoError(t, err)
	require.Len(t, folders, 1)
	m := newMaintenance(lake, Maintenance{CompactEvery: time.Hour}, lake.options.Log)
	require.NoError(t, os.Rename(folders[0], folders[0]+".away"))
	now.Pass(time.Minute)
	m.runDue(ctx, now.Now())
	require.Contains(t, log.String(), "level=ERROR msg=\"compaction failed\" error=")
	require.NoError(t, os.RemoveAll(folders[0]))
	require.NoError(t, os.Rename(folders[0]+".away", folders[0]))
	now.Pass(time.Hour)
	m.runDue(ctx, now.Now())
	require.Contains(t, log.String(), "msg=compaction merged=2")
}

// In the background, beside pushes and queries, nothing is lost, and Close ends it.
func TestMaintenanceBesideUse(t *testing.T) {
	ctx := context.Background()
	dir := t.TempDir()
	start := time.Now()
	clock := func() time.Time { return time.Date(2026, 1, 10, 0, 0, 0, 0, time.UTC).Add(time.Since(start)) }
	lake, err := Open(ctx, dir, Options{
		Now: clock, FlushAge: time.Millisecond,
		Maintenance: Maintenance{CompactEvery: time.Nanosecond, ExpireEvery: time.Nanosecond},
	})
	require.NoError(t, err)
	_, err = lake.Stores().Create(ctx, StoreOptions{Name: "main"})
	require.NoError(t, err)
	const pushes = 30
	for i := range pushes {
		pushSegments(t, lake, "2026-01-0"+fmt.Sprint(1+i%3), 1)
		require.EqualValues(t, i+1, countEvents(t, lake))
	}
	// A late event stays in a segment of its own until there are more of them.
	require.Eventually(t, func() bool { return segmentsAt(t, lake) <= 3*4 }, time.Minute, 10*time.Millisecond)
	require.NoError(t, lake.Close())
	require.ErrorIs(t, lake.Close(), ErrClosed)
	lake, err = Open(ctx, dir, Options{Now: clock})
	require.NoError(t, err)
	defer lake.Close()
	require.EqualValues(t, pushes, countEvents(t, lake))
}

// A task that panics fails like any other: the lake goes on, and the task runs again when it is due again.
func TestMaintenanceThatPanics(t *testing.T) {
	ctx := context.Background()
	now := clock.New(time.Date(2026, 1, 10, 0, 0, 0, 0, time.UTC))
	var log logLines
	lake, err := Open(ctx, t.TempDir(), Options{Now: now.Now, Log: slog.New(slog.NewTextHandler(&log, nil))})
	require.NoError(t, err)
	defer lake.Close()
	m := newMaintenance(lake, Maintenance{}, lake.options.Log)
	runs := 0
	m.add("repair", time.Hour, func(context.Context) ([]any, error) {
		if runs++; runs == 1 {
			panic("a defect")
		}
		return []any{"repaired", 7}, nil
	})
	now.Pass(2 * time.Hour)
	m.runDue(ctx, now.Now())
	require.Contains(t, log.String(), `msg="repair failed" error="repair: internal error: a defect"`)
	require.Contains(t, log.String(), "TestMaintenanceThatPanics", "the stack")
	now.Pass(time.Hour)
	m.runDue(ctx, now.Now())
	require.Contains(t, log.String(), "msg=repair repaired=7")
}
