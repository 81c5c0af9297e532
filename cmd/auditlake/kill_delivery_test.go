package main_test

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
	"github.com/stretchr/testify/require"
)

// killingBuckets is a server of buckets that kills who writes a file of a name to it.
type killingBuckets struct {
	next http.Handler

	mu      sync.Mutex
	name    string // mu; "": nobody is killed
	isAfter bool   // mu: once the file is there
	kill    func() // mu
}

func (b *killingBuckets) set(name string, isAfter bool, kill func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.name, b.isAfter, b.kill = name, isAfter, kill
}

// ServeHTTP implements http.Handler.
func (b *killingBuckets) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	b.mu.Lock()
	isMeant, isAfter, kill := r.Method == http.MethodPut && path.Base(r.URL.Path) == b.name, b.isAfter, b.kill
	b.mu.Unlock()
	if !isMeant {
		b.next.ServeHTTP(w, r)
		return
	}
	if isAfter {
		b.next.ServeHTTP(httptest.NewRecorder(), r)
	}
	kill()
	panic(http.ErrAbortHandler)
}

// servingProgram is a process that serves a lake.
type servingProgram struct {
	*exec.Cmd
	address string
}

func startServing(t *testing.T, program, lake, buckets string) *servingProgram {
	t.Helper()
	s := &servingProgram{Cmd: exec.Command(program, "--lake", lake, "serve", "--listen", "127.0.0.1:0", "--account", "123456789012", "--buckets", buckets)}
	s.Env = append(os.Environ(), "AUDITLAKE_ROOT_ACCESS_KEY_ID=AKIDEXAMPLE", "AUDITLAKE_ROOT_SECRET_ACCESS_KEY=not-a-secret-example-key")
	out, err := s.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, s.Start())
	t.Cleanup(func() {
		_ = s.Process.Kill() // it may have ended
		_ = s.Wait()
	})
	lines := bufio.NewReader(out)
	s.address = listeningOn(t, lines)
	go io.Copy(io.Discard, lines)
	return s
}

// ask asks for an operation that succeeds.
func (s *servingProgram) ask(t *testing.T, operation string, members map[string]string) (out map[string]any) {
	t.Helper()
	body, err := json.Marshal(members)
	require.NoError(t, err)
	r, err := http.NewRequest(http.MethodPost, s.address+"/", strings.NewReader(string(body)))
	require.NoError(t, err)
	r.Header.Set("Content-Type", "application/x-amz-json-1.1")
	r.Header.Set("X-Amz-Target", "CloudTrail_20131101."+operation)
	hash := sha256.Sum256(body)
	require.NoError(t, v4.NewSigner().SignHTTP(context.Background(), aws.Credentials{AccessKeyID: "AKIDEXAMPLE", SecretAccessKey: "not-a-secret-example-key"},
		r, hex.EncodeToString(hash[:]), "cloudtrail", "us-east-1", time.Now()))
	response, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, response.StatusCode, string(text))
	require.NoError(t, json.Unmarshal(text, &out))
	return out
}

// TestKilledDelivery: a server that is killed at any step of a delivery leaves no sign file without the file that it signs, and
// the next one delivers.
func TestKilledDelivery(t *testing.T) {
	program := buildProgram(t)
	content := s3mem.New()
	require.NoError(t, content.CreateBucket("results"))
	killing := &killingBuckets{next: gofakes3.New(content).Server()}
	server := httptest.NewServer(killing)
	defer server.Close()
	buckets := filepath.Join(t.TempDir(), "buckets.toml")
	require.NoError(t, os.WriteFile(buckets, fmt.Appendf(nil, "[[bucket]]\nname = \"results\"\nendpoint = %q\naccess_key_id = \"key\"\nsecret_access_key = \"secret\"\n", server.URL), 0o600))
	lake := filepath.Join(t.TempDir(), "lake")
	out, err := exec.Command(program, "--lake", lake, "store", "create", "main").CombinedOutput()
	require.NoError(t, err, string(out))
	// delivered are the files of a query's result.
	delivered := func(query string) map[string][]byte {
		files := map[string][]byte{}
		listed, err := content.ListBucket("results", &gofakes3.Prefix{Prefix: "AWSLogs/", HasPrefix: true}, gofakes3.ListBucketPage{})
		require.NoError(t, err)
		for _, o := range listed.Contents {
			if path.Base(path.Dir(o.Key)) != query {
				continue
			}
			object, err := content.GetObject("results", o.Key, nil)
			require.NoError(t, err)
			files[path.Base(o.Key)], err = io.ReadAll(object.Contents)
			require.NoError(t, err)
		}
		return files
	}
	// isWhole reports whether there is a sign file, which must be of the file that is there.
	isWhole := func(files map[string][]byte) bool {
		if files["result_sign.json"] == nil {
			return false
		}
		hash := sha256.Sum256(files["result_1.csv.gz"])
		require.Contains(t, string(files["result_sign.json"]), hex.EncodeToString(hash[:]))
		return true
	}

	serving := startServing(t, program, lake, buckets)
	for _, step := range []struct {
		name    string
		isAfter bool
		files   int // that are there after the kill
	}{{"result_1.csv.gz", false, 0}, {"result_1.csv.gz", true, 1}, {"result_sign.json", false, 1}, {"result_sign.json", true, 2}} {
		started, killed := make(chan struct{}), make(chan struct{})
		killing.set(step.name, step.isAfter, func() {
			<-started // so that the client has its answer
			_ = serving.Process.Kill()
			close(killed)
		})
		query := serving.ask(t, "StartQuery", map[string]string{"QueryStatement": "SELECT 1 AS one", "DeliveryS3Uri": "s3://results"})["QueryId"].(string)
		close(started)
		<-killed
		_ = serving.Wait() // it was killed
		killing.set("", false, nil)
		files := delivered(query)
		require.Len(t, files, step.files, step.name)
		require.Equal(t, step.files == 2, isWhole(files))

		serving = startServing(t, program, lake, buckets)
		require.Eventually(t, func() bool {
			return serving.ask(t, "DescribeQuery", map[string]string{"QueryId": query})["DeliveryStatus"] == "SUCCESS"
		}, 2*time.Minute, 10*time.Millisecond)
		require.True(t, isWhole(delivered(query)))
	}
}
