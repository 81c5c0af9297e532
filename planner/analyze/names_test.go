package analyze_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/planner/types"
)

// TestNamesAreTakenOnce names things twice where each name may stand once.
func TestNamesAreTakenOnce(t *testing.T) {
	tests := []struct{ name, sql, want string }{
		{"WITH", "WITH x AS (SELECT 1), X AS (SELECT 2) SELECT 1", types.DuplicateNamedQuery},
		{"columns of WITH", "WITH x (c, C) AS (SELECT 1, 2) SELECT 1", types.DuplicateColumnName},
		{"path of JSON_TABLE", `SELECT 1 FROM JSON_TABLE('{}', 'lax $' AS p COLUMNS (p bigint PATH 'lax $'))`, types.DuplicateColumnOrPathName},
		{"columns of JSON_TABLE", `SELECT 1 FROM JSON_TABLE('{}', 'lax $' AS p COLUMNS (a bigint PATH 'lax $', a bigint PATH 'lax $'))`, types.DuplicateColumnOrPathName},
		{"WINDOW", "SELECT 1 FROM t WINDOW w AS (ORDER BY a), W AS (ORDER BY b)", types.DuplicateWindowName},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := analyzed(t, tt.sql, session)
			require.Equal(t, tt.want, types.ErrorName(err), err)
		})
	}
}

// TestNamesOfLongLists finds names among more columns than are looked through one
// by one, by the rules that hold for few.
func TestNamesOfLongLists(t *testing.T) {
	columns := func(n int, format string) string {
		list := make([]string, n)
		for i := range list {
			list[i] = strings.ReplaceAll(format, "%d", fmt.Sprint(i))
		}
		return strings.Join(list, ", ")
	}
	long := "(SELECT " + columns(150, "a AS c%d") + ", b AS twice, b AS Twice, b AS \"\u212Aelvin\", CAST(ROW(1) AS ROW(x bigint)) AS r FROM t) AS l"
	tests := []struct{ name, sql, want string }{
		{"name", "SELECT c149, C0 FROM " + long, ""},
		{"qualified", "SELECT L.c149, l.C0 FROM " + long, ""},
		{"letters that differ by case alone", "SELECT kelvin, l.KELVIN FROM " + long, ""},
		{"field of a row", "SELECT r.x, l.r.x FROM " + long, ""},
		{"ambiguous", "SELECT twice FROM " + long, types.AmbiguousName},
		{"unknown", "SELECT c150 FROM " + long, types.ColumnNotFound},
		{"unknown relation", "SELECT m.c1 FROM " + long, types.ColumnNotFound},
		{"outer", "SELECT (SELECT c7 FROM (SELECT 1 AS z) s) FROM " + long, ""},
		{"both sides of a join", "SELECT l.c1, m.c1 FROM " + long + " JOIN " + strings.TrimSuffix(long, "l") + "m ON l.c1 = m.c2", ""},
		{"ambiguous in a join", "SELECT c1 FROM " + long + " JOIN " + strings.TrimSuffix(long, "l") + "m ON l.c1 = m.c2", types.AmbiguousName},
		{"later table in ON", "SELECT 1 FROM " + long + " JOIN t x ON y.a = x.a JOIN t y ON true", types.ColumnNotFound},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := analyzed(t, tt.sql, session)
			if tt.want == "" {
				require.NoError(t, err)
				return
			}
			require.Equal(t, tt.want, types.ErrorName(err), err)
		})
	}
}
