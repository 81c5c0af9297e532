package logfile

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/klauspost/compress/gzip"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/ingest"
	"github.com/auditlake/auditlake/jsontext"
)

// read drains a file: "raw" for a record, "REASON" for a failed one,
// "file:REASON" for the rest of the file. Ordinals and offsets are checked.
func read(t *testing.T, stored []byte, limits Limits) []string {
	t.Helper()
	return drain(t, readerOf(bytes.NewReader(stored), limits), nil)
}

func drain(t *testing.T, r *Reader, plain []byte) []string {
	t.Helper()
	var got []string
	ordinal := int64(0)
	for {
		rec, err := r.Next()
		if err == io.EOF {
			return got
		}
		var f *ingest.Failure
		if errors.As(err, &f) && f.Record == ingest.WholeFile {
			require.NotEmpty(t, f.Message)
			got = append(got, "file:"+string(f.Reason))
			continue
		}
		if f != nil {
			require.Equal(t, ordinal, f.Record)
			got = append(got, string(f.Reason))
		} else {
			require.NoError(t, err)
			require.Equal(t, ordinal, rec.Ordinal)
			got = append(got, string(rec.Raw))
			if plain != nil {
				require.Equal(t, string(rec.Raw), string(plain[rec.Offset:rec.End]))
				sha, n := r.DigestSoFar()
				require.Equal(t, rec.End, n)
				sum := sha256.Sum256(plain[:n])
				require.Equal(t, hex.EncodeToString(sum[:]), sha)
			}
		}
		ordinal++
	}
}

func readerOf(stored io.Reader, limits Limits) *Reader {
	r := NewReader(limits)
	r.Open(stored)
	return r
}

// scanningReaderOf is a readerOf that has records scanned ahead, and checks when.
func scanningReaderOf(t *testing.T, stored io.Reader, limits Limits) (r *Reader, ahead func() []byte) {
	var found []byte
	r = readerOf(stored, limits)
	r.ScanAhead = func(text []byte) int {
		var sc jsontext.Scanner
		sc.Reset(text)
		found = nil
		if v, ok := sc.Value(); ok {
			require.Equal(t, jsontext.Object, v.Kind)
			found = text[:v.End]
		}
		return len(found)
	}
	return r, func() []byte { return found }
}

func packed(plain ...string) []byte {
	var b bytes.Buffer
	for _, p := range plain {
		w := gzip.NewWriter(&b)
		_, _ = w.Write([]byte(p))
		_ = w.Close()
	}
	return b.Bytes()
}

// rec is a small record; its text begins as records do.
func rec(n int) string { return fmt.Sprintf(`{"eventID":"%d"}`, n) }

