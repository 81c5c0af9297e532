package parse_test

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/internal/material"
	"github.com/auditlake/auditlake/planner/parse"
	"github.com/auditlake/auditlake/planner/types"
)

// grammarWords reads the words listed under a heading of the grammar's document.
func grammarWords(t *testing.T, heading string) []string {
	t.Helper()
	text, err := os.ReadFile(material.Own(t, "trino/GRAMMAR.md"))
	require.NoError(t, err)
	_, section, found := strings.Cut(string(text), heading)
	require.True(t, found)
	words := regexp.MustCompile(`[A-Z][A-Z0-9_]+`).FindAllString(strings.Split(section, "\n\n")[1], -1)
	require.Greater(t, len(words), 50)
	return words
}

func TestReservedWords(t *testing.T) {
	for _, word := range grammarWords(t, "## Reserved words") {
		require.True(t, parse.IsReserved(strings.ToLower(word)), word)
		for _, form := range []string{"SELECT 1 AS %s", "SELECT 1 FROM t AS %s", "SELECT a.%s FROM a", "SELECT * FROM %s"} {
			sql := fmt.Sprintf(form, word)
			_, err := parse.Statement(sql)
			require.Equal(t, types.SyntaxError, types.ErrorName(err), sql)
			quoted := fmt.Sprintf(form, `"`+word+`"`)
			_, err = parse.Statement(quoted)
			require.NoError(t, err, quoted)
		}
	}
}

func TestOtherKeywordsAreNames(t *testing.T) {
	for _, word := range grammarWords(t, "## Non-reserved keywords") {
		require.False(t, parse.IsReserved(word), word)
		for _, form := range []string{
			"SELECT 1 AS %s", "SELECT 1 %s", "SELECT %s", "SELECT %s, %[1]s FROM t", "SELECT %s + 1 < %[1]s", "SELECT f(%s, %[1]s)",
			"SELECT a.%s, %[1]s.a, %[1]s.* FROM t", "SELECT * FROM %s", "SELECT * FROM t %s", "SELECT * FROM t %s WHERE %[1]s = 1",
			"SELECT * FROM a JOIN b USING (%s)", "WITH %s AS (SELECT 1) SELECT 2 FROM %[1]s", "SELECT a FROM t GROUP BY %s ORDER BY %[1]s",
			"SELECT f(%s -> %[1]s)", "SELECT rank() OVER (ORDER BY %s)", "SELECT CAST(a AS row(%s bigint))", "SELECT (%s), (%[1]s, 1)",
		} {
			sql := fmt.Sprintf(form, strings.ToLower(word))
			sql, _, _ = strings.Cut(sql, "%!(EXTRA")
			_, err := parse.Statement(sql)
			require.NoError(t, err, sql)
			requireRoundTrip(t, sql)
		}
	}
}
