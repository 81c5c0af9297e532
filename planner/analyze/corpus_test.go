package analyze_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/enginetest/conformance"
	"github.com/auditlake/auditlake/engine/function"
	"github.com/auditlake/auditlake/internal/material"
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
	byName := func(a, b *metadata.Table) int { return strings.Compare(a.Name, b.Name) }
	return slices.SortedFunc(maps.Values(c), byName), nil
}

var session = conformance.Session()

// runTime are errors that only running the statement raises.
var runTime = map[string]bool{
	types.DivisionByZero: true, types.InvalidCastArgument: true, types.NumericValueOutOfRange: true,
	types.InvalidFunctionArgument: true, types.SubqueryMultipleRows: true, types.GenericUserError: true,
	types.GenericInternalError: true, types.InvalidWindowFrame: true, "OPERATOR_NOT_FOUND": true, "COMPILER_ERROR": true,
}

// disagreement compares the analysis of a case with the server's; "" when they
// agree.
func disagreement(c *conformance.Case, n plan.Node, err error) string {
	if c.Error != nil && (c.Error.Line > 0 || !runTime[c.Error.Name]) {
		return errorDisagreement(c.Error, err)
	}
	if err == nil && check(n) != nil {
		return check(n).Error()
	}
	if c.Error != nil && (err == nil || types.ErrorName(err) == c.Error.Name) {
		return ""
	}
	if err != nil {
		return "want an answer, got " + err.Error()
	}
	out, ok := n.(*plan.Output)
	if !ok {
		return ""
	}
	want := c.Columns
	for i, t := range c.Type {
		want = append(want, conformance.Column{Name: fmt.Sprintf("_col%d", i), Type: t})
	}
	if len(want) != len(out.Cols) {
		return fmt.Sprintf("want %d columns, got %d", len(want), len(out.Cols))
	}
	for i, w := range want {
		if got := out.Cols[i].Type.Display(); !sameTypeText(got, w.Type) {
			return fmt.Sprintf("column %d: want %s, got %s", i, w.Type, got)
		}
		if c.Columns != nil && out.Names[i] != w.Name {
			return fmt.Sprintf("column %d: want name %s, got %s", i, w.Name, out.Names[i])
		}
	}
	return ""
}

func errorDisagreement(want *conformance.Failure, err error) string {
	e, ok := err.(*types.Error)
	switch {
	case err == nil:
		return "want " + want.Name + ", got a plan"
	case !ok:
		return "want a typed error, got " + err.Error()
	case e.Name != want.Name:
		return "want " + want.Name + ", got " + err.Error()
	case want.Line > 0 && (e.Pos.Line != want.Line || e.Pos.Column != want.Column):
		return fmt.Sprintf("want %s at %d:%d, got %s", e.Name, want.Line, want.Column, err)
	}
	return ""
}

func sameTypeText(a, b string) bool {
	return strings.EqualFold(strings.ReplaceAll(a, ", ", ","), strings.ReplaceAll(b, ", ", ","))
}

func TestReferenceCases(t *testing.T) {
	dir := material.Own(t, "trino")
	cases, err := conformance.ReadFolder(dir)
	require.NoError(t, err)
	source, err := conformance.Fixtures(dir)
	require.NoError(t, err)
	catalog, lib := source.Catalog(), function.New()
	// The shares of cases that must agree, in percent: they may only rise.
	for kind, least := range map[string]int{"error": 99, "query": 99, "expr": 99} {
		t.Run(kind, func(t *testing.T) {
			agree, all := 0, 0
			for _, c := range cases {
				if c.Kind != kind {
					continue
				}
				all++
				n, err := planner.Plan(context.Background(), c.SQL, catalog, lib, session)
				if problem := disagreement(c, n, err); problem != "" {
					t.Logf("%s\n\t%s\n\t%s", c.ID, c.SQL, problem)
					continue
				}
				agree++
			}
			t.Logf("%d of %d agree", agree, all)
			require.GreaterOrEqual(t, 100*agree, least*all)
		})
	}
}
