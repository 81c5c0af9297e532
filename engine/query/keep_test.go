package query_test

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/answer"
	"github.com/auditlake/auditlake/engine/function"
	"github.com/auditlake/auditlake/engine/query"
	"github.com/auditlake/auditlake/planner/types"
	"github.com/auditlake/auditlake/storage/catalog"
)

// text is rows as JSON.
func text(t *testing.T, rows answer.Source) string {
	t.Helper()
	var out bytes.Buffer
	_, err := answer.Write("json", &out, rows)
	require.NoError(t, err)
	return out.String()
}

func TestKeptResults(t *testing.T) {
	f := newFixture(t)
	const sql = "SELECT eventtime, at_timezone(with_timezone(eventtime, 'UTC'), 'Asia/Tokyo') AS tokyo, useridentity, eventjson FROM main ORDER BY eventtime, eventid"
	rows := f.rows(f.submit(sql, query.Keep()))
	id := rows.Query().ID()
	_, err := f.Results(id)
	require.ErrorIs(t, err, query.ErrNotKept, "it still runs")
	want := text(t, rows)
	require.NoError(t, rows.Close())
	plain := f.finish("SELECT 1")
	for range 2 {
		kept, err := f.Results(id)
		require.NoError(t, err)
		require.Equal(t, want, text(t, kept.Page(context.Background(), 0, -1)))
		part := f.rows(f.submit("SELECT * FROM (" + sql + ") OFFSET 17 LIMIT 30"))
		require.Equal(t, text(t, part), text(t, kept.Page(context.Background(), 17, 30)))
		require.NoError(t, part.Close())
		require.NoError(t, kept.Close())

		_, err = f.Results(plain)
		require.ErrorIs(t, err, query.ErrNotKept)
		_, err = f.Results(uuid.NewString())
		require.ErrorIs(t, err, query.ErrNotFound)
		f.reopen()
	}

	const day = 24 * time.Hour
	f.clock.Pass(4 * day)
	f.finish("SELECT 2") // the lake is in use meanwhile, so that the clock is trusted
	f.clock.Pass(3*day + time.Second)
	_, err = f.Results(id)
	require.ErrorIs(t, err, query.ErrNotFound)
	_, dir := f.data.ResultsFolder()
	path := filepath.Join(dir, id+".result")
	require.FileExists(t, path)
	f.reopen()
	require.Eventually(t, func() bool {
		_, err := os.Stat(path)
		return errors.Is(err, fs.ErrNotExist)
	}, time.Minute, time.Millisecond, "it goes with its query")
}

// TestAnswersThatAreNotKept: nothing is kept of an answer that was not read, ended with an error, or is too long.
func TestAnswersThatAreNotKept(t *testing.T) {
	f := newFixture(t)
	_, dir := f.data.ResultsFolder()
	limited := query.New(query.Options{
		Storage: f.data, Functions: function.New(), Now: f.clock.Now, AfterFunc: f.clock.AfterFunc, Log: slog.New(slog.DiscardHandler),
		Price: func(int64) float64 { return 0 }, MaxResultBytes: 5000, MaxResultsBytes: 1 << 20,
	})
	defer func() { require.NoError(t, limited.Close()) }()
	for name, c := range map[string]struct {
		queries *query.Queries
		sql     string
		read    bool
		state   query.State
		err     string
	}{
		"closed early":         {f.Queries, "SELECT eventid FROM main", false, query.Cancelled, types.UserCanceled},
		"a defect in its rows": {f.Queries, "SELECT 1 / (length(eventid) - length(eventid)) FROM main", true, query.Failed, "DIVISION_BY_ZERO"},
		"too long":             {limited, "SELECT eventid, eventjson FROM main", true, query.Failed, types.InsufficientResources},
	} {
		t.Run(name, func(t *testing.T) {
			s, err := c.queries.Submit(context.Background(), c.sql, query.Keep())
			require.NoError(t, err)
			rows, err := s.Rows()
			require.NoError(t, err)
			for c.read && rows.Next() {
			}
			require.NoError(t, rows.Close())
			info, err := c.queries.Get(s.ID())
			require.NoError(t, err)
			require.Equal(t, c.state, info.State)
			require.Equal(t, c.err, info.ErrorName)
			_, err = c.queries.Results(s.ID())
			require.ErrorIs(t, err, query.ErrNotKept)
			left, err := os.ReadDir(dir)
			require.NoError(t, err)
			require.Empty(t, left)
		})
	}
	id := f.finish("EXPLAIN SELECT 1", query.Keep())
	kept, err := f.Results(id)
	require.NoError(t, err)
	require.NoError(t, kept.Close())
}

// TestResultsAfterAKill: what a process that was killed left of a result goes when the lake is opened; the results of
// others stay; a damaged one is one clear error.
func TestResultsAfterAKill(t *testing.T) {
	f := newFixture(t)
	id := f.finish("SELECT count(*) FROM main", query.Keep())
	require.NoError(t, f.Flush())
	_, dir := f.data.ResultsFolder()
	killed := uuid.NewString()
	require.NoError(t, f.data.Catalog().Update(context.Background(), func(tx *catalog.Tx) error {
		return tx.PutQuery(&catalog.Query{ID: killed, SQL: "SELECT 2", Status: catalog.QueryRunning, CreatedAt: f.clock.Now()})
	}))
	unfinished := filepath.Join(dir, "."+killed+".result.tmp")
	require.NoError(t, os.WriteFile(unfinished, []byte("ALRESULT"), 0o600))
	f.reopen()
	require.NoFileExists(t, unfinished)
	info, err := f.Get(killed)
	require.NoError(t, err)
	require.Equal(t, query.Failed, info.State)
	_, err = f.Results(killed)
	require.ErrorIs(t, err, query.ErrNotKept)
	kept, err := f.Results(id)
	require.NoError(t, err)
	require.EqualValues(t, 1, kept.Rows())
	require.NoError(t, kept.Close())

	path := filepath.Join(dir, id+".result")
	file, err := os.ReadFile(path)
	require.NoError(t, err)
	for _, at := range []int{20, len(file) - 50} { // of the schema, of the index
		damaged := bytes.Clone(file)
		damaged[at] ^= 1
		require.NoError(t, os.WriteFile(path, damaged, 0o600))
		_, err = f.Results(id)
		require.ErrorContains(t, err, "damaged file "+path)
	}
}
