package sqldriver_test

import (
	"context"
	"database/sql"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine"
	_ "github.com/auditlake/auditlake/engine/sqldriver"
)

// openDB opens a lake that has no stores.
func openDB(t *testing.T) *sql.DB {
	dir := t.TempDir()
	lake, err := engine.Open(context.Background(), dir, engine.Options{})
	require.NoError(t, err)
	require.NoError(t, lake.Close())
	db, err := sql.Open("auditlake", dir)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	return db
}

func TestValues(t *testing.T) {
	db := openDB(t)
	cases := []struct {
		sql, typ string
		want     any
	}{
		{"true", "boolean", true},
		{"tinyint '1'", "tinyint", int64(1)},
		{"smallint '2'", "smallint", int64(2)},
		{"3", "integer", int64(3)},
		{"bigint '4'", "bigint", int64(4)},
		{"real '1.5'", "real", 1.5},
		{"2.5e0", "double", 2.5},
		{"1.50", "decimal(3, 2)", "1.50"},
		{"'text'", "varchar(4)", "text"},
		{"CAST(NULL AS varchar)", "varchar", nil},
		{"NULL", "unknown", nil},
		{"X'0aff'", "varbinary", []byte{0x0a, 0xff}},
		{"date '2024-02-29'", "date", time.Date(2024, 2, 29, 0, 0, 0, 0, time.UTC)},
		{"timestamp '2024-02-29 01:02:03.004'", "timestamp(3)", time.Date(2024, 2, 29, 1, 2, 3, 4e6, time.UTC)},
		{"timestamp '2024-02-29 01:02:03 +01:00'", "timestamp(0) with time zone", time.Date(2024, 2, 29, 0, 2, 3, 0, time.UTC)},
		{"time '01:02:03'", "time(0)", "01:02:03"},
		{"interval '1' day", "INTERVAL DAY TO SECOND", "1 00:00:00.000"},
		{"interval '14' month", "INTERVAL YEAR TO MONTH", "1-2"},
		{"uuid '123e4567-e89b-12d3-a456-426614174000'", "uuid", "123e4567-e89b-12d3-a456-426614174000"},
		{"ipaddress '10.0.0.1'", "ipaddress", "10.0.0.1"},
		{"ARRAY[1, NULL]", "array(integer)", "[1,null]"},
		{"MAP(ARRAY['k'], ARRAY[1.5e0])", "map(varchar(1), double)", `{"k":1.5}`},
		{"ROW(1, 'x')", "row(integer, varchar(1))", `[1,"x"]`},
		{"json '{\"a\": 1}'", "json", `{"a":1}`},
	}
	for _, c := range cases {
		t.Run(c.sql, func(t *testing.T) {
			rows, err := db.Query("SELECT " + c.sql + " AS x")
			require.NoError(t, err)
			defer rows.Close()
			columns, err := rows.ColumnTypes()
			require.NoError(t, err)
			require.Equal(t, "x", columns[0].Name())
			require.Equal(t, c.typ, columns[0].DatabaseTypeName())
			require.True(t, rows.Next())
			var got any
			require.NoError(t, rows.Scan(&got))
			require.Equal(t, c.want, got)
			require.False(t, rows.Next())
			require.NoError(t, rows.Err())
		})
	}
}

func TestManyRows(t *testing.T) {
	rows, err := openDB(t).Query("SELECT x FROM UNNEST(sequence(1, 10000)) AS a (x) ORDER BY x")
	require.NoError(t, err)
	defer rows.Close()
	want := int64(0)
	for rows.Next() {
		var x int64
		require.NoError(t, rows.Scan(&x))
		want++
		if x != want {
			require.Equal(t, want, x)
		}
	}
	require.NoError(t, rows.Err())
	require.EqualValues(t, 10000, want)
}

func TestConnectionsShareTheLake(t *testing.T) {
	db := openDB(t)
	first, err := db.Conn(context.Background())
	require.NoError(t, err)
	defer first.Close()
	second, err := db.Conn(context.Background())
	require.NoError(t, err)
	defer second.Close()
	for _, c := range []*sql.Conn{first, second} {
		var x int64
		require.NoError(t, c.QueryRowContext(context.Background(), "SELECT 7").Scan(&x))
		require.EqualValues(t, 7, x)
	}
}

func TestPrepare(t *testing.T) {
	statement, err := openDB(t).Prepare("SELECT 7")
	require.NoError(t, err)
	defer statement.Close()
	var x int64
	require.NoError(t, statement.QueryRow().Scan(&x))
	require.EqualValues(t, 7, x)
}

func TestAConnectionIsASession(t *testing.T) {
	db := openDB(t)
	ctx := context.Background()
	one, err := db.Conn(ctx)
	require.NoError(t, err)
	defer one.Close()
	for _, statement := range []string{"PREPARE q FROM SELECT current_timezone() || ?", "SET TIME ZONE 'Asia/Tokyo'"} {
		var done bool
		require.NoError(t, one.QueryRowContext(ctx, statement).Scan(&done))
		require.True(t, done)
	}
	var got string
	require.NoError(t, one.QueryRowContext(ctx, "EXECUTE q USING '!'").Scan(&got))
	require.Equal(t, "Asia/Tokyo!", got)
	other, err := db.Conn(ctx)
	require.NoError(t, err)
	defer other.Close()
	require.ErrorContains(t, other.QueryRowContext(ctx, "EXECUTE q USING '!'").Scan(&got), "Prepared statement not found: q")
}

func TestErrors(t *testing.T) {
	db := openDB(t)
	_, err := db.Query("SELECT x FROM nowhere")
	var wrong *engine.Error
	require.ErrorAs(t, err, &wrong)
	require.Equal(t, "TABLE_NOT_FOUND", wrong.Name)

	// An error while rows are read.
	var x int64
	require.ErrorContains(t, db.QueryRow("SELECT 1 / x FROM (VALUES 0) AS t (x)").Scan(&x), "DIVISION_BY_ZERO")

	_, err = db.Exec("SELECT 1")
	require.ErrorContains(t, err, "only queries")
	_, err = db.Begin()
	require.ErrorContains(t, err, "only queries")

	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err = db.QueryContext(ctx, "SELECT 1")
	require.ErrorIs(t, err, context.Canceled)
}

func TestNoLake(t *testing.T) {
	db, err := sql.Open("auditlake", t.TempDir())
	require.NoError(t, err)
	defer db.Close()
	require.ErrorIs(t, db.Ping(), engine.ErrNoLake)
}

// TestClosingTheDBFreesTheLake for others.
func TestClosingTheDBFreesTheLake(t *testing.T) {
	dir := t.TempDir()
	lake, err := engine.Open(context.Background(), dir, engine.Options{})
	require.NoError(t, err)
	require.NoError(t, lake.Close())
	for range 2 {
		db, err := sql.Open("auditlake", dir)
		require.NoError(t, err)
		require.NoError(t, db.Ping())
		require.NoError(t, db.Close())
	}
}
