package importer

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/storage/catalog"
	"github.com/auditlake/auditlake/storage/object"
)

// s3Server is a server of object storage on this machine, with one bucket.
type s3Server struct {
	t       *testing.T
	backend *s3mem.Backend
	url     string
	buckets *object.Buckets

	mu       sync.Mutex
	requests []string                                      // mu: "GET /logs/key" or "LIST prefix"
	answer   func(http.ResponseWriter, *http.Request) bool // mu: takes requests over
}

func newS3(t *testing.T) *s3Server {
	s := &s3Server{t: t, backend: s3mem.New()}
	require.NoError(t, s.backend.CreateBucket("logs"))
	fake := gofakes3.New(s.backend).Server()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		line := r.Method + " " + r.URL.Path
		if r.URL.Query().Get("list-type") == "2" {
			line = "LIST " + r.URL.Query().Get("prefix") + r.URL.Query().Get("delimiter")
		}
		s.requests = append(s.requests, line)
		answer := s.answer
		s.mu.Unlock()
		if answer == nil || !answer(w, r) {
			fake.ServeHTTP(w, r)
		}
	}))
	t.Cleanup(server.Close)
	t.Setenv("AWS_ACCESS_KEY_ID", "key")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "secret")
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	var err error
	s.url = server.URL
	s.buckets, err = object.EveryBucket(t.Context(), object.Options{EndpointURL: server.URL, Region: "eu-west-1"})
	require.NoError(t, err)
	return s
}

func (s *s3Server) put(key, content string) {
	s.t.Helper()
	_, err := s.backend.PutObject("logs", key, map[string]string{}, strings.NewReader(content), int64(len(content)), nil)
	require.NoError(s.t, err)
}

func (s *s3Server) source(from, to time.Time, urls ...string) *Bucket {
	s.t.Helper()
	b, err := NewBucket(s.t.Context(), s.buckets, "", from, to, urls...)
	require.NoError(s.t, err)
	return b
}

// seen are the requests since the last call that begin with a word.
func (s *s3Server) seen(word string) (lines []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.requests {
		if line, ok := strings.CutPrefix(r, word+" "); ok {
			lines = append(lines, line)
		}
	}
	s.requests = nil
	return lines
}

func (s *s3Server) intercept(answer func(http.ResponseWriter, *http.Request) bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answer = answer
}

// keys lists a source, without the bucket.
func keys(t *testing.T, source Source) (all []string) {
	t.Helper()
	for o, err := range source.List(t.Context()) {
		require.NoError(t, err)
		all = append(all, strings.TrimPrefix(o.Key, "s3://logs/"))
	}
	return all
}

func TestBucketImportOnce(t *testing.T) {
	s := newS3(t)
	const folder = "AWSLogs/111122223333/CloudTrail/eu-west-1/2025/03/"
	s.put(folder+"08/a.json.gz", zipped(logFile(event("1", 2))))
	s.put(folder+"09/b.json.gz", zipped(logFile(event("2", 1), event("3", 1))))
	s.put("AWSLogs/111122223333/CloudTrail-Digest/eu-west-1/2025/03/09/d.json.gz", zipped("{}"))
	l := newLake(t, 100)
	r, files := l.run(t, s.source(time.Time{}, time.Time{}, "s3://logs"), Options{})
	require.EqualValues(t, 3, r.Import.Counts.Events)
	require.EqualValues(t, 1, r.Import.Counts.FilesOther)
	require.Equal(t, []string{"s3://logs"}, r.Import.Sources)
	require.Equal(t, "s3://logs/"+folder+"08/a.json.gz", files[0].Object.Key)
	require.Equal(t, "s3://logs/AWSLogs/111122223333/CloudTrail-Digest/eu-west-1/2025/03/09/d.json.gz", files[1].Object.Key)
	require.Len(t, s.seen("GET"), 2)

	r, files = l.run(t, s.source(time.Time{}, time.Time{}, "s3://logs/"), Options{})
	require.Zero(t, r.Import.Counts.Events)
	require.True(t, files[0].Unchanged)
	require.Empty(t, s.seen("GET"), "unchanged objects are not read")

	s.put(folder+"09/b.json.gz", zipped(logFile(event("4", 1), event("5", 1))))
	r, _ = l.run(t, s.source(time.Time{}, time.Time{}, "s3://logs/AWSLogs/"), Options{})
	require.EqualValues(t, 2, r.Import.Counts.Events)
	require.EqualValues(t, 1, r.Import.Counts.SkippedKnown)
	require.Equal(t, sorted(event("1", 2), event("2", 1), event("3", 1), event("4", 1), event("5", 1)), l.texts(t))
}

