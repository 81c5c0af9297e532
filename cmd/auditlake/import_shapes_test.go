package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// writeFiles writes files below a folder, by their names with slashes.
func writeFiles(t *testing.T, folder string, files map[string]string) {
	t.Helper()
	for name, text := range files {
		path := filepath.Join(folder, filepath.FromSlash(name))
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	}
}

func shapedEvent(id string) string {
	return fmt.Sprintf(`{"eventVersion":"1.08","eventTime":"2025-03-04T08:21:07Z","eventName":"GetObject","eventID":%q}`, id)
}

// TestEveryShapeOfEvents: whatever shape events come in, they are taken in as they were.
func TestEveryShapeOfEvents(t *testing.T) {
	lake, folder := filepath.Join(t.TempDir(), "lake"), t.TempDir()
	bridge := `{"version":"0","detail-type":"AWS API Call via CloudTrail","source":"aws.s3","time":"2025-03-04T08:21:07Z","detail":%s}`
	inCSV := func(id string) string { return `"` + strings.ReplaceAll(shapedEvent(id), `"`, `""`) + `"` }
	writeFiles(t, folder, map[string]string{
		"array.json":     "[" + shapedEvent("array-1") + "," + shapedEvent("array-2") + "]",
		"bridge.ndjson":  fmt.Sprintf(bridge, shapedEvent("bridge-1")) + "\n" + fmt.Sprintf(bridge, shapedEvent("bridge-2")) + "\n",
		"firehose":       `{"messageType":"DATA_MESSAGE","logGroup":"g","logEvents":[{"id":"1","timestamp":1,"message":` + strconv.Quote(shapedEvent("logs")) + `}]}`,
		"export/000000":  "2025-03-04T08:21:07.000Z " + shapedEvent("export") + "\n",
		"queue.json":     `{"Messages":[{"MessageId":"m","Body":` + strconv.Quote(fmt.Sprintf(bridge, shapedEvent("queue"))) + `}]}`,
		"topic.json":     `{"Type":"Notification","TopicArn":"t","Message":` + strconv.Quote(shapedEvent("topic")) + `}`,
		"r/result_1.csv": "eventTime,eventJson\n2025-03-04 08:21:07.000," + inCSV("result") + "\n",
		"s/result_1.csv": "eventid,eventtime,useridentity,readonly\ncolumns,2025-03-04 08:21:07.000,\"{type=Root, arn=arn:aws:iam::111122223333:root}\",true\n",
		"splunk.csv":     "_time,_raw\n1," + inCSV("splunk") + "\n",
		"notes.txt":      "# exported by maria\n", "events.txt": shapedEvent("text") + "\n", ".events.txt": shapedEvent("hidden"),
		"others.csv": "id,message\n1,hello\n", ".splunk.csv": "_raw\n" + inCSV("hidden") + "\n",
		"empty.json": "", "empty.ndjson.gz": string(gzipped(t, "")),
	})
	require.NoError(t, os.WriteFile(filepath.Join(folder, "r", "result_2.csv.gz"), gzipped(t, "eventJson\n"+inCSV("packed")+"\n"), 0o600))

	got := command(t, "--lake", lake, "import", folder)
	require.Equal(t, exitDone, got.code, got.out+got.err)
	require.Contains(t, got.out, "imported 13 events from 13 files ")
	require.Contains(t, got.out, "2 files without events\n")
	require.Contains(t, got.out, "4 files skipped: 2 hidden files, 1 .csv, 1 .txt\n")
	rows := command(t, "--lake", lake, "query", "--format", "csv", "SELECT eventid, eventjson = '"+shapedEvent("array-1")+"', useridentity.arn FROM main ORDER BY 1")
	require.Equal(t, "eventid,_col1,arn\narray-1,true,\narray-2,false,\nbridge-1,false,\nbridge-2,false,\ncolumns,false,arn:aws:iam::111122223333:root\n"+
		"export,false,\nlogs,false,\npacked,false,\nqueue,false,\nresult,false,\nsplunk,false,\ntext,false,\ntopic,false,\n", rows.out, rows.err)
	got = command(t, "--lake", lake, "import", folder)
	require.Equal(t, exitDone, got.code, got.err)
	require.Contains(t, got.out, "imported 0 events ")
}

