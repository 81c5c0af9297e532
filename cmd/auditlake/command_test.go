package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/cmd/auditlake/sample"
)

// outcome is what a command line did.
type outcome struct {
	code     int
	out, err string
}

func command(t *testing.T, args ...string) outcome {
	t.Helper()
	var out, err bytes.Buffer
	code := run(context.Background(), args, streams{in: strings.NewReader(""), out: &out, err: &err})
	return outcome{code: code, out: out.String(), err: err.String()}
}

// sampleFiles are the files of a lake with the sample, made by the first test that needs them.
var sampleFiles fstest.MapFS

// sampleLake returns a new lake with the sample, moved to end yesterday: a copy, as the import takes half a second.
func sampleLake(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	logs, lake := filepath.Join(dir, "logs"), filepath.Join(dir, "lake")
	if sampleFiles != nil {
		require.NoError(t, os.CopyFS(lake, sampleFiles))
		for path, file := range sampleFiles { // a lake that others may read would be warned of
			require.NoError(t, os.Chmod(filepath.Join(lake, path), file.Mode.Perm()))
		}
		return lake
	}
	require.NoError(t, sample.WriteTo(logs, time.Now().UTC().Add(-24*time.Hour)))
	got := command(t, "--lake", lake, "import", logs)
	require.Equal(t, 0, got.code, got.err)
	files := fstest.MapFS{}
	require.NoError(t, fs.WalkDir(os.DirFS(lake), ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		files[path] = &fstest.MapFile{Mode: info.Mode()}
		if !d.IsDir() {
			files[path].Data, err = os.ReadFile(filepath.Join(lake, path))
		}
		return err
	}))
	sampleFiles = files
	return lake
}

func TestDemo(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	got := command(t, "demo")
	require.Equal(t, 0, got.code, got.err)
	require.Equal(t, len(demoQuestions), strings.Count(got.out, " scanned of "), "a cost under each answer")
	require.NotContains(t, got.out, "\n0 rows", "every question has an answer")
	require.Contains(t, got.out, "auditlake import")

	more := regexp.MustCompile(`(?m)^  auditlake --lake (\S+) query "(.*)"$`).FindStringSubmatch(got.out)
	require.NotNil(t, more, "how to ask the lake of the demo more")
	require.Contains(t, got.out, "  auditlake --lake "+more[1]+" serve ")
	require.Contains(t, got.out, "  rm -r "+filepath.Dir(more[1])+" ")
	asked := command(t, "--lake", more[1], "query", more[2])
	require.Equal(t, 0, asked.code, asked.err)
	require.Contains(t, asked.out, "eventname")

	got = command(t, "demo", "--lake", t.TempDir())
	require.Equal(t, exitUsage, got.code)
	require.Contains(t, got.err, "demo creates its own lake; remove --lake")
}

