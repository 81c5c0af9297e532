package main_test

import (
	"bytes"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
	"github.com/stretchr/testify/require"
)

// bucketServer has generated log files in the bucket trail, and answers those who
// sign with the key and send the token.
type bucketServer struct {
	*httptest.Server
	mu      sync.Mutex
	refused int // mu
}

func newBucketServer(t *testing.T, events int64, key, token string) *bucketServer {
	t.Helper()
	backend := s3mem.New()
	require.NoError(t, backend.CreateBucket("trail"))
	folder := generated(t, 6, events)
	require.NoError(t, filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		name, err := filepath.Rel(folder, path)
		require.NoError(t, err)
		_, err = backend.PutObject("trail", filepath.ToSlash(name), map[string]string{}, bytes.NewReader(text), int64(len(text)), nil)
		return err
	}))
	s, files := &bucketServer{}, gofakes3.New(backend).Server()
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.Contains(r.Header.Get("Authorization"), "Credential="+key+"/") || !strings.Contains(r.Header.Get("Authorization"), "/eu-west-3/") ||
			r.Header.Get("X-Amz-Security-Token") != token {
			s.mu.Lock()
			s.refused++
			s.mu.Unlock()
			w.WriteHeader(http.StatusForbidden)
			return
		}
		files.ServeHTTP(w, r)
	}))
	t.Cleanup(s.Close)
	return s
}

// TestServedImportFromBucket: the process that holds the lake reads a bucket with
// the server, region and credentials of the process that asks, and keeps none of them.
func TestServedImportFromBucket(t *testing.T) {
	program := buildProgram(t)
	lake := heldLake(t, program)
	for name, value := range map[string]string{ // of the holder
		"HOME": t.TempDir(), "AWS_ACCESS_KEY_ID": "HOLDERSKEY", "AWS_SECRET_ACCESS_KEY": "holders-secret", "AWS_SESSION_TOKEN": "",
		"AWS_REGION": "us-west-2", "AWS_ENDPOINT_URL": "http://127.0.0.1:1", "AWS_EC2_METADATA_DISABLED": "true", "AWS_PROFILE": "",
	} {
		t.Setenv(name, value)
	}
	server := newBucketServer(t, 500, "CALLERSKEY", "callers-token")
	h := startHolder(t, program, lake)

	importing := func(environment ...string) ended {
		cmd := exec.Command(program, "--lake", lake, "import", "--store", "main", "s3://trail/AWSLogs/")
		cmd.Env = append(os.Environ(), environment...)
		return execute(t, cmd)
	}
	got := importing("AWS_ACCESS_KEY_ID=", "AWS_SECRET_ACCESS_KEY=")
	require.Equal(t, 2, got.code, got.err)
	require.Contains(t, got.err, "no credentials for object storage")
	require.Zero(t, server.refused)

	caller := []string{"AWS_ACCESS_KEY_ID=CALLERSKEY", "AWS_SECRET_ACCESS_KEY=callers-secret", "AWS_SESSION_TOKEN=callers-token",
		"AWS_REGION=eu-west-3", "AWS_ENDPOINT_URL=" + server.URL}
	got = importing(caller...)
	require.Equal(t, 0, got.code, got.err)
	require.Contains(t, got.out, "imported 500 events ")
	got = importing(caller...)
	require.Contains(t, got.out, "imported 0 events ", got.err)
	require.EqualValues(t, heldEvents+500, countEvents(t, program, lake))

	wrong := importing(append(caller, "AWS_ACCESS_KEY_ID=ANOTHERKEY")...)
	require.Equal(t, 1, wrong.code, wrong.err)
	require.NotZero(t, server.refused)
	h.end(t)

	for _, secret := range []string{"callers-secret", "callers-token", "CALLERSKEY"} {
		require.NotContains(t, h.log.String()+got.err+got.out+wrong.err+wrong.out, secret)
		require.NoError(t, filepath.WalkDir(lake, func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return err
			}
			text, err := os.ReadFile(path)
			require.NoError(t, err)
			require.False(t, bytes.Contains(text, []byte(secret)), "%s in %s", secret, path)
			return nil
		}))
	}
}
