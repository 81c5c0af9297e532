package query_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/query"
	"github.com/auditlake/auditlake/planner"
	"github.com/auditlake/auditlake/planner/types"
	"github.com/auditlake/auditlake/storage/catalog"
)

// finish runs a statement to its end.
func (f *fixture) finish(sql string, options ...query.Option) string {
	f.t.Helper()
	rows := f.rows(f.submit(sql, options...))
	for rows.Next() {
	}
	require.NoError(f.t, rows.Err())
	require.NoError(f.t, rows.Close())
	return rows.Query().ID()
}

func TestHistoryIsKeptForSevenDays(t *testing.T) {
	f := newFixture(t)
	const day = 24 * time.Hour
	first := f.finish("SELECT 1")
	f.clock.Pass(day)
	f.finish("SELECT 2")
	f.clock.Pass(6 * day)
	require.Equal(t, []string{"FINISHED SELECT 2", "FINISHED SELECT 1"}, f.listed(query.Filter{}))
	f.clock.Pass(time.Millisecond)
	require.Equal(t, []string{"FINISHED SELECT 2"}, f.listed(query.Filter{}), "listed no more")
	_, err := f.Get(first)
	require.ErrorIs(t, err, query.ErrNotFound)
	f.reopen() // the file is tidied up when a lake is opened, and every hour
	require.Eventually(t, func() bool { return f.keyCount(first) == 0 }, time.Minute, time.Millisecond, "and removed")
	require.Equal(t, []string{"FINISHED SELECT 2"}, f.listed(query.Filter{}))
	f.clock.Pass(-7 * day)
	require.Equal(t, []string{"FINISHED SELECT 2"}, f.listed(query.Filter{}))
}

// TestHistoryIsKeptAsLongAsTheLakeWasTold: whoever opens the lake next keeps to what it was told.
func TestHistoryIsKeptAsLongAsTheLakeWasTold(t *testing.T) {
	for _, c := range []struct {
		name              string
		told, again, kept time.Duration
	}{
		{"nothing", 0, 0, 7 * 24 * time.Hour},
		{"longer", 30 * 24 * time.Hour, 0, 30 * 24 * time.Hour},
		{"shorter", time.Hour, 0, time.Hour},
		{"something else later", 30 * 24 * time.Hour, 2 * time.Hour, 2 * time.Hour},
		{"nonsense", -1, 0, 7 * 24 * time.Hour},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := newFixture(t)
			for _, told := range []time.Duration{c.told, c.again, 0} {
				f.keepHistory = told
				f.reopen()
			}
			id := f.finish("SELECT 1")
			for left := c.kept; left > 0; left -= 5 * 24 * time.Hour { // the lake is in use meanwhile, so that the clock is trusted
				f.clock.Pass(min(left, 5*24*time.Hour))
				f.finish("SELECT 2")
			}
			f.reopen()
			_, err := f.Get(id)
			require.NoError(t, err)
			f.clock.Pass(time.Millisecond)
			_, err = f.Get(id)
			require.ErrorIs(t, err, query.ErrNotFound)
			f.reopen()
			require.Eventually(t, func() bool { return f.keyCount(id) == 0 }, time.Minute, time.Millisecond)
		})
	}
}

// keyCount is how many records of a query there are: 0 or 1.
func (f *fixture) keyCount(id string) (count int) {
	require.NoError(f.t, f.data.Catalog().View(func(tx *catalog.Tx) error {
		if _, err := tx.Query(id); err == nil {
			count++
		}
		return nil
	}))
	return count
}

