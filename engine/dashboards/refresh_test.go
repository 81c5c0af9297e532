package dashboards_test

import (
	"bytes"
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine"
	"github.com/auditlake/auditlake/engine/answer"
	"github.com/auditlake/auditlake/internal/material"
)

// alike are statements that read much the same columns of a store: whole, and of some rows.
var alike = []string{
	"SELECT eventname, count(*) FROM %[1]s GROUP BY eventname ORDER BY 2 DESC, 1",
	"SELECT eventsource, count(*) FROM %[1]s GROUP BY eventsource ORDER BY 2 DESC, 1",
	"SELECT eventsource, eventname, count(*) FROM %[1]s GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2 LIMIT 10",
	"SELECT date_trunc('hour', eventtime), count(*) FROM %[1]s WHERE errorcode IS NOT NULL GROUP BY 1 ORDER BY 1",
	"SELECT eventid, eventname FROM %[1]s WHERE errorcode = 'AccessDenied' ORDER BY eventid LIMIT 100",
	"SELECT eventname, errorcode, min(eventid), max(eventid) FROM %[1]s GROUP BY 1, 2 ORDER BY 1, 2",
	"SELECT useridentity.arn, count(DISTINCT eventname) FROM %[1]s WHERE eventtime > TIMESTAMP '2026-03-01 11:00:00' GROUP BY 1 ORDER BY 1",
	"SELECT useridentity.arn, max(eventtime) FROM %[1]s WHERE eventsource = 's3.amazonaws.com' GROUP BY 1 ORDER BY 1",
}

// everything reads the columns of all of them.
const everything = "SELECT max(eventname), max(eventsource), max(errorcode), max(eventid), max(useridentity.arn), max(to_unixtime(eventtime)) FROM %[1]s"

// wideFolder is a lake with segments of several row groups each.
var wideFolder material.Made

// wideLake is such a lake, of which not even the tails stay in the cache.
func wideLake(t *testing.T, memoryBytes int64) (lake *engine.Lake, storeID string) {
	t.Helper()
	now := planted.Add(48 * time.Hour)
	options := engine.Options{Now: func() time.Time { return now }, CacheBytes: 1}
	dir := wideFolder.Copy(t, func(dir string) { fillWideLake(t, dir, options) })
	options.LakeMemoryBytes = memoryBytes
	lake, err := engine.Open(t.Context(), dir, options)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, lake.Close()) })
	store, err := lake.Stores().Get(t.Context(), "management")
	require.NoError(t, err)
	return lake, store.ID
}

func fillWideLake(t *testing.T, dir string, options engine.Options) {
	ctx := context.Background()
	lake, err := engine.Open(ctx, dir, options)
	require.NoError(t, err)
	store, err := lake.Stores().Create(ctx, engine.StoreOptions{Name: "management", Category: "Management"})
	require.NoError(t, err)
	p := &planting{}
	for i := range 30_000 {
		more := members{}
		if i%7 == 0 {
			more["errorCode"] = []string{"AccessDenied", "Throttling"}[i%2]
		}
		p.add([]string{"s3", "ec2", "iam"}[i%3], fmt.Sprintf("Do%dThings", i%50), fmt.Sprintf("user%d", i%40), more)
	}
	_, err = lake.Push(ctx, store.ID, bytes.Split(bytes.TrimSpace(p.text.Bytes()), []byte("\n")))
	require.NoError(t, err)
	require.NoError(t, lake.Flush(ctx))
	require.NoError(t, lake.Close())
}

// answerOf returns the rows of an answer as JSON, and the statistics.
func answerOf(t *testing.T, lake *engine.Lake, sql string) (rows []string, stats engine.Stats) {
	t.Helper()
	read, err := lake.Query(context.Background(), sql)
	require.NoError(t, err, sql)
	for read.Next() {
		rows = append(rows, rowsOf(read.Columns(), read.Arrays())...)
	}
	require.NoError(t, read.Err())
	require.NoError(t, read.Close())
	return rows, read.Stats()
}

