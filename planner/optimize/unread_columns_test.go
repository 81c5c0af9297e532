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

func TestNodesGiveWhatIsRead(t *testing.T) {
	catalog := tables{
		"a": table(t, "a", 100000, "k bigint", "t bigint", "x varchar", "l array(bigint)"),
		"b": table(t, "b", 1000, "k bigint", "t bigint", "y varchar"),
	}
	for _, c := range []struct {
		name, sql string
		given     [][]string // of each join, UNNEST and PartitionTopN, from the top
	}{
		{"no key", "SELECT x, y FROM a JOIN b ON a.k = b.k", [][]string{{"x", "y"}}},
		{"a key that is read", "SELECT a.k, y FROM a JOIN b ON a.k = b.k", [][]string{{"k", "y"}}},
		{"nothing of the condition", "SELECT y FROM a JOIN b ON a.k = b.k AND b.t BETWEEN a.t AND a.t + 9", [][]string{{"y"}}},
		{"nothing", "SELECT count(*) FROM a JOIN b ON a.k = b.k", [][]string{nil}},
		{"what the order reads", "SELECT y FROM a JOIN b ON a.k = b.k ORDER BY x", [][]string{{"x", "y"}}},
		{"the mark", "SELECT x FROM a WHERE k IN (SELECT k FROM b)", [][]string{{"x", "mark"}}},
		{"what the join above reads", "SELECT a.x FROM a LEFT JOIN b ON a.k = b.k LEFT JOIN b c ON b.t = c.t", [][]string{{"x"}, {"x", "t"}}},
		{"what a set operation takes", "SELECT x FROM a JOIN b ON a.k = b.k UNION ALL SELECT y FROM b", [][]string{{"x"}}},
		{"all", "SELECT * FROM a CROSS JOIN b", [][]string{{"k", "t", "x", "l", "k", "t", "y"}}},
		{"not the list that is spread", "SELECT x, e FROM a CROSS JOIN UNNEST(l) AS u (e)", [][]string{{"x", "element"}}},
		{"a list that is spread again", "SELECT count(*) FROM a CROSS JOIN UNNEST(l) AS u (e) CROSS JOIN UNNEST(l) AS v (f)", [][]string{nil, {"l"}}},
		{"an element that a filter reads", "SELECT x FROM a CROSS JOIN UNNEST(l) AS u (e) WHERE e > 3", [][]string{{"x", "element"}}},
		{"partitions of first rows", "SELECT t FROM (SELECT t, row_number() OVER (PARTITION BY x, k ORDER BY t) AS r FROM a) WHERE r = 1", [][]string{{"t"}}},
		{"partitions that a window ranks", "SELECT t FROM (SELECT t, row_number() OVER (PARTITION BY x ORDER BY k) AS r FROM a) WHERE r <= 2", [][]string{{"k", "t", "x"}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			stmt, err := parse.Statement(c.sql)
			require.NoError(t, err)
			n, err := analyze.Statement(context.Background(), stmt, catalog, function.New(), session)
			require.NoError(t, err)
			n, err = optimize.Optimize(context.Background(), n, function.New(), session)
			require.NoError(t, err)
			require.Equal(t, c.given, givenColumns(n))
		})
	}
}

// givenColumns names what the joins, UNNESTs and first rows of partitions in a plan give, from the top; a mark is "mark", and what has no name "element".
func givenColumns(n plan.Node) [][]string {
	var list [][]string
	join, isJoin := n.(*plan.Join)
	_, isUnnest := n.(*plan.Unnest)
	if _, isFirsts := n.(*plan.PartitionTopN); isJoin || isUnnest || isFirsts {
		var names []string
		for _, c := range n.Columns() {
			switch {
			case isJoin && c == join.Mark:
				names = append(names, "mark")
			case c.Name == "":
				names = append(names, "element")
			default:
				names = append(names, c.Name)
			}
		}
		list = append(list, names)
	}
	for _, input := range plan.Inputs(n) {
		list = append(list, givenColumns(input)...)
	}
	return list
}