func TestFormats(t *testing.T) {
	long := `{"eventID":"` + strings.Repeat(`x\"`, 200_000) + `"}`
	for name, c := range map[string]struct {
		plain string
		want  []string
	}{
		"log file":                       {`{"Records":[` + rec(1) + `,` + rec(2) + `]}`, []string{rec(1), rec(2)}},
		"no records":                     {`{"Records":[]}`, nil},
		"indented log file":              {"{\n  \"Records\": [\n    {\n      \"eventID\": \"1\"\n    }\n  ]\n}\n", []string{"{\n      \"eventID\": \"1\"\n    }"}},
		"a record a line in a log file":  {"{\"Records\":[\n" + rec(1) + ",\n" + rec(2) + "\n]}\n", []string{rec(1), rec(2)}},
		"members around Records":         {`{"a":{"Records":[1]},"b":"]}","Records":[` + rec(1) + `],"c":[{}]}`, []string{rec(1)}},
		"byte order mark":                {"\xef\xbb\xbf" + `{"Records":[` + rec(1) + `]}`, []string{rec(1)}},
		"brackets and quotes in strings": {`{"Records":[{"eventID":"]}{[\"\\"},` + rec(2) + `]}`, []string{`{"eventID":"]}{[\"\\"}`, rec(2)}},
		"log files one behind the other": {`{"Records":[` + rec(1) + `]}{"Records":[` + rec(2) + `]}` + "\n" + `{"Records":[]}`, []string{rec(1), rec(2)}},
		"log files a line each":          {`{"Records":[` + rec(1) + `]}` + "\n" + `{"Records":[` + rec(2) + `]}` + "\n", []string{rec(1), rec(2)}},
		"NDJSON":                         {rec(1) + "\n" + rec(2) + "\n", []string{rec(1), rec(2)}},
		"NDJSON, CRLF, blank lines":      {"\r\n" + rec(1) + "\r\n\r\n  \n" + rec(2), []string{rec(1), rec(2)}},
		"NDJSON with a long first line":  {long + "\n" + rec(2) + "\nbroken\n" + rec(4), []string{long, rec(2), "INVALID_JSON", rec(4)}},
		"single record":                  {rec(1), []string{rec(1)}},
		"single indented record":         {"{\n \"eventTime\" : \"x\"\n}\n", []string{"{\n \"eventTime\" : \"x\"\n}"}},
		"indented records":               {"{\n\"eventID\":\"1\"\n}\n{\n\"eventID\":\"2\"\n}\n", []string{"{\n\"eventID\":\"1\"\n}", "{\n\"eventID\":\"2\"\n}"}},
		"member names in small letters":  {`{"eventid":"1"}`, []string{`{"eventid":"1"}`}},
		"lookup output":                  {`{"Events":[{"EventId":"1","CloudTrailEvent":"{\"eventID\":\"1\",\"x\":\"\\u00e9\"}"},{"EventId":"2"},{"CloudTrailEvent":{}}],"NextToken":"x"}`, []string{`{"eventID":"1","x":"\u00e9"}`, "NOT_AN_EVENT", "NOT_AN_EVENT"}},
		"lookup output, broken":          {`{"Events":[{"EventId":x}]}`, []string{"INVALID_JSON"}},
		"lookup output with empty text":  {`{"Events":[{"CloudTrailEvent":""}]}`, []string{"NOT_AN_EVENT"}},
		"elements that are no objects":   {`{"Records":[null,` + rec(1) + `,[1],"x",5]}`, []string{"INVALID_JSON", rec(1), "INVALID_JSON", "INVALID_JSON", "INVALID_JSON"}},
		"bad tokens are left to others":  {`{"Records":[{"eventID":tru},` + rec(2) + `]}`, []string{`{"eventID":tru}`, rec(2)}},
		"records longer than a window":   {`{"Records":[` + long + `,` + rec(2) + `,` + long + `]}`, []string{long, rec(2), long}},
	} {
		t.Run(name, func(t *testing.T) {
			for kind, stored := range map[string][]byte{"plain": []byte(c.plain), "gzip": packed(c.plain), "members": packed(c.plain[:len(c.plain)/2], c.plain[len(c.plain)/2:])} {
				r := readerOf(bytes.NewReader(stored), DefaultLimits())
				checked := []byte(c.plain)
				if name == "lookup output" {
					checked = nil
				}
				require.Equal(t, c.want, drain(t, r, checked), kind)
				sha, n := r.Digest()
				sum := sha256.Sum256([]byte(c.plain))
				require.Equal(t, hex.EncodeToString(sum[:]), sha)
				require.EqualValues(t, len(c.plain), n)
			}
			require.Equal(t, c.want, drain(t, readerOf(iotest.OneByteReader(strings.NewReader(c.plain)), DefaultLimits()), nil), "byte by byte")
			r, _ := scanningReaderOf(t, strings.NewReader(c.plain), DefaultLimits())
			require.Equal(t, c.want, drain(t, r, nil), "scanned ahead")
		})
	}
}

// TestScanAhead: what was scanned ahead last is the record given, or nothing.
func TestScanAhead(t *testing.T) {
	limits := DefaultLimits()
	limits.RecordBytes = 30
	plain := `{"Records":[` + rec(1) + `,{"eventID":"` + strings.Repeat("x", 30) + `"},{"eventID":tru},null,` + rec(4) + `]}` + "\n" + rec(5)
	r, ahead := scanningReaderOf(t, strings.NewReader(plain), limits)
	var scanned []bool
	for {
		record, err := r.Next()
		if err == io.EOF {
			break
		}
		if err == nil {
			scanned = append(scanned, ahead() != nil)
			require.True(t, ahead() == nil || &ahead()[0] == &record.Raw[0] && len(ahead()) == len(record.Raw))
		}
	}
	require.Equal(t, []bool{true, false, true, false}, scanned)
}

