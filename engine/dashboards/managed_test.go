package dashboards_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine"
	"github.com/auditlake/auditlake/engine/answer"
	"github.com/auditlake/auditlake/engine/dashboards"
	"github.com/auditlake/auditlake/engine/enginetest/clock"
)

// plantedLake is a lake with a store of each category and the planted events.
func plantedLake(t *testing.T) (lake *engine.Lake, storeIDs map[string]string) {
	t.Helper()
	now := clock.New(planted.Add(time.Hour))
	lake, err := engine.Open(context.Background(), t.TempDir(), engine.Options{Now: now.Now, Elapsed: now.Elapsed, AfterFunc: now.AfterFunc})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, lake.Close()) })
	storeIDs = map[string]string{}
	for category, plant := range map[string]func(*planting){"Management": (*planting).management, "Data": (*planting).data, "Insight": (*planting).insights} {
		store, err := lake.Stores().Create(context.Background(), engine.StoreOptions{Name: strings.ToLower(category), Category: category})
		require.NoError(t, err)
		p := &planting{}
		plant(p)
		pushed, err := lake.Push(context.Background(), store.ID, bytes.Split(bytes.TrimSpace(p.text.Bytes()), []byte("\n")))
		require.NoError(t, err)
		for _, r := range pushed {
			require.Empty(t, r.Code, r.Message)
		}
		storeIDs[category] = store.ID
	}
	return lake, storeIDs
}

// TestManagedDashboards: each widget of the managed dashboards finds what was planted for it (testdata/managed.txt has the first row of each), in the columns
// that its view names.
func TestManagedDashboards(t *testing.T) {
	lake, storeIDs := plantedLake(t)
	var found strings.Builder
	widgets := 0
	for _, m := range dashboards.ManagedDashboards() {
		values, err := dashboards.ParseValues(map[string]string{dashboards.StoreID: storeIDs[m.Category], dashboards.StartTime: "2026-03-01", dashboards.EndTime: "2026-03-02"},
			planted, func(id string) (string, error) { return id, nil })
		require.NoError(t, err)
		require.Len(t, m.About, len(m.Widgets))
		require.LessOrEqual(t, len(m.Widgets), dashboards.MaxWidgets)
		for i, w := range m.Widgets {
			widgets++
			require.NoError(t, dashboards.CheckView(w.View), w.Title())
			require.NotEmpty(t, m.About[i])
			sql, err := w.Fill(values)
			require.NoError(t, err)
			firstRow(t, lake, &w, m.Question(i, storeIDs[m.Category])) // as a question of the last week
			fmt.Fprintf(&found, "%s | %s | %s\n", m.Name, w.Title(), strings.Join(firstRow(t, lake, &w, sql), ", "))
		}
	}
	require.Len(t, dashboards.ManagedDashboards(), 15)
	require.Equal(t, 109, widgets)
	want, err := os.ReadFile("testdata/managed.txt")
	require.NoError(t, err)
	require.Equal(t, string(want), found.String())
}

// TestHighlightWidgets: each widget of the Highlights dashboard finds something in a lake with all categories.
func TestHighlightWidgets(t *testing.T) {
	lake, _ := plantedLake(t)
	_, err := lake.Dashboards().Create(context.Background(), engine.Dashboard{Name: engine.HighlightsName})
	require.NoError(t, err)
	board, err := lake.Dashboards().Get(context.Background(), engine.HighlightsName)
	require.NoError(t, err)
	require.Len(t, board.Widgets, 10)
	values, err := dashboards.ParseValues(map[string]string{dashboards.StartTime: "2026-03-01", dashboards.EndTime: "2026-03-02"}, planted, nil)
	require.NoError(t, err)
	for _, w := range board.Widgets {
		sql, err := w.Fill(values)
		require.NoError(t, err)
		rows, err := lake.Query(context.Background(), sql)
		require.NoError(t, err, "%s: %s", w.Title(), sql)
		for rows.Next() {
		}
		require.NoError(t, rows.Err(), w.Title())
		require.NoError(t, rows.Close())
	}
}

// firstRow returns the cells of the first row of a widget's statement. There is one, and its columns are those that the view names.
func firstRow(t *testing.T, lake *engine.Lake, w *dashboards.Widget, sql string) (cells []string) {
	t.Helper()
	rows, err := lake.Query(context.Background(), sql)
	require.NoError(t, err, "%s: %s", w.Title(), sql)
	defer rows.Close()
	var names []string
	for _, c := range rows.Columns() {
		names = append(names, c.Name)
	}
	for property, column := range w.View {
		if strings.HasSuffix(property, "Column") {
			require.Contains(t, names, column, "%s of %s", property, w.Title())
		}
	}
	require.True(t, rows.Next(), "%s finds nothing: %s", w.Title(), sql)
	for i, c := range rows.Columns() {
		cells = append(cells, names[i]+"="+strings.Trim(string(answer.AppendJSON(nil, c.Type, rows.Arrays()[i], 0)), `"`))
	}
	return cells
}
