package engine_test

import (
	"bufio"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine"
	"github.com/auditlake/auditlake/internal/material"
	"github.com/auditlake/auditlake/planner/types"
)

// refusedQueries are the published queries that are no Trino SQL, or read what
// a store does not have; planner/analyze says why for each.
var refusedQueries = map[string]string{
	"L07716ebaa8": types.SyntaxError, "L8b9408cfef": types.SyntaxError, "Lf68db6d11b": types.SyntaxError,
	"Lbf89820e3c": types.SyntaxError, "Le3308b413d": types.SyntaxError, "Lce67ca300c": types.SyntaxError,
	"L5ed0ef062c": types.SyntaxError, "Lc261c81d01": types.TypeMismatch, "L5f191f9745": types.TypeMismatch,
	"Ld6a62c7eb4": types.TypeMismatch, "L48e1fffd3f": types.TypeMismatch,
	"L1f329fd655": types.ColumnNotFound, "Le7f89020a9": types.FunctionNotFound,
}

// authorsPlaceholder is what authors put where a time belongs.
var authorsPlaceholder = regexp.MustCompile(`'(\$?\{[A-Za-z_]+\}|\?)'`)

// TestPublishedQueriesRun runs every query that others published for event
// data stores, as it stands, over a store of the family whose columns it reads.
func TestPublishedQueriesRun(t *testing.T) {
	if testing.Short() {
		t.Skip("too long under the race detector; the unit stage runs it")
	}
	published := material.Outside(t, "queries/lake-queries.jsonl")
	ctx := context.Background()
	lake := openLake(t, t.TempDir(), time.Date(2026, 1, 31, 0, 0, 0, 0, time.UTC))
	createStore(t, lake, "events", 366)
	for _, category := range []string{"ConfigurationItem", "ActivityAuditLog"} {
		_, err := lake.Stores().Create(ctx, engine.StoreOptions{Name: category, Category: category})
		require.NoError(t, err)
	}
	_, err := lake.Imports().Run(ctx, engine.ImportOptions{Store: "events", Paths: []string{filepath.Join(moduleFolder(t), "testdata/logs")}})
	require.NoError(t, err)

	file, err := os.Open(published)
	require.NoError(t, err)
	defer file.Close()
	asked, ran := 0, 0
	for lines := bufio.NewScanner(file); lines.Scan(); {
		var q struct{ ID, SQL string }
		require.NoError(t, json.Unmarshal(lines.Bytes(), &q))
		sql := authorsPlaceholder.ReplaceAllString(q.SQL, "'2024-01-01 00:00:00'")
		err := runOnAny(ctx, lake, sql, "events", "ConfigurationItem", "ActivityAuditLog")
		require.Equal(t, refusedQueries[q.ID], types.ErrorName(err), "%s: %v\n%s", q.ID, err, sql)
		asked++
		if err == nil {
			ran++
		}
	}
	require.Equal(t, asked-len(refusedQueries), ran)
	t.Logf("%d of %d published queries run", ran, asked)
}

// runOnAny runs a query on the first store that has its columns; the error is
// the first store's.
func runOnAny(ctx context.Context, lake *engine.Lake, sql string, stores ...string) error {
	var first error
	for _, store := range stores {
		err := drain(ctx, lake, strings.ReplaceAll(sql, "$EDS_ID", store))
		if err == nil {
			return nil
		}
		if first == nil {
			first = err
		}
	}
	return first
}

func drain(ctx context.Context, lake *engine.Lake, sql string) error {
	rows, err := lake.Query(ctx, sql)
	if err != nil {
		return err
	}
	for rows.Next() {
	}
	if err := rows.Err(); err != nil {
		return err
	}
	return rows.Close()
}