// TestReaderIsReused reads sound and broken files with one reader.
func TestReaderIsReused(t *testing.T) {
	r := NewReader(DefaultLimits())
	_, err := r.Next()
	require.Equal(t, io.EOF, err, "no file yet")
	log := `{"Records":[` + rec(1) + `,` + rec(2) + `]}`
	large := `{"Records":[{"eventID":"` + strings.Repeat("x", 3<<20) + `"},` + rec(2)
	for range 2 {
		for _, c := range []struct {
			stored []byte
			want   []string
		}{
			{packed(log), []string{rec(1), rec(2)}},
			{packed(log)[:20], []string{"file:CORRUPT_GZIP"}},
			{[]byte("\x1f\x8bx"), []string{"file:CORRUPT_GZIP"}},
			{[]byte(rec(1) + "\nx\n" + rec(2)), []string{rec(1), "INVALID_JSON", rec(2)}},
			{[]byte(log), []string{rec(1), rec(2)}},
			{packed(large), []string{large[12 : len(large)-len(rec(2))-1], rec(2), "file:TRUNCATED_JSON"}},
			{nil, nil},
			{[]byte("eventtime,eventjson\nx,\"{\"\"eventID\"\":\"\"1\"\"}\"\n"), []string{rec(1)}},
			{[]byte("[" + rec(1) + "]"), []string{rec(1)}},
			{packed(log, log), []string{rec(1), rec(2), rec(1), rec(2)}},
		} {
			r.Open(bytes.NewReader(c.stored))
			require.Equal(t, c.want, drain(t, r, nil))
		}
		r.Open(strings.NewReader(log))
		_, err := r.Next() // the rest is left unread
		require.NoError(t, err)
	}
}