// TestBucketLayouts lists by date whatever stands before the trail's folders.
func TestBucketLayouts(t *testing.T) {
	days := []string{"2024/12/31", "2025/03/07", "2025/03/08", "2025/03/09", "2025/03/10", "2025/04/01"}
	want := []string{"2025/03/08", "2025/03/09"}
	from := time.Date(2025, 3, 8, 13, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		folder string // of a region
		url    string
	}{
		"account":                {"AWSLogs/111122223333/CloudTrail/eu-west-1/", "s3://logs"},
		"account's folder":       {"AWSLogs/111122223333/CloudTrail/eu-west-1/", "s3://logs/AWSLogs/111122223333/"},
		"region's folder":        {"AWSLogs/111122223333/CloudTrail/eu-west-1/", "s3://logs/AWSLogs/111122223333/CloudTrail/eu-west-1/"},
		"year's folder":          {"AWSLogs/111122223333/CloudTrail/eu-west-1/", "s3://logs/AWSLogs/111122223333/CloudTrail/eu-west-1/2025/"},
		"month, not whole":       {"AWSLogs/111122223333/CloudTrail/eu-west-1/", "s3://logs/AWSLogs/111122223333/CloudTrail/eu-west-1/2025/0"},
		"organisation":           {"AWSLogs/o-exampleorgid/111122223333/CloudTrail/us-gov-west-1/", "s3://logs/AWSLogs/"},
		"custom prefix":          {"security/trails/AWSLogs/111122223333/CloudTrail/ap-southeast-2/", "s3://logs/security"},
		"organisation in custom": {"x/AWSLogs/o-exampleorgid/111122223333/CloudTrail/eu-west-1/", "s3://logs/x/"},
		"copied regions":         {"copy/eu-west-1/", "s3://logs/copy"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newS3(t)
			var expected []string
			for _, day := range days {
				key := c.folder + day + "/a.json.gz"
				s.put(key, logFile(event(day, 2)))
				if slices.Contains(want, day) {
					expected = append(expected, key)
				}
			}
			s.put("AWSLogs/111122223333/Config/eu-west-1/2025/3/8/x.json.gz", "x")
			s.put("AWSLogs/111122223333/CloudTrail-Digest/eu-west-1/2025/03/08/x.json.gz", "x")
			got := keys(t, s.source(from, from.Add(time.Hour), c.url))
			require.Equal(t, expected, got)
			for _, prefix := range s.seen("LIST") {
				require.NotContains(t, prefix, "2025/03/07", "other days are not listed")
				require.NotContains(t, prefix, "2024/")
				require.NotContains(t, prefix, "Digest/")
			}
		})
	}
}

func TestBucketWindow(t *testing.T) {
	s := newS3(t)
	const folder = "AWSLogs/111122223333/CloudTrail/eu-west-1/"
	s.put(folder+"2025/03/05/a.json", logFile(event("early", 5), event("asked", 4)))
	s.put(folder+"2025/03/06/a.json", logFile(event("asked too", 4)))
	s.put(folder+"2025/03/07/a.json", logFile(event("late", 4)))
	from := now.AddDate(0, 0, -4).Add(-time.Hour)
	to := from.Add(2 * time.Hour)
	s.put(folder+"2025/03/06/b.json", "stays unread") // delivered on a day asked for: listed as a failure
	l := newLake(t, 100)
	r, _ := l.run(t, s.source(time.Date(2025, 3, 5, 0, 0, 0, 0, time.UTC), time.Date(2025, 3, 6, 0, 0, 0, 0, time.UTC), "s3://logs"), Options{From: from, To: to})
	require.Equal(t, sorted(event("asked", 4), event("asked too", 4)), l.texts(t))
	require.EqualValues(t, 1, r.Import.Counts.SkippedWindow)
	require.Equal(t, []string{"s3://logs/" + folder + "2025/03/06/b.json -1 0 NOT_A_LOG_FILE"}, l.failures(t, r))
}

