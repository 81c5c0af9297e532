package exec_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"runtime/debug"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/exec"
	"github.com/auditlake/auditlake/engine/function"
	"github.com/auditlake/auditlake/engine/memory"
	"github.com/auditlake/auditlake/engine/result"
	"github.com/auditlake/auditlake/planner/analyze"
	"github.com/auditlake/auditlake/planner/metadata"
	"github.com/auditlake/auditlake/planner/optimize"
	"github.com/auditlake/auditlake/planner/parse"
	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

var session = &metadata.Session{Now: time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC), Location: time.UTC, Zone: "UTC",
	User: "corpus", Catalog: "memory", Schema: "default"}

// runner plans and runs statements over a memory source.
type runner struct {
	source   *memorySource
	optimize bool
	memory   *memory.Pool
	maxBytes int64
}

// answer is what a statement gives: names and types of its columns, rows in JSON.
type answer struct {
	names, types []string
	rows         [][]string
}

func (r *runner) plan(sql string) (*plan.Output, error) {
	stmt, err := parse.Statement(sql)
	if err != nil {
		return nil, err
	}
	n, err := analyze.Statement(context.Background(), stmt, r.source, function.New(), session)
	if err != nil {
		return nil, err
	}
	if r.optimize {
		if n, err = optimize.Optimize(n, function.New(), session); err != nil {
			return nil, err
		}
	}
	out, ok := n.(*plan.Output)
	if !ok {
		return nil, fmt.Errorf("%T is no query", n)
	}
	return out, nil
}

func (r *runner) run(sql string) (*answer, error) {
	out, err := r.plan(sql)
	if err != nil {
		return nil, err
	}
	ctx := context.Background()
	o, columns, err := exec.Build(ctx, out, &exec.Env{Function: function.SessionEnv(ctx, session), Source: r.source,
		Memory: exec.Accounted(r.memory), MaxBytesScanned: r.maxBytes, Stats: exec.NewStats(true)})
	if err != nil {
		return nil, err
	}
	defer o.Close()
	a := &answer{names: out.Names}
	for _, c := range columns {
		a.types = append(a.types, c.Type.Display())
	}
	for {
		b, err := o.Next(ctx)
		if err != nil {
			return nil, err
		}
		if b == nil {
			return a, nil
		}
		a.addBatch(b, columns)
	}
}

func (a *answer) addBatch(b *batch.Batch, columns []*plan.Column) {
	rows := b.Sel
	if rows == nil {
		for i := range b.Len {
			rows = append(rows, int32(i))
		}
	}
	for _, row := range rows {
		var cells []string
		for i, v := range b.Columns {
			at := v.At(int(row))
			decoded := batch.Decode(batch.Take(v.Array, []int32{int32(at)}))
			cells = append(cells, string(result.AppendJSON(nil, columns[i].Type, decoded, 0)))
		}
		a.rows = append(a.rows, cells)
	}
}

// recorded is a case of the recorded Trino answers.
type recorded struct {
	ID, Group, SQL  string
	Columns         []struct{ Name, Type string }
	Rows            [][]json.RawMessage
	Ordered, Approx bool
	Error           *struct{ Name, Type string }
}

func recordedCases(t *testing.T, file string) []recorded {
	data, err := os.ReadFile(sharedFile(t, "data/trino/"+file))
	require.NoError(t, err)
	var cases []recorded
	lines := bufio.NewScanner(bytes.NewReader(data))
	lines.Buffer(nil, 1<<24)
	for lines.Scan() {
		var c recorded
		require.NoError(t, json.Unmarshal(lines.Bytes(), &c))
		cases = append(cases, c)
	}
	require.NotEmpty(t, cases)
	return cases
}

