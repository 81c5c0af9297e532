package engine_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine"
)

// trailEvent is an event as every trail delivers it.
func trailEvent(id int, params string) string {
	return fmt.Sprintf(`{"eventTime":"2026-01-30T12:%02d:00Z","eventID":"%d","eventName":"Get","eventCategory":"Management","recipientAccountId":"111122223333","requestParameters":{"a":%s}}`,
		id/10, id, params)
}

// TestAStoreBeginsToDropRepeats: what two trails have delivered into a store goes with the compaction after it was told to, and
// what comes later is not taken in, whatever the form of texts.
func TestAStoreBeginsToDropRepeats(t *testing.T) {
	ctx := context.Background()
	for _, form := range []engine.EventJSONForm{engine.EventJSONText, engine.EventJSONRebuilt} {
		t.Run(string(form), func(t *testing.T) {
			dir := t.TempDir()
			lake := openLake(t, dir, time.Date(2026, 1, 31, 0, 0, 0, 0, time.UTC))
			_, err := lake.Stores().Create(ctx, engine.StoreOptions{Name: "main", EventJSON: form})
			require.NoError(t, err)
			files := 0
			deliver := func(events ...string) *engine.ImportResult {
				path := filepath.Join(t.TempDir(), fmt.Sprint(files, ".json"))
				files++
				require.NoError(t, os.WriteFile(path, []byte(`{"Records":[`+strings.Join(events, ",")+`]}`), 0o600))
				done, err := lake.Imports().Run(ctx, engine.ImportOptions{Store: "main", Paths: []string{path}})
				require.NoError(t, err)
				return done
			}
			var both, account []string
			for id := range 60 {
				both = append(both, trailEvent(id, "1"))
			}
			for id := 60; id < 90; id++ {
				account = append(account, trailEvent(id, "1"))
			}
			deliver(both...)
			deliver(append(account, both...)...)
			deliver(trailEvent(0, "2")) // other bytes
			_, err = lake.Push(ctx, "main", [][]byte{[]byte(both[0])})
			require.NoError(t, err)
			require.Len(t, texts(t, lake, "main"), 152)

			yes, no := true, false
			updated, err := lake.Stores().Update(ctx, "main", engine.StoreUpdate{DedupeEventID: &yes})
			require.NoError(t, err)
			require.True(t, updated.DedupeEventID && updated.HoldsRepeats)
			require.Len(t, texts(t, lake, "main"), 152, "the next compaction drops them")
			require.EqualValues(t, 1, deliver(both[3]).SkippedRepeated)

			done, err := lake.Compact(ctx)
			require.NoError(t, err)
			require.EqualValues(t, 61, done.Repeats)
			require.Len(t, texts(t, lake, "main"), 91)
			for sql, want := range map[string]string{
				"SELECT count(*) FROM main": "91", "SELECT count(DISTINCT eventid) FROM main": "90",
				"SELECT count(*) FROM main WHERE eventid = '0'": "2",
			} {
				require.Equal(t, []string{want}, answerOf(t, lake, sql), sql)
			}
			settled, err := lake.Stores().Get(ctx, "main")
			require.NoError(t, err)
			require.False(t, settled.HoldsRepeats)
			d, err := lake.Stores().Describe(ctx, "main")
			require.NoError(t, err)
			require.EqualValues(t, 91, d.Events)
			again, err := lake.Compact(ctx)
			require.NoError(t, err)
			require.Zero(t, again)
			require.EqualValues(t, 30, deliver(account...).SkippedRepeated)
			requireVerified(t, lake)

			require.NoError(t, lake.Close())
			lake = openLake(t, dir, time.Date(2026, 1, 31, 0, 0, 0, 0, time.UTC))
			require.Len(t, texts(t, lake, "main"), 91)
			updated, err = lake.Stores().Update(ctx, "main", engine.StoreUpdate{DedupeEventID: &no})
			require.NoError(t, err)
			require.False(t, updated.DedupeEventID || updated.HoldsRepeats)
			require.EqualValues(t, 1, deliver(both[0]).Events)
		})
	}
}

func requireVerified(t *testing.T, lake *engine.Lake) {
	t.Helper()
	found, err := lake.Verify(context.Background(), engine.VerifyOptions{})
	require.NoError(t, err)
	require.Empty(t, found.Problems)
}

// TestRepeatsOfOtherStores: a store whose events have no text cannot compare them.
func TestRepeatsOfOtherStores(t *testing.T) {
	ctx := context.Background()
	lake := openLake(t, t.TempDir(), time.Date(2026, 1, 31, 0, 0, 0, 0, time.UTC))
	_, err := lake.Stores().Create(ctx, engine.StoreOptions{Name: "insights", Category: "Insight"})
	require.NoError(t, err)
	yes := true
	_, err = lake.Stores().Update(ctx, "insights", engine.StoreUpdate{DedupeEventID: &yes})
	require.ErrorIs(t, err, engine.ErrInvalidParameter)
}
