package query_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/query"
	"github.com/auditlake/auditlake/planner/types"
)

// busy runs a statement that is at work until the function it returns is called.
func (f *fixture) busy() (end func()) {
	f.t.Helper()
	begun, goOn, done := make(chan struct{}), make(chan struct{}), make(chan error)
	go func() {
		rows, err := f.Query(context.Background(), "SELECT node_id FROM system.runtime.nodes", query.InServer(func() *query.Server {
			close(begun)
			<-goOn
			return nil
		}))
		if err == nil {
			err = rows.Close()
		}
		done <- err
	}()
	<-begun
	return func() {
		close(goOn)
		require.NoError(f.t, <-done)
	}
}

// TestTurns: with one statement at work the others wait, and users take turns.
func TestTurns(t *testing.T) {
	f := newFixture(t)
	f.maxRunning, f.maxWaiting = 1, 4
	f.reopen()
	end := f.busy()
	ann, bob := query.User("ann"), query.User("bob")
	names := map[*query.Query]string{}
	submit := func(name string, options ...query.Option) *query.Query {
		s := f.submit("SELECT 1", options...)
		names[s] = name
		return s
	}
	waiting := []*query.Query{submit("ann 1", ann), submit("ann 2", ann)}
	_, err := f.Submit(context.Background(), "SELECT 1", ann)
	require.Equal(t, types.QueryQueueFull, types.ErrorName(err), "has half of the places")
	waiting = append(waiting, submit("bob 1", bob))
	late := submit("bob, in a hurry", query.User("cy"), query.Timeout(time.Second))
	f.clock.Pass(time.Second)
	require.Equal(t, query.TimedOut, late.Info().State, "the wait counts")

	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err = f.Estimate(ctx, "SELECT 1", query.User("dan"))
	require.ErrorIs(t, err, context.Canceled, "an estimate waits for its turn")

	ended := make(chan string)
	for _, s := range waiting {
		require.Equal(t, query.Queued, s.Info().State)
		go func() {
			rows, err := s.Rows()
			if err != nil {
				ended <- err.Error()
				return
			}
			for rows.Next() {
			}
			_ = rows.Close() // always nil
			ended <- names[s]
		}()
	}
	end()
	require.ElementsMatch(t, []string{"ann 1", "bob 1", "ann 2"}, []string{<-ended, <-ended, <-ended})
	for _, s := range waiting {
		require.Equal(t, query.Finished, s.Info().State)
	}
}

// TestChecksTakeTurns: checks do not wait for statements that run, and no more of them are planned at once, or wait, than
// may.
func TestChecksTakeTurns(t *testing.T) {
	f := newFixture(t)
	f.maxRunning, f.maxWaiting = 1, 2
	f.reopen()
	endStatement := f.busy()
	reads, err := f.Check(context.Background(), "SELECT * FROM main")
	require.NoError(t, err)
	require.Equal(t, []string{f.store}, reads.StoreIDs)

	begun, goOn, ended := make(chan struct{}), make(chan struct{}), make(chan error, 2)
	go func() {
		_, err := f.Check(context.Background(), "SELECT node_id FROM system.runtime.nodes", query.InServer(func() *query.Server {
			close(begun)
			<-goOn
			return nil
		}))
		ended <- err
	}()
	<-begun
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err = f.Check(ctx, "SELECT 1")
	require.ErrorIs(t, err, context.Canceled, "waits for its turn")
	waits := make(chan struct{})
	go func() {
		_, err := f.Check(notedContext{context.Background(), sync.OnceFunc(func() { close(waits) })}, "SELECT 1")
		ended <- err
	}()
	<-waits
	_, err = f.Check(context.Background(), "SELECT 1")
	require.Equal(t, types.QueryQueueFull, types.ErrorName(err))
	close(goOn)
	require.NoError(t, <-ended)
	require.NoError(t, <-ended)
	_, err = f.Check(context.Background(), "SELECT 1")
	require.NoError(t, err)
	endStatement()
}

// notedContext calls asked when somebody waits for its end, which does not come.
type notedContext struct {
	context.Context
	asked func()
}

func (c notedContext) Done() <-chan struct{} {
	c.asked()
	return nil
}

// TestIdleReadersLetOthersWork: a reader that does not ask for more rows keeps nobody from working.
func TestIdleReadersLetOthersWork(t *testing.T) {
	f := newFixture(t)
	f.maxRunning = 2
	f.reopen()
	var idle []*query.Rows
	for range 10 {
		rows := f.rows(f.submit(long))
		require.True(t, rows.Next())
		idle = append(idle, rows)
	}
	f.finish("SELECT count(*) FROM main")
	for _, rows := range idle {
		require.True(t, rows.Next(), "each goes on when it is asked")
		require.NoError(t, rows.Close())
	}
}

// TestMemoryIsTheLakes: what one query holds others cannot have, until it ends.
func TestMemoryIsTheLakes(t *testing.T) {
	f := newFixture(t)
	f.memory, f.spillLimit = 8<<20, -1
	f.reopen()
	const sorts = "SELECT rpad(CAST(u.n AS varchar), 300, 'x') FROM UNNEST(sequence(1, 3000)) AS u(n) ORDER BY 1"
	var open []*query.Rows
	for {
		rows := f.rows(f.submit(sorts))
		open = append(open, rows)
		if !rows.Next() {
			require.Equal(t, types.ClusterOutOfMemory, types.ErrorName(rows.Err()))
			break
		}
		require.Less(t, len(open), 100)
	}
	require.Greater(t, len(open), 2, "one alone may hold half")
	for _, rows := range open {
		require.NoError(t, rows.Close())
	}
	f.finish(sorts)
}