// TestSignFile: result files are compared with the sign file beside them.
func TestSignFile(t *testing.T) {
	result := func(id string) string {
		return "eventjson\n\"" + strings.ReplaceAll(shapedEvent(id), `"`, `""`) + "\"\n"
	}
	sign := func(files ...string) string {
		var listed []string
		for i, text := range files {
			sum := sha256.Sum256([]byte(text))
			listed = append(listed, fmt.Sprintf(`{"fileHashValue":%q,"fileName":"result_%d.csv"}`, hex.EncodeToString(sum[:]), i+1))
		}
		return `{"version":"1.0","files":[` + strings.Join(listed, ",") + `],"hashAlgorithm":"SHA-256"}`
	}
	const folder = "AWSLogs/111122223333/CloudTrail-Lake/Query/2025/03/04/q/"
	for _, tt := range []struct {
		name, sign string
		code       int
		want       string
	}{
		{"right", sign(result("a")), exitDone, "imported 1 event from 1 file "},
		{"changed", sign(result("b")), exitFailed, "result_1.csv: HASH_MISMATCH: the file is not what result_sign.json lists"},
		{"of another file, too, which is missing", sign(result("a"), "b", "c", "d", "e"), exitFailed,
			`result_sign.json: MISSING_FILE: 4 of the 5 files that result_sign.json lists are not beside it: "result_2.csv", "result_3.csv", "result_4.csv", …`},
		{"not listed", sign(), exitFailed, "HASH_MISMATCH: result_sign.json does not list the file"},
		{"no sign file", "no", exitFailed, "UNREADABLE: the sign file beside it: it is not valid JSON"},
		{"another hash", `{"hashAlgorithm":"MD5"}`, exitFailed, `its hash algorithm is "MD5", not SHA-256`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			writeFiles(t, dir, map[string]string{folder + "result_1.csv": result("a"), folder + "result_sign.json": tt.sign})
			got := command(t, "--lake", filepath.Join(t.TempDir(), "lake"), "import", dir)
			require.Equal(t, tt.code, got.code, got.out+got.err)
			require.Contains(t, got.out, tt.want)
		})
	}
	dir, lake := t.TempDir(), filepath.Join(t.TempDir(), "lake")
	writeFiles(t, dir, map[string]string{folder + "result_1.csv": result("a"), folder + "result_sign.json": sign(result("a"), result("b"))})
	got := command(t, "--lake", lake, "import", dir)
	require.Equal(t, exitFailed, got.code, got.err)
	require.Contains(t, got.out, "imported 1 event from 1 file ")
	writeFiles(t, dir, map[string]string{folder + "result_2.csv": result("b")})
	got = command(t, "--lake", lake, "import", dir)
	require.Equal(t, exitDone, got.code, "the missing file has come: %s", got.err)
	require.Contains(t, got.out, "1 file skipped: 1 sign file\n")
	dir = t.TempDir()
	writeFiles(t, dir, map[string]string{folder + "result_1.csv": result("a"), folder + "result_sign.json": sign(result("a"), "b"), "AWSLogs/111122223333/CloudTrail/eu-west-1/2025/03/04/x.json": shapedEvent("b")})
	got = command(t, "--lake", filepath.Join(t.TempDir(), "lake"), "import", dir)
	require.Equal(t, exitDone, got.code, got.err)
	require.Contains(t, got.out, "imported 1 event from 1 file ")
	require.Contains(t, got.out, "2 files skipped: 1 query result beside log files, 1 sign file\n")
}

