package imports_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine"
)

// twoTrails is a folder in which two trails have delivered the same n events, with other events of one of the trails alone.
func twoTrails(t *testing.T, n int) string {
	folder := t.TempDir()
	for _, trail := range []string{"organization", "account"} {
		var records []string
		for i := range n {
			records = append(records, fmt.Sprintf(
				`{"eventVersion":"1.08","eventID":"e-%d","eventTime":"2025-12-%02dT10:00:00Z","eventName":"PutObject","recipientAccountId":"111122223333"}`, i, 1+i%20))
		}
		records = append(records, fmt.Sprintf(
			`{"eventVersion":"1.08","eventID":"%s","eventTime":"2025-12-30T10:00:00Z","eventName":"PutObject","recipientAccountId":"111122223333"}`, trail))
		require.NoError(t, os.WriteFile(filepath.Join(folder, trail+".json"), []byte(`{"Records":[`+strings.Join(records, ",")+`]}`), 0o600))
	}
	return folder
}

const counts = "SELECT count(*), count(DISTINCT eventid) FROM main"

// TestTwoTrailsIntoNewStore: the store that an import makes keeps one of two deliveries of an event, so that counts and the event
// history agree; the dry run says the same.
func TestTwoTrailsIntoNewStore(t *testing.T) {
	ctx := context.Background()
	lake := openLake(t, t.TempDir(), newYear)
	folder := twoTrails(t, 40)
	tried, err := lake.Imports().Run(ctx, engine.ImportOptions{Paths: []string{folder}, DryRun: true})
	require.NoError(t, err)
	r, err := lake.Imports().Run(ctx, engine.ImportOptions{Paths: []string{folder}})
	require.NoError(t, err)
	for _, r := range []*engine.ImportResult{tried, r} {
		require.EqualValues(t, 42, r.Events)
		require.EqualValues(t, 40, r.SkippedRepeated)
		require.Zero(t, r.StoredRepeats)
	}
	require.Equal(t, tried.EventBytes, r.EventBytes)
	require.Equal(t, []string{"42|42"}, answerOf(t, lake, counts))
}

// TestTwoTrailsIntoExistingStore: an import into a store that keeps repeats counts those that the days it added to hold.
func TestTwoTrailsIntoExistingStore(t *testing.T) {
	ctx := context.Background()
	lake := openLake(t, t.TempDir(), newYear)
	_, err := lake.Stores().Create(ctx, engine.StoreOptions{Name: "main", RetentionDays: engine.MaxRetentionDays})
	require.NoError(t, err)
	folder := twoTrails(t, 40)
	first, err := lake.Imports().Run(ctx, engine.ImportOptions{Paths: []string{filepath.Join(folder, "account.json")}})
	require.NoError(t, err)
	require.Zero(t, first.StoredRepeats)
	second, err := lake.Imports().Run(ctx, engine.ImportOptions{Paths: []string{folder}})
	require.NoError(t, err)
	require.EqualValues(t, 41, second.Events)
	require.EqualValues(t, 40, second.StoredRepeats)
	require.Equal(t, []string{"82|42"}, answerOf(t, lake, counts))

	drops := true
	_, err = lake.Stores().Update(ctx, "main", engine.StoreUpdate{DedupeEventID: &drops})
	require.NoError(t, err)
	compacted, err := lake.Compact(ctx)
	require.NoError(t, err)
	require.Equal(t, second.StoredRepeats, compacted.Repeats, "compaction drops as many as the import said")
	require.Equal(t, []string{"42|42"}, answerOf(t, lake, counts))
}