func TestQueryErrors(t *testing.T) {
	lake := sampleLake(t)
	for _, test := range []struct {
		name string
		args []string
		code int
		want []string
	}{
		{"missing lake", []string{"--lake", filepath.Join(t.TempDir(), "none"), "query", "SELECT 1"}, exitFailed,
			[]string{"error: no lake here", "import"}},
		{"missing store", []string{"query", "SELECT 1 FROM audit"}, exitUsage,
			[]string{"TABLE_NOT_FOUND at 1:15", "the lake has main", "SELECT 1 FROM audit\n                ^"}},
		{"unknown column", []string{"query", "SELECT evntname FROM main"}, exitUsage,
			[]string{"error: COLUMN_NOT_FOUND at 1:8: Column 'evntname' cannot be resolved; did you mean 'eventname'?",
				"\n  SELECT evntname FROM main\n         ^"}},
		{"syntax error", []string{"query", "SELECT eventname\nFROM main\nWHERE ,"}, exitUsage,
			[]string{"SYNTAX_ERROR at 3:7", "\n  WHERE ,\n        ^"}},
		{"not a query", []string{"query", "DROP TABLE main"}, exitUsage, []string{"Only SELECT statements are allowed"}},
		{"run-time error", []string{"query", "SELECT 1 / (cardinality(array_agg(eventid)) - count(*)) FROM main"}, exitFailed,
			[]string{"DIVISION_BY_ZERO"}},
		{"scan limit", []string{"query", "--max-bytes", "1kB", "SELECT max(eventjson) FROM main"}, exitLimit,
			[]string{"EXCEEDED_SCAN_LIMIT"}},
		{"time limit", []string{"query", "--timeout", "1ns", "SELECT max(eventjson) FROM main"}, exitLimit,
			[]string{"EXCEEDED_TIME_LIMIT"}},
		{"memory", []string{"--memory", "1MiB", "--spill-limit", "0", "query", "SELECT rpad(CAST(n AS varchar), 1000, 'x') FROM UNNEST(sequence(1, 9000)) t (n) ORDER BY 1"}, exitLimit,
			[]string{"EXCEEDED_LOCAL_MEMORY_LIMIT", "memory limit of 512.0 KiB, half of what all queries of the lake may hold together"}},
		{"spilled", []string{"--memory", "8MiB", "--spill-limit", "64KiB", "query", "SELECT CAST(uuid() AS varchar) FROM UNNEST(sequence(1, 300)) t (n) CROSS JOIN UNNEST(sequence(1, 300)) u (m) ORDER BY 1"}, exitLimit,
			[]string{"EXCEEDED_SPILL_LIMIT", "local spill limit of 64.0 KiB"}},
		{"no spill limit", []string{"--spill-limit", "much", "query", "SELECT 1"}, exitUsage, []string{`"much" is not a size; use 2GB, 500MB or 10MiB`}},
		{"no size", []string{"--memory", "much", "query", "SELECT 1"}, exitUsage, []string{`"much" is not a size; use 2GB, 500MB or 10MiB`}},
		{"no number", []string{"--memory", "NaN", "query", "SELECT 1"}, exitUsage, []string{`"NaN" is not a size; use 2GB, 500MB or 10MiB`}},
		{"no time", []string{"query", "--keep-queries", "long", "SELECT 1"}, exitUsage, []string{`"long" is not a duration; use 90d, 12h or 30m`}},
		{"too short a time", []string{"query", "--keep-queries", "59s", "SELECT 1"}, exitUsage, []string{"--keep-queries must be between 1m and 3660d, not 59s"}},
		{"too long a time", []string{"query", "--keep-queries", "3661d", "SELECT 1"}, exitUsage, []string{"--keep-queries must be"}},
		{"no size of a result", []string{"query", "--max-result", "x", "SELECT 1"}, exitUsage, []string{`"x" is not a size; use 2GB, 500MB or 10MiB`}},
		{"no results", []string{"query", "--max-results", "0", "SELECT 1"}, exitUsage, []string{"--max-results must be more than 0"}},
		{"a result that is too long", []string{"query", "--keep", "--max-result", "4kB", "SELECT eventjson FROM main"}, exitLimit,
			[]string{"GENERIC_INSUFFICIENT_RESOURCES", "The result cannot be kept"}},
		{"too many results", []string{"query", "--keep", "--max-results", "4kB", "SELECT eventjson FROM main"}, exitLimit,
			[]string{"GENERIC_INSUFFICIENT_RESOURCES", "of results already and may keep 3.9 KiB"}},
		{"unknown format", []string{"query", "--format", "xml", "SELECT 1"}, exitUsage, []string{"unknown format", "ndjson"}},
		{"unknown flag", []string{"query", "--fast", "SELECT 1"}, exitUsage, []string{"unknown flag: --fast\n"}},
		{"nearly a flag", []string{"store", "create", "other", "--retension", "30d"}, exitUsage, []string{"unknown flag: --retension; did you mean --retention?\n"}},
		{"nearly a flag of every command", []string{"query", "--readonly", "SELECT 1"}, exitUsage, []string{"unknown flag: --readonly; did you mean --read-only?\n"}},
		{"unknown flag of one letter", []string{"query", "-z", "SELECT 1"}, exitUsage, []string{"unknown shorthand flag: 'z' in -z\n"}},
		{"unknown command with flags of another", []string{"qurey", "--max-bytes", "1GB", "SELECT 1"}, exitUsage, []string{"unknown command \"qurey\" for \"auditlake\"; did you mean query?\n"}},
		{"unknown command", []string{"quarry"}, exitUsage, []string{"unknown command \"quarry\" for \"auditlake\"; did you mean query?\n"}},
		{"a statement without quotes", []string{"query", "SELECT", "1"}, exitUsage, []string{`put the statement in quotes: auditlake query "SELECT 1"`}},
		{"no statement", []string{"query"}, exitUsage, []string{"missing statement; pass SQL"}},
		{"unknown command of a group", []string{"store", "creat"}, exitUsage, []string{`unknown command "creat" for "auditlake store"; did you mean create?`}},
		{"completion of no shell", []string{"completion", "foo"}, exitUsage, []string{`unknown command "foo" for "auditlake completion"`}},
		{"completion of nearly a shell", []string{"completion", "bsh"}, exitUsage, []string{`; did you mean bash or zsh or fish?`}},
		{"help of nothing", []string{"help", "nope"}, exitUsage, []string{`unknown command "nope" for "auditlake"`}},
		{"help of nearly a command", []string{"help", "store", "creat"}, exitUsage, []string{`unknown command "creat" for "auditlake store"; did you mean create?`}},
		{"wrong value of a flag", []string{"store", "create", "other", "--retention", "5d"}, exitUsage, []string{"retention must be 7 to 36500 days"}},
		{"an argument is missing", []string{"imports", "failures"}, exitUsage, []string{"missing ID; usage: auditlake imports failures ID"}},
		{"an argument too many", []string{"imports", "list", "x"}, exitUsage, []string{"unexpected argument \"x\"; usage: auditlake imports list"}},
		{"no such sample", []string{"samples", "zebra stripes"}, exitFailed, []string{`no question matches "zebra stripes"; auditlake samples lists all questions`}},
		{"no such function", []string{"functions", "nothing%"}, exitFailed, []string{"no function matches"}},
		{"bad size", []string{"query", "--max-bytes", "many", "SELECT 1"}, exitUsage, []string{"is not a size; use 2GB, 500MB or 10MiB"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			args := test.args
			if args[0] != "--lake" {
				args = append([]string{"--lake", lake}, args...)
			}
			got := command(t, args...)
			require.Equal(t, test.code, got.code, got.err)
			require.Equal(t, 1, strings.Count(got.err, "error:"), "one clear error: %s", got.err)
			for _, want := range test.want {
				require.Contains(t, got.err, want)
			}
		})
	}
}

