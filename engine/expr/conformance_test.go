package expr_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"sort"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/expr"
	"github.com/auditlake/auditlake/engine/function"
	"github.com/auditlake/auditlake/engine/result"
	"github.com/auditlake/auditlake/planner/analyze"
	"github.com/auditlake/auditlake/planner/metadata"
	"github.com/auditlake/auditlake/planner/parse"
	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

// recorded is a case of the recorded Trino answers: SELECT of one expression.
type recorded struct {
	ID, Group, SQL string
	Type           []string
	Value          [][]json.RawMessage
	Approx         bool
	Error          *struct{ Name, Type string }
}

// sharedFile finds a file of the material beside the module root.
func sharedFile(t *testing.T, path ...string) string {
	dir, err := os.Getwd()
	require.NoError(t, err)
	for ; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			break
		}
	}
	file := filepath.Join(append([]string{dir, "..", "shared"}, path...)...)
	if _, err := os.Stat(file); err != nil {
		t.Skipf("no recorded answers at %s", file)
	}
	return file
}

func recordedCases(t *testing.T) []recorded {
	data, err := os.ReadFile(sharedFile(t, "data", "trino", "expr.jsonl"))
	require.NoError(t, err)
	var cases []recorded
	lines := bufio.NewScanner(bytes.NewReader(data))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var c recorded
		require.NoError(t, json.Unmarshal(lines.Bytes(), &c))
		cases = append(cases, c)
	}
	require.NotEmpty(t, cases)
	return cases
}

type noTables struct{}

func (noTables) Table(_ context.Context, name string) (*metadata.Table, error) {
	return nil, types.Errorf(types.TableNotFound, types.Pos{}, "Table '%s' does not exist", name)
}
func (noTables) Tables(context.Context) ([]*metadata.Table, error) { return nil, nil }

var session = &metadata.Session{Now: time.Date(2024, 8, 7, 15, 4, 5, 0, time.UTC), Location: time.UTC, Zone: "UTC",
	User: "corpus", Catalog: "memory", Schema: "default"}

// answer runs SELECT expression: parse, analyse, compile, evaluate.
func answer(sql string) (types_ []string, values []string, err error) {
	stmt, err := parse.Statement(sql)
	if err != nil {
		return nil, nil, err
	}
	node, err := analyze.Statement(context.Background(), stmt, noTables{}, function.New(), session)
	if err != nil {
		return nil, nil, err
	}
	b, layout, err := run(node)
	if err != nil {
		return nil, nil, err
	}
	for _, c := range node.Columns() {
		v := b.Columns[layout[c.ID]]
		types_ = append(types_, c.Type.Display())
		values = append(values, string(result.AppendJSON(nil, c.Type, batch.Decode(v.Array), 0)))
	}
	return types_, values, nil
}

// run executes the plans that a SELECT without FROM has.
func run(n plan.Node) (*batch.Batch, map[int]int, error) {
	switch n := n.(type) {
	case *plan.Output:
		return run(n.Input)
	case *plan.Values:
		b := &batch.Batch{Len: len(n.Rows)}
		layout := map[int]int{}
		for i, c := range n.Cols {
			v, err := evaluate(n.Rows[0][i], &batch.Batch{Len: 1}, nil)
			if err != nil {
				return nil, nil, err
			}
			layout[c.ID] = i
			b.Columns = append(b.Columns, v)
		}
		return b, layout, nil
	case *plan.Project:
		in, layout, err := run(n.Input)
		if err != nil {
			return nil, nil, err
		}
		out, columns := &batch.Batch{Len: in.Len}, map[int]int{}
		for i, item := range n.Items {
			v, err := evaluate(item.Expr, in, layout)
			if err != nil {
				return nil, nil, err
			}
			columns[item.Column.ID] = i
			out.Columns = append(out.Columns, v)
		}
		return out, columns, nil
	}
	return nil, nil, fmt.Errorf("test: no execution of %T", n)
}

func evaluate(e plan.Expr, b *batch.Batch, layout map[int]int) (batch.Vector, error) {
	c, err := expr.Compile(e, layout, function.SessionEnv(context.Background(), session))
	if err != nil {
		return batch.Vector{}, err
	}
	return c.Eval(b)
}

