package imports

import (
	"log/slog"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/billing"
	"github.com/auditlake/auditlake/engine/store"
	"github.com/auditlake/auditlake/ingest/importer"
	"github.com/auditlake/auditlake/storage"
	"github.com/auditlake/auditlake/storage/catalog"
)

// TestTookBeforeItEnded: what an import brought is told while its record still says that it runs, so that whoever reads there that it
// has ended finds it counted.
func TestTookBeforeItEnded(t *testing.T) {
	ctx := t.Context()
	lake, err := storage.Open(ctx, t.TempDir(), storage.Options{})
	require.NoError(t, err)
	defer lake.Close()
	stores := store.New(lake, store.Place{Now: time.Now, Changing: store.NewChanging()})
	main, err := stores.Create(ctx, store.Options{Name: "main", RetentionDays: store.MaxRetentionDays})
	require.NoError(t, err)
	other, err := stores.Create(ctx, store.Options{Name: "other", RetentionDays: store.MaxRetentionDays})
	require.NoError(t, err)
	var imports *Imports
	took := map[string]int64{}
	imports = New(lake, Place{Stores: stores, Prices: &billing.Prices{}, Now: time.Now, Log: slog.New(slog.DiscardHandler), Took: func(storeID string, events, _, _ int64) {
		took[storeID] += events
		all, err := imports.List(ctx)
		require.NoError(t, err)
		for _, i := range all {
			if i.StoreID == storeID {
				require.Equal(t, catalog.ImportInProgress, catalog.ImportStatus(i.Status))
			}
		}
	}})
	defer imports.Close()
	const logs = "../../testdata/logs"
	_, err = imports.Run(ctx, Options{Store: "main", Paths: []string{logs}})
	require.NoError(t, err)
	require.EqualValues(t, 2000, took[main.ID])

	source, err := importer.NewFiles(logs)
	require.NoError(t, err)
	r := &catalog.Import{ID: uuid.NewString(), StoreID: other.ID, Sources: []string{logs}, S3: &catalog.S3Source{URI: "s3://logs/"}, Status: catalog.ImportInitializing}
	background, running, err := imports.slot.beginImport(imports.background.ctx, r.ID)
	require.NoError(t, err)
	imports.runBackground(background, running, r, source)
	running.end()
	require.EqualValues(t, 2000, took[other.ID])
}