func TestBucketOrderAndPlaces(t *testing.T) {
	s := newS3(t)
	for _, key := range []string{"b/1.json", "b/eu-west-1/2025/03/10/2.json", "b.json", "b-c/3.json", "a.json", "folder/"} {
		content := "x"
		if strings.HasSuffix(key, "/") {
			content = ""
		}
		s.put(key, content)
	}
	all := []string{"a.json", "b-c/3.json", "b.json", "b/1.json", "b/eu-west-1/2025/03/10/2.json"}
	require.Equal(t, all, keys(t, s.source(time.Time{}, time.Time{}, "s3://logs")))
	require.Equal(t, all, keys(t, s.source(now, time.Time{}, "s3://logs")))
	require.Equal(t, all[1:], keys(t, s.source(now, time.Time{}, "s3://logs/b/1.json", "s3://logs/b")), "what lies within another place comes once")

	named := s.source(now, time.Time{}, "s3://logs/b/1.json")
	for o, err := range named.List(t.Context()) {
		require.NoError(t, err)
		require.True(t, o.Named)
		require.NotEmpty(t, o.ETag)
		content, err := named.Open(t.Context(), o)
		require.NoError(t, err)
		text, err := io.ReadAll(content)
		require.NoError(t, err)
		require.NoError(t, content.Close())
		require.Equal(t, "x", string(text))
	}
}

func TestBucketManyPages(t *testing.T) {
	s := newS3(t)
	var want []string
	for i := range 2500 {
		key := fmt.Sprintf("eu-west-1/2025/03/%02d/%04d.json", 1+i/100, i)
		want = append(want, key)
		s.put(key, "x")
	}
	require.Equal(t, want, keys(t, s.source(time.Time{}, time.Time{}, "s3://logs")))
	require.Equal(t, want, keys(t, s.source(time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC), time.Time{}, "s3://logs")))
}

func TestBucketErrors(t *testing.T) {
	s := newS3(t)
	s.put("a.json", logFile(event("1", 1)))
	for url, want := range map[string]string{
		"s3://nosuchbucket/x": "list s3://nosuchbucket/x: NoSuchBucket",
		"s3://logs/nothing":   "s3://logs/nothing: no objects found",
		"s3://":               "s3:// is not of the form s3://bucket/prefix",
		"s3:///x":             "not of the form",
	} {
		_, err := NewBucket(t.Context(), s.buckets, "", time.Time{}, time.Time{}, url)
		require.ErrorContains(t, err, want)
	}
	_, err := object.NewClient(t.Context(), object.Options{EndpointURL: "localhost:9000"})
	require.ErrorContains(t, err, "is not a URL such as https://host:9000")

	s.intercept(func(w http.ResponseWriter, _ *http.Request) bool {
		w.Header().Set("X-Amz-Bucket-Region", "ap-south-1")
		w.WriteHeader(http.StatusMovedPermanently)
		_, _ = io.WriteString(w, `<Error><Code>PermanentRedirect</Code><Message>elsewhere</Message></Error>`)
		return true
	})
	_, err = NewBucket(t.Context(), s.buckets, "", time.Time{}, time.Time{}, "s3://logs")
	require.ErrorContains(t, err, "PermanentRedirect: elsewhere (the bucket is in the region ap-south-1)")

	s.intercept(func(w http.ResponseWriter, _ *http.Request) bool {
		w.WriteHeader(http.StatusForbidden)
		_, _ = io.WriteString(w, `<Error><Code>AccessDenied</Code><Message>no</Message></Error>`)
		return true
	})
	_, err = NewBucket(t.Context(), s.buckets, "", time.Time{}, time.Time{}, "s3://logs")
	var typed *object.Error
	require.ErrorAs(t, err, &typed)
	require.Equal(t, "AccessDenied", typed.Code)
	require.ErrorContains(t, err, "s3:ListBucket")
}