func TestStatementsAsTheyAreGiven(t *testing.T) {
	lake := sampleLake(t)
	marked := filepath.Join(t.TempDir(), "marked.sql")
	require.NoError(t, os.WriteFile(marked, []byte("\ufeffSELECT count(*) FROM main"), 0o600))
	for _, args := range [][]string{
		{"-- how many\nSELECT count(*) FROM main", "--format", "csv"},
		{"--format", "csv", "--how many = all\r\nSELECT count(*) FROM main"},
		{"--format=csv", "--", "-- how many\nSELECT count(*) FROM main"},
		{"--format=csv", "-f", marked},
	} {
		got := command(t, append([]string{"--lake", lake, "query"}, args...)...)
		require.Equal(t, exitDone, got.code, "%v: %s", args, got.err)
		require.Equal(t, "_col0\n3000\n", got.out)
	}
	got := command(t, "--lake", lake, "explain", "-- why\nSELECT nope FROM main")
	require.Equal(t, exitUsage, got.code)
	require.Contains(t, got.err, "COLUMN_NOT_FOUND at 2:8")
}

// TestFailedOutput: no short answer is left behind, and what is no file stays.
func TestFailedOutput(t *testing.T) {
	lake, dir := sampleLake(t), t.TempDir()
	link := filepath.Join(dir, "link")
	require.NoError(t, os.Symlink(filepath.Join(dir, "target"), link))
	for _, test := range []struct {
		path  string
		stays bool
	}{{filepath.Join(dir, "rows.csv"), false}, {link, true}} {
		got := command(t, "--lake", lake, "query", "-o", test.path, "--format", "csv", "SELECT 1 / (length(eventid) - length(eventid)) FROM main")
		require.Equal(t, exitFailed, got.code, got.err)
		_, err := os.Lstat(test.path)
		require.Equal(t, test.stays, err == nil, test.path)
	}
}