// check compares the answer to a case with the recorded one: "" when right.
func check(c recorded) (problem string) {
	defer func() {
		if r := recover(); r != nil {
			problem = fmt.Sprintf("panic: %v", r)
		}
	}()
	gotTypes, got, err := answer(c.SQL)
	switch {
	case c.Error != nil && c.Error.Type == "INTERNAL_ERROR":
		return ""
	case c.Error != nil && err == nil:
		return fmt.Sprintf("want %s, got %v", c.Error.Name, got)
	case c.Error != nil:
		if name := types.ErrorName(err); name != c.Error.Name {
			return fmt.Sprintf("want %s, got %v", c.Error.Name, err)
		}
		return ""
	case err != nil:
		return fmt.Sprintf("want %s, got %v", c.Value, err)
	}
	for i, t := range c.Type {
		if fold(gotTypes[i]) != fold(t) {
			return fmt.Sprintf("want type %s, got %s", t, gotTypes[i])
		}
		if !sameJSON(decode(string(c.Value[0][i])), decode(got[i]), c.Approx) {
			return fmt.Sprintf("want %s, got %s", c.Value[0][i], got[i])
		}
	}
	return ""
}

func fold(t string) string { return strings.ToLower(strings.ReplaceAll(t, ", ", ",")) }

func decode(text string) any {
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return err
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
		return w == g || strings.ContainsAny(string(w), ".eE") && a == b || approx && math.Abs(a-b) <= 1e-9*math.Abs(a)
	case []any:
		g, ok := got.([]any)
		if !ok || len(g) != len(w) {
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
		if !ok || len(g) != len(w) {
			return false
		}
		for k := range w {
			if v, ok := g[k]; !ok || !sameJSON(w[k], v, approx) {
				return false
			}
		}
		return true
	}
	return want == got
}

// ownGroups are the groups that test the evaluator, operators and casts; the
// others test families of functions, and their answers are only counted here.
var ownGroups = map[string]bool{
	"arith-decimal": true, "arith-double": true, "arith-integer": true, "arith-matrix": true, "arith-type-matrix": true,
	"cast-datetime": true, "cast-matrix": true, "cast-varchar": true, "coalesce-matrix": true, "compare-matrix": true,
	"conditional": true, "date-arith": true, "decimal-type-matrix": true, "json-cast": true, "lambda": true, "like": true,
	"literal": true, "row": true, "subscript": true, "temporal-matrix": true, "three-valued": true,
	"array": true, "map": true, "regexp": true, "url": true, "string": true, "math": true, "bitwise": true, "binary": true,
	"ip": true, "uuid": true, "iso8601": true, "unixtime": true, "timezone": true, "date-add": true, "date-diff": true,
	"date-format": true, "date-trunc": true, "extract": true, "json-extract": true, "json-parse": true, "signature": true,
	"signature-extra": true, "signature-null": true, "signature-type": true,
}

// known are the cases of own groups that differ, and why.
var known = map[string]string{
	"expr-literal-1024e8f929":        "precision 12 is not supported, by name",
	"expr-literal-77d196d61b":        "precision 12 is not supported, by name",
	"expr-unixtime-7f873ccb6f":       "nanoseconds reach no year 56571",
	"expr-signature-null-af4cddd295": "no type color",
	"expr-signature-null-bd4a714afb": "no type color",
	"expr-math-a0ea52add1":           "the server's solver stops nine digits behind the point",
}

func TestRecordedExpressions(t *testing.T) {
	type tally struct{ right, all int }
	groups := map[string]*tally{}
	for _, c := range recordedCases(t) {
		g := groups[c.Group]
		if g == nil {
			g = &tally{}
			groups[c.Group] = g
		}
		g.all++
		problem := check(c)
		switch {
		case problem == "" && known[c.ID] != "":
			t.Errorf("%s is right now, and still listed as known to differ", c.ID)
		case problem == "":
			g.right++
		case strings.Contains(problem, "test: no execution"), missingFunction.MatchString(problem):
		case ownGroups[c.Group] && known[c.ID] == "":
			t.Errorf("%s %s: %s", c.ID, c.SQL, problem)
		case !ownGroups[c.Group]:
			t.Logf("%s %s: %s", c.ID, c.SQL, problem)
		}
	}
	names := make([]string, 0, len(groups))
	right, all := 0, 0
	for name, g := range groups {
		names = append(names, name)
		right, all = right+g.right, all+g.all
	}
	sort.Strings(names)
	for _, name := range names {
		t.Logf("%-20s %4d of %4d", name, groups[name].right, groups[name].all)
	}
	t.Logf("%-20s %4d of %4d", "all", right, all)
}

// missingFunction is the answer for a function that no family has; operators
// ($add and the like) must all be there.
var missingFunction = regexp.MustCompile(`FUNCTION_NOT_FOUND.*Function '[a-z]\w*' not registered`)
