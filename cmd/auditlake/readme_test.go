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
	"time"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/internal/material"
)

// TestAWSClientReadme: the lines of the README by which a stranger gets the first answer with the AWS command line, as they stand there; the server alone
// listens elsewhere.
func TestAWSClientReadme(t *testing.T) {
	python := os.Getenv("AUDITLAKE_PYTHON")
	if python == "" {
		t.Skip("AUDITLAKE_PYTHON does not name a Python with the package awscli")
	}
	readme, err := os.ReadFile(filepath.Join(material.Module(t), "README.md"))
	require.NoError(t, err)
	const serve, address = "./auditlake serve &\n", "127.0.0.1:8585"
	lines := regexp.MustCompile("(?s)```\n" + regexp.QuoteMeta(serve) + "(.*?)```").FindSubmatch(readme)
	require.NotNil(t, lines, "the README has them no more")
	first, last, found := strings.Cut(string(lines[1]), "\nct get-query-results")
	require.True(t, found)

	program, dir := buildProgram(t), t.TempDir()
	require.NoError(t, os.Symlink(program, filepath.Join(dir, "auditlake")))
	run := func(args ...string) *exec.Cmd {
		command := exec.Command(args[0], args[1:]...)
		command.Dir = dir
		command.Env = append(os.Environ(), "HOME="+dir, "PATH="+filepath.Dir(python)+":"+os.Getenv("PATH"), "AWS_EC2_METADATA_DISABLED=true", "AWS_PAGER=")
		return command
	}
	out, err := run("./auditlake", "import", generated(t, 5, 3000)).CombinedOutput()
	require.NoError(t, err, string(out))

	began := time.Now()
	at := startServer(t, run("./auditlake", "serve", "--listen", "127.0.0.1:0"))
	// The query may not have ended when it is asked for.
	script := "set -e\n" + first + "\nwhile :; do\n ct get-query-results" + last + " sleep 0.2\ndone"
	session := run("bash", "-c", strings.ReplaceAll(script, address, at))
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
	t.Logf("%s until %v", time.Since(began).Round(time.Millisecond), answer.QueryResultRows)
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
