package delivery_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"os"
	"path"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine"
	"github.com/auditlake/auditlake/engine/delivery"
	"github.com/auditlake/auditlake/engine/enginetest/clock"
	"github.com/auditlake/auditlake/storage/object"
	"github.com/auditlake/auditlake/storage/vfs"
)

const (
	account = "123456789012"
	bucket  = "results"
)

var start = time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)

// bucketFake keeps objects in memory.
type bucketFake struct {
	mu      sync.Mutex
	objects map[string][]byte // mu
	put     []string          // mu: keys, in the order in which they were put
	// fail is asked before an object is kept; nil: nothing fails.
	fail func(ctx context.Context, key string) error
}

func (b *bucketFake) Put(ctx context.Context, p object.Place, content io.ReadSeeker) error {
	text, err := io.ReadAll(content)
	if err == nil && b.fail != nil {
		err = b.fail(ctx, p.Prefix)
	}
	if err = errors.Join(err, ctx.Err()); err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.objects[p.Prefix] = text
	b.put = append(b.put, p.Prefix)
	return nil
}

func (b *bucketFake) keys() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.put)
}

// fixture is a lake, a bucket, and what a courier between them is made of.
type fixture struct {
	*testing.T
	dir    string
	clock  *clock.Clock
	lake   *engine.Lake
	bucket *bucketFake
	after  func(time.Duration) <-chan time.Time

	maxPartBytes, maxResultsBytes int64
}

func newFixture(t *testing.T) *fixture {
	f := &fixture{T: t, dir: t.TempDir(), clock: clock.New(start), bucket: &bucketFake{objects: map[string][]byte{}}}
	f.open()
	t.Cleanup(func() { require.NoError(t, f.lake.Close()) })
	return f
}

func (f *fixture) open() {
	var err error
	f.lake, err = engine.Open(context.Background(), f.dir, engine.Options{Now: f.clock.Now, Elapsed: f.clock.Elapsed, AccountID: account, MaxResultsBytes: f.maxResultsBytes})
	require.NoError(f, err)
}

func (f *fixture) courier() *delivery.Courier {
	f.Helper()
	c, err := delivery.NewCourier(delivery.Options{
		Queries: f.lake.Queries(), Keys: f.lake.Keys(), Files: vfs.OS, Dir: f.drafts(), AccountID: account, Region: "eu-west-1",
		Log: slog.New(slog.DiscardHandler), MaxPartBytes: f.maxPartBytes, After: f.after,
		Find: func(_ context.Context, name string) (delivery.Storage, error) {
			if name != bucket {
				return nil, &object.Error{Op: "find", URL: name, Err: object.ErrNoSuchBucket}
			}
			return f.bucket, nil
		},
	})
	require.NoError(f, err)
	return c
}

// drafts is the folder of parts before they are sent.
func (f *fixture) drafts() string { return path.Join(f.dir, "results") }

// finish runs a statement whose result is to be delivered, and returns its id.
func (f *fixture) finish(sql, uri string) string {
	f.Helper()
	q, err := f.lake.Queries().Submit(context.Background(), sql, engine.KeepResult(), engine.DeliverTo(uri))
	require.NoError(f, err)
	rows, err := q.Rows()
	require.NoError(f, err)
	for rows.Next() {
	}
	require.NoError(f, rows.Err())
	require.NoError(f, rows.Close())
	return q.ID()
}

func (f *fixture) status(id string) string {
	f.Helper()
	info, err := f.lake.Queries().Get(id)
	require.NoError(f, err)
	return string(info.DeliveryStatus)
}

func (f *fixture) wait(id, status string) {
	f.Helper()
	require.Eventually(f, func() bool { return f.status(id) == status }, time.Minute, time.Millisecond, status)
}

// signFile is the sign file as its readers know it.
type signFile struct {
	Version, Region string
	Files           []struct{ FileHashValue, FileName string }

	HashAlgorithm, SignatureAlgorithm, QueryCompleteTime, HashSignature, PublicKeyFingerprint string
}

