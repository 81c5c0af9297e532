package optimize_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/function"
	"github.com/auditlake/auditlake/planner/analyze"
	"github.com/auditlake/auditlake/planner/optimize"
	"github.com/auditlake/auditlake/planner/parse"
	"github.com/auditlake/auditlake/planner/plan"
)

func TestLateColumns(t *testing.T) {
	catalog := tables{"events": table(t, "events", 1000, "eventtime timestamp(3)", "eventname varchar", "errorcode varchar")}
	for _, c := range []struct {
		name, sql string
		late      []string
	}{
		{"all but the order", "SELECT * FROM events ORDER BY eventtime LIMIT 5", []string{"eventname", "errorcode"}},
		{"not what the filter reads", "SELECT * FROM events WHERE errorcode = 'x' ORDER BY eventtime LIMIT 5", []string{"eventname"}},
		{"what is computed of them", "SELECT upper(eventname) FROM events ORDER BY eventtime LIMIT 5", []string{"eventname"}},
		{"not an order that is computed", "SELECT eventname FROM events ORDER BY length(eventname) LIMIT 5", nil},
		{"not without LIMIT", "SELECT * FROM events ORDER BY eventtime", nil},
		{"not for many rows", "SELECT * FROM events ORDER BY eventtime LIMIT 1000000", nil},
		{"not above a grouping", "SELECT eventname, max(eventtime) FROM events GROUP BY 1 ORDER BY 2 LIMIT 5", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			stmt, err := parse.Statement(c.sql)
			require.NoError(t, err)
			n, err := analyze.Statement(context.Background(), stmt, catalog, function.New(), session)
			require.NoError(t, err)
			n, err = optimize.Optimize(context.Background(), n, function.New(), session)
			require.NoError(t, err)
			for inputs := plan.Inputs(n); len(inputs) > 0; inputs = plan.Inputs(n) {
				n = inputs[0]
			}
			var late []string
			for _, column := range n.(*plan.Scan).Cols {
				if column.Late {
					late = append(late, column.Path[0])
				}
			}
			require.Equal(t, c.late, late)
		})
	}
}
