package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/server/servertest"
)

// serve runs the server on the sample until the test ends, which it must do
// without an error, and gives its address.
func serve(t *testing.T) string {
	t.Helper()
	address, _ := serveLake(t, sampleLake(t))
	return address
}

// serveLake is serve of a lake. The server's standard error is complete when stop returns.
func serveLake(t *testing.T, lake string, flags ...string) (address string, stop func() (stderr string)) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	in, out := io.Pipe()
	var stderr bytes.Buffer
	done := make(chan int, 1)
	go func() {
		done <- run(ctx, append([]string{"--lake", lake, "serve", "--listen", "127.0.0.1:0"}, flags...), streams{in: strings.NewReader(""), out: out, err: &stderr})
		out.Close()
	}()
	lines := bufio.NewReader(in)
	for !strings.Contains(address, "listening on ") {
		line, err := lines.ReadString('\n')
		if address = line; err != nil {
			require.Fail(t, "no server", stderr.String())
		}
	}
	go io.Copy(io.Discard, lines)
	stop = sync.OnceValue(func() string {
		cancel()
		require.Equal(t, exitDone, <-done, stderr.String())
		return stderr.String()
	})
	t.Cleanup(func() { stop() })
	_, address, found := strings.Cut(strings.TrimSpace(address), "://")
	require.True(t, found)
	return address, stop
}

// TestServeMaintains: a server merges segments meanwhile, tells so, and ends when it is told to.
func TestServeMaintains(t *testing.T) {
	dir := t.TempDir()
	lake := filepath.Join(dir, "lake")
	for i := range 3 {
		logs := filepath.Join(dir, "logs", strconv.Itoa(i))
		require.NoError(t, os.MkdirAll(logs, 0o700))
		event := fmt.Sprintf(`{"Records":[{"eventTime":%q,"eventID":"%d"}]}`, time.Now().UTC().Add(-time.Minute).Format(time.RFC3339), i)
		require.NoError(t, os.WriteFile(filepath.Join(logs, "a.json"), []byte(event), 0o600))
		got := command(t, "--lake", lake, "import", logs)
		require.Equal(t, exitDone, got.code, got.err)
	}
	pattern := filepath.Join(lake, "stores", "*", "*", "[0-9a-f]*.orc")
	before, err := filepath.Glob(pattern)
	require.NoError(t, err)
	require.Greater(t, len(before), 1)
	_, stop := serveLake(t, lake, "--compact-every", "1ms", "--expire-every", "0")
	require.Eventually(t, func() bool {
		now, err := filepath.Glob(pattern)
		return err == nil && len(now) < len(before)
	}, time.Minute, 10*time.Millisecond)
	require.Contains(t, stop(), "level=INFO msg=compaction merged=")
	got := command(t, "--lake", lake, "query", "--format", "csv", "SELECT count(*) FROM main")
	require.Contains(t, got.out, "3", got.err)
}

func TestServe(t *testing.T) {
	response, err := http.Get("http://" + serve(t) + "/v1/info")
	require.NoError(t, err)
	defer response.Body.Close()
	require.Equal(t, http.StatusOK, response.StatusCode)
}

// TestServeTLS: every address speaks TLS, what is printed says so, and requests are logged.
func TestServeTLS(t *testing.T) {
	cert, key, client := servertest.Certificate(t)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	in, out := io.Pipe()
	var stderr bytes.Buffer
	done := make(chan int, 1)
	go func() {
		done <- run(ctx, []string{"--lake", sampleLake(t), "serve", "--tls-cert", cert, "--tls-key", key, "--access-log",
			"--listen", "127.0.0.1:0", "--listen", "localhost:0"}, streams{in: strings.NewReader(""), out: out, err: &stderr})
		out.Close()
	}()
	var printed []string
	lines := bufio.NewScanner(in)
	for lines.Scan() {
		printed = append(printed, lines.Text())
		if strings.HasPrefix(lines.Text(), "stop with") {
			break
		}
	}
	require.Greater(t, len(printed), 3, stderr.String())
	require.Contains(t, printed[0], "open in a browser: https://")
	for _, line := range printed[1:3] {
		url, found := strings.CutPrefix(line, "listening on https://")
		require.True(t, found, line)
		response, err := client.Get("https://" + url + "/health")
		require.NoError(t, err)
		response.Body.Close()
		require.Equal(t, http.StatusOK, response.StatusCode)
	}
	cancel()
	require.Equal(t, exitDone, <-done, stderr.String())
	require.Contains(t, strings.Join(printed, "\n"), `http_scheme="https"`)
	require.Contains(t, strings.Join(printed, "\n"), "&SSL=true")
	require.Equal(t, 2, strings.Count(stderr.String(), `msg=request method=GET route="GET /health" status=200`), stderr.String())
}

