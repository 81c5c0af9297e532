package exec_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/enginetest/conformance"
	"github.com/auditlake/auditlake/engine/exec"
)

// TestWorkersMakeAnswersPlain: the rows of an answer come without dictionaries from one or several scans, from windows and sorts that
// have workers, and as the input has them where there is one, who would do nothing but keep more.
func TestWorkersMakeAnswersPlain(t *testing.T) {
	const rows = 3 * batch.Rows
	source := grouped(t, rows)
	source.GroupRows, source.Dictionaries = batch.Rows, true
	for _, sql := range []string{
		"SELECT many, id FROM grouped",
		"SELECT many, few FROM grouped WHERE id % 3 = 1",
		"SELECT many, id FROM grouped UNION ALL SELECT few, n FROM grouped",
		"SELECT few, id FROM grouped ORDER BY x, id",
		"SELECT few, lag(id) OVER (PARTITION BY n ORDER BY id) FROM grouped",
	} {
		require.True(t, isPlain(t, source, sql, 2), sql)
		require.False(t, isPlain(t, source, sql, 1), sql)
	}
}

// isPlain reports whether no row of an answer comes with a dictionary, or beside one that is not selected.
func isPlain(t *testing.T, source *conformance.Source, sql string, workers int) bool {
	t.Helper()
	r := &conformance.Runner{Source: source, Env: func(env *exec.Env) {
		env.Workers, env.Stats, env.Numbers = workers, exec.NewStats(false), textNumbers
	}}
	out, err := r.Plan(t.Context(), sql)
	require.NoError(t, err)
	o, _, err := r.Build(t.Context(), out)
	require.NoError(t, err)
	defer o.Close()
	plain, rows := true, 0
	for {
		b, err := o.Next(t.Context())
		require.NoError(t, err)
		if b == nil {
			require.Positive(t, rows, sql)
			return plain
		}
		rows += b.Live()
		plain = plain && b.Sel == nil
		for _, v := range b.Columns {
			plain = plain && !batch.HasDictionary(v.Array)
		}
	}
}