// TestBucketTroubles: what can be read is imported, the rest is a listed failure
// that the next run makes good.
func TestBucketTroubles(t *testing.T) {
	s := newS3(t)
	noise := many(3000)
	content := ndjson(noise...)
	s.put("a.json", content)
	s.put("b.json", logFile(event("b", 1)))
	s.put("c.json", logFile(event("c", 1)))
	source := s.source(time.Time{}, time.Time{}, "s3://logs")
	tries := map[string]int{}
	s.intercept(func(w http.ResponseWriter, r *http.Request) bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		tries[r.URL.Path]++
		switch n := tries[r.URL.Path]; {
		case r.URL.Path == "/logs/a.json" && n <= 3: // the connection breaks twice
			return s.breakOff(w, r, content, n)
		case r.URL.Path == "/logs/b.json" && n <= 2:
			w.WriteHeader(http.StatusServiceUnavailable)
			_, _ = io.WriteString(w, `<Error><Code>SlowDown</Code></Error>`)
			return true
		case r.URL.Path == "/logs/c.json":
			w.WriteHeader(http.StatusForbidden)
			_, _ = io.WriteString(w, `<Error><Code>InvalidObjectState</Code><Message>archived</Message></Error>`)
			return true
		}
		return false
	})
	l := newLake(t, 200)
	r, _ := l.run(t, source, Options{Workers: 1})
	require.EqualValues(t, 3001, r.Import.Counts.Events)
	require.Equal(t, catalog.ImportFailed, r.Import.Status)
	require.Equal(t, []string{"s3://logs/c.json -1 0 UNREADABLE"}, l.failures(t, r))

	s.intercept(nil)
	r, _ = l.run(t, source, Options{})
	require.EqualValues(t, 1, r.Import.Counts.Events)
	require.Equal(t, sorted(append(noise, event("b", 1), event("c", 1))...), l.texts(t))
}

// breakOff serves part of a content in the first two tries after the precheck's,
// and checks that the client goes on where it was.
func (s *s3Server) breakOff(w http.ResponseWriter, r *http.Request, content string, try int) bool {
	if try == 1 || r.Header.Get("Range") == "" && try > 2 {
		return false
	}
	from := 0
	_, _ = fmt.Sscanf(r.Header.Get("Range"), "bytes=%d-", &from)
	head, err := s.backend.HeadObject("logs", "a.json")
	require.NoError(s.t, err)
	w.Header().Set("ETag", fmt.Sprintf(`"%x"`, head.Hash))
	w.Header().Set("Content-Length", fmt.Sprint(len(content)-from))
	if from > 0 {
		w.WriteHeader(http.StatusPartialContent)
	}
	_, _ = io.WriteString(w, content[from:from+(len(content)-from)/2])
	return true
}

func TestBucketObjectChanges(t *testing.T) {
	s := newS3(t)
	s.put("a.json", logFile(event("1", 1)))
	source := s.source(time.Time{}, time.Time{}, "s3://logs")
	for o, err := range source.List(t.Context()) {
		require.NoError(t, err)
		s.put("a.json", logFile(event("2", 1)))
		_, err := source.Open(t.Context(), o)
		require.ErrorIs(t, err, object.ErrChanged)
	}
}

// TestBucketCancelled ends while an object is read.
func TestBucketCancelled(t *testing.T) {
	s := newS3(t)
	s.put("eu-west-1/2025/03/09/a.json", logFile(event("1", 1)))
	source := s.source(time.Time{}, time.Time{}, "s3://logs")
	ctx, cancel := context.WithCancel(t.Context())
	s.intercept(func(_ http.ResponseWriter, r *http.Request) bool {
		if strings.HasSuffix(r.URL.Path, ".json") {
			cancel()
		}
		return false
	})
	l := newLake(t, 100)
	_, _, err := l.tryRun(t, ctx, source, Options{})
	require.ErrorIs(t, err, context.Canceled)
	s.intercept(nil)
	r, _ := l.run(t, source, Options{})
	require.EqualValues(t, 1, r.Import.Counts.Events)
}
