package object

import (
	"context"
	"io"
	"net"
	"net/http"
	"strconv"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/stretchr/testify/require"
)

// stallAfter is how long the clients of these tests wait for the server.
const stallAfter = 3 * time.Second

// stalling calls test with the client of a server that answers by handler. Both run on synctest's clock, over
// connections in memory: a wait takes no time, and no machine is too slow.
func stalling(t *testing.T, handler http.Handler, test func(t *testing.T, c *Client)) {
	synctest.Test(t, func(t *testing.T) {
		accepted := make(pipes)
		server := &http.Server{Handler: handler}
		served := make(chan error, 1)
		go func() { served <- server.Serve(accepted) }()
		c, err := NewClient(t.Context(), Options{EndpointURL: "http://server", Region: "eu-west-1", StallAfter: stallAfter,
			Credentials: &Credentials{AccessKeyID: "key", SecretAccessKey: "secret"}})
		require.NoError(t, err)
		var transport *http.Transport
		o := c.s3.Options()
		o.HTTPClient = o.HTTPClient.(*awshttp.BuildableClient).WithTransportOptions(func(h *http.Transport) {
			h.DialContext, transport = accepted.dial, h
		})
		c.s3 = s3.New(o)
		test(t, c)
		transport.CloseIdleConnections()
		require.NoError(t, server.Close())
		require.ErrorIs(t, <-served, http.ErrServerClosed)
	})
}

// pipes is a listener whose connections are pipes.
type pipes chan net.Conn

func (p pipes) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	client, server := net.Pipe()
	select {
	case p <- server:
		return client, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Accept implements net.Listener.
func (p pipes) Accept() (net.Conn, error) {
	if c, ok := <-p; ok {
		return c, nil
	}
	return nil, net.ErrClosed
}

// Close implements net.Listener.
func (p pipes) Close() error { close(p); return nil }

// Addr implements net.Listener.
func (p pipes) Addr() net.Addr { return &net.UnixAddr{Name: "pipe", Net: "unix"} }

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
			s := &stallingServer{after: tt.after}
			s.stalls.Store(tt.stalls)
			stalling(t, s, func(t *testing.T, c *Client) {
				begun := time.Now()
				text, err := readAll(t, c)
				require.Equal(t, tt.asked, s.asked.Load())
				if !tt.fails {
					require.NoError(t, err)
					require.Equal(t, "0123456789", text)
					require.Equal(t, stallAfter, time.Since(begun))
					return
				}
				require.ErrorIs(t, err, ErrStalled)
				require.EqualError(t, err, "read s3://b/key: the server stalled: no data for 3s (tried twice; run the import again to retry)")
				require.Equal(t, 2*stallAfter, time.Since(begun))
			})
		})
	}
}

// TestTricklingObject: the client gives up a server that sends a byte now and then.
func TestTricklingObject(t *testing.T) {
	for _, tt := range []struct {
		name  string
		bytes int // at a time
		fails bool
	}{
		{"a byte at a time", 1, true},
		{"slow, and enough", 200, false}, // for longer than the client waits to see whether it is
	} {
		t.Run(tt.name, func(t *testing.T) {
			const pause, length = 100 * time.Millisecond, 20_000
			var asked atomic.Int64
			trickle := func(w http.ResponseWriter, r *http.Request) {
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
			}
			stalling(t, http.HandlerFunc(trickle), func(t *testing.T, c *Client) {
				text, err := readAll(t, c)
				if !tt.fails {
					require.NoError(t, err)
					require.Len(t, text, length)
					require.EqualValues(t, 1, asked.Load())
					return
				}
				require.EqualValues(t, 2, asked.Load())
				require.ErrorIs(t, err, ErrStalled)
				require.EqualError(t, err, "read s3://b/key: the server stalled: only 91 bytes in 9s (tried twice; run the import again to retry)")
			})
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
			s := &stallingLister{amid: tt.amid}
			s.stalls.Store(tt.stalls)
			stalling(t, s, func(t *testing.T, c *Client) {
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
				require.EqualError(t, failed, "list s3://logs/AWSLogs/: the server stalled: no data for 3s (tried twice; run the import again to retry)")
			})
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
