package exec_test

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/enginetest/conformance"
	"github.com/auditlake/auditlake/engine/exec"
	"github.com/auditlake/auditlake/engine/function"
	"github.com/auditlake/auditlake/internal/process"
	"github.com/auditlake/auditlake/planner/metadata"
	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

// oneHour is in milliseconds.
const oneHour = 3_600_000

// mixed is a table of few different values and NULLs: a bigint, s varchar,
// t timestamp(3), b boolean.
func mixed(t *testing.T, rows int, random *rand.Rand) *conformance.Source {
	columns := []metadata.Column{{Name: "a", Type: types.BigIntType}, {Name: "s", Type: types.VarcharType},
		{Name: "t", Type: types.TimestampType}, {Name: "b", Type: types.BooleanType}}
	table := &conformance.Table{Rows: rows, Meta: &metadata.Table{Name: "mixed", Store: true, Columns: columns}}
	texts := []string{"", "a", "ab", "abc", "b", "ba", "é"}
	for i, c := range columns {
		values := make([]types.Value, rows)
		for r := range values {
			values[r] = types.Null(c.Type)
			if random.IntN(6) == 0 {
				continue
			}
			switch i {
			case 0:
				values[r].V = random.Int64N(9) - 4
			case 1:
				values[r].V = texts[random.IntN(len(texts))]
			case 2:
				values[r].V = 1_704_067_200_000 + random.Int64N(96)*oneHour/2 // two days from 2024-01-01
			case 3:
				values[r].V = random.IntN(2) == 0
			}
		}
		a, err := function.ArrayOf(c.Type, values)
		require.NoError(t, err)
		table.Columns = append(table.Columns, a)
	}
	return &conformance.Source{Tables: map[string]*conformance.Table{"mixed": table}, GroupRows: 3, Prune: true}
}

