package planner_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/function"
	"github.com/auditlake/auditlake/planner"
	"github.com/auditlake/auditlake/planner/metadata"
	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

// one is a catalog of one store.
type one struct{ table *metadata.Table }

func (c one) Table(_ context.Context, name string) (*metadata.Table, error) {
	if name != c.table.Name {
		return nil, types.Errorf(types.TableNotFound, types.Pos{}, "Table '%s' does not exist", name)
	}
	return c.table, nil
}

func (c one) Tables(context.Context) ([]*metadata.Table, error) {
	return []*metadata.Table{c.table}, nil
}

var (
	catalog = one{&metadata.Table{Name: "log", Store: true, Columns: []metadata.Column{
		{Name: "eventtime", Type: types.TimestampType}, {Name: "eventname", Type: types.VarcharType}}}}
	session = &metadata.Session{Now: time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC), Location: time.UTC, Zone: "UTC", Catalog: "auditlake", Schema: "default"}
)

// TestPlanPrunesByTheClock checks the whole way from text to a scan that knows
// the time range it must read.
func TestPlanPrunesByTheClock(t *testing.T) {
	n, err := planner.Plan(context.Background(), "SELECT eventname FROM log WHERE eventtime > now() - INTERVAL '1' DAY", catalog, function.New(), session)
	require.NoError(t, err)
	scan, ok := n.(*plan.Output).Input.(*plan.Scan)
	require.True(t, ok, plan.Format(n))
	require.Len(t, scan.Domains, 1)
	require.Equal(t, []string{"eventtime"}, scan.Domains[0].Path)
	low := scan.Domains[0].Ranges[0].Low
	require.Equal(t, "TIMESTAMP '2026-10-31 12:00:00.000'", low.String())
}

func TestPlanErrorsHaveAPlace(t *testing.T) {
	tests := []struct{ name, sql, want string }{
		{"syntax", "SELECT FROM log", types.SyntaxError},
		{"name", "SELECT nope FROM log", types.ColumnNotFound},
		{"type", "SELECT eventname + 1 FROM log", types.TypeMismatch},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := planner.Plan(context.Background(), tt.sql, catalog, function.New(), session)
			var e *types.Error
			require.ErrorAs(t, err, &e)
			require.Equal(t, tt.want, e.Name)
			require.Equal(t, 1, e.Pos.Line)
		})
	}
}