// verify does what aws cloudtrail verify-query-results does, and returns the rows of all files without their headers.
func (f *fixture) verify(folder string) (files []string, rows [][]string, header []string) {
	f.Helper()
	var sign signFile
	require.NoError(f, json.Unmarshal(f.bucket.objects[folder+"/result_sign.json"], &sign))
	require.NotEmpty(f, sign.Files)
	var hashes []string
	for _, file := range sign.Files {
		content, ok := f.bucket.objects[folder+"/"+file.FileName]
		require.True(f, ok, file.FileName)
		hash := sha256.Sum256(content)
		require.Equal(f, hex.EncodeToString(hash[:]), file.FileHashValue)
		hashes, files = append(hashes, file.FileHashValue), append(files, file.FileName)
		lines := f.unzip(content)
		header = lines[0]
		rows = append(rows, lines[1:]...)
	}
	require.Equal(f, []string{"1.0", "eu-west-1", "SHA-256", "SHA256withRSA"}, []string{sign.Version, sign.Region, sign.HashAlgorithm, sign.SignatureAlgorithm})
	at, err := time.Parse("2006-01-02T15:04:05Z", sign.QueryCompleteTime)
	require.NoError(f, err)
	keys, err := f.lake.Keys().PublicKeys(at, at.AddDate(0, 0, 20))
	require.NoError(f, err)
	at2 := slices.IndexFunc(keys, func(k *engine.PublicKey) bool { return k.Fingerprint == sign.PublicKeyFingerprint })
	require.GreaterOrEqual(f, at2, 0)
	public, err := x509.ParsePKCS1PublicKey(keys[at2].DER)
	require.NoError(f, err)
	signature, err := hex.DecodeString(sign.HashSignature)
	require.NoError(f, err)
	hash := sha256.Sum256([]byte(strings.Join(hashes, " ")))
	require.NoError(f, rsa.VerifyPKCS1v15(public, crypto.SHA256, hash[:], signature))
	return files, rows, header
}

func (f *fixture) unzip(content []byte) [][]string {
	f.Helper()
	zip, err := gzip.NewReader(bytes.NewReader(content))
	require.NoError(f, err)
	text, err := io.ReadAll(zip)
	require.NoError(f, err)
	require.True(f, bytes.HasSuffix(text, []byte("\n")))
	rows, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
	require.NoError(f, err)
	return rows
}

func folderOf(id string) string {
	return "AWSLogs/123456789012/CloudTrail-Lake/Query/2026/03/04/" + id
}

// TestParts: a result is delivered in parts of bounded length, each a file with its header, and the sign file last; values
// are text as the API gives them.
func TestParts(t *testing.T) {
	f := newFixture(t)
	f.maxPartBytes = 20_000
	c := f.courier()
	defer c.Close()
	id := f.finish("SELECT x AS n, CAST(sha256(to_utf8(CAST(x AS varchar))) AS varbinary) AS hash, ARRAY[x, NULL] FROM UNNEST(sequence(1, 5000)) AS t(x)", "s3://results/a/b/")
	c.Deliver(id)
	f.wait(id, "SUCCESS")
	folder := "a/b/" + folderOf(id)
	files, rows, header := f.verify(folder)
	require.Greater(t, len(files), 3)
	require.Equal(t, []string{"n", "hash", "_col2"}, header)
	require.Len(t, rows, 5000)
	for i, row := range rows {
		hash := sha256.Sum256(fmt.Append(nil, i+1))
		text, err := json.Marshal(hash[:]) // base64
		require.NoError(t, err)
		require.Equal(t, []string{fmt.Sprint(i + 1), strings.Trim(string(text), `"`), fmt.Sprintf("[%d, null]", i+1)}, row)
	}
	want := []string{}
	for i := range files {
		require.Equal(t, fmt.Sprintf("result_%d.csv.gz", i+1), files[i])
		want = append(want, folder+"/"+files[i])
		require.Less(t, len(f.bucket.objects[want[i]]), 20_000+1<<16) // what the compressor held comes with it
	}
	require.Equal(t, append(want, folder+"/result_sign.json"), f.bucket.keys())
	left, err := os.ReadDir(f.drafts())
	require.NoError(t, err)
	require.Len(t, left, 1, "the kept result")
}

