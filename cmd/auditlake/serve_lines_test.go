package main

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/server"
	"github.com/auditlake/auditlake/server/servertest"
)

// printedBy is what a server printed when it started.
type printedBy struct {
	state, text string
	needsKey    bool
	caFile      string // "" without TLS
	id, secret  string // of a key that the printed command made; "" if clients need none
}

// inEachState starts a server over a lake in each state of keys and TLS, and calls do with what it printed.
func inEachState(t *testing.T, do func(t *testing.T, s printedBy)) {
	open, closed := filepath.Join(t.TempDir(), "open"), filepath.Join(t.TempDir(), "closed, with keys")
	for _, lake := range []string{open, closed} {
		got := command(t, "--lake", lake, "import", filepath.Join("..", "..", "testdata", "logs"))
		require.Equal(t, exitDone, got.code, got.err)
	}
	createKey(t, closed)
	certificate, key, _ := servertest.Certificate(t)
	for _, s := range []struct {
		name, caFile string
		flags        []string
	}{
		{"http", "", nil},
		{"self-signed", "tls.pem", []string{"--tls-self-signed"}},
		{"a certificate", certificate, []string{"--tls-cert", certificate, "--tls-key", key}},
	} {
		for _, lake := range []string{open, closed} {
			printed := printedBy{state: s.name, caFile: s.caFile, needsKey: lake == closed}
			if s.caFile == "tls.pem" {
				printed.caFile = filepath.Join(lake, s.caFile)
			}
			if printed.needsKey {
				printed.state += " with keys"
			}
			t.Run(printed.state, func(t *testing.T) {
				printed.text = printedServe(t, lake, s.flags...)
				if printed.needsKey {
					printed.createKey(t)
				}
				do(t, printed)
			})
		}
	}
}

// printedServe starts a server until the test ends, and returns what it printed.
func printedServe(t *testing.T, lake string, flags ...string) string {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	in, out := io.Pipe()
	var stderr strings.Builder
	done := make(chan int, 1)
	go func() {
		done <- run(ctx, append([]string{"--lake", lake, "serve", "--listen", "127.0.0.1:0"}, flags...), streams{in: strings.NewReader(""), out: out, err: &stderr})
		out.Close()
	}()
	t.Cleanup(func() {
		cancel()
		require.Equal(t, exitDone, <-done, stderr.String())
	})
	var text strings.Builder
	lines := bufio.NewScanner(in)
	for lines.Scan() && !strings.HasPrefix(lines.Text(), "stop with") {
		text.WriteString(lines.Text() + "\n")
	}
	require.NotEmpty(t, text.String(), stderr.String())
	go io.Copy(io.Discard, in)
	return text.String()
}

// lines are those that were printed for a client.
func (s *printedBy) lines(t *testing.T, client string) []string {
	t.Helper()
	found := regexp.MustCompile(`(?m)^  ` + client + ` +(.*\n(?: {14}.*\n)*)`).FindStringSubmatch(s.text)
	require.NotNil(t, found, s.text)
	lines := strings.Split(strings.TrimSpace(found[1]), "\n")
	for i, line := range lines {
		lines[i] = strings.TrimSpace(line)
	}
	return lines
}

// createKey makes a key with the command that was printed.
func (s *printedBy) createKey(t *testing.T) {
	t.Helper()
	create := regexp.MustCompile(`eval "\$\(auditlake (.*?)\)"`).FindStringSubmatch(s.text)
	require.NotNil(t, create, s.text)
	words, err := exec.Command("sh", "-c", `printf '%s\n' `+create[1]).Output()
	require.NoError(t, err)
	got := command(t, strings.Split(strings.TrimSpace(string(words)), "\n")...)
	require.Equal(t, exitDone, got.code, got.err)
	key := createdKey.FindStringSubmatch(got.out)
	require.NotNil(t, key, got.out)
	s.id, s.secret = key[1], key[2]
}

// environment is that of a shell in which the printed command made a key, if clients need one.
func (s *printedBy) environment(more ...string) []string {
	env := append(os.Environ(), "REQUESTS_CA_BUNDLE=", "CURL_CA_BUNDLE=", "AWS_EC2_METADATA_DISABLED=true", "AWS_PAGER=", "AWS_CONFIG_FILE=/nowhere")
	if s.needsKey {
		env = append(env, "AWS_ACCESS_KEY_ID="+s.id, "AWS_SECRET_ACCESS_KEY="+s.secret)
	}
	return append(env, more...)
}

