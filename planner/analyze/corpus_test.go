package analyze_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/function"
	"github.com/auditlake/auditlake/planner"
	"github.com/auditlake/auditlake/planner/metadata"
	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

// tables is a catalog of fixed tables.
type tables map[string]*metadata.Table

func (c tables) Table(_ context.Context, name string) (*metadata.Table, error) {
	if t := c[strings.ToLower(name)]; t != nil {
		return t, nil
	}
	return nil, types.Errorf(types.TableNotFound, types.Pos{}, "Table '%s' does not exist", name)
}

func (c tables) Tables(context.Context) ([]*metadata.Table, error) {
	var list []*metadata.Table
	for _, t := range c {
		list = append(list, t)
	}
	return list, nil
}

var session = &metadata.Session{Now: time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC), Location: time.UTC, Zone: "UTC",
	User: "corpus", Catalog: "memory", Schema: "default"}

// fixtures are the tables of the reference cases.
func fixtures(t *testing.T) tables {
	text, err := os.ReadFile(filepath.Join(shared(t), "data/trino/fixtures.json"))
	require.NoError(t, err)
	var list []struct {
		Table   string
		Columns []struct{ Name, Type string }
	}
	require.NoError(t, json.Unmarshal(text, &list))
	out := tables{}
	for _, f := range list {
		table := &metadata.Table{Name: f.Table}
		for _, c := range f.Columns {
			parsed, err := types.ParseType(c.Type)
			require.NoError(t, err, c.Type)
			table.Columns = append(table.Columns, metadata.Column{Name: c.Name, Type: parsed})
		}
		out[f.Table] = table
	}
	return out
}

// reference is a case of the reference answers.
type reference struct {
	ID, Group, SQL string
	Type           []string
	Columns        []struct{ Name, Type string }
	Error          *struct {
		Name, Type, Message string
		Line, Column        int
	}
}

func references(t *testing.T, file string) []reference {
	text, err := os.ReadFile(filepath.Join(shared(t), "data/trino", file))
	require.NoError(t, err)
	var list []reference
	lines := bufio.NewScanner(bytes.NewReader(text))
	lines.Buffer(nil, 1<<24)
	for lines.Scan() {
		var r reference
		require.NoError(t, json.Unmarshal(lines.Bytes(), &r))
		list = append(list, r)
	}
	return list
}

// runTime are errors that only running the statement raises.
var runTime = map[string]bool{
	types.DivisionByZero: true, types.InvalidCastArgument: true, types.NumericValueOutOfRange: true,
	types.InvalidFunctionArgument: true, types.SubqueryMultipleRows: true, types.GenericUserError: true,
	types.GenericInternalError: true, types.InvalidWindowFrame: true, "OPERATOR_NOT_FOUND": true, "COMPILER_ERROR": true,
}

// check compares one analysis with its reference; "" when they agree.
func (r reference) check(n plan.Node, err error) string {
	if r.Error != nil && (r.Error.Line > 0 || !runTime[r.Error.Name]) {
		return r.checkError(err)
	}
	if err == nil && check(n) != nil {
		return check(n).Error()
	}
	if r.Error != nil && (err == nil || types.ErrorName(err) == r.Error.Name) {
		return ""
	}
	if err != nil {
		return "want an answer, got " + err.Error()
	}
	out, ok := n.(*plan.Output)
	if !ok {
		return ""
	}
	want := r.Columns
	for i, t := range r.Type {
		want = append(want, struct{ Name, Type string }{fmt.Sprintf("_col%d", i), t})
	}
	if len(want) != len(out.Cols) {
		return fmt.Sprintf("want %d columns, got %d", len(want), len(out.Cols))
	}
	for i, c := range want {
		if got := out.Cols[i].Type.Display(); !sameTypeText(got, c.Type) {
			return fmt.Sprintf("column %d: want %s, got %s", i, c.Type, got)
		}
		if r.Columns != nil && out.Names[i] != c.Name {
			return fmt.Sprintf("column %d: want name %s, got %s", i, c.Name, out.Names[i])
		}
	}
	return ""
}

func (r reference) checkError(err error) string {
	e, ok := err.(*types.Error)
	switch {
	case err == nil:
		return "want " + r.Error.Name + ", got a plan"
	case !ok:
		return "want a typed error, got " + err.Error()
	case e.Name != r.Error.Name:
		return "want " + r.Error.Name + ", got " + err.Error()
	case r.Error.Line > 0 && (e.Pos.Line != r.Error.Line || e.Pos.Column != r.Error.Column):
		return fmt.Sprintf("want %s at %d:%d, got %s", e.Name, r.Error.Line, r.Error.Column, err)
	}
	return ""
}

func sameTypeText(a, b string) bool {
	return strings.EqualFold(strings.ReplaceAll(a, ", ", ","), strings.ReplaceAll(b, ", ", ","))
}

func TestReferenceCases(t *testing.T) {
	files := []struct {
		file string
		// least is the share of cases that agree, in percent: it may only rise.
		least int
	}{{"error.jsonl", 98}, {"query.jsonl", 91}, {"expr.jsonl", 96}}
	catalog, lib := fixtures(t), function.New()
	for _, f := range files {
		t.Run(f.file, func(t *testing.T) {
			cases := references(t, f.file)
			agree := 0
			for _, r := range cases {
				n, err := planner.Plan(context.Background(), r.SQL, catalog, lib, session)
				if problem := r.check(n, err); problem != "" {
					t.Logf("%s\n\t%s\n\t%s", r.ID, r.SQL, problem)
					continue
				}
				agree++
			}
			t.Logf("%s: %d of %d agree", f.file, agree, len(cases))
			require.GreaterOrEqual(t, 100*agree, f.least*len(cases))
		})
	}
}
