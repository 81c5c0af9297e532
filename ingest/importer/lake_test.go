package importer

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"iter"
	"maps"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/klauspost/compress/gzip"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/storage"
	"github.com/auditlake/auditlake/storage/catalog"
	"github.com/auditlake/auditlake/storage/vfs"
)

// now is the instant of the tests' imports.
var now = time.Date(2025, 3, 10, 12, 0, 0, 0, time.UTC)

// testLake is a lake with one store.
type testLake struct {
	*storage.Lake
	dir   string
	disk  *vfs.Injector
	store *catalog.Store
}

func newLake(t *testing.T, retentionDays int) *testLake {
	l := &testLake{dir: t.TempDir(), disk: vfs.NewInjector(vfs.OS), store: &catalog.Store{
		ID: "3f2c9a1e-5b7d-4e8f-a0c1-d2e3f4a5b6c7", Name: "main", Category: "Management", Status: catalog.StoreEnabled, RetentionDays: retentionDays,
	}}
	l.open(t)
	l.retain(t, retentionDays)
	t.Cleanup(func() { require.NoError(t, l.Close()) })
	return l
}

func (l *testLake) open(t *testing.T) {
	t.Helper()
	var err error
	l.Lake, err = storage.Open(t.Context(), l.dir, storage.Options{FS: l.disk})
	require.NoError(t, err)
}

func (l *testLake) reopen(t *testing.T) {
	t.Helper()
	require.NoError(t, l.Close())
	l.open(t)
}

func (l *testLake) retain(t *testing.T, days int) {
	t.Helper()
	l.store.RetentionDays = days
	require.NoError(t, l.Catalog().Update(t.Context(), func(tx *catalog.Tx) error { return tx.PutStore(l.store) }))
}

// run imports and checks what holds for every import.
func (l *testLake) run(t *testing.T, source Source, o Options) (*Result, []FileResult) {
	t.Helper()
	r, files, err := l.tryRun(t, t.Context(), source, o)
	require.NoError(t, err)
	return r, files
}

func (l *testLake) tryRun(t *testing.T, ctx context.Context, source Source, o Options) (*Result, []FileResult, error) {
	t.Helper()
	if o.Now.IsZero() {
		o.Now = now
	}
	var files []FileResult
	o.FileDone = func(f FileResult) { files = append(files, f) }
	before := l.rows(t)
	r, err := Run(ctx, l.Lake, l.store, source, o)
	for _, f := range files {
		require.Equal(t, f.Records, f.Events+f.Known+f.OutsideWindow+f.PastRetention+f.Unselected+f.Repeated+f.Failed, f.Object.Key)
	}
	n := r.Import.Counts
	require.Equal(t, n.Records, n.Events+n.SkippedKnown+n.SkippedWindow+n.SkippedRetention+n.SkippedSelector+n.SkippedRepeated+n.FailedRecords)
	added := n.Events
	if o.DryRun {
		added = 0
	}
	if o.Begun != nil {
		added -= o.Begun.Counts.Events
	}
	require.Equal(t, added, l.rows(t)-before, "the store has what the counts say")
	if !o.DryRun {
		require.NoError(t, l.Catalog().View(func(tx *catalog.Tx) error {
			kept, err := tx.Import(r.Import.ID)
			require.NoError(t, err)
			require.Equal(t, r.Import.Status, kept.Status)
			require.Equal(t, n, kept.Counts)
			return nil
		}))
	}
	return r, files, err
}

func (l *testLake) rows(t *testing.T) int64 {
	t.Helper()
	s, err := l.Snapshot(t.Context())
	require.NoError(t, err)
	defer s.Close()
	rows, err := s.Rows(l.store.ID, time.Unix(0, 0))
	require.NoError(t, err)
	total := int64(0)
	for _, day := range rows.Days {
		total += day.Rows
	}
	return total
}

// texts are the eventjson of all events, sorted.
func (l *testLake) texts(t *testing.T) []string {
	t.Helper()
	s, err := l.Snapshot(t.Context())
	require.NoError(t, err)
	defer s.Close()
	scan, err := s.Scan(storage.ScanRequest{StoreID: l.store.ID, Horizon: time.Unix(0, 0), Columns: []string{"eventjson"}})
	require.NoError(t, err)
	texts := []string{}
	for {
		g, err := scan.Next(t.Context())
		if err == io.EOF {
			break
		}
		require.NoError(t, err)
		columns, err := g.Read(t.Context(), []string{"eventjson"}, nil)
		require.NoError(t, err)
		for i := range columns[0].Len() {
			texts = append(texts, strings.Clone(textAt(columns[0], i)))
		}
	}
	slices.Sort(texts)
	return texts
}

func (l *testLake) failures(t *testing.T, r *Result) []string {
	t.Helper()
	var all []string
	require.NoError(t, l.Catalog().View(func(tx *catalog.Tx) error {
		for f, err := range tx.Failures(r.Import.ID) {
			require.NoError(t, err)
			require.NotEmpty(t, f.Message)
			all = append(all, fmt.Sprintf("%s %d %d %s", f.File, f.Record, f.Offset, f.Code))
		}
		return nil
	}))
	slices.Sort(all)
	return all
}

// memory is a source of objects in memory.
type memory struct {
	objects map[string][]byte
	opened  atomic.Int64
	onOpen  func(n int64)
	onRead  func(n int64)
	touched time.Time
	listErr error // ends the list
}

func objects(of map[string]string) *memory {
	m := &memory{objects: map[string][]byte{}, touched: now}
	for key, content := range of {
		m.objects[key] = []byte(content)
	}
	return m
}

func (m *memory) Names() []string { return []string{"memory"} }

func (m *memory) List(context.Context) iter.Seq2[Object, error] {
	return func(yield func(Object, error) bool) {
		for _, key := range slices.SortedFunc(maps.Keys(m.objects), cmp.Compare) {
			if !yield(Object{Key: key, Bytes: int64(len(m.objects[key])), Modified: m.touched}, nil) {
				return
			}
		}
		if m.listErr != nil {
			yield(Object{}, m.listErr)
		}
	}
}

func (m *memory) Open(_ context.Context, o Object) (io.ReadCloser, error) {
	n := m.opened.Add(1)
	if m.onOpen != nil {
		m.onOpen(n)
	}
	return io.NopCloser(&watched{bytes.NewReader(m.objects[o.Key]), m}), nil
}

// watched tells how much is read.
type watched struct {
	*bytes.Reader
	source *memory
}

func (w *watched) Read(p []byte) (int, error) {
	n, err := w.Reader.Read(p)
	if w.source.onRead != nil {
		w.source.onRead(int64(n))
	}
	return n, err
}

// event is a record some days before now.
func event(id string, daysAgo int) string {
	return fmt.Sprintf(`{"eventTime":"%s","eventID":"%s"}`, now.AddDate(0, 0, -daysAgo).Format(time.RFC3339), id)
}

func logFile(records ...string) string { return `{"Records":[` + strings.Join(records, ",") + `]}` }

func ndjson(records ...string) string { return strings.Join(records, "\n") + "\n" }

func zipped(plain string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = w.Write([]byte(plain))
	_ = w.Close()
	return b.String()
}