// TestRoomOfParts: a part that waits to be sent counts against what kept results may take, and no longer once it is gone.
func TestRoomOfParts(t *testing.T) {
	f := newFixture(t)
	f.after = func(time.Duration) <-chan time.Time {
		now := make(chan time.Time, 1)
		now <- time.Time{}
		return now
	}
	deliver := func(room int64, status string) {
		t.Helper()
		f.reopen(0)
		id := f.finish("SELECT x, CAST(sha256(to_utf8(CAST(x AS varchar))) AS varbinary) FROM UNNEST(sequence(1, 5000)) AS t(x)", "s3://results")
		before, err := os.ReadDir(f.drafts())
		require.NoError(t, err)
		kept := int64(0)
		for _, e := range before {
			info, err := e.Info()
			require.NoError(t, err)
			kept += info.Size()
		}
		f.reopen(kept + room)
		c := f.courier()
		defer c.Close()
		c.Deliver(id)
		f.wait(id, status)
		after, err := os.ReadDir(f.drafts())
		require.NoError(t, err)
		require.Len(t, after, len(before), "the kept results alone")
	}
	deliver(100_000, "FAILED") // the hashes alone take more
	require.Empty(t, f.bucket.keys())
	f.maxPartBytes = 20_000
	deliver(100_000, "SUCCESS") // a part is gone before the next
	require.Greater(t, len(f.bucket.keys()), 3)
}

// reopen opens the lake again, with another limit of kept results.
func (f *fixture) reopen(maxResultsBytes int64) {
	f.Helper()
	require.NoError(f, f.lake.Close())
	f.maxResultsBytes = maxResultsBytes
	f.open()
}

// TestValuesInCSV: NULL is empty, the empty text is "", a lone NULL is no empty line, names repeat.
func TestValuesInCSV(t *testing.T) {
	f := newFixture(t)
	c := f.courier()
	defer c.Close()
	for _, tt := range []struct{ sql, want string }{
		{"VALUES ('a,b', NULL, ''), ('q\"', '1', 'x\ny')", "_col0,_col1,_col2\n\"a,b\",,\"\"\n\"q\"\"\",1,\"x\ny\"\n"},
		{"SELECT CAST(NULL AS varchar) AS x UNION ALL SELECT NULL", "x\n\"\"\n\"\"\n"},
		{"SELECT 1 AS x, 2 AS x, CAST(ROW(1, NULL) AS ROW(f bigint, g varchar)) AS r, MAP(ARRAY['k'], ARRAY[X'00ff']) AS m", "x,x,r,m\n1,2,\"{f=1, g=null}\",{k=AP8=}\n"},
		{"SELECT 1 AS x WHERE false", "x\n"},
		{"SELECT 1e10, DECIMAL '1.50', DATE '2026-01-31', TIMESTAMP '2026-01-31 10:00:00.000', true", "_col0,_col1,_col2,_col3,_col4\n1.0E10,1.50,2026-01-31,2026-01-31 10:00:00.000,true\n"},
	} {
		id := f.finish(tt.sql, "s3://results")
		c.Deliver(id)
		f.wait(id, "SUCCESS")
		f.verify(folderOf(id))
		zip, err := gzip.NewReader(bytes.NewReader(f.bucket.objects[folderOf(id)+"/result_1.csv.gz"]))
		require.NoError(t, err)
		text, err := io.ReadAll(zip)
		require.NoError(t, err)
		require.Equal(t, tt.want, string(text))
	}
}

func is(key, name string) bool { return path.Base(key) == name }

