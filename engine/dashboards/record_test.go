package dashboards

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/internal/material"
	"github.com/auditlake/auditlake/storage/catalog"
)

// TestADashboardIsItsRecord: no field of a record is lost on the way to those who see the dashboard, and back.
func TestADashboardIsItsRecord(t *testing.T) {
	kept, shown := material.Record(t, "Dashboard", fromRecord, record, "IsManaged")
	require.Equal(t, kept.ARN(), shown.ARN())
}

// TestARefreshThatWasLeft: a refresh that no process runs any more is over, and says why it failed; one that runs is neither.
func TestARefreshThatWasLeft(t *testing.T) {
	began := time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC)
	left := &catalog.Dashboard{Name: "board", LastRefresh: &catalog.DashboardRefresh{ID: "20260301100000000001", BeganAt: began}}
	d := New(Options{})
	found := d.describe(left)
	require.Equal(t, began, found.LastRefresh.EndedAt)
	require.Contains(t, found.FailureReason, "interrupted")
	require.True(t, left.LastRefresh.EndedAt.IsZero(), "the record stays as it is")

	require.NoError(t, d.enter(&Dashboard{Name: "board"}, left.LastRefresh.ID))
	found = d.describe(left)
	require.True(t, found.LastRefresh.EndedAt.IsZero())
	require.Empty(t, found.FailureReason)
	require.ErrorIs(t, d.enter(found, "20260301100000000002"), ErrRefreshing)
	d.leave("board", left.LastRefresh.ID)
	d.Close()
	require.Error(t, d.enter(found, "20260301100000000003"))
}

// TestARefreshWhoseEndIsInTheRecord: who reads the end of a refresh may begin another, or delete the dashboard, before its goroutine has left.
func TestARefreshWhoseEndIsInTheRecord(t *testing.T) {
	const first, second = "20260301100000000001", "20260301100000000002"
	began := time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC)
	board := &Dashboard{Name: "board", LastRefresh: &Refresh{ID: first, BeganAt: began}}
	d := New(Options{})
	require.NoError(t, d.enter(board, first))
	require.True(t, d.isRefreshing(board))
	board.LastRefresh.EndedAt = began.Add(time.Second)
	require.False(t, d.isRefreshing(board))
	require.NoError(t, d.enter(board, second))
	d.leave("board", first)
	d.giveUp("board", first)
	require.True(t, d.isRefreshing(board), "the second runs on")
	require.True(t, d.hasBegun("board", second))
	require.ErrorIs(t, d.enter(board, "20260301100000000003"), ErrRefreshing)
	d.leave("board", second)
	require.False(t, d.isRefreshing(board))
	d.Close()
}