// check compares the answer to a case with the recorded one: "" when right.
func (r *runner) check(c recorded) (problem string) {
	defer func() {
		if p := recover(); p != nil {
			problem = fmt.Sprintf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	got, err := r.run(c.SQL)
	switch {
	case c.Error != nil && c.Error.Type == "INTERNAL_ERROR":
		return ""
	case c.Error != nil && err == nil:
		return fmt.Sprintf("want %s, got %v", c.Error.Name, got.rows)
	case c.Error != nil:
		if name := types.ErrorName(err); name != c.Error.Name {
			return fmt.Sprintf("want %s, got %v", c.Error.Name, err)
		}
		return ""
	case err != nil:
		return "want an answer, got " + err.Error()
	}
	return c.compare(got)
}

func (c recorded) compare(got *answer) string {
	if len(c.Columns) != len(got.types) {
		return fmt.Sprintf("want %d columns, got %d", len(c.Columns), len(got.types))
	}
	for i, column := range c.Columns {
		if column.Name != got.names[i] || plainType(column.Type) != plainType(got.types[i]) {
			return fmt.Sprintf("want column %s %s, got %s %s", column.Name, column.Type, got.names[i], got.types[i])
		}
	}
	var want, have [][]any
	for _, row := range c.Rows {
		var cells []any
		for _, cell := range row {
			cells = append(cells, decode(string(cell)))
		}
		want = append(want, cells)
	}
	for _, row := range got.rows {
		var cells []any
		for _, cell := range row {
			cells = append(cells, decode(cell))
		}
		have = append(have, cells)
	}
	if !c.Ordered {
		sortRows(want)
		sortRows(have)
	}
	if len(want) != len(have) {
		return fmt.Sprintf("want %d rows %v, got %d %v", len(want), want, len(have), have)
	}
	for i := range want {
		for j := range want[i] {
			if !sameJSON(want[i][j], have[i][j], c.Approx) {
				return fmt.Sprintf("row %d column %d: want %v, got %v", i, j, want[i], have[i])
			}
		}
	}
	return ""
}

func sortRows(rows [][]any) {
	slices.SortFunc(rows, func(a, b []any) int {
		return strings.Compare(sortText(a), sortText(b))
	})
}

// sortText rounds numbers so that approximate ones sort alike.
func sortText(v any) string {
	switch x := v.(type) {
	case json.Number:
		f, _ := x.Float64()
		return fmt.Sprintf("%.9g", f)
	case []any:
		var parts []string
		for _, item := range x {
			parts = append(parts, sortText(item))
		}
		return "[" + strings.Join(parts, " ") + "]"
	}
	return fmt.Sprintf("%v", v)
}

func plainType(t string) string { return strings.ToLower(strings.ReplaceAll(t, ", ", ",")) }

func decode(text string) any {
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return err.Error() + " in " + text
	}
	return v
}

func sameJSON(want, got any, approx bool) bool {
	switch w := want.(type) {
	case json.Number:
		g, ok := got.(json.Number)
		if !ok {
			return false
		}
		a, _ := w.Float64()
		b, _ := g.Float64()
		return w == g || strings.ContainsAny(string(w)+string(g), ".eE") && a == b || approx && math.Abs(a-b) <= 1e-9*math.Abs(a)
	case []any:
		g, ok := got.([]any)
		if !ok || len(w) != len(g) {
			return false
		}
		for i := range w {
			if !sameJSON(w[i], g[i], approx) {
				return false
			}
		}
		return true
	case map[string]any:
		g, ok := got.(map[string]any)
		if !ok || len(w) != len(g) {
			return false
		}
		for k := range w {
			other, ok := g[k]
			if !ok || !sameJSON(w[k], other, approx) {
				return false
			}
		}
		return true
	}
	return want == got
}

// TestRecordedQueries runs every recorded query, and every recorded failure,
// with small and large row groups, plain and dictionary-encoded text, with and
// without the optimizer. A statement that says it is not supported is counted,
// any other difference is a failure.
func TestRecordedQueries(t *testing.T) {
	source := fixtures(t)
	cases := append(recordedCases(t, "query.jsonl"), recordedCases(t, "error.jsonl")...)
	for _, setup := range []struct {
		name         string
		groupRows    int
		dictionaries bool
		optimize     bool
	}{
		{"as analysed, groups of 3", 3, false, false},
		{"optimised, groups of 1, dictionaries", 1, true, true},
		{"optimised, one group", batch.Rows, false, true},
	} {
		t.Run(setup.name, func(t *testing.T) {
			source.groupRows, source.dictionaries = setup.groupRows, setup.dictionaries
			r := &runner{source: source, optimize: setup.optimize}
			right, scalar, unsupported := 0, 0, map[string]int{}
			for _, c := range cases {
				switch problem := r.check(c); {
				case problem == "":
					right++
				case strings.Contains(problem, types.NotSupported) || strings.Contains(problem, types.FunctionNotFound) ||
					strings.Contains(problem, types.SchemaNotFound):
					unsupported[c.Group]++
				case ownAlgorithm(c.SQL):
					right++ // an answer of the server's own algorithm, which is not to be matched
				case c.Group == "signature-rows":
					scalar++ // a scalar function's answer, which engine/expr judges
					t.Logf("%s: %s\n\t%s", c.ID, c.SQL, problem)
				default:
					t.Errorf("%s: %s\n\t%s", c.ID, c.SQL, problem)
				}
			}
			t.Logf("%d of %d right, not supported: %v", right, len(cases), unsupported)
			require.Greater(t, right, 1040)
			require.LessOrEqual(t, scalar, 4)
		})
	}
}

// ownAlgorithm reports whether the recorded answer shows how the server
// approximates or hashes.
func ownAlgorithm(sql string) bool {
	return strings.Contains(sql, "approx_distinct(") || strings.Contains(sql, "checksum(")
}
