package object

import (
	"context"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// bucketServer speaks as much of the protocol as the client uses. It serves one bucket, "b".
type bucketServer struct {
	content map[string]string
	breakAt int    // bytes of an answer after which the connection breaks; 0: it does not
	breaks  int    // how often it still breaks
	ignores bool   // conditions of requests
	region  string // of the bucket
	code    string // of the error that answers every request; "": none
	message string
	status  int

	mu        sync.Mutex // held while a request is answered
	requested []string   // mu: the ranges asked for
}

func (s *bucketServer) requests() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.requested
}

type listing struct {
	XMLName        xml.Name `xml:"ListBucketResult"`
	IsTruncated    bool
	NextToken      string `xml:"NextContinuationToken,omitempty"`
	Contents       []listed
	CommonPrefixes []struct{ Prefix string }
}

type listed struct {
	Key, ETag, LastModified string
	Size                    int
}

func (s *bucketServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.region != "" {
		w.Header().Set("X-Amz-Bucket-Region", s.region)
	}
	if s.code != "" {
		w.WriteHeader(s.status)
		fmt.Fprintf(w, "<Error><Code>%s</Code><Message>%s</Message></Error>", s.code, s.message)
		return
	}
	if r.URL.Query().Get("list-type") == "2" {
		s.serveListing(w, r)
		return
	}
	s.serveObject(w, r)
}

// serveListing gives a key a page.
func (s *bucketServer) serveListing(w http.ResponseWriter, r *http.Request) {
	answer := listing{}
	prefix, after := r.URL.Query().Get("prefix"), r.URL.Query().Get("continuation-token")
	for _, key := range []string{"logs/", "logs/a.gz", "logs/b.gz", "logs/sub/c.gz"} {
		content, ok := s.content[key]
		if !ok || !strings.HasPrefix(key, prefix) || key <= after {
			continue
		}
		if len(answer.Contents)+len(answer.CommonPrefixes) == 1 {
			answer.IsTruncated = true
			break
		}
		answer.NextToken = key
		if folder, _, isDeeper := strings.Cut(strings.TrimPrefix(key, prefix), "/"); isDeeper && folder != "" && r.URL.Query().Get("delimiter") != "" {
			answer.CommonPrefixes = append(answer.CommonPrefixes, struct{ Prefix string }{prefix + folder + "/"})
			continue
		}
		answer.Contents = append(answer.Contents, listed{Key: key, ETag: etagOf(content), LastModified: "2026-01-02T03:04:05Z", Size: len(content)})
	}
	w.Header().Set("Content-Type", "application/xml")
	_ = xml.NewEncoder(w).Encode(answer)
}

func etagOf(content string) string {
	return fmt.Sprintf("%q", fmt.Sprint(len(content), content[:min(4, len(content))]))
}

func (s *bucketServer) serveObject(w http.ResponseWriter, r *http.Request) {
	content, ok := s.content[strings.TrimPrefix(r.URL.Path, "/b/")]
	if !ok {
		w.WriteHeader(http.StatusNotFound)
		fmt.Fprint(w, "<Error><Code>NoSuchKey</Code></Error>")
		return
	}
	if match := r.Header.Get("If-Match"); match != "" && match != etagOf(content) && !s.ignores {
		w.WriteHeader(http.StatusPreconditionFailed)
		fmt.Fprint(w, "<Error><Code>PreconditionFailed</Code></Error>")
		return
	}
	asked := r.Header.Get("Range")
	s.requested = append(s.requested, asked)
	w.Header().Set("ETag", etagOf(content))
	rest, status := content, http.StatusOK
	if asked != "" {
		from := 0
		_, _ = fmt.Sscanf(asked, "bytes=%d-", &from)
		rest, status = content[from:], http.StatusPartialContent
	}
	w.Header().Set("Content-Length", fmt.Sprint(len(rest)))
	w.WriteHeader(status)
	if s.breaks > 0 {
		s.breaks--
		_, _ = io.WriteString(w, rest[:min(len(rest), s.breakAt)])
		panic(http.ErrAbortHandler) // the connection ends early
	}
	_, _ = io.WriteString(w, rest)
}

// clientOf is a client of a server, which answers one request after the other.
func clientOf(t *testing.T, s *bucketServer) *Client {
	t.Helper()
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	c, err := NewClient(t.Context(), Options{Region: "eu-west-1", EndpointURL: server.URL, Credentials: &Credentials{AccessKeyID: "key", SecretAccessKey: "secret"}})
	require.NoError(t, err)
	return c
}

var someLogs = map[string]string{"logs/": "", "logs/a.gz": "aaaa", "logs/b.gz": strings.Repeat("b", 100_000), "logs/sub/c.gz": "cc"}

