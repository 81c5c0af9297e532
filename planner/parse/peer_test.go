package parse_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xwb1989/sqlparser"

	"github.com/auditlake/auditlake/planner/ast"
	"github.com/auditlake/auditlake/planner/parse"
)

// commonSubset is what the peer, a parser of the MySQL dialect, reads as Trino does.
var commonSubset = []struct{ name, sql string }{
	{"plain", "SELECT a, count(*) FROM t WHERE b = 'x' GROUP BY a HAVING count(*) > 1 ORDER BY 2 DESC LIMIT 10"},
	{"element_at", "SELECT element_at(requestparameters, 'bucketName') FROM t"},
	{"interval", "SELECT current_timestamp - INTERVAL '1' DAY"},
	{"count distinct", "SELECT count(DISTINCT a) FROM t"},
	{"left join", "SELECT 1 FROM a LEFT JOIN b ON a.x = b.x"},
	{"join using", "SELECT 1 FROM a JOIN b USING (x)"},
	{"union all", "SELECT 1 UNION ALL SELECT 2"},
	{"in subquery", "SELECT a FROM t WHERE a IN (SELECT b FROM u)"},
	{"correlated exists", "SELECT a FROM t WHERE EXISTS (SELECT 1 FROM u WHERE u.x = t.x)"},
	{"scalar subquery", "SELECT (SELECT max(b) FROM u) FROM t"},
	{"case", "SELECT CASE WHEN a > 1 THEN 'x' ELSE 'y' END FROM t"},
	{"row", "SELECT ROW(1, 'a')"},
	{"if", "SELECT IF(a > 1, 1, 0) FROM t"},
}

// peersWays are what the peer adds that only its dialect has.
var peersWays = strings.NewReplacer(" from dual", "", "current_timestamp()", "current_timestamp")

// TestPeerAcceptsCommonSubset: what the peer reads and writes is the tree that
// we read of the original.
func TestPeerAcceptsCommonSubset(t *testing.T) {
	for _, tt := range commonSubset {
		t.Run(tt.name, func(t *testing.T) {
			peers, err := sqlparser.Parse(tt.sql)
			require.NoError(t, err, "the peer")
			ours, err := parse.Statement(tt.sql)
			require.NoError(t, err)
			text := peersWays.Replace(sqlparser.String(peers))
			again, err := parse.Statement(text)
			require.NoError(t, err, text)
			require.Equal(t, ast.Format(ours), ast.Format(again))
		})
	}
}

// TestPeerRefusesTrino holds some of the constructs that real queries use and the
// peer cannot read: the reason for a parser of our own.
func TestPeerRefusesTrino(t *testing.T) {
	for _, tt := range []struct{ name, sql string }{
		{"with", "WITH a AS (SELECT 1) SELECT * FROM a"},
		{"map subscript", "SELECT requestparameters['key'] FROM t"},
		{"store id", "SELECT * FROM 3f2c1c5e-aaaa-4e1b-9c58-1f0d2a7b4c11"},
		{"deep dereference", "SELECT useridentity.sessioncontext.sessionissuer.arn FROM t"},
		{"timestamp literal", "SELECT * FROM t WHERE a > TIMESTAMP '2024-01-01 00:00:00'"},
		{"unnest", "SELECT * FROM t CROSS JOIN UNNEST(resources) AS r (x)"},
		{"window", "SELECT rank() OVER (ORDER BY a) FROM t"},
		{"lambda", "SELECT filter(a, x -> x > 1) FROM t"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := sqlparser.Parse(tt.sql)
			require.Error(t, err, "the peer")
			_, err = parse.Statement(tt.sql)
			require.NoError(t, err)
		})
	}
}

const benchmarkSQL = "SELECT a, count(*) FROM t JOIN u ON t.x = u.x WHERE b = 'x' AND c IN (1, 2, 3) AND d > 5 " +
	"AND e IN (SELECT f FROM v) GROUP BY a HAVING count(*) > 1 ORDER BY 2 DESC LIMIT 10"

func BenchmarkParse(b *testing.B) {
	b.ReportAllocs()
	b.SetBytes(int64(len(benchmarkSQL)))
	for b.Loop() {
		if _, err := parse.Statement(benchmarkSQL); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkPeerParse(b *testing.B) {
	b.ReportAllocs()
	b.SetBytes(int64(len(benchmarkSQL)))
	for b.Loop() {
		if _, err := sqlparser.Parse(benchmarkSQL); err != nil {
			b.Fatal(err)
		}
	}
}
