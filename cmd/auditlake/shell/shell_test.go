package shell

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/completion"
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
	c := &completer{out: &listed, statements: &completion.Completer{Words: func() []string {
		return []string{"eventname", "eventtime", "count", "count_if", "main", "who", "who.arn", "who.session", "who.session.mfa", "who.sessionid", "parameters"}
	}, Keys: func(column string) []string {
		return map[string][]string{"parameters": {"bucketName", "bucketOwner", "key"}}[column]
	}}}
	for _, test := range []struct {
		name, line, want string
		at, wantAt       int
	}{
		{"a name", "SELECT mai FROM t", "SELECT main  FROM t", 10, 12},
		{"what names have in common", "SELECT ev", "SELECT event", 9, 12},
		{"a keyword as it is written", "sel", "select ", 3, 7},
		{"a keyword in capitals", "SEL", "SELECT ", 3, 7},
		{"a command", `\ti`, `\timing `, 3, 8},
		{"a row, whose fields may follow", "SELECT who FROM t", "SELECT who FROM t", 10, 10},
		{"a field", "SELECT who.ar", "SELECT who.arn ", 13, 15},
		{"what fields have in common", "SELECT who.se", "SELECT who.session", 13, 18},
		{"a field of a field", "SELECT who.session.m", "SELECT who.session.mfa ", 20, 23},
		{"a field of an alias's column", "SELECT m.who.ar", "SELECT m.who.arn ", 15, 17},
		{"a column of an alias", "SELECT m.mai", "SELECT m.main ", 12, 14},
		{"a key", "SELECT parameters['k", "SELECT parameters['key']", 20, 24},
		{"what keys have in common", "SELECT parameters['b", "SELECT parameters['bucket", 20, 25},
		{"a key of element_at", "SELECT element_at(parameters, 'k FROM t", "SELECT element_at(parameters, 'key') FROM t", 32, 36},
		{"a key of no map", "SELECT who['k", "SELECT who['k", 13, 13},
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
	listed.Reset()
	for range 2 {
		_, _, _ = c.key("who.", 4, tab)
	}
	require.Equal(t, "who.arn  who.session  who.sessionid\n", listed.String(), "one level at a time")
	_, _, ok := c.key("a", 1, 'b')
	require.False(t, ok, "other keys are the editor's")
}

// script runs a script over an executor that fails on statements with "bad".
func script(text string) (code int, lines, errors []string) {
	var out, err bytes.Buffer
	execute := func(_ context.Context, out io.Writer, args ...string) int {
		fmt.Fprintln(out, strings.Join(args, " "))
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
		"query --format table --stats all --place :1:11 -- SELECT", "2",
		"query --format table --stats cost --place :4:1 -- SELECT 3",
		"query --format csv --stats none --place :7:1 -- SELECT 4",
		`query --format csv --stats none --place :7:10 -- \timing`,
		"query --format csv --stats none SHOW TABLES",
		`query --format csv --stats none DESCRIBE "a""b"`,
		"query --dry-run -- SELECT 5",
		"query --format csv --stats none --place :12:1 -- SELECT 6",
	}, lines)

	_, lines, errors := script("PREPARE q FROM SELECT ?; SET TIME ZONE 'Asia/Tokyo'; SELECT 1; EXECUTE q USING 1; \n\\cost EXECUTE q USING 2\n" +
		"DEALLOCATE PREPARE q; RESET SESSION time_zone_id; DESCRIBE INPUT q;")
	require.Equal(t, []string{"PREPARE", "SET TIME ZONE", "DEALLOCATE", "RESET SESSION"}, errors)
	require.Equal(t, []string{
		"query --format table --stats all --session time_zone_id=Asia/Tokyo --place :1:54 -- SELECT 1",
		"query --format table --stats all --session time_zone_id=Asia/Tokyo --prepared q=SELECT ? --place :1:64 -- EXECUTE q USING 1",
		"query --dry-run --session time_zone_id=Asia/Tokyo --prepared q=SELECT ? -- EXECUTE q USING 2",
		"query --format table --stats all --place :3:51 -- DESCRIBE INPUT q",
	}, lines)
	for _, c := range []struct{ sql, want string }{
		{"USE elsewhere", "error: line 1: SCHEMA_NOT_FOUND: Schema 'elsewhere' cannot be the session's, only 'default' can"},
		{"COMMIT", "error: line 1: COMMIT is not supported: each statement reads one snapshot of the lake, and none changes it"},
	} {
		code, _, errors := script(c.sql + "; SELECT 1")
		require.Equal(t, 2, code)
		require.Equal(t, []string{c.want}, errors, "it ends the script")
	}

	_, lines, _ = script("SELECT 1; /* never; closed")
	require.Equal(t, "query --format table --stats all --place :1:11 -- /* never; closed", lines[len(lines)-1], "it is no comment")

	code, lines, _ = script("SELECT 1; bad; SELECT 2;")
	require.Equal(t, 3, code)
	require.Len(t, lines, 2, "the first error ends a script")

	code, _, errors = script("\\nope\nSELECT 1;")
	require.Equal(t, 2, code)
	require.Equal(t, []string{`error: line 1: unknown command \nope; \? lists them`}, errors)

	path := filepath.Join(t.TempDir(), "a.sql")
	require.NoError(t, os.WriteFile(path, []byte("SELECT 7;\nSELECT 8"), 0o600))
	_, lines, _ = script(`\i ` + path)
	require.Equal(t, []string{
		"query --format table --stats all --place " + path + ":1:1 -- SELECT 7", "query --format table --stats all --place " + path + ":2:1 -- SELECT 8",
	}, lines)
	code, _, _ = script(`\q` + "\nSELECT 1;")
	require.Zero(t, code)
}

