package exec_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/enginetest/conformance"
	"github.com/auditlake/auditlake/engine/exec"
	"github.com/auditlake/auditlake/engine/function"
	"github.com/auditlake/auditlake/planner/metadata"
	"github.com/auditlake/auditlake/planner/types"
)

// grouped is a table for aggregations: columns of few and of many values, with
// NULLs, NaNs, both zeros, runs, and sums that overflow in some orders only.
func grouped(t *testing.T, rows int) *conformance.Source {
	random := rand.New(rand.NewPCG(5, uint64(rows)))
	zeros := []float64{0, math.Copysign(0, -1), math.NaN(), 1.5, -2}
	columns := []struct {
		name  string
		of    *types.Type
		value func(row int) any
	}{
		{"few", types.VarcharType, func(int) any { return fmt.Sprint("few ", random.IntN(5)) }},
		{"some", types.VarcharType, func(int) any { return fmt.Sprint("some ", random.IntN(40)) }},
		{"many", types.VarcharType, func(row int) any { return fmt.Sprint("many ", random.IntN(rows)) }},
		{"n", types.BigIntType, func(int) any { return random.Int64N(9) - 4 }},
		{"d", types.DoubleType, func(int) any { return zeros[random.IntN(len(zeros))] }},
		{"x", types.DoubleType, func(int) any { return random.NormFloat64() * math.Pow(10, float64(random.IntN(20))) }},
		{"b", types.BooleanType, func(int) any { return random.IntN(4) > 0 }},
		{"at", types.TimestampOf(3), func(row int) any { return time.Unix(int64(row)*7, 0).UTC().UnixMicro() }},
		{"id", types.BigIntType, func(row int) any { return int64(row) }},
	}
	table := &conformance.Table{Rows: rows, Meta: &metadata.Table{Name: "grouped", Store: true, Rows: int64(rows)}}
	for i, c := range columns {
		values := make([]types.Value, rows)
		for row := range values {
			values[row] = types.Value{Type: c.of, V: c.value(row)}
			if i < len(columns)-2 && random.IntN(6) == 0 {
				values[row] = types.Null(c.of)
			}
		}
		a, err := function.ArrayOf(c.of, values)
		require.NoError(t, err)
		table.Meta.Columns = append(table.Meta.Columns, metadata.Column{Name: c.name, Type: c.of})
		table.Columns = append(table.Columns, a)
	}
	return &conformance.Source{Tables: map[string]*conformance.Table{"grouped": table}}
}

// groupings are statements about the table grouped.
var groupings = []string{
	"SELECT few, count(*), count(n), count(d), count_if(b) FROM grouped GROUP BY few",
	"SELECT few, some, min(n), max(n), min(some), max(many), bool_and(b), bool_or(b), bitwise_xor_agg(n) FROM grouped GROUP BY few, some",
	"SELECT many, count(*), max(id) FROM grouped GROUP BY many",
	"SELECT few, sum(x), avg(x), stddev(x), sum(n), avg(n), min(d), max(d) FROM grouped GROUP BY few",
	"SELECT d, few, count(*) FROM grouped GROUP BY d, few",
	"SELECT date_trunc('hour', at), few, n, b, count(*), min(at) FROM grouped GROUP BY 1, 2, 3, 4",
	"SELECT lower(substr(some, 1, 6)), count(*), min(d), arbitrary(many), min_by(id, d), array_agg(id) FROM grouped GROUP BY 1",
	"SELECT few, count(DISTINCT some), count(DISTINCT many), sum(DISTINCT n), array_agg(DISTINCT some) FROM grouped GROUP BY few",
	"SELECT few, count(DISTINCT some), min(id), array_agg(DISTINCT some), max(DISTINCT some), count(DISTINCT some) FILTER (WHERE b), array_agg(DISTINCT some) FILTER (WHERE b) FROM grouped GROUP BY few",
	"SELECT many, count(DISTINCT n), sum(DISTINCT n), array_agg(DISTINCT n) FROM grouped GROUP BY CUBE (many, few)",
	"SELECT count(DISTINCT some), count(DISTINCT d), count(*), approx_distinct(many), approx_distinct(d), sum(DISTINCT x) FROM grouped",
	"SELECT few, max_by(id, n, 3), min(d, 2), max_by(some, id, 40), max(DISTINCT n, 2), min_by(many, x, 1 + id % 3) FROM grouped GROUP BY few",
	"SELECT max(many, 2), min_by(id, array[id % 4], 3), max_by(some, b, 500) FROM grouped",
	"SELECT lower(substr(some, 1, 6)), count(DISTINCT some), count(DISTINCT substr(some, 2, 3)), count(DISTINCT few), histogram(some) FROM grouped GROUP BY 1",
	"SELECT substr(some, 1, 5), some, count(DISTINCT few), count(DISTINCT lower(some)) FROM grouped GROUP BY 1, 2",
	"SELECT few, histogram(some), histogram(n), histogram(x) FILTER (WHERE b), histogram(DISTINCT many), map_agg(some, id), map_agg(n, many) FILTER (WHERE b), map_agg(some, x) FROM grouped GROUP BY few",
	"SELECT some, histogram(few), histogram(many), map_agg(few, row(id, many)), cardinality(map_agg(id, few)), multimap_agg(few, n) FROM grouped GROUP BY GROUPING SETS (some, few, ())",
	"SELECT few, approx_distinct(many), approx_distinct(some, 0.01e0), approx_set(n) IS NULL FROM grouped GROUP BY few",
	"SELECT some, count(*) FILTER (WHERE b), count(DISTINCT n) FILTER (WHERE n > 0), sum(x) FILTER (WHERE NOT b) FROM grouped GROUP BY some",
	"SELECT few, array_agg(id ORDER BY n DESC, id), array_agg(DISTINCT n ORDER BY n), listagg(some, ',') WITHIN GROUP (ORDER BY id) FROM grouped WHERE id < 400 GROUP BY few",
	"SELECT few, some, grouping(few, some), count(*), count(DISTINCT n), sum(x) FROM grouped GROUP BY CUBE (few, some)",
	"SELECT few, count(*) FROM grouped WHERE some = 'some 3' AND b GROUP BY few",
	"SELECT few, count(*) FROM grouped WHERE id < 0 GROUP BY few",
	"SELECT count(*), min(few), count(DISTINCT few) FROM grouped WHERE id < 0",
	"SELECT row(few, n), array[b], CAST(n AS decimal(20,2)), count(*) FROM grouped GROUP BY 1, 2, 3",
	"SELECT g.few, count(*), max(h.id), count(DISTINCT h.some) FROM grouped g JOIN grouped h ON g.id = h.id GROUP BY g.few",
	"SELECT null, count(*), max(null) FROM grouped GROUP BY 1",
	"SELECT DISTINCT few, b FROM grouped",
	"SELECT DISTINCT some, date_trunc('hour', at), d FROM grouped WHERE n > 0",
	"SELECT DISTINCT many FROM grouped",
	"SELECT DISTINCT some FROM grouped LIMIT 7",
}