const needsTLS = "sends keys over TLS only: restart auditlake serve with --tls-self-signed"

// TestServeBrowserLine: the first line is a URL that shows the page and signs in.
func TestServeBrowserLine(t *testing.T) {
	inEachState(t, func(t *testing.T, s printedBy) {
		first, _, _ := strings.Cut(s.text, "\n")
		url, isFirst := strings.CutPrefix(first, "open in a browser: ")
		require.True(t, isFirst, first)
		page, token, found := strings.Cut(url, "#token=")
		require.True(t, found, first)
		transport := &http.Transport{}
		defer transport.CloseIdleConnections()
		if s.caFile != "" {
			text, err := os.ReadFile(s.caFile)
			require.NoError(t, err)
			roots := x509.NewCertPool()
			require.True(t, roots.AppendCertsFromPEM(text))
			transport.TLSClientConfig = &tls.Config{RootCAs: roots}
		}
		client := http.Client{Transport: transport}
		answer, err := client.Get(page)
		require.NoError(t, err)
		require.NoError(t, answer.Body.Close())
		require.Equal(t, http.StatusOK, answer.StatusCode)
		answer, err = client.Post(page+"api/session/link", "application/json", strings.NewReader(`{"token":"`+token+`"}`))
		require.NoError(t, err)
		require.NoError(t, answer.Body.Close())
		require.Equal(t, http.StatusOK, answer.StatusCode)
	})
}

// TestServeLinesOfEachState: the lines sign in where a key is needed, trust the certificate, and say which client cannot send a key.
func TestServeLinesOfEachState(t *testing.T) {
	inEachState(t, func(t *testing.T, s printedBy) {
		python, trino, jdbc := strings.Join(s.lines(t, "Python"), "\n"), s.lines(t, "Trino CLI")[0], s.lines(t, "JDBC")[0]
		all := s.text[strings.Index(s.text, "  AWS CLI"):]
		require.Equal(t, s.needsKey && s.caFile != "", strings.Contains(python, "auth=trino.auth.BasicAuthentication(key, secret)"), python)
		require.Equal(t, s.needsKey && s.caFile == "", strings.Contains(python, "http_session=session"), python)
		require.Equal(t, !s.needsKey, strings.Contains(python, `user="me"`), python)
		require.Equal(t, s.needsKey && s.caFile == "", trino == needsTLS && jdbc == needsTLS, all)
		require.Equal(t, s.needsKey, strings.Contains(s.text, "Clients sign in with an access key"))
		if s.caFile != "" {
			require.Contains(t, python, `verify="`+s.caFile+`"`)
			require.Contains(t, trino, "--truststore-path "+shellQuoted(s.caFile))
			require.Contains(t, s.lines(t, "AWS CLI")[0], "AWS_CA_BUNDLE="+shellQuoted(s.caFile))
			require.Contains(t, jdbc, "&SSL=true&SSLTrustStorePath="+strings.ReplaceAll(s.caFile, " ", "%20"))
		}
	})
}

// TestTrinoClientServeLines: Trino's clients connect by the lines as they were printed.
func TestTrinoClientServeLines(t *testing.T) {
	python, jar, cli := os.Getenv("AUDITLAKE_PYTHON"), os.Getenv("AUDITLAKE_TRINO_JDBC"), os.Getenv("AUDITLAKE_TRINO_CLI")
	if python == "" {
		t.Skip("AUDITLAKE_PYTHON does not name a Python with the trino package")
	}
	bin := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(bin, "trino"), []byte("#!/bin/sh\nexec java -jar '"+cli+"' \"$@\"\n"), 0o700))
	const count = "SELECT count(*) FROM main"
	inEachState(t, func(t *testing.T, s printedBy) {
		lines := s.lines(t, "Python")
		last := len(lines) - 1
		lines[last] = "print(" + lines[last] + ".cursor().execute(" + `"` + count + `"` + ").fetchall())"
		client := exec.Command(python, "-c", "import trino\n"+strings.Join(lines, "\n"))
		client.Env = s.environment()
		out, err := client.CombinedOutput()
		require.NoError(t, err, "%s\n%s", strings.Join(lines, "\n"), out)
		require.Equal(t, "[[2000]]\n", string(out))

		if line := s.lines(t, "Trino CLI")[0]; cli != "" && line != needsTLS {
			client := exec.Command("sh", "-c", line+` --output-format TSV --execute "`+count+`"`)
			client.Env = s.environment("PATH=" + bin + ":" + os.Getenv("PATH"))
			out, err := client.CombinedOutput()
			require.NoError(t, err, "%s\n%s", line, out)
			require.True(t, strings.HasSuffix(string(out), "2000\n"), string(out)) // Java may warn of its terminal before
		}
		if line := s.lines(t, "JDBC")[0]; jar != "" && line != needsTLS {
			line = strings.NewReplacer("user=KEY", "user="+s.id, "password=SECRET", "password="+s.secret).Replace(line)
			out, err := exec.Command("java", "-cp", jar, "testdata/SignIn.java", line).CombinedOutput()
			require.NoError(t, err, string(out))
			require.True(t, strings.HasSuffix(string(out), " true\n"), "%s\n%s", line, out)
		}
	})
}

