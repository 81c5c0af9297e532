package main

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine"
	"github.com/auditlake/auditlake/internal/process"
)

// program writes a program of the shell.
func program(t *testing.T, script string) string {
	path := filepath.Join(t.TempDir(), "program")
	require.NoError(t, os.WriteFile(path, []byte("#!/bin/sh\n"+script), 0o700))
	return path
}

// ours imports as auditlake does: an import makes files of 1,000 bytes, a compaction halves them.
const ours = `lake=$2
case $3 in
import) [ "$4" = --dry-run ] || { mkdir -p $lake/stores && head -c 1000 /dev/zero > $lake/stores/segment; } ;;
compact) head -c 500 /dev/zero > $lake/stores/segment; echo one segment ;;
esac
`

// theirs is a Python with DuckDB: an import's statements come on standard input, a peer's questions line by line.
const theirs = `if [ $# -gt 2 ]; then
	[ "$3" = chdb ] && exit 1
	echo ready
	while read -r line; do
		case $line in
		*refused*) echo '{"error":"refused"}' ;;
		*) echo '{"seconds":0.5,"cpu":0.25,"names":["n"],"rows":[[7]]}' ;;
		esac
	done
	exit
fi
text=$(cat)
case $text in
'SELECT version()') echo 0.1; echo v0.0 ;;
COPY*) mkdir -p "$AUDITLAKE_PARQUET" && head -c 250 /dev/zero > "$AUDITLAKE_PARQUET/file"; echo 2.0 ;;
esac
`

func newBench(t *testing.T, program, python string) *bench {
	dir := t.TempDir()
	t.Setenv("AUDITLAKE_PARQUET", filepath.Join(dir, "parquet"))
	return &bench{events: 100, measuresImports: true, only: regexp.MustCompile(""), dir: dir, program: program,
		duck: duck{python: python}, end: time.Now().UTC().Truncate(24 * time.Hour)}
}

func TestImportTables(t *testing.T) {
	b := newBench(t, program(t, ours), program(t, theirs))
	b.more = 2
	var err error
	text := process.Printed(t, func() { err = b.run() })
	require.NoError(t, err)
	require.Contains(t, text, "100 events, 0 MB of JSON in ")
	require.Contains(t, text, "; DuckDB v0.0 with two threads as it chooses.")
	require.Contains(t, text, "| stored, B an event | 10 | 5 | 2 | 2.00 | ≤ 1 |")
	require.Contains(t, text, "; compaction: one segment.")
	require.Contains(t, text, "| unzip and decode to columns | ")
	require.Contains(t, text, "| two cores | one, s | two, s |")
	require.Contains(t, text, "| 200 events | ")
}

func TestFailuresHaveTheirReason(t *testing.T) {
	failing := func(command string) string {
		return strings.Replace(ours, "case $3 in", "[ $3 = "+command+" ] && { echo no "+command+" >&2; exit 1; }\ncase $3 in", 1)
	}
	for name, tt := range map[string]struct{ ours, theirs, reason string }{
		"no DuckDB":  {ours, "echo no duckdb >&2; exit 1", "no duckdb"},
		"seconds":    {ours, "echo many", `"many"`},
		"import":     {failing("import"), theirs, "no import"},
		"compaction": {failing("compact"), theirs, "no compact"},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, program(t, tt.ours), program(t, tt.theirs))
			var err error
			process.Printed(t, func() { err = b.run() })
			require.ErrorContains(t, err, tt.reason)
		})
	}
}

// TestWorkFolderIsRemoved: without a folder of its own the work leaves none.
func TestWorkFolderIsRemoved(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	require.Error(t, (&bench{measuresImports: true, events: 10, program: "/bin/false", duck: duck{python: "/bin/false"}}).run())
	left, err := os.ReadDir(os.TempDir())
	require.NoError(t, err)
	require.Empty(t, left)
}