// refresh runs statements as a refresh, and returns its queries by alias.
func refresh(t *testing.T, lake *engine.Lake, storeID string, statements []string) map[string]*engine.QueryInfo {
	t.Helper()
	_, err := lake.Dashboards().Create(context.Background(), engine.Dashboard{Name: "board"})
	require.NoError(t, err)
	var all []engine.DashboardStatement
	for i, sql := range statements {
		all = append(all, engine.DashboardStatement{Title: sql, Alias: fmt.Sprint(i), SQL: sql, Reads: &engine.QueryReads{StoreIDs: []string{storeID}}})
	}
	run, err := lake.Dashboards().Begin(context.Background(), "board", all)
	require.NoError(t, err)
	run.Wait()
	found, err := lake.Dashboards().Get(context.Background(), "board")
	require.NoError(t, err)
	require.Empty(t, found.FailureReason)
	queries, err := lake.Queries().List(context.Background(), engine.QueryFilter{RefreshID: run.ID})
	require.NoError(t, err)
	require.Len(t, queries, len(statements))
	byAlias := map[string]*engine.QueryInfo{}
	for _, q := range queries {
		byAlias[q.Alias] = q
	}
	return byAlias
}

// TestWidgetsShareWhatTheyRead: a refresh reads each stored byte once, although the lake keeps nothing of what was decoded, while each
// widget is charged, and answers, as if it were alone.
func TestWidgetsShareWhatTheyRead(t *testing.T) {
	lake, storeID := wideLake(t, 0)
	var statements []string
	for _, sql := range alike {
		statements = append(statements, fmt.Sprintf(sql, "management"))
	}
	queries := refresh(t, lake, storeID, statements)
	_, union := answerOf(t, lake, fmt.Sprintf(everything, "management"))
	var billed, read, alone int64
	for i, sql := range statements {
		q := queries[fmt.Sprint(i)]
		rows, stats := answerOf(t, lake, sql)
		require.NotEmpty(t, rows, sql)
		require.Equal(t, stats.BytesScanned, q.BytesScanned, sql)
		require.Equal(t, rows, keptRows(t, lake, q.ID), sql)
		billed += q.BytesScanned
		read += q.BytesRead
		alone += stats.BytesRead
	}
	require.Positive(t, read)
	require.LessOrEqual(t, read, union.BytesScanned+union.BytesScanned/50)
	require.Greater(t, billed, 2*read, "%d bytes were billed, %d read, of %d", billed, read, union.BytesScanned)
	require.Greater(t, alone, 2*read, "one by one they read %d bytes", alone)
}

// TestARefreshWithLittleMemory: where queries need the memory, less is kept, and the answers are the same.
func TestARefreshWithLittleMemory(t *testing.T) {
	lake, storeID := wideLake(t, 24<<20)
	var statements []string
	for _, sql := range alike {
		statements = append(statements, fmt.Sprintf(sql, "management"))
	}
	queries := refresh(t, lake, storeID, statements)
	for i, sql := range statements {
		rows, stats := answerOf(t, lake, sql)
		require.Equal(t, rows, keptRows(t, lake, queries[fmt.Sprint(i)].ID), sql)
		require.Equal(t, stats.BytesScanned, queries[fmt.Sprint(i)].BytesScanned, sql)
	}
}

// keptRows returns the rows of a kept result as JSON.
func keptRows(t *testing.T, lake *engine.Lake, id string) (rows []string) {
	t.Helper()
	result, err := lake.Queries().Results(id)
	require.NoError(t, err)
	defer result.Close()
	page := result.Page(context.Background(), 0, result.Rows())
	for page.Next() {
		rows = append(rows, rowsOf(page.Columns(), page.Arrays())...)
	}
	require.NoError(t, page.Err())
	return rows
}

func rowsOf(columns []answer.Column, arrays []arrow.Array) (rows []string) {
	for row := range arrays[0].Len() {
		var cells []byte
		for i, c := range columns {
			cells = append(answer.AppendJSON(cells, c.Type, arrays[i], row), '|')
		}
		rows = append(rows, string(cells))
	}
	return rows
}

// TestWidgetsAreOfOneInstant: all widgets of a refresh have the now() that the refresh began at, however late they run.
func TestWidgetsAreOfOneInstant(t *testing.T) {
	ctx := context.Background()
	var looks atomic.Int64
	now := func() time.Time { return planted.Add(time.Duration(looks.Add(1)) * time.Second) } // another second with each look at the clock
	lake, err := engine.Open(ctx, t.TempDir(), engine.Options{Now: now})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, lake.Close()) })
	queries := refresh(t, lake, "", []string{"SELECT now() at", "SELECT now() at"})
	found, err := lake.Dashboards().Get(ctx, "board")
	require.NoError(t, err)
	for _, q := range queries {
		rows := keptRows(t, lake, q.ID)
		require.Len(t, rows, 1)
		require.Contains(t, rows[0], found.LastRefresh.BeganAt.UTC().Format("2006-01-02 15:04:05"))
	}
}