// TestWordsOfOtherShells: help, exit and quit, but only where a statement may begin.
func TestWordsOfOtherShells(t *testing.T) {
	for _, word := range []string{"exit", "QUIT;", " quit "} {
		code, lines, _ := script("SELECT 1;\n" + word + "\nSELECT 2;")
		require.Zero(t, code)
		require.Len(t, lines, 1, word)
	}
	_, lines, _ := script("help")
	require.Len(t, lines, len(commands))
	_, lines, _ = script("SELECT 1,\nhelp\n;")
	require.Equal(t, []string{"query --format table --stats all -- SELECT 1,", "help"}, lines)
}

// TestExpandedDisplay: \x shows a column a line.
func TestExpandedDisplay(t *testing.T) {
	_, lines, errors := script("\\x\nSELECT 1;\n\\x\nSELECT 2;\n\\x auto\nSELECT 3;\n\\format csv\nSELECT 4;")
	require.Equal(t, []string{"expanded display is on", "expanded display is off", "expanded display is auto"}, errors)
	for i, format := range []string{"vertical", "table", "auto", "csv"} {
		require.Contains(t, lines[i], " --format "+format+" ")
	}
}

// TestAnswersInAFile: from \o with a name to \o without one.
func TestAnswersInAFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "answers")
	_, lines, _ := script(`\o ` + path + "\nSELECT 1;\nSELECT 2;\n\\o\nSELECT 3;")
	require.Len(t, lines, 1)
	require.Contains(t, lines[0], "SELECT 3")
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, 2, strings.Count(string(text), "query --format"))
}

func TestWatch(t *testing.T) {
	_, lines, errors := script("SELECT 1;\n\\watch 0 3\n")
	require.Len(t, lines, 4)
	require.Len(t, errors, 3)
	require.Contains(t, errors[0], "every 0s, ")
	code, lines, _ := script("SELECT 1; bad;\n\\watch 0 3\n")
	require.Equal(t, 3, code)
	require.Len(t, lines, 2)
}

// TestSearchOfTheHistory: the latest statement with the text, then older ones; any other key takes what is found.
func TestSearchOfTheHistory(t *testing.T) {
	h := openHistory("")
	for _, statement := range []string{"SELECT one;", "SELECT two;", "SHOW TABLES;", "SELECT two;"} {
		require.NoError(t, h.keep(statement))
	}
	s := &search{history: h}
	line := ""
	for _, step := range []struct {
		key  rune
		want string
	}{
		{searchKey, "(search ''): SELECT two;"},
		{'s', "(search 's'): SELECT two;"},
		{searchKey, "(search 's'): SHOW TABLES;"},
		{searchKey, "(search 's'): SELECT two;"},
		{searchKey, "(search 's'): SELECT one;"},
		{searchKey, "(search 's'): SELECT one;"},
		{'h', "(search 'sh'): SHOW TABLES;"},
		{'x', "(search 'shx'): "},
	} {
		var ok bool
		line, ok = s.key(line, step.key)
		require.True(t, ok)
		require.Equal(t, step.want, line)
	}
	require.Empty(t, s.result(line))
	line, _ = s.key("ON", searchKey)
	require.Equal(t, "(search 'ON'): SELECT one;", line, "what was typed before is looked for")
	require.Equal(t, "SELECT one;", s.result(line))
	line, _ = s.key("two", searchKey)
	line, ok := s.key(line, tab)
	require.True(t, ok)
	require.Equal(t, "SELECT two;", line)
	_, ok = s.key("two", 'x')
	require.False(t, ok, "the search has ended")
}