// TestWorkFolderIsNotEmptied: a lake that is in the folder to work in is somebody's.
func TestWorkFolderIsNotEmptied(t *testing.T) {
	dir := t.TempDir()
	key := filepath.Join(dir, "lake", "chain.key")
	require.NoError(t, os.MkdirAll(filepath.Dir(key), 0o700))
	require.NoError(t, os.WriteFile(key, nil, 0o600))
	require.ErrorContains(t, (&bench{measuresImports: true, events: 10, dir: dir, program: "/bin/false"}).run(), "-imports=false")
	require.FileExists(t, key)
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

// TestQuestions: each has an id of its own, and its constants are replaced.
func TestQuestions(t *testing.T) {
	all, err := readQuestions(filepath.Join("..", "testdata", "queries"))
	require.NoError(t, err)
	require.Greater(t, len(all), 40)
	require.Equal(t, "first twenty", all[0].group)
	require.Empty(t, all[len(all)-1].group, "the sweep")
	known := constants{end: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC), accessKeyID: "AKIAOURS", eventID: "ours"}
	ids := map[string]bool{}
	for _, q := range all {
		require.False(t, ids[q.ID], q.ID)
		ids[q.ID] = true
		ours, duckDB, clickHouse := q.words()
		for _, text := range []string{ours, duckDB, clickHouse} {
			text = known.filled(text, "main")
			require.NotContains(t, text, "2024-")
			require.NotContains(t, text, " ev ")
			require.NotContains(t, text, "AKIACEJ3JMOL3ZRTWMZP")
			require.Contains(t, text, "FROM main")
		}
	}
	require.Equal(t, "2026-02-28 and 2026-03-01", known.filled("2024-01-31 and 2024-02-01", ""))
	_, err = readQuestions(t.TempDir())
	require.ErrorIs(t, err, os.ErrNotExist)
}

// TestSweep: as many rules of each kind as are promised, in an order that is always the same.
func TestSweep(t *testing.T) {
	rules := sweepRules()
	require.Len(t, rules, 70)
	require.Equal(t, rules, sweepRules())
	texts, lists, nots := 0, 0, 0
	for _, rule := range rules {
		if strings.HasPrefix(rule, "useragent LIKE") || strings.Contains(rule, "requestparameters") {
			texts++
		}
		if strings.Count(rule, ",") >= 10 {
			lists++
		}
		if strings.Contains(rule, "NOT ") {
			nots++
		}
	}
	require.GreaterOrEqual(t, texts, 25)
	require.GreaterOrEqual(t, lists, 10)
	require.GreaterOrEqual(t, nots, 10)
	require.Contains(t, sweep().Trino, "element_at(requestparameters, 'bucketName')")
}

func TestSameAnswer(t *testing.T) {
	of := func(names string, rows ...[]any) *answer {
		return &answer{Names: strings.Split(names, ","), Rows: rows}
	}
	for name, tt := range map[string]struct {
		a, b *answer
		same bool
	}{
		"times":                     {of("t", []any{"2026-01-01 00:00:10.000"}), of("t", []any{"2026-01-01 00:00:10"}), true},
		"other times":               {of("t", []any{"2026-01-01 00:00:10.001"}), of("t", []any{"2026-01-01 00:00:10"}), false},
		"days":                      {of("t", []any{"2026-01-01"}), of("t", []any{"2026-01-01 00:00:00"}), true},
		"numbers as text":           {of("n", []any{7.0}), of("n", []any{"7"}), true},
		"last digits":               {of("n", []any{0.1234567891}), of("n", []any{0.12345678912}), true},
		"other numbers":             {of("n", []any{7.0}), of("n", []any{8.0}), false},
		"NULL and text":             {of("n", []any{nil}), of("n", []any{""}), false},
		"truths":                    {of("n", []any{true}), of("n", []any{false}), false},
		"order":                     {of("n", []any{1.0}, []any{2.0}), of("n", []any{2.0}, []any{1.0}), true},
		"rows":                      {of("n", []any{1.0}), of("n"), false},
		"none":                      {of("n"), of("n"), true},
		"unnamed columns":           {of("_col0", []any{1.0}), of("count(*)", []any{2.0}), false},
		"order of columns":          {of("a,b", []any{1.0, "x"}), of("B,A", []any{"x", 1.0}), true},
		"nested columns do without": {of("a,b", []any{1.0, []any{"x"}}), of("a,b", []any{1.0, map[string]any{}}), true},
	} {
		t.Run(name, func(t *testing.T) { require.Equal(t, tt.same, sameAnswer(tt.a, tt.b)) })
	}
}

