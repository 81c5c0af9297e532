package completion_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/completion"
)

// TestNames: what a lake has is asked for once, and the keys of a map come from a store of events.
func TestNames(t *testing.T) {
	var asked []string
	c := completion.New(func(sql string) [][]string {
		asked = append(asked, sql)
		switch {
		case strings.HasPrefix(sql, "SELECT table_name, column_name"):
			return [][]string{{"main", "who", "row(arn varchar, session row(mfa boolean))"}, {"main", "parameters", "map(varchar, varchar)"}}
		case strings.HasPrefix(sql, "SELECT table_name FROM"):
			return [][]string{{`odd"name`}}
		case strings.Contains(sql, `map_keys(parameters) AS ks FROM "odd""name"`):
			return [][]string{{"bucketName"}, {"key"}}
		}
		return nil
	})
	for _, tt := range []struct {
		name, text, prefix string
		want               []string
	}{
		{"a table", "SELECT * FROM mai", "mai", []string{"main "}},
		{"fields, a level at a time", "SELECT who.", "who.", []string{"who.arn", "who.session"}},
		{"a field of an alias's column", "SELECT m.who.session.", "who.session.", []string{"who.session.mfa "}},
		{"a function", "SELECT approx_dist", "approx_dist", []string{"approx_distinct "}},
		{"a keyword as it is typed", "select 1 hav", "hav", []string{"having "}},
		{"keys", "SELECT parameters['", "", []string{"bucketName", "key"}},
		{"one key, with what closes it", "SELECT element_at(parameters, 'b", "b", []string{"bucketName')"}},
		{"a backslash begins nothing", `SELECT \`, "", nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			prefix, found := c.Choices(tt.text)
			require.Equal(t, tt.prefix, prefix)
			require.Equal(t, tt.want, found)
		})
	}
	require.Len(t, asked, 3)
	require.True(t, completion.IsKeyword("having"))
	require.False(t, completion.IsKeyword("main"))
}