// TestGroupedBatches asks for groups with row groups of sizes between one that is
// too small to be grouped by itself and one of all rows: rows, their order, and
// the last bit of sums of doubles are the same, whatever the number of workers.
func TestGroupedBatches(t *testing.T) {
	const rows = 500
	source := grouped(t, rows)
	for _, sql := range groupings {
		var want []string
		for g, groupRows := range []int{3, 5, 64, rows} {
			for d, dictionaries := range []bool{false, true} {
				for w, workers := range []int{1, 2, 7} {
					if exec.IsLeftOut(g, d, w) || testing.Short() && want != nil && (workers == 1 || groupRows == rows) {
						continue // one worker, or one row group, has a single goroutine
					}
					source.GroupRows, source.Dictionaries = groupRows, dictionaries
					got := answerText(t, source, sql, workers)
					if want == nil {
						want = got
						continue
					}
					require.Equal(t, want, got, "%s: row groups of %d, dictionaries: %t, %d workers", sql, groupRows, dictionaries, workers)
				}
			}
		}
	}
}

// textNumbers are of all dictionaries that these tests ask, as of one lake.
var textNumbers = conformance.TextNumbers()

// answerText is the rows of an answer as text, in order.
func answerText(t *testing.T, source *conformance.Source, sql string, workers int) []string {
	t.Helper()
	r := &conformance.Runner{Source: source, Env: func(env *exec.Env) { env.Workers, env.Numbers = workers, textNumbers }}
	answer, err := r.Run(t.Context(), sql)
	require.NoError(t, err, sql)
	return rowTexts(answer)
}

// rowTexts is each row of an answer as one text.
func rowTexts(answer *conformance.Answer) []string {
	texts := make([]string, len(answer.Rows))
	for i, row := range answer.Rows {
		texts[i] = "[" + strings.Join(row, " ") + "]"
	}
	return texts
}

// TestGroupedBatchErrors fails where rows are in the wrong order for a sum, or
// cannot be computed: the same error, whatever the row groups and workers.
func TestGroupedBatchErrors(t *testing.T) {
	source := grouped(t, 500)
	for _, c := range []struct{ name, sql, want string }{
		{"sum overflows on the way", "SELECT few, sum(CASE id WHEN 10 THEN 9223372036854775807 WHEN 400 THEN -9223372036854775807 ELSE 1 END) FROM grouped GROUP BY few",
			types.NumericValueOutOfRange},
		{"argument", "SELECT few, max(1 / (id - 300)) FROM grouped GROUP BY few", types.DivisionByZero},
		{"standard error", "SELECT few, approx_distinct(some, 7e0) FROM grouped GROUP BY few", types.InvalidFunctionArgument},
	} {
		for _, groupRows := range []int{3, 64, 500} {
			for _, workers := range []int{1, 2, 7} {
				source.GroupRows, source.Dictionaries = groupRows, true
				r := &conformance.Runner{Source: source, Env: func(env *exec.Env) { env.Workers = workers }}
				_, err := r.Run(t.Context(), c.sql)
				require.Equal(t, c.want, types.ErrorName(err), "%s: row groups of %d, %d workers: %v", c.name, groupRows, workers, err)
			}
		}
	}
}