func TestFilters(t *testing.T) {
	f := newFixture(t)
	f.finish("SELECT 1", query.User("ann"))
	f.clock.Pass(time.Second)
	at := f.clock.Now()
	f.finish("SELECT count(*) FROM main", query.User("ann"))
	f.clock.Pass(time.Second)
	f.finish("SELECT count(*) FROM main AS a, main AS b", query.User("bob"))
	f.clock.Pass(time.Second)
	_, err := f.Query(context.Background(), "SELECT x", query.User("bob"))
	require.Error(t, err)
	f.clock.Pass(time.Second)
	const otherStore = "3f2c5a1e-0000-4000-8000-000000000000"
	waits := f.submit("SELECT 5", query.User("bob"), query.ThroughDoor("aws"), query.Reading(query.Reads{StoreIDs: []string{otherStore}}))
	for _, written := range []bool{false, true} {
		if written {
			require.NoError(t, f.Flush())
		}
		for _, c := range []struct {
			name   string
			filter query.Filter
			want   []string
		}{
			{"all", query.Filter{}, []string{"QUEUED SELECT 5", "FAILED SELECT x", "FINISHED SELECT count(*) FROM main AS a, main AS b",
				"FINISHED SELECT count(*) FROM main", "FINISHED SELECT 1"}},
			{"the latest", query.Filter{Limit: 2}, []string{"QUEUED SELECT 5", "FAILED SELECT x"}},
			{"of a store", query.Filter{StoreID: f.store}, []string{"FINISHED SELECT count(*) FROM main AS a, main AS b", "FINISHED SELECT count(*) FROM main"}},
			{"of a store and a user", query.Filter{StoreID: f.store, User: "ann"}, []string{"FINISHED SELECT count(*) FROM main"}},
			{"of a user", query.Filter{User: "ann"}, []string{"FINISHED SELECT count(*) FROM main", "FINISHED SELECT 1"}},
			{"of a user there is not", query.Filter{User: "an"}, nil},
			{"since", query.Filter{Since: at, User: "ann"}, []string{"FINISHED SELECT count(*) FROM main"}},
			{"until", query.Filter{Until: at}, []string{"FINISHED SELECT count(*) FROM main", "FINISHED SELECT 1"}},
			{"of a door", query.Filter{Door: "aws"}, []string{"QUEUED SELECT 5"}},
			{"of a store that was named", query.Filter{StoreID: otherStore}, []string{"QUEUED SELECT 5"}},
			{"states", query.Filter{States: []query.State{query.Queued, query.Failed}}, []string{"QUEUED SELECT 5", "FAILED SELECT x"}},
		} {
			require.Equal(t, c.want, f.listed(c.filter), "%s, written %t", c.name, written)
		}
	}
	waits.Cancel(query.ErrCancelled)
	require.Equal(t, []string{"CANCELLED SELECT 5"}, f.listed(query.Filter{Limit: 1}))
}

// TestPagesOfQueries: each page begins after the last query of the one before, also among queries of one instant and
// while others come.
func TestPagesOfQueries(t *testing.T) {
	f := newFixture(t)
	want := map[string]bool{}
	for i := range 7 {
		want[f.finish("SELECT count(*) FROM main")] = true
		if i%3 == 2 {
			f.clock.Pass(time.Second)
		}
	}
	for _, written := range []bool{false, true} {
		if written {
			require.NoError(t, f.Flush())
		}
		seen := map[string]bool{}
		var after *query.Place
		for {
			page, err := f.List(context.Background(), query.Filter{StoreID: f.store, After: after, Limit: 2})
			require.NoError(t, err)
			if len(page) == 0 {
				break
			}
			for _, info := range page {
				require.False(t, seen[info.ID], "listed before")
				seen[info.ID] = true
			}
			place := page[len(page)-1].Place()
			after = &place
			f.finish("SELECT 2 FROM main") // is before all pages
		}
		for id := range want {
			require.True(t, seen[id], id)
		}
	}
}

// TestCheck: a statement is planned, and nothing runs.
func TestCheck(t *testing.T) {
	f := newFixture(t)
	reads, err := f.Check(context.Background(), "WITH a AS (SELECT 1 FROM main) SELECT * FROM a, main WHERE 1 IN (SELECT 1 FROM main)")
	require.NoError(t, err)
	require.Equal(t, query.Reads{StoreIDs: []string{f.store}}, reads)
	reads, err = f.Check(context.Background(), "SELECT ?", query.Arguments("1"))
	require.NoError(t, err)
	require.Empty(t, reads)
	_, err = f.Check(context.Background(), "SELECT x FROM main")
	require.ErrorContains(t, err, "COLUMN_NOT_FOUND")
	require.Empty(t, f.listed(query.Filter{}))
}

