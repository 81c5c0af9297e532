package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/enginetest/conformance"
	"github.com/auditlake/auditlake/internal/process"
)

// TestTwoAnswers: rows in another order are another answer only of a statement
// that orders them.
func TestTwoAnswers(t *testing.T) {
	for _, tt := range []struct {
		name, sql string
		answers   [2]string
		same      bool
	}{
		{"equal", "SELECT x FROM t ORDER BY x", [2]string{"[[1],[2]]", "[[1],[2]]"}, true},
		{"no order", "SELECT x FROM t", [2]string{"[[1],[2],[2]]", "[[2],[1],[2]]"}, true},
		{"order", "SELECT x FROM t ORDER BY 1", [2]string{"[[1],[2]]", "[[2],[1]]"}, false},
		{"other rows", "SELECT x FROM t", [2]string{"[[1],[2],[2]]", "[[2],[1],[1]]"}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			asked := 0
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				fmt.Fprintf(w, `{"columns":[{"name":"x","type":"integer"}],"data":%s}`, tt.answers[asked])
				asked++
			}))
			defer server.Close()
			_, err := record(server.URL, statement{"g", tt.sql})
			require.Equal(t, 2, asked)
			if !tt.same {
				require.ErrorContains(t, err, "two answers")
				return
			}
			require.NoError(t, err)
		})
	}
}

func TestRead(t *testing.T) {
	file := filepath.Join(t.TempDir(), "statements")
	require.NoError(t, os.WriteFile(file, []byte("SELECT 1\n\n-- dates\nSELECT 2\nSELECT 3"), 0o600))
	list, err := read(file)
	require.NoError(t, err)
	require.Equal(t, []statement{{"statement", "SELECT 1"}, {"dates", "SELECT 2"}, {"dates", "SELECT 3"}}, list)
	_, err = read(file + ".no")
	require.ErrorIs(t, err, os.ErrNotExist)
}

// TestWrite: a case a line, angle brackets as they are; a statement that was left out has none.
func TestWrite(t *testing.T) {
	var text strings.Builder
	require.NoError(t, write(&text, []*conformance.Case{{SQL: "SELECT 1 < 2"}, nil, {SQL: "SELECT 2"}}))
	lines := strings.Split(strings.TrimSpace(text.String()), "\n")
	require.Len(t, lines, 2)
	require.Contains(t, lines[0], `"SELECT 1 < 2"`)
	require.Contains(t, lines[1], `"SELECT 2"`)
	require.ErrorContains(t, write(&text, []*conformance.Case{{Rows: [][]json.RawMessage{{json.RawMessage("broken")}}}}), "invalid character")
}

// TestPages: rows of all pages are collected, the statement goes with the first request alone, as a Trino client's.
func TestPages(t *testing.T) {
	var server *httptest.Server
	server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		require.Equal(t, "UTC", r.Header.Get("X-Trino-Time-Zone"))
		if r.Method == http.MethodPost {
			fmt.Fprintf(w, `{"nextUri":"%s/next"}`, server.URL)
			return
		}
		if r.URL.Path == "/next" {
			fmt.Fprintf(w, `{"nextUri":"%s/last","columns":[{"name":"x","type":"integer"}],"data":[[1]]}`, server.URL)
			return
		}
		fmt.Fprint(w, `{"data":[[2]]}`)
	}))
	defer server.Close()
	c, err := ask(server.URL, statement{"g", "SELECT x FROM t ORDER BY 1"})
	require.NoError(t, err)
	require.Equal(t, "[1]\n[2]", rows(c))
	require.True(t, c.Ordered)
	require.Equal(t, "g", c.Group)
	require.Equal(t, "x", c.Columns[0].Name)
}

// TestFailureIsRecorded: a statement that fails has its failure with its place, and no rows of before.
func TestFailureIsRecorded(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `{"columns":[{"name":"x","type":"integer"}],"data":[[1]],"error":{"errorName":"DIVISION_BY_ZERO","errorType":"USER_ERROR","message":"Division by zero","errorCode":8,"errorLocation":{"lineNumber":1,"columnNumber":10}}}`)
	}))
	defer server.Close()
	c, err := record(server.URL, statement{"g", "SELECT 1/0"})
	require.NoError(t, err)
	require.Empty(t, c.Rows)
	require.Empty(t, c.Columns)
	require.Equal(t, &conformance.Failure{Name: "DIVISION_BY_ZERO", Type: "USER_ERROR", Code: 8, Line: 1, Column: 10, Message: "Division by zero"}, c.Error)
}

// TestProgram: the answered statements of a file become cases of the kind that was asked for, the others are left out.
func TestProgram(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		sql, _ := io.ReadAll(r.Body)
		if string(sql) == "SELECT 2" {
			w.WriteHeader(http.StatusTeapot)
		}
		fmt.Fprint(w, `{"columns":[{"name":"x","type":"integer"}],"data":[[1]]}`)
	}))
	defer server.Close()
	file := filepath.Join(t.TempDir(), "statements")
	require.NoError(t, os.WriteFile(file, []byte("-- sums\nSELECT 1\nSELECT 2\n"), 0o600))
	args, flags := os.Args, flag.CommandLine
	defer func() { os.Args, flag.CommandLine = args, flags }()
	os.Args, flag.CommandLine = []string{"asktrino", "-server", server.URL, "-kind", "error", file}, flag.NewFlagSet("asktrino", flag.ContinueOnError)
	var c conformance.Case
	require.NoError(t, json.Unmarshal([]byte(process.Printed(t, main)), &c))
	require.Equal(t, "SELECT 1", c.SQL)
	require.Equal(t, "error", c.Kind)
	require.Regexp(t, "^error-sums-[0-9a-f]{10}$", c.ID)
	require.Equal(t, "[1]", rows(&c))
}

func TestServersThatDoNotAnswer(t *testing.T) {
	for name, tt := range map[string]struct {
		status       int
		text, reason string
	}{
		"status":    {http.StatusServiceUnavailable, "", "503"},
		"no JSON":   {http.StatusOK, "<html>", "invalid character"},
		"next page": {http.StatusOK, `{"nextUri":"http://127.0.0.1:1/none"}`, "none"},
		"no URL":    {http.StatusOK, `{"nextUri":":"}`, "missing protocol scheme"},
	} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(tt.status)
				fmt.Fprint(w, tt.text)
			}))
			defer server.Close()
			_, err := record(server.URL, statement{"g", "SELECT 1"})
			require.ErrorContains(t, err, tt.reason)
		})
	}
	require.False(t, ordered("SELECT FROM ORDER BY"))
}