func TestServeErrors(t *testing.T) {
	lake := t.TempDir()
	cert, key, _ := servertest.Certificate(t)
	const keyless = "without access keys it accepts any user without a password"
	buckets := filepath.Join(t.TempDir(), "buckets.toml")
	require.NoError(t, os.WriteFile(buckets, []byte("[[folder]]\nname = \"all\"\npath = \""+lake+"\"\n"), 0o600))
	for _, tt := range []struct {
		name string
		args []string
		code int
		want string
	}{
		{"no file of buckets", []string{"--buckets", filepath.Join(lake, "nothing")}, exitUsage, "buckets file"},
		{"the lake as a bucket", []string{"--listen", "127.0.0.1:0", "--buckets", buckets}, exitFailed, "overlaps the lake's folder"},
		{"others' address", []string{"--listen", "0.0.0.0:0"}, exitUsage, "pass --tls-cert and --tls-key, --tls-self-signed (makes a certificate), or --insecure-http"},
		{"others' address beside a loopback one", []string{"--listen", "127.0.0.1:0", "--listen", ":0"}, exitUsage, "--insecure-http"},
		{"others' address with TLS", []string{"--listen", "0.0.0.0:0", "--tls-cert", cert, "--tls-key", key}, exitUsage, keyless},
		{"others' address as wished", []string{"--listen", "0.0.0.0:0", "--insecure-http"}, exitUsage, keyless},
		{"two certificates", []string{"--tls-cert", cert, "--tls-key", key, "--tls-self-signed"}, exitUsage, "not both"},
		{"others' address with keys, without TLS", []string{"--listen", "0.0.0.0:0", "--require-keys"}, exitUsage, "--tls-self-signed"},
		{"no key", []string{"--tls-cert", cert}, exitUsage, "both a certificate and its key"},
		{"no base URL", []string{"--base-url", "lake.test"}, exitUsage, "must have http:// or https://"},
		{"no lake, nothing may be written", []string{"--read-only", "--listen", "127.0.0.1:0"}, exitFailed, "no lake here"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := command(t, append([]string{"--lake", lake, "serve"}, tt.args...)...)
			require.Equal(t, tt.code, got.code, got.err)
			require.Contains(t, got.err, tt.want)
		})
	}
}

// TestServeLeadsBrowsers: the bare address leads a browser to the page, and is the AWS API's for everybody else.
func TestServeLeadsBrowsers(t *testing.T) {
	at := "http://" + serve(t)
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	for _, tt := range []struct {
		name, method, path, accept string
		status                     int
	}{
		{"a browser", http.MethodGet, "/", "text/html,application/xhtml+xml,*/*;q=0.8", http.StatusFound},
		{"a browser that posts", http.MethodPost, "/", "text/html", http.StatusBadRequest},
		{"another client", http.MethodGet, "/", "*/*", http.StatusBadRequest},
		{"a presigned request", http.MethodGet, "/?Action=GetCallerIdentity&Version=2011-06-15", "text/html", http.StatusForbidden},
		{"another path", http.MethodGet, "/nothing", "text/html", http.StatusNotFound},
	} {
		t.Run(tt.name, func(t *testing.T) {
			request, err := http.NewRequest(tt.method, at+tt.path, nil)
			require.NoError(t, err)
			request.Header.Set("Accept", tt.accept)
			response, err := client.Do(request)
			require.NoError(t, err)
			response.Body.Close()
			require.Equal(t, tt.status, response.StatusCode)
			if tt.status == http.StatusFound {
				require.Equal(t, at+"/console/", response.Header.Get("Location"))
			}
		})
	}
}

// TestTrinoClientPython: the Trino Python client sees values, pages and errors
// as a Trino server would give them.
func TestTrinoClientPython(t *testing.T) {
	python := os.Getenv("AUDITLAKE_PYTHON")
	if python == "" {
		t.Skip("AUDITLAKE_PYTHON does not name a Python with the trino package")
	}
	host, port, _ := strings.Cut(serve(t), ":")
	out, err := exec.Command(python, "testdata/trino_client.py", host, port).CombinedOutput()
	require.NoError(t, err, string(out))
	require.Equal(t, 7, strings.Count(string(out), "ok check_"), string(out))
}

// TestTrinoClientSQLAlchemy: what Superset, pandas and their like ask before
// and beside their queries.
func TestTrinoClientSQLAlchemy(t *testing.T) {
	python := os.Getenv("AUDITLAKE_PYTHON")
	if python == "" {
		t.Skip("AUDITLAKE_PYTHON does not name a Python with the packages trino[sqlalchemy] and pandas")
	}
	host, port, _ := strings.Cut(serve(t), ":")
	out, err := exec.Command(python, "testdata/sqlalchemy_client.py", host, port).CombinedOutput()
	require.NoError(t, err, string(out))
	require.Equal(t, 5, strings.Count(string(out), "ok check_"), string(out))
}

