package sqljson_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/planner/sqljson"
)

func TestParse(t *testing.T) {
	for _, c := range []struct {
		name, path string
		op         sqljson.Op // of the root
	}{
		{"member", "lax $.a", sqljson.Member},
		{"quoted member", `strict $."a ""b"" c"`, sqljson.Member},
		{"a method's name as a member", "lax $.size", sqljson.Member},
		{"method", "lax $.a.size()", sqljson.Method},
		{"descendant", "lax $..a", sqljson.Descendant},
		{"all members", "lax $.*", sqljson.AnyMember},
		{"range", "lax $[0, 2 to last - 1]", sqljson.Element},
		{"arithmetic binds by rank", "lax 1 + 2 * -$.a", sqljson.Add},
		{"filter", `lax $ ? (@.a > 1 && !(@.b == null) || exists(@.c))`, sqljson.Filter},
		{"parentheses around a path", "lax $ ? ((@.a + 1) * 2 > 3)", sqljson.Filter},
		{"is unknown", "lax $ ? ((@.a > 1) is unknown)", sqljson.Filter},
		{"starts with a variable", "lax $ ? (@ starts with $p)", sqljson.Filter},
		{"like_regex", `lax $ ? (@ like_regex "^a" flag "i")`, sqljson.Filter},
		{"datetime with a template", `lax $.datetime("YYYY")`, sqljson.Method},
		{"integer beyond 31 bits", "lax 3000000000", sqljson.Literal},
		{"fraction without leading digit", "lax .5", sqljson.Literal},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, err := sqljson.Parse(c.path)
			require.NoError(t, err)
			require.Equal(t, c.op, p.Root.Op)
			require.Equal(t, strings.HasPrefix(c.path, "lax"), p.Lax)
		})
	}
}

func TestParseErrors(t *testing.T) {
	for _, c := range []struct {
		name, path   string
		line, offset int
	}{
		{"no mode", "$.a", 1, 0},
		{"nothing behind the point", "lax $.", 1, 6},
		{"second line", "lax\n $.é é", 2, 3},
		{"predicate as a path", "lax $.a == 1", 1, 8},
		{"path as a predicate", "lax $ ? (@.a)", 1, 12},
		{"path before and", "lax $ ? (@.a && @.b == 1)", 1, 13},
		{"path after and", "lax $ ? (@.b == 1 && @.a)", 1, 24},
		{"predicate compared", "lax $ ? ((@.a == 1) == 2)", 1, 20},
		{"starts with a path", "lax $ ? (@ starts with @.a)", 1, 23},
		{"starts without with", `lax $ ? (@ starts "a")`, 1, 18},
		{"like_regex without a text", "lax $ ? (@ like_regex @.a)", 1, 22},
		{"flag without a text", `lax $ ? (@ like_regex "a" flag i)`, 1, 31},
		{"predicate as an operand", "lax (1 == 1) + 2", 1, 7},
		{"many steps", "lax $" + strings.Repeat(".a", 2000), 1, 407},
		{"open string", `lax $."a`, 1, 6},
		{"big integer", "lax 99999999999999999999", 0, 0},
		{"deep", "lax " + strings.Repeat("(", 1000) + "1", 1, 104},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := sqljson.Parse(c.path)
			var syntax *sqljson.SyntaxError
			require.ErrorAs(t, err, &syntax)
			require.Equal(t, [2]int{c.line, c.offset}, [2]int{syntax.Line, syntax.Offset}, syntax.Message)
		})
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{"lax $.a[*] ? (@.b > 1.5e3)", `strict $..x."y ""z"[last to 0x]`, "lax -((1))", "lax $ ? (!exists($v))"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		p, err := sqljson.Parse(text)
		if err == nil {
			p.Root.Walk(func(n *sqljson.Node) { require.NotNil(t, n) })
		}
	})
}