func TestExplainStatementIsShownWhole(t *testing.T) {
	got := command(t, "--lake", sampleLake(t), "query", "EXPLAIN SELECT eventname, count(*) FROM main GROUP BY 1")
	require.Equal(t, exitDone, got.code, got.err)
	require.Regexp(t, `(?m)^  Aggregate .*\n    Scan main \[.*\]$`, got.out)
}

func gzipped(t *testing.T, text string) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, err := w.Write([]byte(text))
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return b.Bytes()
}

func TestImportOfBadFiles(t *testing.T) {
	event := `{"eventTime":"` + time.Now().UTC().Add(-time.Hour).Format(time.RFC3339) + `","eventName":"X","eventID":"e"}`
	whole := gzipped(t, `{"Records":[`+event+`]}`)
	for _, test := range []struct {
		name, file string
		content    []byte
		want       string
	}{
		{"corrupt gzip", "a.json.gz", append(append([]byte{}, whole[:len(whole)-12]...), "garbage....."...), "CORRUPT_GZIP"},
		{"not gzip", "a.json.gz", []byte("\x1f\x8b\x00\x00\x00"), "CORRUPT_GZIP"},
		{"truncated JSON", "a.json", []byte(`{"Records":[` + event + `,{"eventTime":"20`), "TRUNCATED_JSON"},
		{"not a log file", "a.json", []byte("%PDF-1.7 this is something else"), "NOT_A_LOG_FILE"},
		{"bad time", "a.json", []byte(`{"Records":[{"eventTime":"yesterday"}]}`), "BAD_EVENT_TIME"},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, test.file)
			require.NoError(t, os.WriteFile(path, test.content, 0o600))
			lake := filepath.Join(dir, "lake")
			got := command(t, "--lake", lake, "import", path)
			require.Equal(t, exitFailed, got.code, got.out+got.err)
			require.Equal(t, 1, strings.Count(got.err, "error:"), got.err)
			require.Contains(t, got.out, test.want)
		})
	}
}

// TestTerminalsAreSafe: names of files come from elsewhere.
func TestTerminalsAreSafe(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "a\x1b[2J\nb.json"), []byte("x"), 0o600))
	lake := filepath.Join(t.TempDir(), "lake")
	got := command(t, "--lake", lake, "import", dir)
	require.Equal(t, exitFailed, got.code)
	id := regexp.MustCompile(`imports failures ([0-9a-f-]+)`).FindStringSubmatch(got.out)[1]
	got = command(t, "--lake", lake, "imports", "failures", id)
	require.Contains(t, got.out, "a\ufffd[2J b.json: NOT_A_LOG_FILE")
	require.Equal(t, 1, strings.Count(got.out, "\n"))
	got = command(t, "--lake", lake, "import", "none\x1b[2J")
	require.Contains(t, got.err, "none\ufffd[2J")
	require.NotContains(t, got.err, "\x1b")
}