// TestStates: each end of a delivery, from what provokes it.
func TestStates(t *testing.T) {
	refused := func(name string, reason error) func(context.Context, string) error {
		return func(_ context.Context, key string) error {
			if is(key, name) {
				return &object.Error{Op: "write", URL: key, Err: reason}
			}
			return nil
		}
	}
	const part, sign = "result_1.csv.gz", "result_sign.json"
	for _, tt := range []struct {
		name  string
		uri   string
		fail  func(context.Context, string) error
		want  string
		tries int // of what fails; 0: is not counted
	}{
		{"all is well", "s3://results", nil, "SUCCESS", 0},
		{"no bucket", "s3://nowhere", nil, "RESOURCE_NOT_FOUND", 0},
		{"the bucket is gone", "s3://results", refused(part, object.ErrNoSuchBucket), "RESOURCE_NOT_FOUND", 1},
		{"a part is denied", "s3://results", refused(part, object.ErrAccessDenied), "ACCESS_DENIED", 1},
		{"a part fails", "s3://results", refused(part, errors.New("slow down")), "FAILED", 5},
		{"no answer to a part", "s3://results", refused(part, object.ErrUnreachable), "FAILED", 5},
		{"the sign file is denied", "s3://results", refused(sign, object.ErrAccessDenied), "ACCESS_DENIED_SIGNING_FILE", 1},
		{"the sign file fails", "s3://results", refused(sign, errors.New("slow down")), "FAILED_SIGNING_FILE", 5},
		{"no bucket for the sign file", "s3://results", refused(sign, object.ErrNoSuchBucket), "FAILED_SIGNING_FILE", 1},
		{"no answer to the sign file", "s3://results", refused(sign, object.ErrUnreachable), "UNKNOWN", 5},
		{"no end of the sign file", "s3://results", refused(sign, context.DeadlineExceeded), "UNKNOWN", 5},
		{"a defect", "s3://results", func(context.Context, string) error { panic("defect") }, "FAILED", 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := newFixture(t)
			tries := 0
			if tt.fail != nil {
				f.bucket.fail = func(ctx context.Context, key string) error {
					err := tt.fail(ctx, key)
					if err != nil {
						tries++
					}
					return err
				}
			}
			var waited []time.Duration
			f.after = func(d time.Duration) <-chan time.Time {
				waited = append(waited, d)
				done := make(chan time.Time, 1)
				done <- time.Time{}
				return done
			}
			id := f.finish("SELECT 1", tt.uri)
			require.Equal(t, "PENDING", f.status(id))
			c := f.courier()
			f.wait(id, tt.want)
			c.Close()
			if tt.tries > 0 {
				require.Equal(t, tt.tries, tries)
				require.Len(t, waited, tt.tries-1)
			}
			_, signed := f.bucket.objects[folderOf(id)+"/"+sign]
			require.Equal(t, tt.want == "SUCCESS", signed)
			require.NoError(t, f.lake.Close())
			f.open()
			require.Equal(t, tt.want, f.status(id), "after a restart")
			again := f.courier()
			defer again.Close()
			require.Equal(t, tt.want, f.status(id))
			pending, err := f.lake.Queries().PendingDeliveries()
			require.NoError(t, err)
			require.Empty(t, pending)
		})
	}
}

// TestUndelivered: of a query that does not finish nothing is delivered.
func TestUndelivered(t *testing.T) {
	f := newFixture(t)
	c := f.courier()
	defer c.Close()
	submit := func(sql string) *engine.Query {
		q, err := f.lake.Queries().Submit(context.Background(), sql, engine.KeepResult(), engine.DeliverTo("s3://results"))
		require.NoError(t, err)
		return q
	}
	cancelled := submit("SELECT 1")
	cancelled.Cancel(engine.ErrQueryCancelled)
	failed := submit("SELECT nothing")
	_, err := failed.Rows()
	require.Error(t, err)
	for q, want := range map[*engine.Query]string{cancelled: "CANCELLED", failed: "FAILED"} {
		c.Deliver(q.ID())
		require.Equal(t, want, f.status(q.ID()))
	}
	require.Empty(t, f.bucket.keys())
}

// TestInterruptedDeliveries: a delivery that was ended at any of its steps leaves no sign file, and the next courier delivers the
// same files again, under the same names, even a day later; what lay on the disk is removed.
func TestInterruptedDeliveries(t *testing.T) {
	const sql = "SELECT sha256(to_utf8(CAST(x AS varchar))) FROM UNNEST(sequence(1, 5000)) AS t(x)"
	const maxPartBytes = 40_000
	whole := newFixture(t)
	whole.maxPartBytes = maxPartBytes
	id := whole.finish(sql, "s3://results")
	c := whole.courier()
	whole.wait(id, "SUCCESS")
	c.Close()
	objects := len(whole.bucket.keys())
	require.Greater(t, objects, 3)
	for step := range objects { // parts, and the sign file
		t.Run(fmt.Sprint(step), func(t *testing.T) {
			f := newFixture(t)
			f.maxPartBytes = maxPartBytes
			id := f.finish(sql, "s3://results")
			reached := make(chan struct{})
			count := 0
			f.bucket.fail = func(ctx context.Context, _ string) error {
				if count++; count <= step {
					return nil
				}
				close(reached)
				<-ctx.Done()
				return ctx.Err()
			}
			c := f.courier()
			<-reached
			c.Close()
			require.Equal(t, "PENDING", f.status(id))
			require.Len(t, f.bucket.keys(), step)
			before := maps.Clone(f.bucket.objects)
			require.NoError(t, f.lake.Close())
			require.NoError(t, os.WriteFile(path.Join(f.drafts(), "."+id+".delivery.tmp"), []byte("half"), 0o600))

			f.clock.Pass(24 * time.Hour)
			f.bucket.fail = nil
			f.open()
			c = f.courier()
			defer c.Close()
			f.wait(id, "SUCCESS")
			files, rows, _ := f.verify(folderOf(id))
			require.Len(t, files, objects-1)
			require.Len(t, rows, 5000)
			for key, content := range before {
				require.Equal(t, content, f.bucket.objects[key], key)
			}
			require.Len(t, f.bucket.objects, objects)
			require.NoFileExists(t, path.Join(f.drafts(), "."+id+".delivery.tmp"))
		})
	}
}