func TestBrokenFiles(t *testing.T) {
	for name, c := range map[string]struct {
		plain string
		want  []string
	}{
		"text":                       {"hello", []string{"file:NOT_A_LOG_FILE"}},
		"array, cut":                 {"[" + rec(1) + ",", []string{rec(1), "file:TRUNCATED_JSON"}},
		"other CSV":                  {"name,age\nx,1\n", []string{"file:NOT_A_LOG_FILE"}},
		"zip":                        {"PK\x03\x04xxx", []string{"file:NOT_A_LOG_FILE"}},
		"other JSON":                 {`{"name":"x","files":[1]}`, []string{"file:NOT_A_LOG_FILE"}},
		"other JSON a line":          {"{\"a\":1}\n{\"a\":2}\n", []string{"file:NOT_A_LOG_FILE"}},
		"empty object":               {`{}`, []string{"file:NOT_A_LOG_FILE"}},
		"Records is no array":        {`{"Records":{"a":1}}`, []string{"file:NOT_A_LOG_FILE"}},
		"cut in a record":            {`{"Records":[` + rec(1) + `,{"eventID":"`, []string{rec(1), "file:TRUNCATED_JSON"}},
		"cut between records":        {`{"Records":[` + rec(1) + `,`, []string{rec(1), "file:TRUNCATED_JSON"}},
		"cut behind the records":     {`{"Records":[` + rec(1) + `]`, []string{rec(1), "file:TRUNCATED_JSON"}},
		"cut in a name":              {`{"Rec`, []string{"file:TRUNCATED_JSON"}},
		"cut at an escape":           {`{"Records":[{"eventID":"\`, []string{"file:TRUNCATED_JSON"}},
		"no comma":                   {`{"Records":[` + rec(1) + rec(2) + `]}`, []string{rec(1), "file:INVALID_JSON"}},
		"no name":                    {`{"Records":[` + rec(1) + `],5}`, []string{rec(1), "file:INVALID_JSON"}},
		"text behind":                {`{"Records":[` + rec(1) + `]} x`, []string{rec(1), "file:INVALID_JSON"}},
		"NDJSON, lines broken":       {rec(1) + "\n{\"eventID\":\"2\n{\"eventID\":\n" + rec(4) + "\nx\n" + rec(6) + " y\n" + rec(8) + "\n{", []string{rec(1), "INVALID_JSON", "INVALID_JSON", rec(4), "INVALID_JSON", rec(6), "INVALID_JSON", rec(8), "INVALID_JSON"}},
		"NDJSON, first line cut":     {"{\"eventID\":\"1\n" + rec(2) + "\n", []string{"INVALID_JSON", rec(2)}},
		"NDJSON, first lacks brace":  {"{\"eventID\":\"1\"\n" + rec(2) + "\n", []string{"INVALID_JSON", rec(2)}},
		"NDJSON, first cut in word":  {"{\"eventID\":tru\n" + rec(2) + "\n", []string{"INVALID_JSON", rec(2)}},
		"NDJSON, first cut at comma": {"{\"eventID\":1,\n" + rec(2) + "\n", []string{"INVALID_JSON", rec(2)}},
		"NDJSON, first a bad token":  {"{\"eventID\":tru}\n" + rec(2) + "\n", []string{`{"eventID":tru}`, rec(2)}},
	} {
		t.Run(name, func(t *testing.T) {
			r := readerOf(strings.NewReader(c.plain), DefaultLimits())
			require.Equal(t, c.want, drain(t, r, []byte(c.plain)))
			_, n := r.Digest()
			require.EqualValues(t, len(c.plain), n, "the digest covers the whole file")
			require.Equal(t, c.want, drain(t, readerOf(iotest.HalfReader(bytes.NewReader(packed(c.plain))), DefaultLimits()), nil), "gzip")
		})
	}
}

// TestForeignFiles are named, as far as they are known.
func TestForeignFiles(t *testing.T) {
	for content, want := range map[string]string{
		"PK\x03\x04": "the file is a zip archive, which is not supported: unpack it",
		"AWSLogs/" + strings.Repeat("\x00", tarMagicAt-len("AWSLogs/")) + "ustar": "the file is a tar archive, which is not supported: unpack it",
		"\xfd7zXZ\x00":         "the file is xz data, which is not supported: unpack it",
		"PK\x05\x06":           "the file is an empty zip archive",
		"7z\xbc\xaf\x27\x1c":   "the file is a 7z archive, which is not supported: unpack it",
		"Rar!\x1a\x07\x01\x00": "the file is a RAR archive, which is not supported: unpack it",
		"PAR1":                 "the file is a Parquet file, as Security Lake has them, which is not supported: export its events as JSON, or query it",
		"ORC":                  "the file is an ORC file, which is not supported: export its events as JSON, or query it",
		"\"Event name\",\"Event time\",\"User name\"\n\"CreateUser\",\"November 01, 2026, 10:00:00 (UTC+00:00)\",\"maria\"\n": "the file is CSV without a column that holds events (eventjson, ",
		"a;b;c\n1;2;3":            "the file is CSV without a column that holds events (eventjson, ",
		"a,b,c\n1,2\n":            "the file does not begin with a JSON object:",
		"a,b,c":                   "the file does not begin with a JSON object:",
		"hello":                   "the file does not begin with a JSON object:",
		"hello: world\n{}":        "the file does not begin with a JSON object:",
		"<134>1 hello\n":          "the file does not begin with a JSON object:",
		"\xef\xbb\xbf<a>{}</a>\n": "the file is XML, which is not supported: export the events as JSON",
		"<?xml version=\"1.0\"?>\n<results preview='0'>":                                                           "the file is XML",
		"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>AccessDenied</Code><Message>x</Message></Error>": "the file is an error of S3 (AccessDenied) in place of the object, which is not supported: download the log file again",
		"<Error>\n  <Code>NoSuchKey</Code>\n</Error>":                                                              "the file is an error of S3 (NoSuchKey)",
		"<!DOCTYPE html><html>":         "the file is a page of HTML, such as one to sign in",
		"\x04\x22\x4d\x18\x64\x40\xa7":  "the file is lz4 data, which is not supported: unpack it (lz4 -d)",
		"\xff\x06\x00\x00sNaPpY":        "the file is snappy data",
		"\x1f\x9d\x90":                  "the file is data of compress",
		"LZIP\x01":                      "the file is lzip data",
		"\x89LZO\x00":                   "the file is lzop data",
		"Obj\x01\x04":                   "the file is an Avro file",
		"SQLite format 3\x00":           "the file is a database of SQLite",
		"H4sIAAAAAAAA/6tW":              "the file is base64 of gzip data, which is not supported: unpack it (base64 -d)",
		"-----BEGIN PGP MESSAGE-----\n": "the file is encrypted, which is not supported: decrypt it first",
		"Salted__\x01\x02":              "the file is encrypted",
		"\x85\x01\x0c\x03\x01":          "the file is encrypted",
		"\x84\x5e\x03\x01\x01":          "the file is encrypted",
		"\x8c\x0d\x04\x09\x03":          "the file is encrypted",
		"\x85\x01":                      "the file does not begin with a JSON object:",
		"version https://git-lfs.github.com/spec/v1\n":   "the file is a pointer of Git LFS, which is not supported: fetch the file itself (git lfs pull)",
		"EVENTS\t{\"eventVersion\":\"1.08\"}\tx\n":       "the file is the text output of the AWS CLI, which is not supported: run the command with --output json",
		strings.Repeat("-", 40) + "\n|   LookupEvents |": "the file is the table output of the AWS CLI",
		"Events:\n- CloudTrailEvent: '{}'\n  EventId: x": "the file is YAML, which is not supported: export the events as JSON (AWS CLI: --output json)",
		"---\nEvents:\n  - EventId: x\n":                 "the file is YAML",
	} {
		r := NewReader(DefaultLimits())
		r.Open(strings.NewReader(content))
		_, err := r.Next()
		require.ErrorContains(t, err, want)
	}
}

func TestDamagedGzip(t *testing.T) {
	var plain strings.Builder
	plain.WriteString(`{"Records":[` + rec(0))
	for i := range 20_000 {
		plain.WriteString("," + rec(i*7919))
	}
	plain.WriteString(`]}`)
	whole := packed(plain.String())
	flip := func(at int) []byte {
		b := bytes.Clone(whole)
		b[at] ^= 0x55
		return b
	}
	for name, c := range map[string]struct {
		stored []byte
		some   bool // records come before the failure
		reason string
	}{
		"two bytes":           {whole[:2], false, "CORRUPT_GZIP"},
		"header only":         {whole[:10], false, "CORRUPT_GZIP"},
		"bad method":          {flip(2), false, "CORRUPT_GZIP"},
		"cut in the middle":   {whole[:len(whole)/2], true, "CORRUPT_GZIP"},
		"cut in the checksum": {whole[:len(whole)-3], true, "CORRUPT_GZIP"},
		"wrong checksum":      {flip(len(whole) - 6), true, "CORRUPT_GZIP"},
		"text behind":         {append(bytes.Clone(whole), "hello world"...), true, "CORRUPT_GZIP"},
	} {
		t.Run(name, func(t *testing.T) {
			got := read(t, c.stored, DefaultLimits())
			require.Equal(t, "file:"+c.reason, got[len(got)-1])
			require.Equal(t, c.some, len(got) > 1000, len(got))
			for i, record := range got[:len(got)-1] {
				require.True(t, strings.HasPrefix(record, `{"eventID":"`), "%d %s", i, record)
			}
		})
	}
	for at := 20; at < len(whole); at += len(whole) / 12 {
		got := read(t, flip(at), DefaultLimits())
		require.Contains(t, []string{"file:CORRUPT_GZIP", "file:INVALID_JSON", "file:TRUNCATED_JSON", "file:NOT_A_LOG_FILE"}, got[len(got)-1])
	}
}