// startServed answers as `auditlake serve` does over the Trino protocol, a page at a time.
func startServed(t *testing.T) *service {
	var base string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			fmt.Fprintf(w, `{"columns":[{"name":"n"}],"nextUri":"%s/next"}`, base)
			return
		}
		fmt.Fprint(w, `{"columns":[{"name":"n"}],"data":[[7]],"stats":{"processedBytes":5000,"physicalInputBytes":4000}}`)
	}))
	t.Cleanup(server.Close)
	base = server.URL
	sleep := exec.Command("sleep", "1000")
	require.NoError(t, sleep.Start())
	return &service{command: sleep, url: server.URL}
}

// TestTable: who refuses, who differs, medians and means.
func TestTable(t *testing.T) {
	served := startServed(t)
	defer served.stop()
	got, err := served.ask("SELECT 7")
	require.NoError(t, err)
	require.Equal(t, [][]any{{7.0}}, got.Rows)
	require.EqualValues(t, 5000, got.scannedBytes)
	require.EqualValues(t, 4000, got.readBytes)

	python := program(t, theirs)
	duckDB, err := startPeer(python, "duckdb")
	require.NoError(t, err)
	defer duckDB.stop()
	_, err = startPeer(python, "chdb")
	require.ErrorContains(t, err, "chdb")
	b := &bench{runs: 3, lake: t.TempDir(), dir: t.TempDir(), duck: duck{folder: t.TempDir()}}
	require.NoError(t, os.Mkdir(b.coldLake(), 0o700))
	right, refused := b.warm(duckDB, "SELECT 7"), b.warm(duckDB, "refused")
	require.EqualValues(t, 4000, b.warm(served, "SELECT 7").firstReadBytes)
	require.Equal(t, 0.5, right.Seconds)
	require.Equal(t, 0.25, right.CPU)
	require.Equal(t, "refused", refused.failed)
	cold := b.coldMedian(contender{cold: func() (asked, error) { return startPeer(python, "duckdb") }}, "SELECT 7")
	require.Empty(t, cold.failed)

	table := newTable([]contender{{name: "serve"}, {name: "library"}, {name: "P"}, {name: "N"}}, true)
	half := measured{answer: answer{Seconds: 0.25, CPU: 0.125, Names: []string{"n"}, Rows: [][]any{{8.0}}}}
	right.peakBytes, half.scannedBytes, half.readBytes = 310<<20, 2e6, 1.5e6
	text := process.Printed(t, func() {
		table.printHead()
		table.printRow(question{ID: "Q1", Title: "seven"}, []measured{half, half, right, refused}, []measured{half, cold})
		table.printRow(question{ID: "Q2", Title: "approximate"}, []measured{right, right, right, right}, []measured{half, cold})
		table.printFoot()
	})
	require.Contains(t, text, "| Q1 seven | 250.0 | 250.0 | 500.0 | – | 0.50 | – | 125 | 0.50 | 2.00 | 1.50 | –, 310, – | **P differs**, N refuses | 250.0 | 0.50 |\n")
	require.Contains(t, text, " | MB scanned | MB read, cold | peak MiB: serve, P, N | answers | ")
	require.Contains(t, text, " | approximate | ")
	require.Contains(t, text, "serve ÷ DuckDB Parquet: geometric mean 0.71 of 2, 0 above 1, at most 1.00.\n")
}

// TestFoot: each file's questions have a mean of their own, and those without data do not count where that is said.
func TestFoot(t *testing.T) {
	took := func(seconds float64) measured {
		return measured{answer: answer{Seconds: seconds, CPU: seconds, scannedBytes: 1000, Names: []string{"n"}}}
	}
	noData := took(2)
	noData.scannedBytes = 0
	table := newTable([]contender{{name: "serve"}, {name: "library"}, {name: "DuckDB Parquet"}, {name: "DuckDB native"}}, false)
	text := process.Printed(t, func() {
		table.printRow(question{ID: "Q1", group: "first twenty"}, []measured{took(1), took(0.0005), took(2), took(0.5)}, nil)
		table.printRow(question{ID: "Q2", group: "first twenty"}, []measured{took(1), noData, took(8), took(1)}, nil)
		table.printRow(question{ID: "M1", group: "twenty more"}, []measured{took(3), took(3), took(2), took(1)}, nil)
		table.printRow(question{ID: "S1"}, []measured{took(1), took(1), took(1), took(2)}, nil)
		table.printFoot()
	})
	require.Contains(t, text, "| quotients, geometric means | first twenty | twenty more | held out | all |\n|---|---|---|---|---|\n")
	require.Contains(t, text, "| serve ÷ DuckDB Parquet | mean 0.25 of 2, 0 above 1, at most 0.50 (Q1) | mean 1.50 of 1, 1 above 1, at most 1.50 (M1) | – | "+
		"mean 0.55 of 4, 1 above 1, at most 1.50 (M1) |\n")
	require.Contains(t, text, "| library ÷ DuckDB native, without metadata-only questions | – | mean 3.00 of 1, 1 above 1, at most 3.00 (M1) | – | "+
		"mean 1.22 of 2, 1 above 1, at most 3.00 (M1) |\n")
}

