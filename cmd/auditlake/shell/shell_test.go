package shell

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestThePromptSaysWhatIsUnfinished(t *testing.T) {
	s := &Shell{}
	for _, step := range []struct{ line, prompt string }{
		{"", "auditlake> "},
		{"-- nothing", "auditlake> "},
		{"SELECT 1,", "        -> "},
		{" 'a;", "       '-> "},
		{"b', \"c", "       \"-> "},
		{"\" /* d;", "       *-> "},
		{"*/", "        -> "},
	} {
		s.take(context.Background(), step.line)
		require.Equal(t, step.prompt, s.prompt(), step.line)
	}
	s.forget()
	require.Equal(t, "auditlake> ", s.prompt())
}

func TestHistoryOutlivesTheSession(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state", "history")
	h := openHistory(path)
	for _, statement := range []string{"SELECT 1;", "SELECT\n'a\nb';", "SELECT\n'a\nb';"} {
		require.NoError(t, h.keep(statement))
	}
	again := openHistory(path)
	require.Equal(t, 2, again.Len())
	require.Equal(t, "SELECT 'a\nb';", again.At(0))
	require.Equal(t, "SELECT 1;", again.At(1))
}

func TestTheTabKeyCompletes(t *testing.T) {
	var listed bytes.Buffer
	c := &completer{out: &listed, words: func() []string { return []string{"eventname", "eventtime", "count", "count_if", "main"} }}
	for _, test := range []struct {
		name, line, want string
		at, wantAt       int
	}{
		{"a name", "SELECT mai FROM t", "SELECT main  FROM t", 10, 12},
		{"what names have in common", "SELECT ev", "SELECT event", 9, 12},
		{"a keyword as it is written", "sel", "select ", 3, 7},
		{"a keyword in capitals", "SEL", "SELECT ", 3, 7},
		{"a command", `\ti`, `\timing `, 3, 8},
		{"nothing known", "xyz", "xyz", 3, 3},
		{"no word", "SELECT ", "SELECT ", 7, 7},
	} {
		t.Run(test.name, func(t *testing.T) {
			line, at, ok := c.key(test.line, test.at, tab)
			require.True(t, ok)
			require.Equal(t, test.want, line)
			require.Equal(t, test.wantAt, at)
		})
	}
	for range 2 { // the second time it lists the choices
		_, _, _ = c.key("event", 5, tab)
	}
	require.Equal(t, "eventname  eventtime\n", listed.String())
	_, _, ok := c.key("a", 1, 'b')
	require.False(t, ok, "other keys are the editor's")
}

// script runs a script over an executor that fails on statements with "bad".
func script(text string) (code int, lines, errors []string) {
	var out, err bytes.Buffer
	execute := func(_ context.Context, args ...string) int {
		fmt.Fprintln(&out, strings.Join(args, " "))
		if strings.Contains(args[len(args)-1], "bad") {
			return 3
		}
		return 0
	}
	code = Run(context.Background(), Options{In: strings.NewReader(text), Out: &out, Err: &err, Execute: execute})
	return code, strings.Split(strings.TrimSpace(out.String()), "\n"), strings.Split(strings.TrimSpace(err.String()), "\n")
}

func TestScripts(t *testing.T) {
	code, lines, _ := script("SELECT 1; SELECT\n2;\n\\timing\nSELECT 3;\n\\cost\n\\format csv\nSELECT 4;\\timing\n;\n\\d\n\\d a\"b\n\\cost SELECT 5;\nSELECT 6")
	require.Zero(t, code)
	require.Equal(t, []string{
		"query --format table --stats all -- SELECT 1",
		"query --format table --stats all -- SELECT", "2",
		"query --format table --stats cost -- SELECT 3",
		"query --format csv --stats none -- SELECT 4",
		`query --format csv --stats none -- \timing`,
		"query --format csv --stats none SHOW TABLES",
		`query --format csv --stats none DESCRIBE "a""b"`,
		"query --dry-run -- SELECT 5",
		"query --format csv --stats none -- SELECT 6",
	}, lines)

	_, lines, errors := script("PREPARE q FROM SELECT ?; SET TIME ZONE 'Asia/Tokyo'; SELECT 1; EXECUTE q USING 1; \n\\cost EXECUTE q USING 2\n" +
		"DEALLOCATE PREPARE q; RESET SESSION time_zone_id; DESCRIBE INPUT q;")
	require.Equal(t, []string{"PREPARE", "SET TIME ZONE", "DEALLOCATE", "RESET SESSION"}, errors)
	require.Equal(t, []string{
		"query --format table --stats all --session time_zone_id=Asia/Tokyo -- SELECT 1",
		"query --format table --stats all --session time_zone_id=Asia/Tokyo --prepared q=SELECT ? -- EXECUTE q USING 1",
		"query --dry-run --session time_zone_id=Asia/Tokyo --prepared q=SELECT ? -- EXECUTE q USING 2",
		"query --format table --stats all -- DESCRIBE INPUT q",
	}, lines)
	for _, c := range []struct{ sql, want string }{
		{"USE elsewhere", "error: SCHEMA_NOT_FOUND: Schema 'elsewhere' cannot be the session's, only 'default' can"},
		{"COMMIT", "error: COMMIT is not supported: each statement reads one snapshot of the lake, and none changes it"},
	} {
		code, _, errors := script(c.sql + "; SELECT 1")
		require.Equal(t, 2, code)
		require.Equal(t, []string{c.want}, errors, "it ends the script")
	}

	_, lines, _ = script("SELECT 1; /* never; closed")
	require.Equal(t, "query --format table --stats all -- /* never; closed", lines[len(lines)-1], "it is no comment")

	code, lines, _ = script("SELECT 1; bad; SELECT 2;")
	require.Equal(t, 3, code)
	require.Len(t, lines, 2, "the first error ends a script")

	code, _, errors = script("\\nope\nSELECT 1;")
	require.Equal(t, 2, code)
	require.Equal(t, []string{`error: unknown command \nope; \? lists them`}, errors)

	path := filepath.Join(t.TempDir(), "a.sql")
	require.NoError(t, os.WriteFile(path, []byte("SELECT 7;\nSELECT 8"), 0o600))
	_, lines, _ = script(`\i ` + path)
	require.Len(t, lines, 2)
	code, _, _ = script(`\q` + "\nSELECT 1;")
	require.Zero(t, code)
}