func TestGzipDamageInNDJSON(t *testing.T) {
	var plain strings.Builder
	for i := range 20_000 {
		plain.WriteString(rec(i*7919) + "\n")
	}
	whole := packed(plain.String())
	got := read(t, whole[:len(whole)/2], DefaultLimits())
	require.Equal(t, "file:CORRUPT_GZIP", got[len(got)-1])
	require.Greater(t, len(got), 1000)
	for _, record := range got[:len(got)-1] {
		require.Regexp(t, `^\{"eventID":"\d+"\}$`, record, "no torn line")
	}
}

func TestReadError(t *testing.T) {
	disk := errors.New("disk on fire")
	for name, stored := range map[string]string{"at once": "", "behind a record": rec(1) + "\n" + rec(2) + "\n", "gzip": string(packed(rec(1)))[:15]} {
		t.Run(name, func(t *testing.T) {
			r := readerOf(io.MultiReader(strings.NewReader(stored), iotest.ErrReader(disk)), DefaultLimits())
			got := drain(t, r, nil)
			require.Equal(t, "file:UNREADABLE", got[len(got)-1])
			r.Digest()
			_, err := r.Next()
			require.Equal(t, io.EOF, err)
		})
	}
}

func TestRecordLimit(t *testing.T) {
	limits := DefaultLimits()
	limits.RecordBytes = 100
	fits := `{"eventID":"` + strings.Repeat("a", 86) + `"}`
	for _, size := range []int{101, 1000, 3 << 20} {
		over := `{"eventID":"` + strings.Repeat(`\\"`[:2], (size-14)/2) + strings.Repeat("x", (size-14)%2) + `"}`
		require.Len(t, over, size)
		for name, c := range map[string]struct {
			plain string
			want  []string
		}{
			"log file":   {`{"Records":[` + fits + `,` + over + `,` + rec(3) + `]}`, []string{fits, "RECORD_TOO_LARGE", rec(3)}},
			"NDJSON":     {fits + "\n" + over + "\n" + rec(3) + "\n" + over, []string{fits, "RECORD_TOO_LARGE", rec(3), "RECORD_TOO_LARGE"}},
			"one record": {over, []string{"RECORD_TOO_LARGE"}},
			"big member": {`{"x":` + over + `,"Records":[` + rec(1) + `],"y":` + over + `}`, []string{rec(1)}},
			"big name":   {`{"Records":[` + rec(1) + `],` + over[len(`{"eventID":`):len(over)-1] + `:1}`, []string{rec(1)}},
			"lookup":     {`{"Events":[` + over + `,{"CloudTrailEvent":"{}"}]}`, []string{"RECORD_TOO_LARGE", "{}"}},
		} {
			t.Run(name+" "+strconv.Itoa(size), func(t *testing.T) {
				require.Equal(t, c.want, read(t, []byte(c.plain), limits))
				r, _ := scanningReaderOf(t, strings.NewReader(c.plain), limits)
				require.Equal(t, c.want, drain(t, r, nil), "scanned ahead")
			})
		}
	}
}