// TestCheck: what is certain to fail is said at once, what may pass is not.
func TestCheck(t *testing.T) {
	f := newFixture(t)
	c := f.courier()
	defer c.Close()
	ctx := context.Background()
	for _, tt := range []struct {
		name, uri string
		fail      error // of the storage
		want      error
	}{
		{"a bucket", "s3://results", nil, nil},
		{"a prefix", "s3://results/a/b", nil, nil},
		{"a slash at the end", "s3://results/", nil, nil},
		{"no scheme", "results", nil, delivery.ErrBucketName},
		{"capitals", "s3://Results", nil, delivery.ErrBucketName},
		{"two characters", "s3://ab", nil, delivery.ErrBucketName},
		{"two periods", "s3://a..b", nil, delivery.ErrBucketName},
		{"a dash beside a period", "s3://a-.b", nil, delivery.ErrBucketName},
		{"an address", "s3://198.51.100.24", nil, delivery.ErrBucketName},
		{"up", "s3://results/../x", nil, delivery.ErrPrefix},
		{"an empty part", "s3://results/a//b", nil, delivery.ErrPrefix},
		{"a control character", "s3://results/a\x00b", nil, delivery.ErrPrefix},
		{"no UTF-8", "s3://results/\xff", nil, delivery.ErrPrefix},
		{"too long for keys", "s3://results/" + strings.Repeat("p", 950), nil, delivery.ErrPrefix},
		{"another bucket", "s3://nowhere", nil, object.ErrNoSuchBucket},
		{"a bucket that is not there", "s3://results/1", object.ErrNoSuchBucket, object.ErrNoSuchBucket},
		{"a bucket of others", "s3://results/2", object.ErrAccessDenied, object.ErrAccessDenied},
		{"a server that does not answer", "s3://results/3", object.ErrUnreachable, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f.bucket.fail = func(context.Context, string) error { return tt.fail }
			require.ErrorIs(t, c.Check(ctx, tt.uri), tt.want)
		})
	}
	f.bucket.fail = nil
	before := len(f.bucket.keys())
	for range 3 {
		require.NoError(t, c.Check(ctx, "s3://results/asked"))
	}
	require.Len(t, f.bucket.keys(), before+1, "a place is tried once")
	require.Equal(t, "asked/AWSLogs/123456789012/CloudTrail-Lake/Query/access_check.txt", f.bucket.keys()[before])
}

// FuzzParseURI: a place that is taken has keys that stay below the prefix and are not too long.
func FuzzParseURI(f *testing.F) {
	for _, seed := range []string{"s3://results", "s3://results/a/b/", "s3://a.b-c/é", "s3://results/../x", "s3://1.2.3.4/x", "s3:///x", "s3://results/a//"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, uri string) {
		at, err := delivery.ParseURI(uri)
		if err != nil {
			require.True(t, errors.Is(err, delivery.ErrBucketName) || errors.Is(err, delivery.ErrPrefix))
			return
		}
		require.True(t, strings.HasPrefix(uri, "s3://"+at.Bucket))
		require.NotContains(t, at.Bucket, "/")
		if at.Prefix != "" {
			require.Equal(t, at.Prefix, path.Clean(at.Prefix))
			require.False(t, path.IsAbs(at.Prefix))
			require.NotContains(t, strings.Split(at.Prefix, "/"), "..")
		}
		again, err := delivery.ParseURI(at.URL())
		require.NoError(t, err)
		require.Equal(t, at, again)
	})
}
