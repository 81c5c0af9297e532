package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/internal/process"
)

// program writes a program of the shell.
func program(t *testing.T, script string) string {
	path := filepath.Join(t.TempDir(), "program")
	require.NoError(t, os.WriteFile(path, []byte("#!/bin/sh\n"+script), 0o700))
	return path
}

// ours answers as auditlake does: an import makes files of 1,000 bytes, a compaction halves them, a query answers 7.
const ours = `lake=$2
case $3 in
import) [ "$4" = --dry-run ] || { mkdir -p $lake/stores && head -c 1000 /dev/zero > $lake/stores/segment; } ;;
compact) head -c 500 /dev/zero > $lake/stores/segment; echo one segment ;;
query) echo '{"elapsedMillis":1500}' > $5; echo header; echo '"7",2026-01-01 00:00:00.000' ;;
esac
`

// theirs answers as a Python with DuckDB does, which is given its statements on standard input.
const theirs = `text=$(cat)
case $text in
'SELECT version()') echo 0.1; echo v0.0 ;;
COPY*) mkdir -p "$AUDITLAKE_PARQUET" && head -c 250 /dev/zero > "$AUDITLAKE_PARQUET/file"; echo 2.0 ;;
*regexp_matches*) echo 3.0; echo 8 ;;
*) echo 3.0; echo 7,2026-01-01 00:00:00 ;;
esac
`

func TestTables(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("AUDITLAKE_PARQUET", filepath.Join(dir, "parquet"))
	var err error
	text := process.Printed(t, func() { err = run(dir, program(t, theirs), program(t, ours), 100, 2) })
	require.NoError(t, err)
	require.Contains(t, text, "100 events, 0 MB of JSON in ")
	require.Contains(t, text, "; DuckDB v0.0 with two threads as it chooses.")
	require.Contains(t, text, "| stored, B an event | 10 | 5 | 2 | 2.00 | ≤ 1 |")
	require.Contains(t, text, "; compaction: one segment.")
	require.Contains(t, text, "| unzip and decode to columns | ")
	require.Contains(t, text, "| two cores | one, s | two, s |")
	require.Contains(t, text, "| 200 events | ")
	for _, q := range questions {
		answers := "the same"
		if strings.Contains(q.duckdb, "regexp_matches") {
			answers = "**differ**" // 7 here, 8 there
		}
		require.Regexp(t, `(?m)^\| `+q.name+` \| 1\.500 \| 3\.000 \| 0\.50 \| .* \| `+regexp.QuoteMeta(answers)+` \|$`, text)
	}
}

func TestFailuresHaveTheirReason(t *testing.T) {
	failing := func(command string) string {
		return strings.Replace(ours, "case $3 in", "[ $3 = "+command+" ] && { echo no "+command+" >&2; exit 1; }\ncase $3 in", 1)
	}
	for name, tt := range map[string]struct{ ours, theirs, reason string }{
		"no DuckDB":          {ours, "echo no duckdb >&2; exit 1", "no duckdb"},
		"seconds":            {ours, "echo many", `"many"`},
		"import":             {failing("import"), theirs, "no import"},
		"compaction":         {failing("compact"), theirs, "no compact"},
		"question":           {failing("query"), theirs, "count of all events: "},
		"question in DuckDB": {ours, strings.Replace(theirs, "*regexp", "*count*) echo no answer >&2; exit 1 ;;\n*regexp", 1), "count of all events in DuckDB: "},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			t.Setenv("AUDITLAKE_PARQUET", filepath.Join(dir, "parquet"))
			var err error
			process.Printed(t, func() { err = run(dir, program(t, tt.theirs), program(t, tt.ours), 10, 0) })
			require.ErrorContains(t, err, tt.reason)
		})
	}
}

// TestImportStatement: DuckDB is given each stored column, structs by their fields' names in events, quotes doubled.
func TestImportStatement(t *testing.T) {
	text := importStatement("it's/*.gz", "to")
	require.Contains(t, text, "read_json('it''s/*.gz',")
	require.Contains(t, text, "TO 'to' (FORMAT parquet")
	require.Contains(t, text, `event."eventName" AS eventname`)
	require.Contains(t, text, "record::VARCHAR AS eventjson")
	require.Contains(t, text, `"eventTime":"TIMESTAMP"`)
	require.Contains(t, text, `"requestParameters":"MAP(VARCHAR, VARCHAR)"`)
	require.Contains(t, text, `"mfaAuthenticated":"`)
	require.Contains(t, text, `"resources":[{`)
}

func TestQuestionsOfADay(t *testing.T) {
	q := question{sql: "a {events} {from} {to}"}
	require.Equal(t, "a main f t", q.ours("f", "t"))
	require.Equal(t, "a main_events f t", q.peers("f", "t"))
	q.duckdb = "b {events}"
	require.Equal(t, "b main_events", q.peers("f", "t"))
}

func TestComparable(t *testing.T) {
	require.Equal(t, comparable("a,2026-01-01 00:00:00\n"), comparable("\"a\",2026-01-01 00:00:00.000\r\n"))
	require.NotEqual(t, comparable("a,2026-01-01 00:00:00.001"), comparable("a,2026-01-01 00:00:00"))
}

// TestWorkFolderIsRemoved: without a folder of its own the work leaves none.
func TestWorkFolderIsRemoved(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	require.Error(t, run("", "/bin/false", "/bin/false", 10, 0))
	left, err := os.ReadDir(os.TempDir())
	require.NoError(t, err)
	require.Empty(t, left)
}
