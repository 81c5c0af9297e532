package query_test

import (
	"context"
	"fmt"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/query"
	"github.com/auditlake/auditlake/planner/types"
	"github.com/auditlake/auditlake/storage/vfs"
)

// TestHistoryOutlastsAFullDisk: while nothing can be written queries run and are listed; what they were is written later.
func TestHistoryOutlastsAFullDisk(t *testing.T) {
	f := newFixture(t)
	f.files.Set(&vfs.Fault{Op: vfs.OpFree, Err: syscall.ENOSPC})
	first := f.finish("SELECT count(eventname) FROM main")
	require.ErrorIs(t, f.Flush(), syscall.ENOSPC)
	second := f.finish("SELECT 2")
	require.Error(t, f.Flush())
	require.ElementsMatch(t, []string{"FINISHED SELECT count(eventname) FROM main", "FINISHED SELECT 2"}, f.listed(query.Filter{}))
	require.Zero(t, f.keyCount(first))
	_, err := f.Submit(context.Background(), "SELECT 3", query.Durable())
	require.ErrorIs(t, err, syscall.ENOSPC, "its id would be forgotten")
	require.ErrorContains(t, err, "record the query")

	f.files.Set(nil)
	require.NoError(t, f.Flush())
	for _, id := range []string{first, second} {
		require.Equal(t, 1, f.keyCount(id))
	}
	require.EqualValues(t, 1, f.usage().Queries, "counted once")
	require.Equal(t, 1, strings.Count(f.log.String(), "history of queries cannot be written"), "said once")
}

// TestHistoryThatCannotBeWrittenIsBounded: memory has an end, and nobody waits for a disk that takes nothing.
func TestHistoryThatCannotBeWrittenIsBounded(t *testing.T) {
	f := newFixture(t)
	f.files.Set(&vfs.Fault{Op: vfs.OpFree, Err: syscall.ENOSPC})
	f.finish("SELECT count(eventname) FROM main")
	require.Error(t, f.Flush())
	const count = 5000
	for i := range count {
		f.NoteEnded(fmt.Sprintf("SELECT %d", i), nil)
	}
	listed := f.listed(query.Filter{Limit: 2 * count})
	require.Less(t, len(listed), count)
	require.Contains(t, listed, fmt.Sprintf("FINISHED SELECT %d", count-1), "the latest are known")
	f.files.Set(nil)
	require.NoError(t, f.Flush())
	require.Positive(t, f.usage().ScannedBytes, "what was used is not forgotten")
}

// TestFullDiskOfKeptResults: a full disk ends the query that keeps its answer, with the reason, and nothing else.
func TestFullDiskOfKeptResults(t *testing.T) {
	f := newFixture(t)
	other := f.rows(f.submit(long))
	require.True(t, other.Next())
	f.files.Set(&vfs.Fault{Op: vfs.OpWrite, Err: syscall.ENOSPC})
	s := f.submit(events, query.Keep())
	rows, err := s.Rows()
	if err == nil {
		for rows.Next() {
		}
		err = rows.Err()
		require.NoError(t, rows.Close())
	}
	require.Equal(t, types.InsufficientResources, types.ErrorName(err), "%v", err)
	require.ErrorContains(t, err, "no space is left on the disk")
	info := s.Info()
	require.Equal(t, query.Failed, info.State)
	require.Contains(t, info.ErrorMessage, "no space is left on the disk")
	for other.Next() {
	}
	require.NoError(t, other.Err(), "another query goes on")
	require.NoError(t, other.Close())
	f.files.Set(nil)
	kept, err := f.Results(f.finish(events, query.Keep()))
	require.NoError(t, err)
	require.EqualValues(t, 2000, kept.Rows())
	require.NoError(t, kept.Close())
}
