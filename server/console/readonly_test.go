package console

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine"
)

// TestReadOnlyLake: the page asks, pages, sorts and lists in a lake that is only read, whose folder stays as it is, and nothing of the
// answers is left once the lake is closed.
func TestReadOnlyLake(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	ctx := context.Background()
	dir := t.TempDir()
	s := &site{T: t}
	lake, err := engine.Open(ctx, dir, engine.Options{Now: s.now, FlushAge: time.Hour})
	require.NoError(t, err)
	s.lake = lake
	_, err = lake.Stores().Create(ctx, engine.StoreOptions{Name: "main", RetentionDays: 3653})
	require.NoError(t, err)
	_, err = lake.Imports().Run(ctx, engine.ImportOptions{Store: "main", Paths: []string{filepath.Join("..", "..", "testdata", "logs")}})
	require.NoError(t, err)
	require.NoError(t, lake.Close())

	s.lake, err = engine.Open(ctx, dir, engine.Options{Now: s.now, ReadOnly: true})
	require.NoError(t, err)
	isClosed := false
	t.Cleanup(func() {
		if !isClosed {
			_ = s.lake.Close()
		}
	})
	s.serve("", false)
	v := s.signedInAsRoot()
	q := v.run("SELECT eventname, count(*) FROM main GROUP BY 1 ORDER BY 2 DESC, 1")
	require.Equal(t, "FINISHED", q.State, q.ErrorMessage)
	rows := ask[rowsView](v, http.MethodGet, "queries/"+q.ID+"/rows?offset=0&limit=10", nil)
	require.Len(t, rows.Rows, 10)
	require.Equal(t, "FINISHED", sortedBy(v, q.ID, 0, true).State)
	require.NotEmpty(t, ask[[]queryView](v, http.MethodGet, "queries", nil))
	wrong := v.run("SELECT 1 / (SELECT count(*) FROM main WHERE eventname = 'none')")
	require.Equal(t, "FAILED", wrong.State)
	status, why := v.refused(http.MethodPost, "dashboards/AWSCloudTrail-Overview/refresh", map[string]string{"store": "main"})
	require.Equal(t, http.StatusConflict, status, why.Message)

	temp, err := os.ReadDir(os.TempDir())
	require.NoError(t, err)
	require.NotEmpty(t, temp)
	s.door.Close()
	require.NoError(t, s.lake.Close())
	isClosed = true
	temp, err = os.ReadDir(os.TempDir())
	require.NoError(t, err)
	require.Empty(t, temp)
	_, err = os.Stat(filepath.Join(dir, "results"))
	require.ErrorIs(t, err, os.ErrNotExist)
}
