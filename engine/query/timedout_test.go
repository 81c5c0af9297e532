package query_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/query"
	"github.com/auditlake/auditlake/planner/types"
)

// TestRowsOfTimedOutQueries: the rows that a query gave until its time was over can be read, whether somebody was at work on
// it or not, also after a restart, and only as what they are: a part.
func TestRowsOfTimedOutQueries(t *testing.T) {
	f := newFixture(t)
	const first = "SELECT u.n FROM UNNEST(sequence(1, 10000)) AS u(n), UNNEST(sequence(1, 10000)) AS v(n)"
	for name, passes := range map[string]func(rows *query.Rows){
		"between two batches": func(rows *query.Rows) {
			f.clock.Pass(time.Hour)
		},
		"while the next is read": func(rows *query.Rows) {
			done := make(chan struct{})
			go func() {
				defer close(done)
				for rows.Next() {
				}
			}()
			f.clock.Pass(time.Hour)
			<-done
			require.Equal(t, types.ExceededTimeLimit, types.ErrorName(rows.Err()))
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := f.submit(first, query.Keep(), query.Timeout(time.Hour))
			rows := f.rows(s)
			require.True(t, rows.Next())
			read := int64(rows.Arrays()[0].Len())
			passes(rows)
			require.Eventually(t, func() bool { return s.Info().State == query.TimedOut }, time.Minute, time.Millisecond)
			require.NoError(t, rows.Close())
			for range 2 {
				_, err := f.Results(s.ID())
				require.ErrorIs(t, err, query.ErrNotKept, "it is no whole result")
				part, err := f.PartialResults(s.ID())
				require.NoError(t, err)
				require.GreaterOrEqual(t, part.Rows(), read)
				page := part.Page(context.Background(), 0, -1)
				var count int64
				for page.Next() {
					count += int64(page.Arrays()[0].Len())
				}
				require.NoError(t, page.Err())
				require.Equal(t, part.Rows(), count)
				require.NoError(t, part.Close())
				f.reopen()
			}
		})
	}
	waiting := f.submit(long, query.Keep(), query.Timeout(time.Minute))
	f.clock.Pass(time.Minute)
	require.Equal(t, query.TimedOut, waiting.Info().State)
	_, err := f.PartialResults(waiting.ID())
	require.ErrorIs(t, err, query.ErrNotKept, "its turn had not come")

	cancelled := f.submit(long, query.Keep())
	rows := f.rows(cancelled)
	require.True(t, rows.Next())
	cancelled.Cancel(query.ErrCancelled)
	require.NoError(t, rows.Close())
	_, err = f.PartialResults(cancelled.ID())
	require.ErrorIs(t, err, query.ErrNotKept)
}