// TestInterrupted: what a process left as if it waited or ran has failed when the lake is opened again.
func TestInterrupted(t *testing.T) {
	f := newFixture(t)
	queued, running := uuid.NewString(), uuid.NewString()
	require.NoError(t, f.data.Catalog().Update(context.Background(), func(tx *catalog.Tx) error {
		now := f.clock.Now()
		require.NoError(t, tx.PutQuery(&catalog.Query{ID: queued, SQL: "SELECT 1", Status: catalog.QueryQueued, CreatedAt: now}))
		return tx.PutQuery(&catalog.Query{ID: running, SQL: "SELECT 2", Status: catalog.QueryRunning, CreatedAt: now, StartedAt: now})
	}))
	f.reopen()
	for range 2 {
		for _, id := range []string{queued, running} {
			info, err := f.Get(id)
			require.NoError(t, err)
			require.Equal(t, query.Failed, info.State)
			require.Equal(t, "INTERRUPTED", info.ErrorName)
			require.Contains(t, info.ErrorMessage, "interrupted")
			require.ErrorIs(t, f.Cancel(id), query.ErrOver)
		}
		require.NoError(t, f.Flush())
	}
	require.NoError(t, f.data.Catalog().View(func(tx *catalog.Tx) error {
		open, err := tx.OpenQueries(10)
		require.Empty(t, open)
		return err
	}))
}

func TestDurable(t *testing.T) {
	f := newFixture(t)
	s := f.submit("SELECT 1", query.Durable())
	require.Equal(t, 1, f.keyCount(s.ID()), "is on the disk before the id is given out")
	s.Cancel(query.ErrCancelled)
}

func TestLongTexts(t *testing.T) {
	f := newFixture(t)
	for _, c := range []struct {
		name, text string
		want       int // characters
	}{
		{"short", "SELECT 'é'", 10},
		{"just short enough", "SELECT '" + strings.Repeat("é", 9991) + "'", 10_000},
		{"too long", "SELECT '" + strings.Repeat("é", 9992) + "'", 10_000},
	} {
		info, err := f.Get(f.finish(c.text))
		require.NoError(t, err)
		require.Equal(t, string([]rune(c.text)[:c.want]), info.SQL, c.name)
	}
}

// TestManyQueries: more than fit a batch, written while they come.
func TestManyQueries(t *testing.T) {
	f := newFixture(t)
	const count = 5000
	sql := "SELECT '" + strings.Repeat("x", 500) + "'"
	var ids []string
	for range count {
		s, err := f.Submit(context.Background(), sql)
		require.NoError(t, err)
		s.Cancel(query.ErrCancelled)
		ids = append(ids, s.ID())
	}
	require.Len(t, f.listed(query.Filter{Limit: 2 * count}), count)
	for _, id := range ids { // the latest from memory, the others from disk
		info, err := f.Get(id)
		require.NoError(t, err)
		require.Equal(t, query.Cancelled, info.State)
	}
	f.reopen()
	require.Len(t, f.listed(query.Filter{Limit: 2 * count}), count)
}

// TestPollsReadMemory: what ended a short time ago is known without the catalog, whose reads wait for the commits of others.
func TestPollsReadMemory(t *testing.T) {
	f := newFixture(t)
	id := f.finish("SELECT 1")
	require.Eventually(t, func() bool { return f.keyCount(id) == 1 }, time.Minute, time.Millisecond, "written")
	require.NoError(t, f.data.Catalog().Update(context.Background(), func(tx *catalog.Tx) error {
		_, err := tx.DeleteQueriesBefore(f.clock.Now().Add(time.Hour), 10)
		return err
	}))
	info, err := f.Get(id)
	require.NoError(t, err)
	require.Equal(t, query.Finished, info.State)
	f.reopen()
	_, err = f.Get(id)
	require.ErrorIs(t, err, query.ErrNotFound, "it was read from memory before")
}

