package main

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// tlsServer is a server that made its own certificate and wants keys.
type tlsServer struct {
	address, certificate, certificateFile string
	id, secret, principal                 string
}

// serveTLS serves the sample, with a key that may read all of it, as people are told to do it.
func serveTLS(t *testing.T) *tlsServer {
	t.Helper()
	lake := sampleLake(t)
	s := &tlsServer{certificateFile: filepath.Join(lake, "tls.pem"), principal: "arn:aws:iam::000000000000:user/ann"}
	s.id, s.secret, _ = createKey(t, lake, "--principal", s.principal, "--policy", "AWSCloudTrail_FullAccess")
	ctx, cancel := context.WithCancel(context.Background())
	in, out := io.Pipe()
	var stderr strings.Builder
	done := make(chan int, 1)
	go func() {
		done <- run(ctx, []string{"--lake", lake, "serve", "--tls-self-signed", "--require-keys", "--listen", "127.0.0.1:0"},
			streams{in: strings.NewReader(""), out: out, err: &stderr})
		out.Close()
	}()
	t.Cleanup(func() {
		cancel()
		require.Equal(t, exitDone, <-done, stderr.String())
	})
	var printed strings.Builder
	lines := bufio.NewScanner(in)
	for lines.Scan() && !strings.HasPrefix(lines.Text(), "stop with") {
		printed.WriteString(lines.Text() + "\n")
	}
	go io.Copy(io.Discard, in)
	address := regexp.MustCompile(`listening on https://(\S+)`).FindStringSubmatch(printed.String())
	require.NotNil(t, address, printed.String())
	require.Regexp(t, `SHA-256 [0-9a-f]{64}\n`, printed.String())
	require.Contains(t, printed.String(), "certificate "+s.certificateFile+", until ")
	certificate, err := os.ReadFile(s.certificateFile)
	require.NoError(t, err)
	s.address, s.certificate = address[1], string(certificate)
	return s
}

// TestServeWithKeys: a server with a certificate of its own and required keys lets in who shows a key, and nobody else.
func TestServeWithKeys(t *testing.T) {
	s := serveTLS(t)
	roots := x509.NewCertPool()
	require.True(t, roots.AppendCertsFromPEM([]byte(s.certificate)))
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}}
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport}
	for _, tt := range []struct {
		id, secret string
		want       int
	}{{"", "", http.StatusUnauthorized}, {s.id, "wrong", http.StatusUnauthorized}, {s.id, s.secret, http.StatusOK}} {
		r, err := http.NewRequest(http.MethodPost, "https://"+s.address+"/v1/statement", strings.NewReader("SELECT 1"))
		require.NoError(t, err)
		r.Header.Set("X-Trino-User", "ann")
		if tt.id != "" {
			r.SetBasicAuth(tt.id, tt.secret)
		}
		response, err := client.Do(r)
		require.NoError(t, err)
		response.Body.Close()
		require.Equal(t, tt.want, response.StatusCode)
	}
}

// TestTrinoClientSignsIn: Trino's own clients sign in with id and secret of a key, to a server whose printed certificate they trust. They are refused with
// another secret, and refuse a server that they do not trust.
func TestTrinoClientSignsIn(t *testing.T) {
	python, jdbc, cli := os.Getenv("AUDITLAKE_PYTHON"), os.Getenv("AUDITLAKE_TRINO_JDBC"), os.Getenv("AUDITLAKE_TRINO_CLI")
	if python == "" || jdbc == "" || cli == "" {
		t.Skip("AUDITLAKE_PYTHON, AUDITLAKE_TRINO_JDBC and AUDITLAKE_TRINO_CLI do not name a Python with the trino package, the driver and the command line")
	}
	s := serveTLS(t)
	host, port, _ := strings.Cut(s.address, ":")
	for _, tt := range []struct {
		name   string
		signIn func(secret, certificateFile string) *exec.Cmd
	}{
		{"Python", func(secret, certificateFile string) *exec.Cmd {
			args := []string{"testdata/sign_in.py", host, port, s.id, secret}
			if certificateFile != "" {
				args = append(args, certificateFile)
			}
			command := exec.Command(python, args...)
			command.Env = append(os.Environ(), "REQUESTS_CA_BUNDLE=", "CURL_CA_BUNDLE=") // would count for more than the argument
			return command
		}},
		{"JDBC", func(secret, certificateFile string) *exec.Cmd {
			url := "jdbc:trino://" + s.address + "/auditlake/default?SSL=true"
			if certificateFile != "" {
				url += "&SSLTrustStorePath=" + certificateFile
			}
			return exec.Command("java", "-cp", jdbc, "testdata/SignIn.java", url, s.id, secret)
		}},
		{"CLI", func(secret, certificateFile string) *exec.Cmd {
			args := []string{"-jar", cli, "--server", "https://" + s.address, "--user", s.id, "--password"}
			if certificateFile != "" {
				args = append(args, "--truststore-path", certificateFile)
			}
			command := exec.Command("java", append(args, "--catalog", "auditlake", "--schema", "default", "--output-format", "TSV",
				"--execute", "SELECT current_user || ' ' || CAST(count(*) > 0 AS varchar) FROM main")...)
			command.Env = append(os.Environ(), "TRINO_PASSWORD="+secret)
			return command
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			out, err := tt.signIn(s.secret, s.certificateFile).CombinedOutput()
			require.NoError(t, err, string(out))
			require.True(t, strings.HasSuffix(string(out), s.principal+" true\n"), string(out)) // Java may warn of its terminal before
			out, _ = tt.signIn("wrong", s.certificateFile).CombinedOutput()
			require.Contains(t, string(out), "the access key, its secret or its session token is wrong")
			out, _ = tt.signIn(s.secret, "").CombinedOutput()
			require.Regexp(t, `(?i)certificate verify failed|unable to find valid certification path`, string(out))
		})
	}
}
