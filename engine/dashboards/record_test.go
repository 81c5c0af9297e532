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

	require.NoError(t, d.enter("board", left.LastRefresh.ID))
	found = d.describe(left)
	require.True(t, found.LastRefresh.EndedAt.IsZero())
	require.Empty(t, found.FailureReason)
	require.ErrorIs(t, d.enter("board", "20260301100000000002"), ErrRefreshing)
	d.leave("board")
	d.Close()
	require.Error(t, d.enter("board", "20260301100000000003"))
}