// TestSpeedupOfLong: the mean is of those that take one worker long, which alone count as reaching it.
func TestSpeedupOfLong(t *testing.T) {
	row := func(id string, wall time.Duration, speedup float64) *speedupRow {
		taken := takenByRuns{walls: []time.Duration{wall}, cpus: []time.Duration{wall}}
		return &speedupRow{question: question{ID: id}, one: taken, two: taken, speedup: speedup, atOnce: 2}
	}
	text := process.Printed(t, func() {
		printSpeedups([]*speedupRow{row("Q1", 14*time.Millisecond, 2), row("Q2", 15*time.Millisecond, 2), row("Q3", time.Second, 0.5)}, 2)
	})
	require.Contains(t, text, "\nOf gzip's where one takes 15ms or more: geometric mean 0.50 of 2, 1 reach 0.9.\n")
	text = process.Printed(t, func() { printSpeedups([]*speedupRow{row("Q1", time.Millisecond, 2)}, 2) })
	require.NotContains(t, text, "geometric mean")
}

// TestLibrary: a lake in this process is asked as the others are, and its constants are found.
func TestLibrary(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "lake")
	lake, err := engine.Open(context.Background(), dir, engine.Options{})
	require.NoError(t, err)
	require.NoError(t, lake.Close())
	l, err := openLibrary(dir)
	require.NoError(t, err)
	defer l.stop()
	got, err := l.ask("SELECT 7")
	require.NoError(t, err)
	require.Positive(t, got.Seconds)
	_, err = l.ask("SELECT nothing")
	require.Error(t, err)
	require.Error(t, (&constants{}).find(l), "there are no events")
}

// TestQuestionsBeside: all who are there are asked, warm and cold; who is missing is named.
func TestQuestionsBeside(t *testing.T) {
	t.Chdir("..")
	served := startServed(t)
	defer served.stop()
	const once = "[ ! -e $2/held ] || { case $2 in */lake) echo the lake is held >&2; exit 1; esac; }; : > $2/held; "
	b := newBench(t, program(t, once+"echo listening on "+served.url+" >&2; exec sleep 1000"), program(t, theirs))
	b.measuresImports, b.cold, b.runs, b.lake = false, true, 1, filepath.Join(b.dir, "lake")
	b.only = regexp.MustCompile("^(Q1|S1)$")
	lake, err := engine.Open(context.Background(), b.lake, engine.Options{})
	require.NoError(t, err)
	require.NoError(t, lake.Close())
	for _, folder := range []string{"stores", "parquet"} {
		require.NoError(t, os.MkdirAll(filepath.Join(b.dir, "lake", folder), 0o700))
		require.NoError(t, os.MkdirAll(filepath.Join(b.dir, folder), 0o700))
	}
	require.NoError(t, os.WriteFile(filepath.Join(b.dir, "native.duckdb"), nil, 0o600))
	text := process.Printed(t, func() { err = b.run() })
	require.NoError(t, err)
	require.Contains(t, text, "ClickHouse is not asked: ")
	require.Regexp(t, `(?m)^\| Q1 count\(\*\) \| [0-9.]+ \| – \| 500\.0 \| 500\.0 \|.* the same \| [0-9.]+ \|`, text)
	require.Contains(t, text, "| S1 detection sweep of 70 predicates |")

	require.NoError(t, os.Remove(filepath.Join(b.lake, "held")))
	b.only = regexp.MustCompile("")
	b.curve = curveSizes{b.events} // of the lake that is there, as imports are not measured
	text = process.Printed(t, func() { err = b.run() })
	require.NoError(t, err)
	require.Contains(t, text, "| latest 100 rows, all columns | ")
	require.NoDirExists(t, filepath.Join(b.dir, "curve-100"))

	b.program = program(t, "echo no lake >&2")
	require.ErrorContains(t, b.run(), "no lake")
}
