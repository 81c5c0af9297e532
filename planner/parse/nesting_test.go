package parse_test

import (
	"fmt"
	"testing"
)

// TestFormatNesting puts every kind of expression into every kind of place, two
// levels deep, and checks that the printed form keeps the tree's shape.
func TestFormatNesting(t *testing.T) {
	places := []string{
		"NOT %s", "a AND %s", "%s OR a", "a = %s", "%s < a", "%s BETWEEN a AND b", "a BETWEEN b AND %s", "a IN (%s)", "%s IN (a)",
		"a LIKE %s", "%s LIKE a ESCAPE b", "%s IS NULL", "%s IS DISTINCT FROM a", "a IS DISTINCT FROM %s", "%s = ALL (SELECT 1)",
		"%s || a", "a || %s", "%s + a", "a - %s", "a * %s", "%s / a", "- %s", "+ %s", "%s AT TIME ZONE 'UTC'", "%s[1]", "a[%s]", "%s.f",
		"x -> %s", "f(%s)", "f(DISTINCT %s)", "f(a ORDER BY %s)", "f(a) FILTER (WHERE %s)", "f(a) OVER (ORDER BY %s ROWS %[1]s PRECEDING)",
		"CASE %s WHEN a THEN b END", "CASE WHEN %s THEN %[1]s ELSE %[1]s END", "CAST(%s AS int)", "ROW(%s)", "(a, %s)", "ARRAY[%s]",
		"EXTRACT(day FROM %s)", "TRIM(%s FROM a)", "TRIM(LEADING FROM %s)", "POSITION(%s IN a)", "POSITION(a IN %s)", "position(%s, a)",
		"SUBSTRING(%s FROM a)", "NORMALIZE(%s)", "IF(%s, a)", "COALESCE(a, %s)", "JSON_OBJECT(%s : %[1]s)", "JSON_OBJECT(KEY %s VALUE a)",
		"JSON_VALUE(%s, '$' DEFAULT %[1]s ON EMPTY)", "(SELECT %s ORDER BY %[1]s)", "(VALUES %s)", "(SELECT a FROM t GROUP BY %s, (%[1]s, a))",
		"(SELECT a FROM t JOIN u ON %s WHERE %[1]s)", "EXISTS (SELECT 1 FROM t TABLESAMPLE SYSTEM (%s))",
	}
	leaves := []string{
		"a", "-1", "1", "1.5", ".5", "1e3", "'x'", "X'00'", "DATE '2024-01-01'", "INTERVAL '1' DAY", "?", "NULL", "key", "key('a')", "CURRENT_DATE",
	}
	var inner []string
	inner = append(inner, leaves...)
	for _, place := range places {
		for _, leaf := range leaves {
			inner = append(inner, fill(place, leaf))
		}
	}
	for _, place := range places {
		for _, x := range inner {
			requireRoundTrip(t, "SELECT "+fill(place, x))
			requireRoundTrip(t, "SELECT "+fill(place, "("+x+")"))
		}
	}
}

// fill puts x into every gap of place.
func fill(place, x string) string {
	return fmt.Sprintf(place+"%.[1]s", x)
}
