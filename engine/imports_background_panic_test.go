package engine

import (
	"context"
	"io"
	"iter"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/ingest/importer"
	"github.com/auditlake/auditlake/storage/catalog"
)

// brokenSource panics when it is listed.
type brokenSource struct{}

func (brokenSource) Names() []string { return []string{"broken"} }

func (brokenSource) List(context.Context) iter.Seq2[importer.Object, error] { panic("no list") }

func (brokenSource) Open(context.Context, importer.Object) (io.ReadCloser, error) { panic("no file") }

// TestBackgroundImportPanics: an import that panics is FAILED, with the reason, and the next one may begin.
func TestBackgroundImportPanics(t *testing.T) {
	lake, err := Open(t.Context(), t.TempDir(), Options{})
	require.NoError(t, err)
	defer lake.Close()
	store, err := lake.Stores().Create(t.Context(), StoreOptions{Name: "main"})
	require.NoError(t, err)
	r := &catalog.Import{ID: uuid.NewString(), StoreID: store.ID, Sources: []string{"broken"}, S3: &catalog.S3Source{URI: "s3://broken/"}, Status: catalog.ImportInitializing}
	ctx, running, err := lake.beginImport(lake.background.ctx, r.ID)
	require.NoError(t, err)
	require.True(t, lake.background.begin(lake, func() {
		defer running.end()
		lake.Imports().run(ctx, running, r, brokenSource{})
	}))
	<-running.ended
	i, err := lake.Imports().Get(t.Context(), r.ID)
	require.NoError(t, err)
	require.Equal(t, ImportFailed, i.Status)
	require.Contains(t, i.Error, "internal error: no list")
	_, next, err := lake.beginImport(t.Context(), uuid.NewString())
	require.NoError(t, err)
	next.end()
}
