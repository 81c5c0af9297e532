package dashboards

import (
	"encoding/json"
	"os"
	"reflect"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/storage/catalog"
)

// TestADashboardIsItsRecord: no field of a record is lost on the way to those who see the dashboard, and back.
func TestADashboardIsItsRecord(t *testing.T) {
	text, err := os.ReadFile("../../storage/catalog/testdata/records.json")
	require.NoError(t, err)
	var records struct{ Dashboard *catalog.Dashboard } // with a value in every field
	require.NoError(t, json.Unmarshal(text, &records))
	shown := fromRecord(records.Dashboard)
	require.Equal(t, records.Dashboard, record(shown))
	require.Equal(t, records.Dashboard.ARN(), shown.ARN())
	fields := reflect.ValueOf(*shown)
	for i := range fields.NumField() {
		require.True(t, fields.Type().Field(i).Name == "IsManaged" || !fields.Field(i).IsZero(), fields.Type().Field(i).Name)
	}
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