func TestImportNamesTheRetentionThatWouldKeep(t *testing.T) {
	dir := t.TempDir()
	old := time.Now().UTC().AddDate(0, 0, -30).Format(time.RFC3339)
	path := filepath.Join(dir, "old.json")
	require.NoError(t, os.WriteFile(path, []byte(`{"Records":[{"eventTime":"`+old+`","eventID":"e"}]}`), 0o600))
	lake := filepath.Join(dir, "lake")
	require.Equal(t, 0, command(t, "--lake", lake, "store", "create", "main", "--retention", "7d").code)

	got := command(t, "--lake", lake, "import", path)
	require.Equal(t, exitFailed, got.code, got.out+got.err)
	require.Contains(t, got.out, "1 event skipped: older than the store's retention")
	require.Contains(t, got.out, "auditlake store update main --retention 31d")

	require.Equal(t, 0, command(t, "--lake", lake, "store", "update", "main", "--retention", "31d").code)
	got = command(t, "--lake", lake, "import", path)
	require.Equal(t, 0, got.code, got.err)
	require.Contains(t, got.out, "imported 1 event ")
}

func TestStoreThatRebuildsEventJSON(t *testing.T) {
	lake := filepath.Join(t.TempDir(), "lake")
	got := command(t, "--lake", lake, "store", "create", "main", "--eventjson", "rebuilt")
	require.Equal(t, 0, got.code, got.err)
	require.Contains(t, got.out, "rebuilt from the other columns; other ORC readers cannot read it")
	require.Equal(t, got.out, command(t, "--lake", lake, "store", "show", "main").out)

	got = command(t, "--lake", lake, "store", "create", "other", "--eventjson", "zip")
	require.Equal(t, exitUsage, got.code)
	require.Contains(t, got.err, `--eventjson must be text or rebuilt, not "zip"`)
	got = command(t, "--lake", lake, "store", "create", "other", "--eventjson", "rebuilt", "--category", "Insight")
	require.Equal(t, exitUsage, got.code)
	require.Contains(t, got.err, "events of category Insight have no eventjson to rebuild")
	require.NotContains(t, command(t, "--lake", lake, "store", "create", "other").out, "rebuilt")
}

func TestFormats(t *testing.T) {
	lake := sampleLake(t)
	const sql = "SELECT 'a' AS x, 1 AS n, CAST(NULL AS varchar) AS nothing, ARRAY[1, 2] AS list"
	for _, test := range []struct{ format, want string }{
		{"table", "x  n  nothing  list\n-  -  -------  -----\na  1  NULL     [1,2]\n"},
		{"vertical", "-- row 1\nx       | a\nn       | 1\nnothing | NULL\nlist    | [1,2]\n"},
		{"csv", "x,n,nothing,list\na,1,,\"[1,2]\"\n"},
		{"json", "[\n{\"x\":\"a\",\"n\":1,\"nothing\":null,\"list\":[1,2]}\n]\n"},
		{"ndjson", "{\"x\":\"a\",\"n\":1,\"nothing\":null,\"list\":[1,2]}\n"},
	} {
		t.Run(test.format, func(t *testing.T) {
			got := command(t, "--lake", lake, "query", "--format", test.format, sql)
			require.Equal(t, 0, got.code, got.err)
			require.Equal(t, test.want, got.out)
			require.Contains(t, got.err, "1 row, ")
		})
	}
	got := command(t, "--lake", lake, "query", "--format", "trino", sql)
	require.Contains(t, got.out, `{"columns":[{"name":"x","type":"varchar(1)"},{"name":"n","type":"integer"}`)
	require.Contains(t, got.out, `"stats":{"rows":1,`)
	file := filepath.Join(t.TempDir(), "x.parquet")
	got = command(t, "--lake", lake, "query", "--format", "parquet", "--output", file, sql)
	require.Equal(t, 0, got.code, got.err)
	content, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, "PAR1", string(content[:4]))
}

