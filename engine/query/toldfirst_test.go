package query_test

import (
	"context"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/function"
	"github.com/auditlake/auditlake/engine/query"
)

// TestTheEndIsToldFirst: whoever is told of a query's end is told before others can see it, however it ends, so that whoever sees the end
// finds it counted and its place free.
func TestTheEndIsToldFirst(t *testing.T) {
	f := newFixture(t)
	var queries *query.Queries
	var told []query.State
	requireOpen := func(id string) {
		info, err := queries.Get(id)
		require.NoError(t, err)
		require.False(t, info.State.IsOver())
	}
	queries = query.New(query.Options{
		Storage: f.data, Functions: function.New(), Now: f.clock.Now, AfterFunc: f.clock.AfterFunc, Log: slog.New(slog.DiscardHandler),
		Price: func(int64) float64 { return 0 },
		Ended: func(info *query.Info) {
			requireOpen(info.ID)
			told = append(told, info.State)
		},
	})
	defer func() { require.NoError(t, queries.Close()) }()
	for _, c := range []struct {
		sql  string
		want query.State
	}{
		{"SELECT count(*) FROM main", query.Finished},
		{"SELECT nothing FROM main", query.Failed},
		{"SELECT eventid FROM main", query.Cancelled},
	} {
		var s *query.Query
		frees := 0
		s, err := queries.Submit(context.Background(), c.sql, query.BeforeEnd(func() {
			requireOpen(s.ID())
			frees++
		}))
		require.NoError(t, err)
		if c.want == query.Cancelled {
			s.Cancel(query.ErrCancelled)
		}
		rows, err := s.Rows()
		if err == nil {
			for rows.Next() {
			}
			require.NoError(t, rows.Close())
		}
		require.Equal(t, c.want, s.Info().State)
		s.Cancel(query.ErrCancelled)
		require.Equal(t, 1, frees)
		require.Equal(t, c.want, told[len(told)-1])
	}
	require.Len(t, told, 3)
}

// TestTheEndThoughOneWhoIsToldPanics: the query has ended all the same.
func TestTheEndThoughOneWhoIsToldPanics(t *testing.T) {
	f := newFixture(t)
	s, err := f.Submit(context.Background(), "SELECT count(*) FROM main", query.BeforeEnd(func() { panic("told") }))
	require.NoError(t, err)
	func() {
		defer func() { _ = recover() }()
		rows, err := s.Rows()
		require.NoError(t, err)
		defer rows.Close()
		for rows.Next() {
		}
	}()
	require.True(t, s.Info().State.IsOver())
}
