package main_test

import (
	"bufio"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/internal/material"
)

// TestAWSClientReadme runs the lines by which the README imports files, asks a question, and asks another with the AWS CLI,
// as they stand there, in each state of keys and TLS. The test alone starts the server, on a free port.
func TestAWSClientReadme(t *testing.T) {
	python := os.Getenv("AUDITLAKE_PYTHON")
	if python == "" {
		t.Skip("AUDITLAKE_PYTHON does not name a Python with the package awscli")
	}
	page, err := os.ReadFile(filepath.Join(material.Module(t), "README.md"))
	require.NoError(t, err)
	lines := func(pattern string) string {
		t.Helper()
		found := regexp.MustCompile(pattern).FindSubmatch(page)
		require.NotNil(t, found, "README.md has no lines like %s", pattern)
		return string(found[1])
	}
	own := lines("(?s)```\ngo build -o auditlake [^\n]*\n(.*?)```")
	client := lines("(?s)```\n./auditlake serve &\n(.*?)```")
	trust := lines("`(export AWS_CA_BUNDLE=[^`]*)`")
	program, logs := buildProgram(t), generated(t, 5, 3000)
	for _, state := range []struct{ name, before, serve string }{
		{"no key", "", ""},
		{"with keys", "./auditlake keys create", ""},
		{"no key, TLS", "", "--tls-self-signed"},
		{"with keys, TLS", "./auditlake keys create", "--tls-self-signed"},
	} {
		t.Run(state.name, func(t *testing.T) {
			s := stranger{home: t.TempDir(), path: filepath.Dir(python)}
			require.NoError(t, os.Symlink(program, filepath.Join(s.home, "auditlake")))
			require.NoError(t, os.Mkdir(filepath.Join(s.home, "bucket-copy"), 0o700))
			require.NoError(t, os.Symlink(logs, filepath.Join(s.home, "bucket-copy", "AWSLogs")))
			out, err := s.bash(own + state.before).CombinedOutput()
			require.NoError(t, err, string(out))
			require.Regexp(t, `(?m)^who +eventname +refused$`, string(out))

			address := startServer(t, s.bash("exec ./auditlake serve --listen 127.0.0.1:0 "+state.serve))
			script := client
			if state.serve != "" {
				script = trust + "\n" + strings.ReplaceAll(client, "http://", "https://")
			}
			s.requireThreeCounts(t, strings.ReplaceAll(script, "127.0.0.1:8585", address))
		})
	}
}

// stranger has a home and a PATH with the AWS CLI, and no settings.
type stranger struct{ home, path string }

// bash returns a script that has not been started.
func (s *stranger) bash(script string) *exec.Cmd {
	command := exec.Command("bash", "-e", "-c", script)
	command.Dir = s.home
	command.Env = append(os.Environ(), "HOME="+s.home, "PATH="+s.path+":"+os.Getenv("PATH"),
		"AUDITLAKE_DIR=", "XDG_DATA_HOME=", "AWS_EC2_METADATA_DISABLED=true", "AWS_PAGER=")
	return command
}

// requireThreeCounts runs lines that end with a request for the results of a query, which must be three names with counts.
// The query may be running when it is asked for: the request is repeated until it has finished.
func (s *stranger) requireThreeCounts(t *testing.T, lines string) {
	t.Helper()
	first, last, found := strings.Cut(lines, "\nct get-query-results")
	require.True(t, found, lines)
	session := s.bash(first + "\nwhile :; do\n ct get-query-results" + last + " sleep 0.2\ndone")
	session.Stderr = os.Stderr
	printed, err := session.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, session.Start())
	defer func() {
		session.Process.Kill()
		session.Wait()
	}()
	answers := json.NewDecoder(printed)
	var answer struct {
		QueryStatus     string
		QueryResultRows [][]map[string]string
	}
	for answer.QueryStatus != "FINISHED" {
		require.NoError(t, answers.Decode(&answer))
		require.Contains(t, []string{"QUEUED", "RUNNING", "FINISHED"}, answer.QueryStatus)
	}
	require.Len(t, answer.QueryResultRows, 3)
	require.NotEmpty(t, answer.QueryResultRows[0][0]["eventname"])
	require.Regexp(t, `^[1-9]\d*$`, answer.QueryResultRows[0][1]["calls"])
}

// startServer starts a server that the test's end stops, and returns its address.
func startServer(t *testing.T, server *exec.Cmd) (address string) {
	t.Helper()
	out, err := server.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, server.Start())
	t.Cleanup(func() {
		server.Process.Signal(os.Interrupt)
		server.Wait()
	})
	_, address, _ = strings.Cut(listeningOn(t, bufio.NewReader(out)), "://")
	return address
}

// listeningOn reads what a server prints up to its first address, and returns that.
func listeningOn(t *testing.T, lines *bufio.Reader) (url string) {
	t.Helper()
	for read := ""; ; {
		line, err := lines.ReadString('\n')
		read += line
		require.NoError(t, err, "no server: %s", read)
		if url, found := strings.CutPrefix(line, "listening on "); found {
			return strings.TrimSpace(url)
		}
	}
}
