package main

import (
	"context"
	"encoding/json"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine"
)

// TestDoctor: each check has a line; a warning exits with 0 and a failing check with 1.
func TestDoctor(t *testing.T) {
	lake, folder := filepath.Join(t.TempDir(), "lake"), t.TempDir()
	run := func(args ...string) outcome { return command(t, append([]string{"--lake", lake}, args...)...) }
	newest := time.Now().UTC().Add(-time.Hour).Truncate(time.Second).Format(time.RFC3339)
	writeFiles(t, folder, map[string]string{"a.ndjson": `{"eventTime":"` + newest + `","eventSource":"s3.amazonaws.com","eventName":"GetObject","eventID":"1"}` + "\n"})
	require.Equal(t, exitDone, run("import", folder).code)

	got := run("doctor")
	require.Equal(t, exitDone, got.code, got.err)
	require.Regexp(t, `(?m)^lake +ok +1 store, 1 event`, got.out)
	require.Regexp(t, `(?m)^disk +(ok|warning) +\d+ MiB free`, got.out)
	require.Regexp(t, `(?m)^keys +ok +0 active`, got.out)
	require.Regexp(t, `(?m)^clock +ok `, got.out)
	require.Regexp(t, `(?m)^sources +ok `, got.out)
	require.Regexp(t, `(?m)^events +ok +newest: main `+newest, got.out)
	require.Regexp(t, `(?m)^import +ok +the last ended on .* as COMPLETED`, got.out)
	require.Regexp(t, `(?m)^verify +warning +the lake was never verified`, got.out)

	require.Equal(t, exitDone, run("verify").code)
	require.Regexp(t, `(?m)^verify +ok +last on `, run("doctor").out)

	writeFiles(t, folder, map[string]string{"b.json.gz": "\x1f\x8b\x08\x00"})
	run("import", filepath.Join(folder, "b.json.gz"))
	got = run("doctor")
	require.Equal(t, exitFailed, got.code)
	require.Regexp(t, `(?m)^import +failing +.*auditlake imports failures `, got.out)
	require.Contains(t, got.err, "failing: 1 check")

	writeFiles(t, folder, map[string]string{"c.ndjson": `{"eventTime":"` + newest + `","eventName":"PutObject","eventID":"2"}` + "\n{\"eventTime\":1}\n"})
	run("import", filepath.Join(folder, "c.ndjson"))
	got = run("doctor")
	require.Equal(t, exitDone, got.code, "a record is a warning")
	require.Regexp(t, `(?m)^import +warning +.*: 0 files and 1 record failed; auditlake imports failures `, got.out)

	segments, err := filepath.Glob(filepath.Join(lake, "stores", "*", "*", "*.orc"))
	require.NoError(t, err)
	require.NotEmpty(t, segments)
	require.NoError(t, os.Truncate(segments[0], 100))
	require.Equal(t, exitFailed, run("verify").code)
	require.Regexp(t, `(?m)^verify +failing +.* which found 1 problem:`, run("doctor").out)
}

// TestDeepHealth: the answer for everybody has no texts.
func TestDeepHealth(t *testing.T) {
	lake, err := engine.Open(context.Background(), filepath.Join(t.TempDir(), "lake"), engine.Options{})
	require.NoError(t, err)
	defer lake.Close()
	checks, err := healthOf(lake)(context.Background())
	require.NoError(t, err)
	text, err := json.Marshal(checks)
	require.NoError(t, err)
	require.Contains(t, string(text), `{"name":"verify","state":"warning"}`)
	require.NotContains(t, string(text), "auditlake verify")
	require.Len(t, checks, 8)
}

func TestLogFlags(t *testing.T) {
	for _, tt := range []struct {
		name, format, level, want string
	}{
		{"text", "text", "info", "level=INFO msg=hello"},
		{"json", "json", "info", `"level":"INFO","msg":"hello"}`},
		{"too little", "json", "warn", ""},
		{"unknown format", "xml", "info", `--log-format must be text or json, not "xml"`},
		{"unknown level", "text", "loud", `--log-level must be debug, info, warn or error, not "loud"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var out strings.Builder
			log, err := logFlags{tt.format, tt.level}.logger(&out, slog.LevelDebug)
			if err != nil {
				require.EqualError(t, err, tt.want)
				return
			}
			log.Info("hello")
			require.Contains(t, out.String(), tt.want)
			require.Equal(t, tt.want == "", out.Len() == 0)
		})
	}
}
