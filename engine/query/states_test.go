package query_test

import (
	"context"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine"
	"github.com/auditlake/auditlake/engine/enginetest/clock"
	"github.com/auditlake/auditlake/engine/function"
	"github.com/auditlake/auditlake/engine/query"
	"github.com/auditlake/auditlake/internal/material"
	"github.com/auditlake/auditlake/storage"
	"github.com/auditlake/auditlake/storage/catalog"
	"github.com/auditlake/auditlake/storage/vfs"
)

// fixture is a lake of 2,000 events, and what runs its queries.
type fixture struct {
	*query.Queries
	t     *testing.T
	dir   string
	clock *clock.Clock
	store string // id
	data  *storage.Lake
	files *vfs.Injector // of data
	log   *log

	maxRunning, maxWaiting int
	memory, spillLimit     int64
	keepHistory            time.Duration
}

// log is lines that several goroutines write.
type log struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// importedLake has the generated events.
var importedLake struct {
	folder material.Made
	store  string
}

func newFixture(t *testing.T) *fixture {
	t.Helper()
	f := &fixture{t: t, clock: clock.New(time.Date(2026, 1, 10, 12, 0, 0, 0, time.UTC)), files: vfs.NewInjector(vfs.OS), log: &log{}}
	f.dir = importedLake.folder.Copy(t, func(dir string) {
		lake, err := engine.Open(context.Background(), dir, engine.Options{Now: f.clock.Now})
		require.NoError(t, err)
		store, err := lake.Stores().Create(context.Background(), engine.StoreOptions{Name: "main"})
		require.NoError(t, err)
		importedLake.store = store.ID
		done, err := lake.Imports().Run(context.Background(), engine.ImportOptions{Store: "main", Paths: []string{filepath.Join("..", "..", "testdata", "logs")}})
		require.NoError(t, err)
		require.Positive(t, done.Events)
		require.NoError(t, lake.Close())
	})
	f.store = importedLake.store
	f.open()
	t.Cleanup(f.close)
	return f
}

func (f *fixture) open() {
	var err error
	f.data, err = storage.Open(context.Background(), f.dir, storage.Options{Now: f.clock.Now, FS: f.files})
	require.NoError(f.t, err)
	f.Queries = query.New(query.Options{
		Storage: f.data, Functions: function.New(), Now: f.clock.Now, AfterFunc: f.clock.AfterFunc,
		Price: func(bytes int64) float64 { return float64(bytes) }, Log: slog.New(slog.NewTextHandler(f.log, nil)),
		KeepHistory: f.keepHistory, MaxRunning: f.maxRunning, MaxWaiting: f.maxWaiting, LakeMemoryBytes: f.memory, SpillLimitBytes: f.spillLimit,
	})
}

func (f *fixture) close() {
	require.NoError(f.t, f.Queries.Close())
	require.NoError(f.t, f.data.Close())
}

func (f *fixture) reopen() {
	f.close()
	f.open()
}

func (f *fixture) submit(sql string, options ...query.Option) *query.Query {
	f.t.Helper()
	s, err := f.Submit(context.Background(), sql, options...)
	require.NoError(f.t, err)
	require.Equal(f.t, query.Queued, s.Info().State)
	return s
}

func (f *fixture) rows(s *query.Query) *query.Rows {
	f.t.Helper()
	rows, err := s.Rows()
	require.NoError(f.t, err)
	require.Equal(f.t, query.Running, s.Info().State)
	return rows
}

// listed are the states and texts of the queries that a filter chooses.
func (f *fixture) listed(filter query.Filter) (out []string) {
	f.t.Helper()
	infos, err := f.List(context.Background(), filter)
	require.NoError(f.t, err)
	for _, info := range infos {
		out = append(out, string(info.State)+" "+info.SQL)
	}
	return out
}

const (
	events = "SELECT eventname FROM main"
	long   = "SELECT u.n FROM UNNEST(sequence(1, 10000)) AS u(n), UNNEST(sequence(1, 100)) AS v(n)"
)

// someRows are a number of rows that depends on how many come at once.
const someRows = -1