// TestAWSClientServeLines: the AWS command line connects by the line as it was printed.
func TestAWSClientServeLines(t *testing.T) {
	python := os.Getenv("AUDITLAKE_PYTHON")
	if python == "" {
		t.Skip("AUDITLAKE_PYTHON does not name a Python with the package awscli")
	}
	inEachState(t, func(t *testing.T, s printedBy) {
		line := s.lines(t, "AWS CLI")[0]
		client := exec.Command("sh", "-c", line)
		client.Env = s.environment("PATH=" + filepath.Dir(python) + ":" + os.Getenv("PATH"))
		out, err := client.CombinedOutput()
		require.NoError(t, err, "%s\n%s", line, out)
		require.Contains(t, string(out), `"Name": "main"`)
	})
}

// TestEndpoint: the lines of servers that are reached by another name, behind a proxy, or whose secrets must not come without TLS.
func TestEndpoint(t *testing.T) {
	certificate, key, _ := servertest.Certificate(t)
	for _, tt := range []struct {
		name     string
		f        serveFlags
		at       string // where it listens; its certificate names 127.0.0.1 and localhost
		needsKey bool
		want     map[string]string // by client, a part of its lines
	}{
		{"secrets need TLS", serveFlags{secretsNeedTLS: true}, "127.0.0.1:8585", true, map[string]string{"Python": needsTLS}},
		{"a proxy with TLS", serveFlags{hall: server.Options{BaseURL: "https://lake.test/"}}, "127.0.0.1:8585", true, map[string]string{
			"AWS CLI": "aws --endpoint-url https://lake.test:443 --region", "JDBC": "jdbc:trino://lake.test:443/auditlake/default?user=KEY&password=SECRET&SSL=true",
			"Python": `host="lake.test", port=443, http_scheme="https", user=key, auth=`}},
		{"a proxy, without keys", serveFlags{hall: server.Options{BaseURL: "https://lake.test"}}, "127.0.0.1:8585", false, map[string]string{
			"Trino CLI": "trino --server http://127.0.0.1:8585 --catalog"}},
		{"every address", serveFlags{hall: server.Options{InsecureHTTP: true}}, "0.0.0.0:8585", true, map[string]string{
			"AWS CLI": "aws --endpoint-url http://127.0.0.1:8585 ", "Python": needsTLS}},
		{"another name than the certificate's", serveFlags{hall: server.Options{TLSCert: certificate, TLSKey: key}}, "192.0.2.1:8585", true, map[string]string{
			"Python": `host="localhost", port=8585, http_scheme="https", verify="` + certificate + `"`}},
		{"no name of the certificate's, no keys", serveFlags{hall: server.Options{TLSCert: certificate, TLSKey: key}}, "127.0.0.2:8585", false, map[string]string{
			"Python": `host="127.0.0.2", port=8585, http_scheme="https", verify=False`, "JDBC": "&SSLVerification=NONE", "Trino CLI": " --insecure", "AWS CLI": " --no-verify-ssl"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			hall, err := server.NewHall(tt.f.hall)
			require.NoError(t, err)
			at, err := net.ResolveTCPAddr("tcp", tt.at)
			require.NoError(t, err)
			e := endpointOf(tt.f, hall, []net.Addr{at}, "us-east-1", tt.needsKey)
			var out strings.Builder
			e.print(&out)
			s := printedBy{text: out.String()}
			for client, want := range tt.want {
				require.Contains(t, strings.Join(s.lines(t, client), "\n"), want)
			}
		})
	}
}