// TestImportSaysWhatItLeftOut: what is no log file is named by kind, a folder without any ends with 1, and failed files are named.
func TestImportSaysWhatItLeftOut(t *testing.T) {
	lake := filepath.Join(t.TempDir(), "lake")
	importing := func(files map[string]string) outcome {
		dir := t.TempDir()
		writeFiles(t, dir, files)
		return command(t, "--lake", lake, "import", dir)
	}
	others := map[string]string{"a.png": "PNG", "b.png": "PNG", "c.csv": "x", "AWSLogs/111122223333/CloudTrail-Digest/eu-west-1/2025/03/04/d.json": "{}"}
	got := importing(others)
	require.Equal(t, exitFailed, got.code, got.out)
	require.Contains(t, got.out, "4 files skipped: 2 .png, 1 .csv, 1 digest\n")
	require.Contains(t, got.err, "error: nothing was imported: found no log files, only 2 .png, 1 .csv, 1 digest\n")
	got = importing(nil)
	require.Equal(t, exitFailed, got.code, got.out)
	require.Contains(t, got.err, "error: nothing was imported: found no files\n")

	got = importing(map[string]string{"AWSLogs/111122223333/CloudTrail-Insight/eu-west-1/2025/03/04/i.json": "{}"})
	require.Equal(t, exitFailed, got.code, got.out)
	require.Contains(t, got.err, "found no log files, only 1 file of Insights events; a store of their category takes Insights events: auditlake store create NAME --category Insight, then")

	others["e.json"] = shapedEvent("e")
	got = importing(others)
	require.Equal(t, exitDone, got.code, got.err)
	require.Contains(t, got.out, "4 files skipped: 2 .png, 1 .csv, 1 digest\n")

	broken := map[string]string{}
	for i := range 7 {
		broken[fmt.Sprintf("%d.json", i)] = "hello"
	}
	got = importing(broken)
	require.Equal(t, exitFailed, got.code)
	for i := range 7 {
		require.Equal(t, i < 5, strings.Contains(got.out, fmt.Sprintf("/%d.json: NOT_A_LOG_FILE: the file does not begin with a JSON object", i)))
	}
	require.Regexp(t, `and 2 further files: auditlake imports failures [0-9a-f-]{36}\n`, got.out)
}

// TestArchivesInFolders: what an archive or a file of columns holds is not left out: the file is a failure that says how to go
// on, and the events beside it are taken.
func TestArchivesInFolders(t *testing.T) {
	for _, tt := range []struct{ name, text, want string }{
		{"2025.zip", "PK\x03\x04", "a zip archive, which is not supported: unpack it (unzip) and import the folder"},
		{"2025.7z", "7z\xbc\xaf\x27\x1c", "a 7z archive, which is not supported: unpack it (7z x)"},
		{"2025.rar", "Rar!\x1a\x07\x00", "a RAR archive, which is not supported: unpack it (unrar x)"},
		{"2025.json.xz", "\xfd7zXZ\x00", "xz data, which is not supported: unpack it (xz -d)"},
		{"2025.tgz", string(gzipped(t, "AWSLogs/"+strings.Repeat("\x00", 249)+"ustar")), "a tar archive, which is not supported: unpack it (tar -xf)"},
		{"x.gz.parquet", "PAR1", "a Parquet file, as Security Lake has them, which is not supported: export its events as JSON, or query it"},
		{"x.orc", "ORC", "an ORC file, which is not supported: export its events as JSON, or query it"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			folder := t.TempDir()
			writeFiles(t, folder, map[string]string{tt.name: tt.text, "e.json": shapedEvent("e")})
			got := command(t, "--lake", filepath.Join(t.TempDir(), "lake"), "import", folder)
			require.Equal(t, exitFailed, got.code, got.out)
			require.Contains(t, got.out, "imported 1 event ")
			require.Contains(t, got.out, tt.name+": NOT_A_LOG_FILE: the file is "+tt.want)
		})
	}
}

