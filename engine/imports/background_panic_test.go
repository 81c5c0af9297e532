package imports

import (
	"context"
	"io"
	"iter"
	"log/slog"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/store"
	"github.com/auditlake/auditlake/ingest/importer"
	"github.com/auditlake/auditlake/storage"
	"github.com/auditlake/auditlake/storage/catalog"
)

// brokenSource panics when it is listed.
type brokenSource struct{}

func (brokenSource) Names() []string { return []string{"broken"} }

func (brokenSource) List(context.Context) iter.Seq2[importer.Object, error] { panic("no list") }

func (brokenSource) Open(context.Context, importer.Object) (io.ReadCloser, error) { panic("no file") }

// TestBackgroundImportPanics: an import that panics is FAILED, with the reason, and the next one may begin.
func TestBackgroundImportPanics(t *testing.T) {
	lake, err := storage.Open(t.Context(), t.TempDir(), storage.Options{})
	require.NoError(t, err)
	defer lake.Close()
	stores := store.New(lake, store.Place{Now: time.Now, Changing: store.NewChanging()})
	main, err := stores.Create(t.Context(), store.Options{Name: "main"})
	require.NoError(t, err)
	imports := New(lake, Place{Stores: stores, Now: time.Now, Log: slog.New(slog.DiscardHandler)})
	defer imports.Close()
	r := &catalog.Import{ID: uuid.NewString(), StoreID: main.ID, Sources: []string{"broken"}, S3: &catalog.S3Source{URI: "s3://broken/"}, Status: catalog.ImportInitializing}
	ctx, running, err := imports.slot.beginImport(imports.background.ctx, r.ID)
	require.NoError(t, err)
	require.True(t, imports.background.begin(func() {
		defer running.end()
		imports.runBackground(ctx, running, r, brokenSource{})
	}))
	<-running.ended
	i, err := imports.Get(t.Context(), r.ID)
	require.NoError(t, err)
	require.Equal(t, Failed, i.Status)
	require.Contains(t, i.Error, "internal error: no list")
	_, next, err := imports.slot.beginImport(t.Context(), uuid.NewString())
	require.NoError(t, err)
	next.end()
}
