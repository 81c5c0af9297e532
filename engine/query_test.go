package engine_test

import (
	"context"
	"iter"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine"
	"github.com/auditlake/auditlake/engine/answer"
)

// logsFolder holds 2,000 generated events of December 2025.
func logsFolder(t *testing.T) string { return filepath.Join(moduleFolder(t), "testdata/logs") }

// questioned is a lake, or a session of one.
type questioned interface {
	Query(ctx context.Context, sql string, options ...engine.QueryOption) (*engine.Rows, error)
}

// ask runs a query to its end: rows as text, columns divided by "|".
func ask(ctx context.Context, lake questioned, sql string, options ...engine.QueryOption) ([]string, engine.Stats, error) {
	rows, err := lake.Query(ctx, sql, options...)
	if err != nil {
		return nil, engine.Stats{}, err
	}
	defer rows.Close()
	var out []string
	for cells := range textRows(rows) {
		out = append(out, strings.Join(cells, "|"))
	}
	return out, rows.Stats(), rows.Err()
}

// textRows are the rest of an answer's rows as text.
func textRows(rows *engine.Rows) iter.Seq[[]string] {
	return func(yield func([]string) bool) {
		for rows.Next() {
			arrays := rows.Arrays()
			for i := range arrays[0].Len() {
				cells := make([]string, len(arrays))
				for j, c := range rows.Columns() {
					cells[j] = "NULL"
					if !answer.IsNull(arrays[j], i) {
						cells[j] = string(answer.AppendText(nil, c.Type, arrays[j], i))
					}
				}
				if !yield(cells) {
					return
				}
			}
		}
	}
}

// answerOf is the rows of a query that must succeed.
func answerOf(t *testing.T, lake *engine.Lake, sql string) []string {
	t.Helper()
	rows, _, err := ask(context.Background(), lake, sql)
	require.NoError(t, err, sql)
	return rows
}
