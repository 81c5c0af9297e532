package sqldriver_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"net/http"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/cmd/auditlake/attach"
	"github.com/auditlake/auditlake/engine"
	"github.com/auditlake/auditlake/server/local"
)

// TestHolderThatEnds: while another process holds the lake it answers, and after it has ended the driver opens the lake.
func TestHolderThatEnds(t *testing.T) {
	dir, err := os.MkdirTemp("", "lake") // a socket's path must be short
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, os.RemoveAll(dir)) })
	t.Setenv("XDG_RUNTIME_DIR", dir)
	lake, err := engine.Open(context.Background(), dir, engine.Options{})
	require.NoError(t, err)
	door := local.New(lake)
	holder, err := attach.Listen(dir, nil, http.HandlerFunc(door.ServeHTTP), nil)
	require.NoError(t, err)

	db, err := sql.Open("auditlake", dir)
	require.NoError(t, err)
	defer db.Close()
	var got int
	require.NoError(t, db.QueryRow("SELECT ? + 2", 40).Scan(&got))
	require.Equal(t, 42, got)
	listed, err := lake.Queries().List(context.Background(), engine.QueryFilter{})
	require.NoError(t, err)
	require.Len(t, listed, 1, "the holder answered")
	require.ErrorContains(t, db.QueryRow("SELECT 1 / (x - x) FROM (VALUES 1) t (x)").Scan(&got), "Division by zero")

	ended, cancel := context.WithCancel(context.Background())
	cancel() // whatever is asked ends now
	holder.End(ended, nil)
	door.Close()
	require.NoError(t, lake.Close())
	require.NoError(t, db.QueryRow("SELECT 7").Scan(&got))
	require.Equal(t, 7, got)
	_, err = engine.Open(context.Background(), dir, engine.Options{})
	require.ErrorIs(t, err, engine.ErrLocked, "the driver holds the lake now")
}

// TestConnectionWithoutAPool: a driver's connection by itself, as other packages than database/sql use one.
func TestConnectionWithoutAPool(t *testing.T) {
	db := openDB(t)
	lakes := db.Driver()
	_, err := lakes.Open(t.TempDir())
	require.ErrorIs(t, err, engine.ErrNoLake)

	dir := t.TempDir()
	lake, err := engine.Open(context.Background(), dir, engine.Options{})
	require.NoError(t, err)
	require.NoError(t, lake.Close())
	conn, err := lakes.Open(dir)
	require.NoError(t, err)
	defer conn.Close()
	stmt, err := conn.Prepare("SELECT 'a' AS x")
	require.NoError(t, err)
	rows, err := stmt.(driver.StmtQueryContext).QueryContext(context.Background(), nil)
	require.NoError(t, err)
	require.Equal(t, []string{"x"}, rows.Columns())
	row := make([]driver.Value, 1)
	require.NoError(t, rows.Next(row))
	require.Equal(t, []driver.Value{"a"}, row)
	require.NoError(t, rows.Close())
	require.NoError(t, stmt.Close())
}