// condition writes a random condition over the columns of mixed; tables are
// the names it may read them by.
func condition(random *rand.Rand, depth int, tables ...string) string {
	if depth > 0 && random.IntN(3) > 0 {
		x, y := condition(random, depth-1, tables...), condition(random, depth-1, tables...)
		switch random.IntN(4) {
		case 0:
			return "NOT (" + x + ")"
		case 1:
			return "(" + x + " OR " + y + ")"
		}
		return "(" + x + " AND " + y + ")"
	}
	of := tables[random.IntN(len(tables))] + "."
	operator := []string{"=", "<>", "<", "<=", ">", ">="}[random.IntN(6)]
	number := func() int { return random.IntN(11) - 5 }
	text := func() string { return []string{"''", "'a'", "'ab'", "'b'", "'zz'"}[random.IntN(5)] }
	moment := func() string {
		return fmt.Sprintf("'2024-01-0%d %02d:%02d:00'", 1+random.IntN(3), random.IntN(24), 15*random.IntN(4))
	}
	switch random.IntN(34) {
	case 0:
		return fmt.Sprintf(of+"a %s %d", operator, number())
	case 1:
		return fmt.Sprintf("%d %s %sa", number(), operator, of)
	case 2:
		return fmt.Sprintf(of+"a IN (%d, %d, NULL)", number(), number())
	case 3:
		return fmt.Sprintf(of+"a NOT IN (%d, %d)", number(), number())
	case 4:
		return fmt.Sprintf(of+"a BETWEEN %d AND %d", number(), number())
	case 5:
		return fmt.Sprintf(of+"s %s %s", operator, text())
	case 6:
		return of + "s LIKE " + []string{"'a%'", "'_b%'", "'ab'", "'%'", "'é%'", "'ab_'"}[random.IntN(6)]
	case 7:
		return of + []string{"a", "s", "t", "b"}[random.IntN(4)] + []string{" IS NULL", " IS NOT NULL"}[random.IntN(2)]
	case 8:
		return fmt.Sprintf(of+"t %s %s", operator, moment())
	case 9:
		return fmt.Sprintf("date("+of+"t) %s DATE '2024-01-0%d'", operator, 1+random.IntN(3))
	case 10:
		return fmt.Sprintf("date_trunc('hour', "+of+"t) %s TIMESTAMP %s", operator, moment())
	case 11:
		return fmt.Sprintf("CAST("+of+"t AS date) %s DATE '2024-01-0%d'", operator, 1+random.IntN(3))
	case 12:
		return of + "b"
	case 13:
		column := []string{"a", "s", "t", "b"}[random.IntN(4)]
		return tables[0] + "." + column + " = " + tables[len(tables)-1] + "." + column
	case 14:
		return tables[0] + ".a " + operator + " 1 + " + tables[len(tables)-1] + ".a"
	case 15:
		return fmt.Sprintf("CAST("+of+"a AS double) %s %d.5e0", operator, number())
	case 16:
		return fmt.Sprintf("date_diff('%s', "+of+"t, TIMESTAMP %s) %s %d", []string{"hour", "day"}[random.IntN(2)], moment(), operator, number())
	case 17:
		return fmt.Sprintf("date_diff('hour', TIMESTAMP %s, "+of+"t) %s %d", moment(), operator, 5*number())
	case 18:
		return fmt.Sprintf("("+of+"t + INTERVAL '%d' HOUR) %s TIMESTAMP %s", number(), operator, moment())
	case 19:
		return fmt.Sprintf("(TIMESTAMP %s - "+of+"t) %s INTERVAL '%d' HOUR", moment(), operator, 5*number())
	case 20:
		return fmt.Sprintf("date_format("+of+"t, '%%Y-%%m-%%d %%H') %s '2024-01-0%d 12'", operator, 1+random.IntN(3))
	case 21:
		return fmt.Sprintf("CAST("+of+"t AS varchar) LIKE '2024-01-0%d%s'", 1+random.IntN(3), []string{" 0%", " 1%", "%", ""}[random.IntN(4)])
	case 22:
		return fmt.Sprintf("substr(CAST("+of+"t AS varchar), 1, %d) %s '2024-01-0%d'", 9+random.IntN(3), operator, 1+random.IntN(3))
	case 23:
		return fmt.Sprintf("date("+of+"t) %sIN (DATE '2024-01-0%d', DATE '2024-01-0%d', NULL)", []string{"", "NOT "}[random.IntN(2)], 1+random.IntN(3), 1+random.IntN(3))
	case 24:
		return fmt.Sprintf("COALESCE("+of+"s, %s) %s %s", text(), operator, text())
	case 25:
		return fmt.Sprintf("COALESCE("+of+"a, %d) IN (%d, %d)", number(), number(), number())
	case 26:
		return of + "a IS " + []string{"", "NOT "}[random.IntN(2)] + "DISTINCT FROM " + []string{"NULL", "1"}[random.IntN(2)]
	case 27:
		return fmt.Sprintf("IF("+of+"a %s %d, "+of+"s = %s, "+of+"b)", operator, number(), text())
	case 28:
		return fmt.Sprintf("CASE WHEN "+of+"a %s %d THEN false WHEN "+of+"b THEN "+of+"s < %s ELSE "+of+"t > %s END", operator, number(), text(), moment())
	case 29:
		return fmt.Sprintf("(%d - "+of+"a) %s %d", number(), operator, number())
	case 30:
		return fmt.Sprintf("substr("+of+"s, 1, %d) %s %s", 1+random.IntN(2), operator, text())
	case 31:
		return "regexp_like(" + of + "s, '" + []string{"^a", "^ab?", "^b*", "^a|b", "a$", "^abc$"}[random.IntN(6)] + "')"
	case 32:
		return fmt.Sprintf("year("+of+"t) %s 2024", operator)
	}
	return fmt.Sprintf(of+"s IN (%s, %s)", text(), text())
}

