package exec_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/enginetest/conformance"
	"github.com/auditlake/auditlake/engine/exec"
	"github.com/auditlake/auditlake/engine/function"
	"github.com/auditlake/auditlake/planner/metadata"
	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

// numbers is a table of rows rows: id 0…, its remainder by 10, and its text.
func numbers(t *testing.T, rows, groupRows int) *conformance.Source {
	ids, digits, texts := make([]types.Value, rows), make([]types.Value, rows), make([]types.Value, rows)
	for i := range rows {
		ids[i] = types.Value{Type: types.BigIntType, V: int64(i)}
		digits[i] = types.Value{Type: types.BigIntType, V: int64(i % 10)}
		texts[i] = types.Value{Type: types.VarcharType, V: fmt.Sprint("row ", i)}
	}
	table := &conformance.Table{Rows: rows, Meta: &metadata.Table{Name: "numbers", Store: true, Rows: int64(rows), Columns: []metadata.Column{
		{Name: "id", Type: types.BigIntType}, {Name: "digit", Type: types.BigIntType}, {Name: "text", Type: types.VarcharType}}}}
	for _, column := range [][]types.Value{ids, digits, texts} {
		a, err := function.ArrayOf(column[0].Type, column)
		require.NoError(t, err)
		table.Columns = append(table.Columns, a)
	}
	return &conformance.Source{Tables: map[string]*conformance.Table{"numbers": table}, GroupRows: groupRows}
}

func TestScanReadsWhatIsNeeded(t *testing.T) {
	for _, c := range []struct {
		name, sql        string
		rows             int
		id, digit, texts int // row groups of which the column is read
	}{
		{"count reads nothing", "SELECT count(*) FROM numbers", 1, 0, 0, 0},
		{"one column", "SELECT sum(digit) FROM numbers", 1, 0, 100, 0},
		{"later conjuncts only where rows are left", "SELECT text FROM numbers WHERE id < 25 AND digit = 3", 3, 100, 3, 3},
		{"filter column that is not put out", "SELECT digit FROM numbers WHERE id = 500", 1, 100, 1, 0},
		{"top-N looks its rows up", "SELECT * FROM numbers ORDER BY id DESC LIMIT 3", 3, 100, 1, 1},
		{"top-N with a filter", "SELECT text FROM numbers WHERE digit = 7 ORDER BY id LIMIT 3", 3, 100, 100, 3},
		{"limit stops", "SELECT text FROM numbers LIMIT 0", 0, 0, 0, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			source := numbers(t, 1000, 10)
			got, err := (&runner{source: source, optimize: true}).run(c.sql)
			require.NoError(t, err)
			require.Len(t, got.Rows, c.rows)
			require.Equal(t, []int{c.id, c.digit, c.texts}, []int{source.ReadsOf("id"), source.ReadsOf("digit"), source.ReadsOf("text")})
		})
	}
}

// run executes a statement with a number of workers and returns its scans' statistics.
func (r *runner) stats(t *testing.T, sql string, workers int, maxBytes int64) (*exec.Stats, int, error) {
	out, err := r.plan(sql)
	require.NoError(t, err)
	stats := exec.NewStats(false)
	o, _, err := exec.Build(context.Background(), out, &exec.Env{Function: function.SessionEnv(session),
		Source: r.source, Memory: exec.Accounted(nil), Workers: workers, MaxBytesScanned: maxBytes, Stats: stats})
	require.NoError(t, err)
	defer o.Close()
	for rows := 0; ; {
		b, err := o.Next(context.Background())
		if b == nil || err != nil {
			return stats, rows, err
		}
		rows += b.Live()
	}
}

func TestWorkersDoNotChangeWhatIsScanned(t *testing.T) {
	for _, c := range []struct {
		sql           string
		bytes, events int64
		matched       int64
	}{
		{"SELECT text FROM numbers LIMIT 15", 20, 20, 20},
		{"SELECT text FROM numbers WHERE digit = 3 LIMIT 5", 50, 50, 5},
		{"SELECT DISTINCT digit FROM numbers LIMIT 10", 10, 10, 10},
		{"SELECT count(*) FROM numbers WHERE digit = 3", 1000, 1000, 100},
		{"SELECT text FROM numbers ORDER BY id DESC LIMIT 1", 1000, 1000, 1000},
	} {
		for _, workers := range []int{1, 2, 7} {
			stats, _, err := (&runner{source: numbers(t, 1000, 10), optimize: true}).stats(t, c.sql, workers, 0)
			require.NoError(t, err)
			require.Equal(t, c.bytes, stats.Total().BytesScanned, "%s with %d workers", c.sql, workers)
			require.Equal(t, c.events, stats.Total().EventsScanned)
			require.Equal(t, c.matched, stats.Matched())
		}
	}
}

func TestScanLimit(t *testing.T) {
	for _, workers := range []int{1, 4} {
		r := &runner{source: numbers(t, 1000, 10), optimize: true}
		_, rows, err := r.stats(t, "SELECT text FROM numbers", workers, 55)
		require.Equal(t, types.ExceededScanLimit, types.ErrorName(err))
		require.Equal(t, 50, rows, "rows before the limit")
		_, rows, err = r.stats(t, "SELECT text FROM numbers LIMIT 50", workers, 55)
		require.NoError(t, err)
		require.Equal(t, 50, rows)
	}
}

func TestErrorsComeInScanOrder(t *testing.T) {
	r := &runner{source: numbers(t, 1000, 10), optimize: true}
	_, rows, err := r.stats(t, "SELECT 1 / (id - 35) FROM numbers", 4, 0)
	require.Equal(t, types.DivisionByZero, types.ErrorName(err))
	require.Equal(t, 30, rows)
	_, _, err = r.stats(t, "SELECT 1 / (id - 35) FROM numbers LIMIT 30", 4, 0)
	require.NoError(t, err)
}

func TestExplainAnalyzeCountsRows(t *testing.T) {
	r := &runner{source: numbers(t, 100, 10), optimize: true}
	out, err := r.plan("SELECT digit, count(*) FROM numbers WHERE id >= 50 GROUP BY digit")
	require.NoError(t, err)
	stats := exec.NewStats(true)
	o, _, err := exec.Build(context.Background(), out, &exec.Env{Function: function.SessionEnv(session),
		Source: r.source, Memory: exec.Accounted(nil), Stats: stats})
	require.NoError(t, err)
	defer o.Close()
	for b := (&batch.Batch{}); b != nil; {
		b, err = o.Next(context.Background())
		require.NoError(t, err)
	}
	var rows []int64
	for n := plan.Node(out); ; n = plan.Inputs(n)[0] {
		node, ok := stats.Node(n)
		require.True(t, ok)
		rows = append(rows, node.Rows)
		if len(plan.Inputs(n)) == 0 {
			break
		}
	}
	require.Equal(t, []int64{10, 10, 50}, rows)
}