// The values that describe shows are read by a question, whose cost is said as that of any other.
func TestDescribeSaysWhatItScanned(t *testing.T) {
	lake := sampleLake(t)
	some := command(t, "--lake", lake, "describe")
	require.Regexp(t, `^values of [\d,]+ of [\d,]+ events: .* scanned of .* stored, .*\$`, some.err)
	all := command(t, "--lake", lake, "describe", "--profile")
	require.Contains(t, all.err, "3,000 of 3,000 events")
	empty := filepath.Join(t.TempDir(), "lake")
	require.Equal(t, 0, command(t, "--lake", empty, "store", "create", "empty").code)
	require.Empty(t, command(t, "--lake", empty, "describe", "empty").err, "nothing was asked")
}

func TestCommandsAnswer(t *testing.T) {
	lake := sampleLake(t)
	for _, test := range []struct {
		name string
		args []string
		want []string
	}{
		{"store list", []string{"store", "list"}, []string{"main", "ENABLED", "3653 days"}},
		{"store show", []string{"store", "show"}, []string{"arn:aws:cloudtrail:us-east-1:000000000000:eventdatastore/", "termination protection"}},
		{"functions like a pattern", []string{"functions", "DATE%f"}, []string{"date_diff(varchar, date, date) -> bigint"}},
		{"describe", []string{"describe"}, []string{"main: 3,000 events", "useridentity.sessioncontext.sessionissuer.arn ", "requestparameters", "map(varchar, varchar)",
			"kind of identity: IAMUser, AssumedRole, Root", "AssumedRole, IAMUser, AWSService", "resources[1].arn", "ARN", "such as "}},
		{"describe a profile", []string{"describe", "main", "--profile"}, []string{"filled", "distinct, about", "100.0 %", "AssumedRole, IAMUser, AWSService", "AssumeRole, PutObject, GetObject"}},
		{"samples", []string{"samples"}, []string{"Console sign-ins without MFA", "Top throttled DynamoDB tables"}},
		{"samples about a phrase", []string{"samples", "console login without MFA"}, []string{"Console sign-ins without MFA"}},
		{"a sample with its tags", []string{"samples", "Detection disabled"}, []string{"Detection disabled", "tags: T1562.001, T1562.008, defense evasion, detection disabled"}},
		{"samples by a technique", []string{"samples", "T1078"}, []string{"Impossible travel"}},
		{"a sample by its name", []string{"samples", "--sql", "successful brute-force sign-ins"}, []string{"-- Successful brute-force sign-ins: ", "-- tags: T1110, "}},
		{"statements of samples", []string{"samples", "--sql", "--store", "my-events", "old TLS"}, []string{`FROM "my-events"`, "-- Clients with outdated TLS versions: "}},
		{"a function of decimals", []string{"functions", "ceil"}, []string{"ceil(decimal) -> decimal", "another name of ceiling"}},
		{"functions", []string{"functions", "json_extract"}, []string{"json_extract_scalar("}},
		{"usage", []string{"usage"}, []string{"ingested", "total", "main"}},
		{"imports", []string{"imports", "list"}, []string{"COMPLETED", "3,000"}},
		{"explain", []string{"explain", "SELECT count(*) FROM main WHERE eventtime > now() - interval '1' day"}, []string{"Scan", "eventtime"}},
		{"explain analyze", []string{"explain", "--analyze", "SELECT count(*) FROM main"}, []string{"Scan", "rows"}},
		{"explain json", []string{"explain", "--format", "json", "SELECT count(*) FROM main"}, []string{`"name": "Scan"`, `"children": [`}},
		{"explain analyze json", []string{"explain", "--analyze", "--format", "json", "SELECT count(*) FROM main"}, []string{`"statistics": {`, `"actual": {`}},
		{"dry run", []string{"query", "--dry-run", "SELECT max(eventjson) FROM main"}, []string{"would scan"}},
		{"show columns", []string{"query", "SHOW COLUMNS FROM main"}, []string{"eventtime", "timestamp(3)"}},
		{"expire", []string{"expire"}, []string{"removed 0 events"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := command(t, append([]string{"--lake", lake}, test.args...)...)
			require.Equal(t, 0, got.code, got.err)
			for _, want := range test.want {
				require.Contains(t, got.out, want)
			}
		})
	}
}
