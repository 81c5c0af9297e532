package imports_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine"
	"github.com/auditlake/auditlake/internal/material"
)

// TestPublishedEventsImport: every record of every published file is an event,
// known, past retention or a listed failure; nothing is added twice.
func TestPublishedEventsImport(t *testing.T) {
	if testing.Short() {
		t.Skip("many events")
	}
	events := material.Outside(t, "events")
	lake := openLake(t, t.TempDir(), time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC))
	createStore(t, lake, "main", 2500)

	first := importCounted(t, lake, events)
	require.Greater(t, first.Events, int64(16_000))
	require.Positive(t, first.SkippedRetention)
	require.Positive(t, first.FailedRecords)
	require.Zero(t, first.FilesFailed)
	require.Positive(t, first.FilesOther) // the READMEs
	requireStored(t, lake, first.Events)
	requireListed(t, lake, first)

	second := importCounted(t, lake, events)
	require.Zero(t, second.Events)
	require.Equal(t, first.SkippedRetention, second.SkippedRetention)
	require.Positive(t, second.FilesKnown)

	_, err := lake.Stores().Update(context.Background(), "main", engine.StoreUpdate{RetentionDays: 3653})
	require.NoError(t, err)
	wider := importCounted(t, lake, events)
	require.Equal(t, first.SkippedRetention-wider.SkippedRetention, wider.Events)
	require.Positive(t, wider.Events)
	requireStored(t, lake, first.Events+wider.Events)

	again := importCounted(t, lake, events)
	require.Zero(t, again.Events)
	require.Equal(t, wider.SkippedRetention, again.SkippedRetention)

	// Widening first and importing once gives the same.
	createStore(t, lake, "wide", 3653)
	once, err := lake.Imports().Run(context.Background(), engine.ImportOptions{Store: "wide", Paths: []string{events}})
	require.NoError(t, err)
	require.Equal(t, first.Events+wider.Events, once.Events)
	require.Equal(t, []string{"0"}, answerOf(t, lake,
		"SELECT count(*) FROM (SELECT eventjsonchecksum, count(*) AS n FROM main GROUP BY 1) a FULL JOIN (SELECT eventjsonchecksum, count(*) AS n FROM wide GROUP BY 1) b USING (eventjsonchecksum) WHERE a.n IS DISTINCT FROM b.n"))
}

// importCounted imports into main and checks that the counts of each file and
// of all add up.
func importCounted(t *testing.T, lake *engine.Lake, path string) *engine.ImportResult {
	var records, events, known, failed, past int64
	r, err := lake.Imports().Run(context.Background(), engine.ImportOptions{Store: "main", Paths: []string{path}, FileDone: func(f engine.ImportedFile) {
		if f.Records != f.Events+f.Known+f.OutsideWindow+f.PastRetention+f.Failed {
			t.Errorf("%s: the counts do not add up: %+v", f.Object.Key, f)
		}
		records, events, known = records+f.Records, events+f.Events, known+f.Known
		failed, past = failed+f.Failed, past+f.PastRetention
	}})
	require.NoError(t, err)
	if r.FailedRecords > 0 {
		require.ErrorContains(t, r.Problem(), "records could not be imported")
	} else {
		require.NoError(t, r.Problem())
	}
	require.Equal(t, r.Records, r.Events+r.SkippedKnown+r.SkippedWindow+r.SkippedRetention+r.FailedRecords)
	require.Equal(t, []int64{r.Records, r.Events, r.SkippedKnown, r.FailedRecords, r.SkippedRetention}, []int64{records, events, known, failed, past})
	return r
}
