package main

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// runHere executes a command line, and returns what it printed.
func runHere(args ...string) (code int, stdout, stderr string) {
	var out, failed bytes.Buffer
	code = run(context.Background(), args, streams{in: strings.NewReader(""), out: &out, err: &failed})
	return code, out.String(), failed.String()
}

// TestOpen: a command on the server's machine gets a URL that signs in once, as the root.
func TestOpen(t *testing.T) {
	lake := sampleLake(t)
	code, _, stderr := runHere("--lake", lake, "open", "--print")
	require.Equal(t, exitFailed, code)
	require.Contains(t, stderr, "no server runs over the lake")

	address, _ := serveLake(t, lake)
	code, stdout, stderr := runHere("--lake", lake, "open", "--print")
	require.Equal(t, exitDone, code, stderr)
	page, token, found := strings.Cut(strings.TrimSpace(stdout), "#token=")
	require.True(t, found, stdout)
	require.Equal(t, "http://"+address+"/console/", page)
	signIn := func() (status int, answer string) {
		response, err := http.Post(page+"api/session/link", "application/json", strings.NewReader(`{"token": "`+token+`"}`))
		require.NoError(t, err)
		defer response.Body.Close()
		text, err := io.ReadAll(response.Body)
		require.NoError(t, err)
		return response.StatusCode, string(text)
	}
	status, answer := signIn()
	require.Equal(t, http.StatusOK, status, answer)
	require.Contains(t, answer, `"isRoot":true`)
	status, _ = signIn()
	require.Equal(t, http.StatusUnauthorized, status)
}

// TestServeDemo: a lake of samples is served, and is gone afterwards.
func TestServeDemo(t *testing.T) {
	temporary := t.TempDir()
	t.Setenv("TMPDIR", temporary)
	ctx, cancel := context.WithCancel(context.Background())
	in, out := io.Pipe()
	done := make(chan int, 1)
	go func() {
		done <- run(ctx, []string{"serve", "--demo", "--listen", "127.0.0.1:0"}, streams{in: strings.NewReader(""), out: out, err: io.Discard})
		out.Close()
	}()
	var printed bytes.Buffer
	for part := make([]byte, 4096); !strings.Contains(printed.String(), "stop with Ctrl-C"); {
		n, err := in.Read(part)
		require.NoError(t, err, printed.String())
		printed.Write(part[:n])
	}
	require.Contains(t, printed.String(), "events into a lake that is gone when the server ends")
	require.Contains(t, printed.String(), "/console/#token=")
	cancel()
	go io.Copy(io.Discard, in)
	require.Equal(t, exitDone, <-done)
	left, err := filepath.Glob(filepath.Join(temporary, "auditlake-demo-*"))
	require.NoError(t, err)
	require.Empty(t, left)

	code, _, stderr := runHere("serve", "--demo", "--lake", temporary)
	require.Equal(t, exitUsage, code)
	require.Contains(t, stderr, "leave --lake out")
}