// A listing goes through all pages, by key. An empty object that makes a folder visible is left out.
func TestList(t *testing.T) {
	c := clientOf(t, &bucketServer{content: someLogs})
	var keys []string
	for o, err := range c.List(t.Context(), Place{Bucket: "b", Prefix: "logs/"}) {
		require.NoError(t, err)
		require.False(t, o.Folder)
		require.EqualValues(t, len(someLogs[o.Key]), o.Bytes)
		require.Equal(t, etagOf(someLogs[o.Key]), o.ETag)
		require.Equal(t, 2026, o.Modified.Year())
		keys = append(keys, o.Key)
	}
	require.Equal(t, []string{"logs/a.gz", "logs/b.gz", "logs/sub/c.gz"}, keys)
	keys = nil
	for o, err := range c.ListFolder(t.Context(), Place{Bucket: "b", Prefix: "logs/"}) {
		require.NoError(t, err)
		require.Equal(t, o.Key == "logs/sub/", o.Folder)
		keys = append(keys, o.Key)
	}
	require.Equal(t, []string{"logs/a.gz", "logs/b.gz", "logs/sub/"}, keys)
	for o := range c.List(t.Context(), Place{Bucket: "b"}) {
		require.Equal(t, "logs/a.gz", o.Key)
		break // the rest is not asked for
	}
}

// A connection that breaks is followed by one that asks for the rest, so often and no more.
func TestReadOverBrokenConnections(t *testing.T) {
	place := Place{Bucket: "b", Prefix: "logs/b.gz"}
	for _, breaks := range []int{0, 1, maxReconnects, maxReconnects + 1} {
		t.Run(fmt.Sprint(breaks), func(t *testing.T) {
			server := &bucketServer{content: someLogs, breakAt: 10_000, breaks: breaks}
			body, err := clientOf(t, server).Open(t.Context(), place, etagOf(someLogs[place.Prefix]))
			require.NoError(t, err)
			content, err := io.ReadAll(body)
			require.NoError(t, body.Close())
			if breaks > maxReconnects {
				var failed *Error
				require.ErrorAs(t, err, &failed)
				require.Equal(t, "read", failed.Op)
				return
			}
			require.NoError(t, err)
			require.Equal(t, someLogs[place.Prefix], string(content))
			require.Len(t, server.requests(), 1+breaks)
		})
	}
}

// An object that is another one than was listed is ErrChanged, from servers with and without conditions.
func TestReadOfAChangedObject(t *testing.T) {
	place := Place{Bucket: "b", Prefix: "logs/a.gz"}
	for _, ignores := range []bool{false, true} {
		_, err := clientOf(t, &bucketServer{content: someLogs, ignores: ignores}).Open(t.Context(), place, `"another"`)
		require.ErrorIs(t, err, ErrChanged)
		require.ErrorContains(t, err, "read s3://b/logs/a.gz")
	}
	body, err := clientOf(t, &bucketServer{content: someLogs}).Open(t.Context(), place, "")
	require.NoError(t, err)
	content, err := io.ReadAll(body)
	require.NoError(t, err)
	require.Equal(t, "aaaa", string(content))
	require.NoError(t, body.Close())
}

// A cancelled reader is not reconnected.
func TestReadThatIsCancelled(t *testing.T) {
	server := &bucketServer{content: someLogs, breakAt: 10_000, breaks: 1}
	ctx, cancel := context.WithCancel(t.Context())
	body, err := clientOf(t, server).Open(ctx, Place{Bucket: "b", Prefix: "logs/b.gz"}, "")
	require.NoError(t, err)
	cancel()
	_, err = io.ReadAll(body)
	require.Error(t, err)
	require.NoError(t, body.Close())
	require.Len(t, server.requests(), 1)
}

// What a server refuses is told in its words, with what to do about it.
func TestRefusals(t *testing.T) {
	for _, tt := range []struct {
		name   string
		server *bucketServer
		want   string
	}{
		{"no bucket", &bucketServer{code: "NoSuchBucket", message: "not there", status: 404}, "list s3://b/logs: NoSuchBucket: not there (bucket not found)"},
		{"denied", &bucketServer{code: "AccessDenied", message: "no", status: 403}, "list s3://b/logs: AccessDenied: no (the credentials need s3:ListBucket"},
		{"another region", &bucketServer{code: "PermanentRedirect", message: "elsewhere", status: 301, region: "us-west-2"}, "the bucket is in the region us-west-2"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := clientOf(t, tt.server)
			n := 0
			for _, err := range c.List(t.Context(), Place{Bucket: "b", Prefix: "logs"}) {
				var failed *Error
				require.ErrorAs(t, err, &failed)
				require.Equal(t, tt.server.code, failed.Code)
				require.Contains(t, err.Error(), tt.want)
				n++
			}
			require.Equal(t, 1, n, "an error ends the listing")
		})
	}
	_, err := clientOf(t, &bucketServer{content: someLogs}).Open(t.Context(), Place{Bucket: "b", Prefix: "none"}, "")
	require.ErrorContains(t, err, "read s3://b/none: NoSuchKey")
}