// TestStates: each way in which a query may end, and what is known of it at once, and after the lake was opened again.
func TestStates(t *testing.T) {
	read := func(f *fixture, s *query.Query) error {
		rows, err := s.Rows()
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
		}
		return rows.Err()
	}
	for _, c := range []struct {
		name, sql string
		options   []query.Option
		run       func(*fixture, *query.Query) error
		state     query.State
		errorName string
		rows      int64
		scans     bool
	}{
		{name: "read to its end", sql: events, run: read, state: query.Finished, rows: 2000, scans: true},
		{name: "no rows", sql: "SELECT 1 WHERE false", run: read, state: query.Finished},
		{name: "EXPLAIN ANALYZE", sql: "EXPLAIN ANALYZE " + events, run: read, state: query.Finished, rows: 1, scans: true},
		{name: "a text that is none", sql: "SELECT FROM", run: read, state: query.Failed, errorName: "SYNTAX_ERROR"},
		{name: "fails while it runs", sql: "SELECT 1 / (length(eventname) * 0) FROM main", run: read, state: query.Failed, errorName: "DIVISION_BY_ZERO"},
		{name: "more bytes than it may", sql: events, options: []query.Option{query.MaxBytes(1)}, run: read, state: query.Failed, errorName: "EXCEEDED_SCAN_LIMIT"},
		{name: "closed before its end", sql: long, run: func(f *fixture, s *query.Query) error {
			rows := f.rows(s)
			require.True(f.t, rows.Next())
			defer rows.Close()
			return rows.Err()
		}, state: query.Cancelled, errorName: "USER_CANCELED", rows: someRows},
		{name: "closed after the only row", sql: "SELECT count(*) FROM main", run: func(f *fixture, s *query.Query) error {
			rows := f.rows(s)
			require.True(f.t, rows.Next())
			return rows.Close()
		}, state: query.Finished, rows: 1},
		{name: "closed after the last row of a limit", sql: "SELECT 1 FROM main LIMIT 3", run: func(f *fixture, s *query.Query) error {
			rows := f.rows(s)
			require.True(f.t, rows.Next())
			return rows.Close()
		}, state: query.Finished, rows: 3},
		{name: "cancelled while it waits", sql: events, run: func(f *fixture, s *query.Query) error {
			require.NoError(f.t, f.Cancel(s.ID()))
			require.Equal(f.t, query.Cancelled, s.Info().State)
			return read(f, s)
		}, state: query.Cancelled, errorName: "USER_CANCELED"},
		{name: "cancelled while it runs", sql: events + " WHERE length(eventname) > 0", run: func(f *fixture, s *query.Query) error {
			rows := f.rows(s)
			require.True(f.t, rows.Next())
			require.NoError(f.t, f.Cancel(strings.ReplaceAll(s.ID(), "-", "")))
			require.Equal(f.t, query.Cancelled, s.Info().State, "though nobody reads")
			require.ErrorIs(f.t, f.Cancel(s.ID()), query.ErrOver)
			require.False(f.t, rows.Next())
			defer rows.Close()
			return rows.Err()
		}, state: query.Cancelled, errorName: "USER_CANCELED", rows: someRows, scans: true},
		{name: "takes too long while it waits", sql: events, options: []query.Option{query.Timeout(time.Minute)}, run: func(f *fixture, s *query.Query) error {
			f.clock.Pass(time.Minute)
			require.Equal(f.t, query.TimedOut, s.Info().State)
			return read(f, s)
		}, state: query.TimedOut, errorName: "EXCEEDED_TIME_LIMIT"},
		{name: "takes too long while it runs", sql: events, options: []query.Option{query.Timeout(time.Minute)}, run: func(f *fixture, s *query.Query) error {
			rows := f.rows(s)
			f.clock.Pass(time.Minute - 1)
			require.True(f.t, rows.Next())
			require.Equal(f.t, query.Running, s.Info().State)
			f.clock.Pass(1)
			require.Equal(f.t, query.TimedOut, s.Info().State)
			require.False(f.t, rows.Next())
			defer rows.Close()
			return rows.Err()
		}, state: query.TimedOut, errorName: "EXCEEDED_TIME_LIMIT", rows: someRows, scans: true},
		{name: "in time", sql: events, options: []query.Option{query.Timeout(time.Minute)}, run: func(f *fixture, s *query.Query) error {
			defer f.clock.Pass(time.Hour)
			return read(f, s)
		}, state: query.Finished, rows: 2000, scans: true},
		{name: "the lake is closed", sql: long, run: func(f *fixture, s *query.Query) error {
			rows := f.rows(s)
			require.True(f.t, rows.Next())
			require.NoError(f.t, f.Queries.Close())
			require.False(f.t, rows.Next())
			require.ErrorIs(f.t, rows.Err(), storage.ErrClosed)
			defer rows.Close()
			return rows.Err()
		}, state: query.Cancelled, rows: someRows},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := newFixture(t)
			s := f.submit(c.sql, append(c.options, query.User("ann"), query.ThroughDoor("trino"), query.FromSource("a program"))...)
			err := c.run(f, s)
			info := s.Info()
			require.Equal(t, c.state, info.State, "%v", err)
			require.Equal(t, c.errorName, info.ErrorName)
			if c.rows == someRows {
				require.Positive(t, info.Rows)
			} else {
				require.Equal(t, c.rows, info.Rows)
			}
			require.Equal(t, c.scans, info.BytesScanned > 0, "%d bytes", info.BytesScanned)
			require.Equal(t, []string{"ann", "trino", "a program", c.sql}, []string{info.User, info.Door, info.Source, info.SQL})
			require.Equal(t, f.clock.Now().Sub(info.CreatedAt) >= 0, true)
			require.False(t, info.EndedAt.Before(info.CreatedAt))
			found, err := f.Get(s.ID())
			require.NoError(t, err)
			require.Equal(t, info, found, "as others see it")
			f.reopen()
			found, err = f.Get(s.ID())
			require.NoError(t, err)
			require.Equal(t, info, found, "after it was written and read")
			require.Equal(t, []string{string(c.state) + " " + c.sql}, f.listed(query.Filter{}))
			if c.scans {
				require.Equal(t, []string{string(c.state) + " " + c.sql}, f.listed(query.Filter{StoreID: f.store}))
				require.Equal(t, info.BytesScanned, f.usage().ScannedBytes, "counts in the usage")
				require.EqualValues(t, 1, f.usage().Queries)
			}
		})
	}
}