// TestDomainsKeepEveryRow checks for random conditions that the optimizer
// changes no answer, and that no row which passes lies outside a domain.
func TestDomainsKeepEveryRow(t *testing.T) {
	if process.UnderRace {
		t.Skip("one goroutine does it all; the unit stage runs it")
	}
	random := rand.New(rand.NewPCG(3, 3))
	source := mixed(t, 300, random)
	bounded, questions := 0, 200
	if exec.TriesAll() {
		questions = 1500
	}
	for range questions {
		sql := "SELECT a, s, t, b FROM mixed WHERE " + condition(random, 3, "mixed")
		want, err := (&runner{source: source}).run(sql)
		require.NoError(t, err, sql)
		r := &runner{source: source, optimize: true}
		got, err := r.run(sql)
		require.NoError(t, err, sql)
		require.Equal(t, want.Rows, got.Rows, sql)
		out, err := r.plan(sql)
		require.NoError(t, err)
		scan := scanOf(out)
		if scan == nil {
			require.Empty(t, want.Rows, sql)
			continue
		}
		for _, d := range scan.Domains {
			bounded++
			column := strings.Index("astb", d.Path[0])
			for _, row := range want.Rows {
				value, err := conformance.ReadValue(source.Tables["mixed"].Meta.Columns[column].Type, []byte(row[column]))
				require.NoError(t, err)
				require.True(t, inDomain(d, value), "%s: %s is outside %v", sql, row[column], d.Ranges)
			}
		}
	}
	require.Greater(t, bounded, questions/3)
}

func scanOf(n plan.Node) *plan.Scan {
	for {
		if s, ok := n.(*plan.Scan); ok {
			return s
		}
		if len(plan.Inputs(n)) == 0 {
			return nil
		}
		n = plan.Inputs(n)[0]
	}
}

func inDomain(d plan.Domain, v types.Value) bool {
	if v.IsNull() {
		return d.NullAllowed
	}
	for _, r := range d.Ranges {
		if (r.Low == nil || above(v, *r.Low, r.LowIncl)) && (r.High == nil || above(*r.High, v, r.HighIncl)) {
			return true
		}
	}
	return false
}

// above reports v > bound, or v = bound where the bound counts.
func above(v, bound types.Value, including bool) bool {
	c := 0
	switch x := v.V.(type) {
	case int64:
		c = cmp.Compare(x, bound.V.(int64))
	case string:
		c = cmp.Compare(x, bound.V.(string))
	case bool:
		y := bound.V.(bool)
		if x != y {
			c = -1
			if x {
				c = 1
			}
		}
	}
	return c > 0 || c == 0 && including
}

// TestRandomJoins checks that the optimizer changes no answer of joins and
// groupings with random conditions.
func TestRandomJoins(t *testing.T) {
	if process.UnderRace {
		t.Skip("one goroutine does it all; the unit stage runs it")
	}
	random := rand.New(rand.NewPCG(4, 4))
	source := mixed(t, 25, random)
	for range 250 {
		join := []string{"JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN"}[random.IntN(4)]
		on := condition(random, 2, "x", "y")
		where := condition(random, 2, "x", "y")
		sql := "SELECT * FROM mixed x " + join + " mixed y ON " + on + " WHERE " + where
		switch random.IntN(6) {
		case 4:
			sql = "SELECT * FROM mixed x JOIN mixed y ON " + on + " JOIN mixed z ON z.a = y.a AND " + condition(random, 1, "x", "z") + " WHERE " + where
		case 0:
			sql = "SELECT x.a, y.s, count(*), max(x.t) FROM mixed x " + join + " mixed y ON " + on + " WHERE " + where +
				" GROUP BY x.a, y.s HAVING " + fmt.Sprintf("x.a > %d AND count(*) > 1", random.IntN(3)-1)
		case 1:
			sql = "SELECT x.a, x.s FROM mixed x WHERE " + condition(random, 1, "x") + " AND x.a " +
				[]string{"IN", "NOT IN"}[random.IntN(2)] + " (SELECT y.a FROM mixed y WHERE " + condition(random, 1, "y") + ")"
		case 2:
			sql = "SELECT x.a FROM mixed x WHERE " + []string{"", "NOT "}[random.IntN(2)] + "EXISTS (SELECT 1 FROM mixed y WHERE x.a = y.a AND " +
				condition(random, 1, "y") + ")"
		case 3:
			sql = "SELECT * FROM (SELECT s, a, row_number() OVER (PARTITION BY s ORDER BY a, t, b) AS r FROM mixed UNION ALL SELECT s, a, 1 FROM mixed) AS x" +
				" WHERE x.s >= 'a' AND x.r <= 2 AND x.a <> 3"
		}
		want, err := (&runner{source: source}).run(sql)
		require.NoError(t, err, sql)
		got, err := (&runner{source: source, optimize: true}).run(sql)
		require.NoError(t, err, sql)
		require.ElementsMatch(t, want.Rows, got.Rows, sql)
	}
}
