package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"io"
	"net/http"
	"os"
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
	require.Contains(t, stderr, "no server is running for this lake")

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

// TestServeDemo: README's command serves a lake of samples, in each state of keys and TLS. The lake is gone afterwards.
func TestServeDemo(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "..", "README.md"))
	require.NoError(t, err)
	require.Contains(t, string(page), "\ngo run ./cmd/auditlake demo  ") // which TestDemo runs
	require.Contains(t, string(page), "\ngo run ./cmd/auditlake serve --demo  ")
	temporary := t.TempDir()
	t.Setenv("TMPDIR", temporary)
	for _, tt := range []struct {
		name, url string
		flags     []string
	}{
		{"no key", "http://127.0.0.1:", nil},
		{"with keys", "http://127.0.0.1:", []string{"--require-keys"}},
		{"no key, TLS", "https://127.0.0.1:", []string{"--tls-self-signed"}},
		{"with keys, TLS", "https://127.0.0.1:", []string{"--require-keys", "--tls-self-signed"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			serveDemo(t, tt.url, tt.flags)
			left, err := filepath.Glob(filepath.Join(temporary, "auditlake-demo-*"))
			require.NoError(t, err)
			require.Empty(t, left)
		})
	}

	code, _, stderr := runHere("serve", "--demo", "--lake", temporary)
	require.Equal(t, exitUsage, code)
	require.Contains(t, stderr, "remove --lake")
}

// serveDemo serves the samples until the console's page has been read.
func serveDemo(t *testing.T, url string, flags []string) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	in, out := io.Pipe()
	done := make(chan int, 1)
	go func() {
		args := append([]string{"serve", "--demo", "--listen", "127.0.0.1:0"}, flags...)
		done <- run(ctx, args, streams{in: strings.NewReader(""), out: out, err: io.Discard})
		out.Close()
	}()
	var printed bytes.Buffer
	for part := make([]byte, 4096); !strings.Contains(printed.String(), "stop with Ctrl-C"); {
		n, err := in.Read(part)
		require.NoError(t, err, printed.String())
		printed.Write(part[:n])
	}
	require.Contains(t, printed.String(), "events into a temporary lake, which is removed when the server ends")
	_, page, found := strings.Cut(printed.String(), "open in a browser: ")
	require.True(t, found, printed.String())
	page, _, found = strings.Cut(page, "#token=")
	require.True(t, found, printed.String())
	require.True(t, strings.HasPrefix(page, url), page)
	transport := &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}} // the browser would warn
	defer transport.CloseIdleConnections()
	answer, err := (&http.Client{Transport: transport}).Get(page)
	require.NoError(t, err)
	require.NoError(t, answer.Body.Close())
	require.Equal(t, http.StatusOK, answer.StatusCode)
	cancel()
	go io.Copy(io.Discard, in)
	require.Equal(t, exitDone, <-done)
}