// TestImportOfMostlyOldEvents: it fails, with the command that keeps them, unless --from leaves them out; an archive that was
// read before is no failure each time.
func TestImportOfMostlyOldEvents(t *testing.T) {
	lake, folder := filepath.Join(t.TempDir(), "lake"), t.TempDir()
	recent := time.Now().UTC().AddDate(0, 0, -3)
	event := func(id string, at time.Time) string {
		return fmt.Sprintf(`{"eventTime":%q,"eventID":%q}`, at.Format(time.RFC3339), id) + "\n"
	}
	old := event("a", recent.AddDate(-2, 0, 0)) + event("b", recent.AddDate(-2, 0, 1))
	writeFiles(t, folder, map[string]string{"old.ndjson": old, "new.ndjson": event("c", recent)})
	require.Equal(t, exitDone, command(t, "--lake", lake, "store", "create", "hist").code)
	importing := func(args ...string) outcome {
		return command(t, append([]string{"--lake", lake, "import", folder}, args...)...)
	}
	got := importing("--from", recent.AddDate(0, 0, -1).Format(time.DateOnly), "--dry-run")
	require.Equal(t, exitDone, got.code, got.err)
	got = importing()
	require.Equal(t, exitFailed, got.code, got.out)
	require.Contains(t, got.out, "imported 1 event ")
	require.Regexp(t, `to keep them: auditlake store update hist --retention \d+d, then import again`, got.out)
	require.Contains(t, got.err, "more than half of the events (2 of 3) are older than the 366-day retention of store hist")

	writeFiles(t, folder, map[string]string{"newer.ndjson": event("d", recent) + event("e", recent)})
	got = importing()
	require.Equal(t, exitDone, got.code, got.err)
	require.Contains(t, got.out, "imported 2 events ")
	require.Contains(t, got.out, "2 events skipped: older than the store's retention")
	require.Equal(t, exitDone, command(t, "--lake", lake, "store", "update", "hist", "--retention", "3653d").code)
	require.Contains(t, importing().out, "imported 2 events ")
}

// TestFilesOfOtherServices: what services write to prove that they may write, and other services' log files, are left out
// and counted, and an import ends well.
func TestFilesOfOtherServices(t *testing.T) {
	lake, folder := filepath.Join(t.TempDir(), "lake"), t.TempDir()
	writeFiles(t, folder, map[string]string{
		"exportedlogs/aws-logs-write-test":                         "Permission Check Successful",
		"exportedlogs/8e2c/111122223333_CloudTrail_eu-west-1/0.gz": string(gzipped(t, "2025-03-04T08:21:07.000Z "+shapedEvent("export")+"\n")),
		"renamed": "Permission Check Successful",
		"AWSLogs/111122223333/ELBAccessLogTestFile":                  "Enable AccessLog for ELB: x at 2025-03-04T08:21:07Z",
		"AWSLogs/111122223333/Config/ConfigWritabilityCheckFile":     "",
		"cut/111122223333/vpcflowlogs/eu-west-1/2025/03/04/x.log.gz": "version account-id",
		"2025-03-04-08-21-07-0123456789ABCDEF":                       "79a5 bucket [04/Mar/2025:08:21:07 +0000]",
	})
	got := command(t, "--lake", lake, "import", folder)
	require.Equal(t, exitDone, got.code, got.out+got.err)
	require.Contains(t, got.out, "imported 1 event from ")
	require.Contains(t, got.out, "5 files skipped: 3 write tests of a service, 1 file of S3 server access logs, 1 file of vpcflowlogs\n")
	require.Contains(t, got.out, "1 file without events\n")
}

