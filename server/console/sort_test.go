package console

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine"
)

// sortedBy returns the query that has a result in the order of a column.
func sortedBy(v *visitor, id string, column int, descending bool) queryView {
	v.Helper()
	started := ask[struct{ ID string }](v, http.MethodPost, "queries/"+id+"/sorted", map[string]any{"column": column, "descending": descending})
	return v.waitFor(started.ID)
}

// TestSortedResults: a column orders all rows by value, NULLs last, equal rows as they were; nothing is scanned, nothing is listed.
func TestSortedResults(t *testing.T) {
	s := newSite(t)
	v := s.signedInAsRoot()
	q := v.run(`SELECT * FROM (VALUES (9223372036854775807, 'b', TIMESTAMP '2026-01-02 03:04:05.123456789012', 1.5e0), (9, 'a', NULL, nan()), (10, NULL, TIMESTAMP '2025-01-01 00:00:00', -1e0), (9, 'c', TIMESTAMP '2026-01-02 03:04:05.123456789011', 0e0)) AS t (n, "n", at, f)`)
	require.Equal(t, "FINISHED", q.State, q.ErrorMessage)
	column := func(q queryView, column int) (out []any) {
		require.Equal(t, "FINISHED", q.State, q.ErrorMessage)
		for _, row := range rowsOf(v, q, 0, 10).Rows {
			out = append(out, row[column])
		}
		return out
	}
	up := sortedBy(v, q.ID, 0, false)
	require.Equal(t, []any{"9", "9", "10", "9223372036854775807"}, column(up, 0))
	require.Equal(t, []any{"a", "c", nil, "b"}, column(up, 1))
	require.Equal(t, []any{"9223372036854775807", "10", "9", "9"}, column(sortedBy(v, q.ID, 0, true), 0))
	require.Equal(t, []any{"a", "b", "c", nil}, column(sortedBy(v, q.ID, 1, false), 1))
	require.Equal(t, []any{"c", "b", "a", nil}, column(sortedBy(v, q.ID, 1, true), 1))
	require.Equal(t, []any{"2025-01-01 00:00:00.000000000000", "2026-01-02 03:04:05.123456789011", "2026-01-02 03:04:05.123456789012", nil}, column(sortedBy(v, q.ID, 2, false), 2))
	require.Equal(t, []any{"-1.0", "0.0", "1.5", "NaN"}, column(sortedBy(v, q.ID, 3, false), 3))
	require.Zero(t, up.BytesScanned)
	require.True(t, up.IsKept)
	require.Equal(t, rowsOf(v, q, 0, 1).Columns, rowsOf(v, up, 0, 1).Columns)
	require.Equal(t, up.ID, sortedBy(v, q.ID, 0, false).ID, "the same order is not made twice")
	require.Len(t, ask[[]queryView](v, http.MethodGet, "queries", nil), 1)

	status, why := v.refused(http.MethodGet, "queries/"+up.ID+"/receipt", nil)
	require.Equal(t, http.StatusNotFound, status)
	require.Contains(t, why.Message, "a sorted copy of another result")
	for _, refused := range []int{-1, 4} {
		status, _ = v.refused(http.MethodPost, "queries/"+q.ID+"/sorted", map[string]any{"column": refused})
		require.Equal(t, http.StatusNotFound, status)
	}
	unordered := v.run("SELECT MAP(ARRAY['a'], ARRAY[1]) AS m")
	require.Equal(t, "FAILED", sortedBy(v, unordered.ID, 0, false).State)
}

// TestSortedLongResult: a result of several parts is sorted as a whole.
func TestSortedLongResult(t *testing.T) {
	v := newSite(t).signedInAsRoot()
	q := v.run(`SELECT (a.n * 1000 + b.n) * 7919 % 200000 AS n, rpad('x', 40, 'y') AS wide FROM UNNEST(sequence(0, 199)) AS a (n), UNNEST(sequence(0, 999)) AS b (n)`)
	up := sortedBy(v, q.ID, 0, false)
	for _, at := range []int{0, 99_999, 199_990} {
		for i, row := range rowsOf(v, up, at, 10).Rows {
			require.Equal(t, fmt.Sprint(at+i), row[0])
		}
	}
	require.EqualValues(t, 200_000, up.Rows)
}

// TestWhoSorts: who may not read a result does not sort it, and no statement reads results by itself.
func TestWhoSorts(t *testing.T) {
	s := newSite(t)
	root := s.signedInAsRoot()
	q := root.run("SELECT eventname FROM main")
	nobody := s.signedIn(s.key("", engine.KeyOptions{Principal: "arn:aws:iam::000000000000:user/nobody"}))
	status, _ := nobody.refused(http.MethodPost, "queries/"+q.ID+"/sorted", map[string]any{"column": 0})
	require.Equal(t, http.StatusForbidden, status)
	sorted := sortedBy(root, q.ID, 0, false)
	status, _ = nobody.refused(http.MethodGet, "queries/"+sorted.ID+"/rows", nil)
	require.Equal(t, http.StatusForbidden, status, "what is sorted is read with the rights that the result takes")
	status, why := root.refused(http.MethodPost, "queries", map[string]any{"sql": `SELECT * FROM "$result"`})
	require.Equal(t, http.StatusBadRequest, status)
	require.Equal(t, "TABLE_NOT_FOUND", why.Code)
}