// usage is that of the store today.
func (f *fixture) usage() (out catalog.Usage) {
	f.t.Helper()
	day := catalog.DayOf(f.clock.Now().UnixMilli())
	require.NoError(f.t, f.data.Catalog().View(func(tx *catalog.Tx) error {
		for u, err := range tx.Usage(f.store, day, day) {
			require.NoError(f.t, err)
			out = *u
		}
		return nil
	}))
	return out
}

func TestContextOfTheCaller(t *testing.T) {
	f := newFixture(t)
	ctx, cancel := context.WithCancel(context.Background())
	s, err := f.Submit(ctx, long)
	require.NoError(t, err)
	rows := f.rows(s)
	require.True(t, rows.Next())
	cancel()
	require.False(t, rows.Next())
	require.ErrorIs(t, rows.Err(), context.Canceled)
	require.Equal(t, query.Cancelled, s.Info().State)
	require.NoError(t, rows.Close())
}

func TestProgress(t *testing.T) {
	f := newFixture(t)
	s := f.submit(events, query.MaxBytes(1<<30))
	rows := f.rows(s)
	info := s.Info()
	require.Positive(t, info.PlannedHighBytes, "a query with a limit is estimated before it runs")
	require.GreaterOrEqual(t, info.PlannedHighBytes, info.PlannedLowBytes)
	part, isKnown := info.Progress()
	require.True(t, isKnown)
	require.Less(t, part, 1.0)
	for rows.Next() {
	}
	require.NoError(t, rows.Close())
	info = s.Info()
	require.LessOrEqual(t, info.BytesScanned, info.PlannedHighBytes)
	part, isKnown = info.Progress()
	require.True(t, isKnown)
	require.Equal(t, 1.0, part)

	s = f.submit(events)
	rows = f.rows(s)
	require.Eventually(t, func() bool { return s.Info().PlannedHighBytes > 0 }, time.Minute, time.Millisecond, "one that takes a while is, too")
	require.NoError(t, rows.Close())
}

func TestAnswerIsSharedUntilTheLastRelease(t *testing.T) {
	f := newFixture(t)
	rows := f.rows(f.submit(long))
	rows.Retain()
	require.True(t, rows.Next())
	rows.Release()
	require.True(t, rows.Next(), "the other user reads on")
	rows.Release()
	require.False(t, rows.Next())
}
