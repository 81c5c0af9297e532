package object

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// stallingServer has one object of 10 bytes, and stalls before its answers or in the middle of them.
type stallingServer struct {
	stalls atomic.Int64 // how many requests still stall
	after  int          // bytes that come before
	asked  atomic.Int64
}

func (s *stallingServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.asked.Add(1)
	stall := s.stalls.Add(-1) >= 0
	if stall && s.after == 0 {
		<-r.Context().Done()
		return
	}
	content, from := "0123456789", 0
	if r.Header.Get("Range") == "bytes=4-" {
		from = 4
	}
	w.Header().Set("ETag", `"1"`)
	w.Header().Set("Content-Length", strconv.Itoa(len(content)-from))
	if from > 0 {
		w.WriteHeader(http.StatusPartialContent)
	}
	if !stall {
		_, _ = io.WriteString(w, content[from:])
		return
	}
	_, _ = io.WriteString(w, content[:s.after])
	_ = http.NewResponseController(w).Flush()
	<-r.Context().Done()
}

// TestStalledObject: an object of which nothing comes is asked for once more, and then given up.
func TestStalledObject(t *testing.T) {
	t.Parallel() // it waits
	for _, tt := range []struct {
		name   string
		stalls int64
		after  int
		asked  int64
		fails  bool
	}{
		{"before the answer, once", 1, 0, 2, false},
		{"before the answer, twice", 2, 0, 2, true},
		{"in the middle, once", 1, 4, 2, false},
		{"in the middle, always", 100, 4, 2, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel() // they wait
			silence := 3 * time.Second
			if !tt.fails {
				if testing.Short() {
					t.Skip("waits for a stalled request to be given up")
				}
				silence = 15 * time.Second // the second answer comes sooner, on any machine
			}
			s := &stallingServer{after: tt.after}
			s.stalls.Store(tt.stalls)
			server := httptest.NewServer(s)
			defer server.Close()
			c, err := NewClient(t.Context(), Options{EndpointURL: server.URL, Region: "eu-west-1", StallAfter: silence,
				Credentials: &Credentials{AccessKeyID: "key", SecretAccessKey: "secret"}})
			require.NoError(t, err)
			text, err := readAll(t, c)
			require.Equal(t, tt.asked, s.asked.Load())
			if !tt.fails {
				require.NoError(t, err)
				require.Equal(t, "0123456789", text)
				return
			}
			require.ErrorIs(t, err, ErrStalled)
			require.EqualError(t, err, "read s3://b/key: the server stalls: nothing came in 3s (tried twice; import again to try once more)")
		})
	}
}

// TestTricklingObject: a server that sends a byte now and then is given up, too, and goes on from where it was.
func TestTricklingObject(t *testing.T) {
	t.Parallel() // it waits
	for _, tt := range []struct {
		name  string
		bytes int // at a time
		fails bool
	}{
		{"a byte at a time", 1, true},
		{"slow, and enough", 200, false}, // for longer than the client waits to see whether it is
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel() // they wait
			const pause, length = 100 * time.Millisecond, 20_000
			var asked atomic.Int64
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				asked.Add(1)
				w.Header().Set("ETag", `"1"`)
				if r.Header.Get("Range") != "" {
					w.WriteHeader(http.StatusPartialContent)
				}
				for range length / tt.bytes {
					_, _ = w.Write(make([]byte, tt.bytes))
					_ = http.NewResponseController(w).Flush()
					select {
					case <-time.After(pause):
					case <-r.Context().Done():
						return
					}
				}
			}))
			defer server.Close()
			c, err := NewClient(t.Context(), Options{EndpointURL: server.URL, Region: "eu-west-1", StallAfter: 2 * time.Second, // no machine is silent for so long
				Credentials: &Credentials{AccessKeyID: "key", SecretAccessKey: "secret"}})
			require.NoError(t, err)
			text, err := readAll(t, c)
			if !tt.fails {
				require.NoError(t, err)
				require.Len(t, text, length)
				require.EqualValues(t, 1, asked.Load())
				return
			}
			require.EqualValues(t, 2, asked.Load())
			require.ErrorIs(t, err, ErrStalled)
			require.Regexp(t, `^read s3://b/key: the server stalls: \d+ bytes came in \d+s \(tried twice; import again to try once more\)$`, err.Error())
		})
	}
}

// stallingLister lists two pages of one object each. The second one stalls, before the answer or in the middle of it.
type stallingLister struct {
	stalls atomic.Int64 // how many requests for the second page still stall
	amid   bool         // after some bytes
	asked  atomic.Int64 // for the second page
}

func (s *stallingLister) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	const first, next = "<Contents><Key>a</Key><Size>1</Size></Contents>", "<IsTruncated>true</IsTruncated><NextContinuationToken>2</NextContinuationToken>"
	if r.URL.Query().Get("continuation-token") == "" {
		_, _ = io.WriteString(w, "<ListBucketResult>"+first+next+"</ListBucketResult>")
		return
	}
	s.asked.Add(1)
	if s.stalls.Add(-1) >= 0 {
		if s.amid {
			_, _ = io.WriteString(w, "<ListBucketResult><Contents>")
			_ = http.NewResponseController(w).Flush()
		}
		<-r.Context().Done()
		return
	}
	_, _ = io.WriteString(w, "<ListBucketResult><Contents><Key>b</Key><Size>1</Size></Contents></ListBucketResult>")
}

// TestStalledList: a page of which nothing comes is asked for once more; then the list ends with an error that names its place.
func TestStalledList(t *testing.T) {
	t.Parallel() // it waits
	for _, tt := range []struct {
		name   string
		stalls int64
		amid   bool
		fails  bool
	}{
		{"before the answer, once", 1, false, false},
		{"before the answer, always", 100, false, true},
		{"in the middle, once", 1, true, false},
		{"in the middle, always", 100, true, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel() // they wait
			silence := 3 * time.Second
			if !tt.fails {
				if testing.Short() {
					t.Skip("waits for a stalled request to be given up")
				}
				silence = 15 * time.Second // the second answer comes sooner, on any machine
			}
			s := &stallingLister{amid: tt.amid}
			s.stalls.Store(tt.stalls)
			server := httptest.NewServer(s)
			defer server.Close()
			c, err := NewClient(t.Context(), Options{EndpointURL: server.URL, Region: "eu-west-1", StallAfter: silence,
				Credentials: &Credentials{AccessKeyID: "key", SecretAccessKey: "secret"}})
			require.NoError(t, err)
			var keys []string
			var failed error
			for o, err := range c.List(t.Context(), Place{Bucket: "logs", Prefix: "AWSLogs/"}) {
				if err != nil {
					failed = err
					break
				}
				keys = append(keys, o.Key)
			}
			require.EqualValues(t, 2, s.asked.Load())
			if !tt.fails {
				require.NoError(t, failed)
				require.Equal(t, []string{"a", "b"}, keys)
				return
			}
			require.Equal(t, []string{"a"}, keys)
			require.ErrorIs(t, failed, ErrStalled)
			require.EqualError(t, failed, "list s3://logs/AWSLogs/: the server stalls: nothing came in 3s (tried twice; import again to try once more)")
		})
	}
}

func readAll(t *testing.T, c *Client) (string, error) {
	t.Helper()
	stored, err := c.Open(t.Context(), Place{Bucket: "b", Prefix: "key"}, "")
	if err != nil {
		return "", err
	}
	text, err := io.ReadAll(stored)
	require.NoError(t, stored.Close())
	return string(text), err
}
