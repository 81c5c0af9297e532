package engine_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine"
	"github.com/auditlake/auditlake/engine/answer"
	"github.com/auditlake/auditlake/internal/material"
)

// twoForms makes a lake with the same events in the store kept, which keeps their texts, and in made,
// which rebuilds them.
func twoForms(t *testing.T, paths ...string) *engine.Lake {
	t.Helper()
	ctx := context.Background()
	lake := openLake(t, t.TempDir(), time.Date(2026, 1, 31, 0, 0, 0, 0, time.UTC))
	var events []int64
	for name, form := range map[string]engine.EventJSONForm{"kept": engine.EventJSONText, "made": engine.EventJSONRebuilt} {
		store, err := lake.Stores().Create(ctx, engine.StoreOptions{Name: name, RetentionDays: engine.MaxRetentionDays, EventJSON: form})
		require.NoError(t, err)
		require.Equal(t, form, store.EventJSON)
		done, err := lake.Imports().Run(ctx, engine.ImportOptions{Store: name, Paths: paths})
		require.NoError(t, err)
		events = append(events, done.Events)
	}
	require.Positive(t, events[0])
	require.Equal(t, events[0], events[1])
	return lake
}

// texts are the events of a store, each as eventjson and its checksum have it.
func texts(t *testing.T, lake *engine.Lake, store string) (list []string) {
	t.Helper()
	rows, err := lake.Query(context.Background(), "SELECT eventjson || eventjsonchecksum AS text FROM "+store+" ORDER BY 1")
	require.NoError(t, err)
	defer rows.Close()
	for rows.Next() {
		for i := range rows.Arrays()[0].Len() {
			require.False(t, answer.IsNull(rows.Arrays()[0], i))
			list = append(list, string(answer.AppendText(nil, rows.Columns()[0].Type, rows.Arrays()[0], i)))
		}
	}
	require.NoError(t, rows.Err())
	return list
}

// TestRebuiltPublishedEvents: real records come back byte for byte, as imported and as compacted, and
// take less room.
func TestRebuiltPublishedEvents(t *testing.T) {
	if testing.Short() {
		t.Skip("too long under the race detector; the unit stage runs it")
	}
	ctx := context.Background()
	lake := twoForms(t, material.Outside(t, "events"))
	for _, step := range []string{"imported", "compacted"} {
		want, got := texts(t, lake, "kept"), texts(t, lake, "made")
		require.Len(t, got, len(want), step)
		for i := range want {
			require.True(t, want[i] == got[i], "%s: %s\n%s", step, want[i], got[i])
		}
		_, err := lake.Compact(ctx)
		require.NoError(t, err)
	}
	kept, err := lake.Stores().Describe(ctx, "kept")
	require.NoError(t, err)
	made, err := lake.Stores().Describe(ctx, "made")
	require.NoError(t, err)
	require.Less(t, made.StoredBytes, kept.StoredBytes*7/10)
	t.Logf("%d events, %d bytes as text, %d rebuilt", kept.Events, kept.StoredBytes, made.StoredBytes)
}

// TestRebuiltTextsAreCompared: a store that drops repeated events compares their texts.
func TestRebuiltTextsAreCompared(t *testing.T) {
	ctx := context.Background()
	lake := openLake(t, t.TempDir(), time.Date(2026, 1, 31, 0, 0, 0, 0, time.UTC))
	_, err := lake.Stores().Create(ctx, engine.StoreOptions{Name: "main", EventJSON: engine.EventJSONRebuilt, DedupeEventID: true})
	require.NoError(t, err)
	event := func(params string) string {
		return `{"eventTime":"2026-01-30T12:00:00Z","eventID":"a","recipientAccountId":"111122223333","requestParameters":` + params + `}`
	}
	dir := t.TempDir()
	for i, events := range []string{event(`{"a":1}`), event(`{"a":1}`) + "," + event(`{"a":"1"}`)} {
		path := filepath.Join(dir, fmt.Sprint(i, ".json"))
		require.NoError(t, os.WriteFile(path, []byte(`{"Records":[`+events+`]}`), 0o600))
		done, err := lake.Imports().Run(ctx, engine.ImportOptions{Store: "main", Paths: []string{path}})
		require.NoError(t, err)
		require.EqualValues(t, 1, done.Events)
		require.EqualValues(t, i, done.SkippedRepeated)
	}
	require.Len(t, texts(t, lake, "main"), 2)
}

func TestRebuiltPushedEvents(t *testing.T) {
	if testing.Short() {
		t.Skip("one push after the other; the unit stage runs it")
	}
	ctx := context.Background()
	lake := twoForms(t, logsFolder(t))
	event := []byte(`{ "eventTime":"2026-01-30T12:00:00Z", "eventName" : "Put\u0061", "eventCategory":"Management", "requestParameters":{"a":1,"b":[1, 2]}}`)
	for _, store := range []string{"kept", "made"} {
		_, err := lake.Push(ctx, store, [][]byte{event})
		require.NoError(t, err)
	}
	require.Equal(t, texts(t, lake, "kept"), texts(t, lake, "made"))
	require.Contains(t, texts(t, lake, "made")[0], string(event))
	require.NoError(t, lake.Close())
}