// TestNamesAtWindowBorders moves the member Records over the border of the window.
func TestNamesAtWindowBorders(t *testing.T) {
	limits := DefaultLimits()
	limits.RecordBytes = 1000
	for shift := range 30 {
		plain := `{"x":"` + strings.Repeat("y", 2*windowBytes-20+shift) + `","Records":[` + rec(1) + `]}`
		require.Equal(t, []string{rec(1)}, read(t, []byte(plain), limits), shift)
	}
}

func TestUnpackingLimits(t *testing.T) {
	bomb := packed(`{"Records":[` + rec(1) + `],"x":"` + strings.Repeat(" ", 10<<20) + `"}`)
	limits := DefaultLimits()
	require.Equal(t, []string{rec(1)}, read(t, bomb, limits))

	limits.FileBytes = 1 << 20
	require.Equal(t, []string{rec(1), "file:FILE_TOO_LARGE"}, read(t, bomb, limits))

	limits = DefaultLimits()
	limits.RatioFromBytes = 1 << 20
	require.Equal(t, []string{rec(1), "file:FILE_TOO_LARGE"}, read(t, bomb, limits))
}

// FuzzLogfile asks for an end, sound records and the same answer whatever the
// size of the pieces that bytes come in.
func FuzzLogfile(f *testing.F) {
	f.Add([]byte(`{"Records":[` + rec(1) + `,null,` + rec(2) + `]}`))
	f.Add([]byte(rec(1) + "\n{\n" + rec(3) + "\n"))
	f.Add([]byte("{\n \"a\":[1,{}],\n \"eventID\":\"\\\"\"\n}\n" + rec(2)))
	f.Add([]byte(`{"Events":[{"CloudTrailEvent":"{\"a\":\"\\ud800\"}"},{}]}`))
	f.Add([]byte(`{"Events":[{"CloudTrailEvent":""},0`))
	f.Add([]byte("{\"eventID\":\"1\n" + rec(2) + "\nx"))
	f.Add([]byte(sqs(sns(bridge(rec(1)))) + "\n" + sqs("["+rec(1)+","+rec(2)+"]")))
	f.Add([]byte("[" + subscription(logEvent(rec(1))) + "," + rec(2) + "]"))
	f.Add([]byte(`{"Records":[` + lambdaSQS(rec(1)) + `]}`))
	f.Add([]byte("2025-03-04T08:21:07Z " + rec(1) + "\n2025-03-04T08:21:07Z x\n"))
	f.Add([]byte("eventtime,useridentity\n2025-03-04 08:21:07.000,\"{type=Root, sessioncontext={attributes={a=b}}}\"\n"))
	f.Add([]byte("eventjson\n\"{\"\"eventID\"\":1}\"\n\"\""))
	f.Add(packed(`{"Records":[`+rec(1), `]}`))
	f.Add(packed(rec(1))[:12])
	f.Add([]byte("[,"))
	f.Add([]byte(`["{\"eventID\":\"1\"}",["x","{\"eventID\":\"1\"}"],[[]]]`))
	f.Add([]byte(`"{\"eventID\":\"1\"}"` + "\n" + `"[{}]"` + "\n"))
	f.Add([]byte(`{"took":1,"hits":{"hits":[{"_source":` + rec(1) + `}]}}`))
	f.Add([]byte(`{"result":{"_raw":"{\"eventID\":\"1\"}"}}` + "\n" + `{"data":{"aws":` + rec(1) + `}}`))
	f.Add([]byte("\xff\xfe{\x00\"\x00e\x00"))
	f.Add([]byte("\x00{\x00\"\x00e"))
	f.Add([]byte(`{"Records":[` + kinesis(gzip64(rec(1))) + `]}` + awslogs(rec(2))))
	f.Fuzz(func(t *testing.T, stored []byte) {
		limits := Limits{RecordBytes: 1000, FileBytes: 1 << 20, Ratio: 100, RatioFromBytes: 1 << 16}
		r := readerOf(bytes.NewReader(stored), limits)
		got := drain(t, r, nil)
		for _, g := range got {
			require.LessOrEqual(t, len(g), 1000+len(`"CloudTrailEvent"`))
		}
		sha, n := r.Digest()
		again := readerOf(iotest.OneByteReader(bytes.NewReader(stored)), limits)
		gotAgain := drain(t, again, nil)
		shaAgain, nAgain := again.Digest()
		if n <= 1<<16 {
			require.Equal(t, got, gotAgain)
			require.Equal(t, sha, shaAgain)
			require.Equal(t, n, nAgain)
		}
		ahead, _ := scanningReaderOf(t, bytes.NewReader(stored), limits)
		require.Equal(t, got, drain(t, ahead, nil))
	})
}

// TestRecordsCostNoAllocation: reading a file allocates the same for few and many records.
func TestRecordsCostNoAllocation(t *testing.T) {
	r := NewReader(DefaultLimits())
	allocations := func(records int) float64 {
		text := `{"Records":[` + strings.Repeat(`{"eventTime":"2025-03-04T08:21:07Z","eventName":"\"x"},`, records) + `{"eventID":"1"}]}`
		source := strings.NewReader(text)
		return testing.AllocsPerRun(20, func() {
			source.Reset(text)
			r.Open(source)
			for {
				if _, err := r.Next(); err != nil {
					require.Equal(t, io.EOF, err)
					break
				}
			}
		})
	}
	few := allocations(10)
	require.InDelta(t, few, allocations(5000), 5)
}