// TestTrinoClientSuperset: what Superset asks to describe a database, in its SQL Lab, and for a chart.
func TestTrinoClientSuperset(t *testing.T) {
	python := os.Getenv("AUDITLAKE_SUPERSET_PYTHON")
	if python == "" {
		t.Skip("AUDITLAKE_SUPERSET_PYTHON does not name a Python with the packages apache-superset and trino[sqlalchemy]")
	}
	host, port, _ := strings.Cut(serve(t), ":")
	out, err := exec.Command(python, "testdata/superset_client.py", host, port).CombinedOutput()
	require.NoError(t, err, string(out))
	require.Equal(t, 6, strings.Count(string(out), "ok check_"), string(out))
}

// TestTrinoClientJDBC: what a database tool asks the JDBC driver.
func TestTrinoClientJDBC(t *testing.T) {
	jar := os.Getenv("AUDITLAKE_TRINO_JDBC")
	if jar == "" {
		t.Skip("AUDITLAKE_TRINO_JDBC does not name the jar of the Trino JDBC driver")
	}
	out, err := exec.Command("java", "-cp", jar, "testdata/JDBC.java", "jdbc:trino://"+serve(t)+"/auditlake/default").CombinedOutput()
	require.NoError(t, err, string(out))
	require.Equal(t, "product: Trino 476\ncatalogs: auditlake system\nschemas: default/auditlake\ntables: auditlake/default\n"+
		"columns: eventtime/timestamp(3) readonly/boolean\nfound columns: auditlake/default\ntable types: TABLE VIEW\n"+
		strings.Repeat("empty:\n", 9)+"valid: true\ntransaction: true true\nrefused: UNSUPPORTED_ISOLATION_LEVEL\n"+
		"prepared: 42/it's!\nerror: line 1:8: Column 'nope' cannot be resolved\n", string(out))
}

// TestTrinoClientCLI: Trino's own command line, in Java, gets along with the
// server.
func TestTrinoClientCLI(t *testing.T) {
	jar := os.Getenv("AUDITLAKE_TRINO_CLI")
	if jar == "" {
		t.Skip("AUDITLAKE_TRINO_CLI does not name the jar of the Trino CLI")
	}
	address := serve(t)
	for _, c := range []struct {
		name, sql, out, err string
		fails               bool
	}{
		{name: "types", sql: "SELECT 1 AS a, ARRAY[1, NULL], CAST(ROW(1, 'x') AS row(a bigint, b varchar)), MAP(ARRAY['k'], ARRAY[1.5]), X'00ff', " +
			"TIMESTAMP '2026-01-31 10:00:00.123456', INTERVAL '3' DAY",
			out: `"1","[1, NULL]","{a=1, b=x}","{k=1.5}","00 ff","2026-01-31 10:00:00.123456","3 00:00:00.000"` + "\n"},
		{name: "statements", sql: "USE auditlake.default; SHOW TABLES; SET TIME ZONE 'Asia/Tokyo'; SELECT current_timezone()",
			out: "\"main\"\n\"Asia/Tokyo\"\n", err: "SET TIME ZONE"},
		{name: "system tables", sql: "SHOW SCHEMAS; SELECT table_name FROM information_schema.tables WHERE table_schema = 'default'",
			out: "\"default\"\n\"information_schema\"\n\"main\"\n"},
		{name: "prepared", sql: "PREPARE q FROM SELECT 7; EXECUTE q", out: "\"7\"\n", err: "PREPARE"},
		{name: "million", sql: "SELECT count(*), sum(x) FROM (SELECT x FROM UNNEST(sequence(1, 10000)) t (x), UNNEST(sequence(1, 100)) u (y))", out: "\"1000000\",\"5000500000\"\n"},
		{name: "error", sql: "SELECT nope FROM main", err: "line 1:8: Column 'nope' cannot be resolved", fails: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			command := exec.Command("java", "-jar", jar, "--server", "http://"+address, "--catalog", "auditlake", "--schema", "default",
				"--output-format", "CSV", "--execute", c.sql)
			var stdout, stderr bytes.Buffer
			command.Stdout, command.Stderr = &stdout, &stderr
			err := command.Run()
			require.Equal(t, c.fails, err != nil, stderr.String())
			require.Equal(t, c.out, stdout.String(), stderr.String())
			require.Contains(t, stderr.String(), c.err)
		})
	}
}