// TestDefectsGoToTheLog: the statement's author sees what went wrong, the log has where.
func TestDefectsGoToTheLog(t *testing.T) {
	f := newFixture(t)
	_, err := f.Query(context.Background(), "SELECT 1 FROM system.runtime.nodes", query.InServer(func() *query.Server { panic("a defect") }))
	require.ErrorContains(t, err, "a defect")
	require.NotContains(t, err.Error(), "goroutine")
	infos, err := f.List(context.Background(), query.Filter{})
	require.NoError(t, err)
	require.Equal(t, "GENERIC_INTERNAL_ERROR", infos[0].ErrorName)
	require.NotContains(t, infos[0].ErrorMessage, "goroutine")
	require.Contains(t, f.log.String(), "goroutine")
	require.Contains(t, f.log.String(), infos[0].ID)
}

// TestStatementsThatEndAtOnce: what a door carries out itself, or refuses, is in the history, too.
func TestStatementsThatEndAtOnce(t *testing.T) {
	f := newFixture(t)
	changed := f.NoteEnded("USE auditlake.default", nil, query.User("ann"), query.ThroughDoor("trino"), query.FromSource("a program"))
	wrong := f.NoteEnded("SET SESSION x = 1", types.Errorf(types.InvalidSessionProperty, types.Pos{}, "Session property 'x' does not exist"), query.User("bob"))
	for range 2 {
		info, err := f.Get(changed)
		require.NoError(t, err)
		require.Equal(t, &query.Info{
			ID: changed, SQL: "USE auditlake.default", State: query.Finished, User: "ann", Door: "trino", Source: "a program",
			CreatedAt: f.clock.Now(), EndedAt: f.clock.Now(), KnowsTables: true,
		}, info)
		require.Equal(t, []string{"FINISHED USE auditlake.default"}, f.listed(query.Filter{User: "ann"}))
		require.Equal(t, []string{"FAILED SET SESSION x = 1"}, f.listed(query.Filter{User: "bob"}))
		info, err = f.Get(wrong)
		require.NoError(t, err)
		require.Equal(t, "INVALID_SESSION_PROPERTY", info.ErrorName)
		require.ErrorIs(t, f.Cancel(wrong), query.ErrOver)
		f.reopen()
	}
}

// TestParsed: a statement that its door has parsed is not parsed again, unless values for its parameters come after it.
func TestParsed(t *testing.T) {
	f := newFixture(t)
	parsed, err := planner.Statement("SELECT ?", nil, "7")
	require.NoError(t, err)
	answer := func(sql string, options ...query.Option) string {
		t.Helper()
		rows := f.rows(f.submit(sql, options...))
		defer rows.Close()
		require.True(t, rows.Next())
		return rows.Arrays()[0].ValueStr(0)
	}
	require.Equal(t, "7", answer("this text is only for the list", query.Parsed(parsed)))
	require.Equal(t, "7", answer("SELECT ?", query.Arguments("1"), query.Parsed(parsed)))
	require.Equal(t, "8", answer("SELECT ?", query.Parsed(parsed), query.Arguments("8")))
	require.Equal(t, "7", answer("SELECT ?", query.Parsed(parsed), query.Arguments()), "no values")
}

// TestWritten: the history has a statement as its author wrote it.
func TestWritten(t *testing.T) {
	f := newFixture(t)
	f.finish("SELECT true AS result", query.Written("SET TIME ZONE 'UTC'"))
	_, err := f.Explain(context.Background(), "SELECT 1", true)
	require.NoError(t, err)
	_, err = f.Explain(context.Background(), "explain SELECT 2", false)
	require.NoError(t, err)
	_, err = f.Explain(context.Background(), "SELECT x", false, query.User("ann"))
	require.Error(t, err)
	require.ElementsMatch(t, []string{"FINISHED SET TIME ZONE 'UTC'", "FINISHED EXPLAIN ANALYZE SELECT 1", "FINISHED explain SELECT 2", "FAILED EXPLAIN SELECT x"},
		f.listed(query.Filter{}))
}
