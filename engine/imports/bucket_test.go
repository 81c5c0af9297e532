package imports_test

import (
	"context"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/bench/gen"
	"github.com/auditlake/auditlake/engine"
)

// trailBucket is a server of object storage with generated log files in the bucket trail, and what a lake needs to read it.
type trailBucket struct {
	t       *testing.T
	file    string // of buckets
	backend *s3mem.Backend

	mu     sync.Mutex
	reads  int                                               // mu: of objects
	answer func(w http.ResponseWriter, r *http.Request) bool // mu: takes reads of objects over; nil: nobody does
}

const trailEvents = 2000

func newTrailBucket(t *testing.T) *trailBucket {
	t.Helper()
	b := &trailBucket{t: t, backend: s3mem.New()}
	require.NoError(t, b.backend.CreateBucket("trail"))
	folder := t.TempDir()
	_, err := gen.Write(folder, gen.Options{Seed: 5, Events: trailEvents, Days: 4, Accounts: 2, EventsPerFile: 50, End: newYear.Add(-24 * time.Hour)})
	require.NoError(t, err)
	require.NoError(t, filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		key, err := filepath.Rel(folder, path)
		require.NoError(t, err)
		b.put(filepath.ToSlash(key), string(text))
		return nil
	}))
	files := gofakes3.New(b.backend).Server()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet && strings.Count(r.URL.Path, "/") > 1 {
			b.mu.Lock()
			b.reads++
			answer := b.answer
			b.mu.Unlock()
			if answer != nil && answer(w, r) {
				return
			}
		}
		files.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	b.file = filepath.Join(t.TempDir(), "buckets.toml")
	require.NoError(t, os.WriteFile(b.file, fmt.Appendf(nil, "[[bucket]]\nname = \"*\"\nendpoint = %q\naccess_key_id = \"k\"\nsecret_access_key = \"s\"\n", server.URL), 0o600))
	return b
}

func (b *trailBucket) put(key, text string) {
	b.t.Helper()
	_, err := b.backend.PutObject("trail", key, map[string]string{}, strings.NewReader(text), int64(len(text)), nil)
	require.NoError(b.t, err)
}

// intercept lets a function answer reads of objects, and returns how many there were so far.
func (b *trailBucket) intercept(answer func(w http.ResponseWriter, r *http.Request) bool) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.answer = answer
	return b.reads
}

// holdReads makes the reads of objects wait after so many, until release is called; asked is closed at the first that waits.
func (b *trailBucket) holdReads(after int) (asked <-chan struct{}, release func()) {
	waits, released := make(chan struct{}), make(chan struct{})
	var once sync.Once
	var mu sync.Mutex
	b.intercept(func(_ http.ResponseWriter, r *http.Request) bool {
		mu.Lock()
		after--
		held := after < 0
		mu.Unlock()
		if held {
			once.Do(func() { close(waits) })
			select {
			case <-released:
			case <-r.Context().Done():
			}
		}
		return false
	})
	return waits, func() { b.intercept(nil); close(released) }
}

// open opens a lake that knows the bucket.
func (b *trailBucket) open(t *testing.T, dir string) *engine.Lake {
	t.Helper()
	buckets, err := engine.LoadBuckets(b.file)
	require.NoError(t, err)
	lake, err := engine.Open(context.Background(), dir, engine.Options{Now: func() time.Time { return newYear }, Buckets: buckets})
	require.NoError(t, err)
	t.Cleanup(func() { lake.Close() })
	return lake
}

func trailSource(prefix string) engine.S3Source {
	return engine.S3Source{URI: "s3://trail/" + prefix, Region: "eu-west-1", RoleARN: "arn:aws:iam::111122223333:role/service-role/copy"}
}

func startTrail(t *testing.T, lake *engine.Lake) *engine.Import {
	t.Helper()
	started, err := lake.Imports().Start(context.Background(), engine.ImportStart{Store: "main", Source: trailSource("")})
	require.NoError(t, err)
	require.Equal(t, engine.ImportInitializing, started.Status)
	return started
}

// waitForImport waits until an import has ended.
func waitForImport(t *testing.T, lake *engine.Lake, id string) *engine.Import {
	t.Helper()
	var i *engine.Import
	require.Eventually(t, func() bool {
		var err error
		i, err = lake.Imports().Get(context.Background(), id)
		require.NoError(t, err)
		return i.Status != engine.ImportInitializing && i.Status != engine.ImportInProgress
	}, 3*time.Minute, 5*time.Millisecond)
	return i
}

// requireTrailOnce checks that the store has every event of the bucket once.
func requireTrailOnce(t *testing.T, lake *engine.Lake) {
	t.Helper()
	require.Equal(t, []string{fmt.Sprintf("%d|%[1]d", trailEvents)}, answerOf(t, lake, "SELECT count(*), count(DISTINCT eventid) FROM main"))
}
