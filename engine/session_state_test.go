package engine_test

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine"
	"github.com/auditlake/auditlake/planner/types"
)

func TestSessions(t *testing.T) {
	lake := openLake(t, t.TempDir(), newYear)
	s := lake.NewSession()
	var history []string
	for _, step := range []struct{ sql, want, fails string }{
		{"PREPARE q FROM SELECT ?, x + ? FROM (VALUES BIGINT '1') t (x)", "true", ""},
		{"EXECUTE q USING lower('A'), 2", "a|3", ""},
		{"EXPLAIN (TYPE VALIDATE) EXECUTE q USING 'a', 2", "true", ""},
		{"EXECUTE IMMEDIATE 'SELECT ?' USING 7", "7", ""},
		{"DESCRIBE INPUT q", "0|unknown\n1|bigint", ""},
		{"SET TIME ZONE 'Asia/Tokyo'", "true", ""},
		{"SELECT current_timezone()", "Asia/Tokyo", ""},
		{"SET SESSION query_max_run_time = 'never'", "", types.InvalidSessionProperty},
		{"SELECT current_timezone()", "Asia/Tokyo", ""},
		{"SET TIME ZONE LOCAL", "true", ""},
		{"SELECT current_timezone()", "UTC", ""},
		{"USE default", "true", ""},
		{"DEALLOCATE PREPARE q", "true", ""},
		{"EXECUTE q USING 'a', 'b'", "", types.NotFound},
		{"START TRANSACTION", "", types.NotSupported},
	} {
		rows, _, err := ask(context.Background(), s, step.sql)
		require.Equal(t, step.fails, types.ErrorName(err), step.sql)
		if step.fails == "" {
			require.Equal(t, step.want, strings.Join(rows, "\n"), step.sql)
			history = append(history, "FINISHED "+step.sql)
			continue
		}
		history = append(history, "FAILED "+step.sql)
	}
	infos, err := lake.Queries().List(context.Background(), engine.QueryFilter{})
	require.NoError(t, err)
	var listed []string
	for _, info := range infos {
		listed = append(listed, string(info.State)+" "+info.SQL)
	}
	require.ElementsMatch(t, history, listed, "each is in the history as it was written, whatever ran for it")
}

// TestWithoutASession: a lake itself keeps nothing from one statement to the next,
// but executes what brings all it needs.
func TestWithoutASession(t *testing.T) {
	lake := openLake(t, t.TempDir(), newYear)
	require.Equal(t, []string{"7"}, answerOf(t, lake, "EXECUTE IMMEDIATE 'SELECT ?' USING 7"))
	for _, sql := range []string{"PREPARE q FROM SELECT 1", "USE default", "SET TIME ZONE LOCAL", "COMMIT", "EXECUTE IMMEDIATE 'RESET SESSION a'"} {
		_, _, err := ask(context.Background(), lake, sql)
		require.ErrorContains(t, err, "changes a session, and this statement runs in none", sql)
	}
	_, _, err := ask(context.Background(), lake, "EXPLAIN USE default")
	require.EqualError(t, err, "NOT_SUPPORTED at 1:9: USE is not supported")
	rows, _, err := ask(context.Background(), lake, "EXECUTE q", engine.Prepared(map[string]string{"q": "SELECT 8"}))
	require.NoError(t, err)
	require.Equal(t, []string{"8"}, rows)
}

func TestParseStatement(t *testing.T) {
	s, err := engine.ParseStatement("SELECT ?, '?' FROM t WHERE a = ?")
	require.NoError(t, err)
	require.Equal(t, "SELECT", s.Verb)
	require.Equal(t, []engine.Placeholder{{Start: 7, End: 8}, {Start: 31, End: 32}}, s.Parameters)
	_, err = engine.ParseStatement("UPDATE t SET a")
	require.Equal(t, types.SyntaxError, types.ErrorName(err))
}