// TestNotificationsAreNoEvents: records of other services are named as failures, and events beside them are taken.
func TestNotificationsAreNoEvents(t *testing.T) {
	lake, folder := filepath.Join(t.TempDir(), "lake"), t.TempDir()
	notification := `{"eventVersion":"2.1","eventSource":"aws:s3","awsRegion":"eu-west-1","eventTime":"2026-03-01T00:00:00.000Z","eventName":"ObjectCreated:Put",` +
		`"userIdentity":{"principalId":"AWS:AROAX"},"s3":{"bucket":{"name":"b"},"object":{"key":"k"}}}`
	writeFiles(t, folder, map[string]string{"n.json": `{"Records":[` + notification + `]}`})
	got := command(t, "--lake", lake, "import", folder)
	require.Equal(t, exitFailed, got.code, got.out)
	require.Contains(t, got.err, "no record could be imported (NOT_AN_EVENT: 1)")
	writeFiles(t, folder, map[string]string{"e.json": `{"Records":[` + shapedEvent("event") + `]}`})
	got = command(t, "--lake", lake, "import", folder)
	require.Equal(t, exitDone, got.code, got.err)
	rows := command(t, "--lake", lake, "query", "--format", "csv", "SELECT eventname FROM main")
	require.Equal(t, "eventname\nGetObject\n", rows.out, rows.err)
}

// TestImportOfInputAndGlobs: - is standard input, whatever is packed in it, and ** stands for any folders.
func TestImportOfInputAndGlobs(t *testing.T) {
	temporary := t.TempDir()
	t.Setenv("TMPDIR", temporary)
	lake, folder := filepath.Join(t.TempDir(), "lake"), t.TempDir()
	feed := func(text string, args ...string) outcome {
		var out, err bytes.Buffer
		code := run(t.Context(), append([]string{"--lake", lake}, args...), streams{in: strings.NewReader(text), out: &out, err: &err})
		return outcome{code: code, out: out.String(), err: err.String()}
	}
	looked := `{"Events":[{"EventId":"1","CloudTrailEvent":` + strconv.Quote(shapedEvent("input")) + `}]}`
	got := feed(looked, "import", "-")
	require.Equal(t, exitDone, got.code, got.err)
	require.Contains(t, got.out, "imported 1 event from 1 file ")
	left, err := filepath.Glob(filepath.Join(temporary, "auditlake-import-*"))
	require.NoError(t, err)
	require.Empty(t, left)
	got = feed(string(gzipped(t, looked)), "import", "-")
	require.Contains(t, got.out, "imported 0 events ", got.err)
	got = feed("", "import", "-", "-")
	require.Equal(t, exitUsage, got.code)
	require.Contains(t, got.err, "standard input (-) can be used only once")

	writeFiles(t, folder, map[string]string{"a/b/c/deep.json": shapedEvent("deep"), "top.json": shapedEvent("top"), "a/other.ndjson": shapedEvent("other")})
	got = feed("", "import", filepath.Join(folder, "**", "*.json"))
	require.Equal(t, exitDone, got.code, got.err)
	require.Contains(t, got.out, "imported 2 events from 2 files ")
}

// TestImportChoosesTheStore: an import without --store takes the only active store that takes events of trails; if there are
// several it names the flag.
func TestImportChoosesTheStore(t *testing.T) {
	lake, file := filepath.Join(t.TempDir(), "lake"), filepath.Join(t.TempDir(), "a.json")
	require.NoError(t, os.WriteFile(file, []byte(shapedEvent("a")), 0o600))
	do := func(args ...string) {
		t.Helper()
		got := command(t, append([]string{"--lake", lake}, args...)...)
		require.Equal(t, exitDone, got.code, got.err)
	}
	do("store", "create", "main", "--retention", "3653d")
	do("store", "create", "items", "--category", "ConfigurationItem")
	do("store", "create", "old")
	got := command(t, "--lake", lake, "import", file)
	require.Equal(t, exitUsage, got.code)
	require.Contains(t, got.err, "the lake has several event data stores: main, old; pass --store NAME")
	do("store", "update", "old", "--no-termination-protection")
	do("store", "delete", "old")
	do("import", file)
	rows := command(t, "--lake", lake, "query", "--format", "csv", "SELECT count(*) AS n FROM main")
	require.Equal(t, "n\n1\n", rows.out, rows.err)
}
