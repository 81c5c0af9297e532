package main

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestAWSClientPaginators: the paginators of the AWS CLI and the SDKs return every item once. Lookups have the managed
// service's rate, and the server refuses one of them: the clients' usual retries suffice. The clients run in parallel, each
// with a server.
func TestAWSClientPaginators(t *testing.T) {
	python, second := clientPython(t), os.Getenv("AUDITLAKE_AWS_CLI_2")
	node, modules := os.Getenv("AUDITLAKE_NODE"), os.Getenv("AUDITLAKE_NODE_MODULES")
	program := os.Getenv("AUDITLAKE_AWS_GO")
	if second == "" || node == "" || modules == "" || program == "" {
		t.Skip("AUDITLAKE_AWS_CLI_2, AUDITLAKE_NODE, AUDITLAKE_NODE_MODULES and AUDITLAKE_AWS_GO do not name the clients")
	}
	lake, ids := pagedLake(t)
	// boto3 and the CLI have paginators for these two of the five operations.
	few := map[string]int{"LookupEvents": 6, "ListImports": 3}
	all := map[string]int{"ListEventDataStores": 3, "GetQueryResults": 3, "ListQueries": 3}
	maps.Copy(all, few)
	script, first := []string{"bash", "testdata/aws_paginators.sh"}, filepath.Join(filepath.Dir(python), "aws")
	var walks []*pageWalk
	for _, w := range []*pageWalk{
		{client: "AWS CLI 1", pages: few, command: script, env: "AWS=" + first},
		{client: "AWS CLI 2", pages: few, command: script, env: "AWS=" + second},
		{client: "boto3", pages: few, command: []string{python, "testdata/aws_paginators.py"}},
		{client: "Go", pages: all, command: []string{program, "paginators"}},
		{
			client: "JavaScript", pages: all,
			command: []string{node, "testdata/aws_paginators.cjs"}, env: "NODE_PATH=" + modules,
		},
	} {
		w.start(t, lake)
		walks = append(walks, w)
	}
	for _, w := range walks {
		t.Run(w.client, func(t *testing.T) {
			require.NoError(t, w.running.Wait(), "%s%s", &w.out, &w.err)
			w.crowd.mu.Lock()
			defer w.crowd.mu.Unlock()
			found := map[string][]string{}
			for line := range strings.Lines(w.out.String()) {
				if operation, item, isItem := strings.Cut(strings.TrimSpace(line), " "); isItem && w.pages[operation] > 0 {
					found[operation] = append(found[operation], item)
				}
			}
			for operation, pages := range w.pages {
				items := found[operation]
				if operation == "LookupEvents" || operation == "GetQueryResults" {
					require.Equal(t, ids, items, operation)
				} else {
					require.Len(t, items, 3, operation)
					require.Len(t, slices.Compact(slices.Sorted(slices.Values(items))), 3, operation)
				}
				require.GreaterOrEqual(t, w.crowd.answered[operation], pages, operation)
			}
			require.Positive(t, w.crowd.refused)
		})
	}
}

// pagedLake makes a lake with three stores and with three imports into the first. It returns the ids of the events, newest
// first.
func pagedLake(t *testing.T) (lake string, ids []string) {
	t.Helper()
	lake = filepath.Join(t.TempDir(), "lake")
	run := func(args ...string) {
		got := command(t, append([]string{"--lake", lake}, args...)...)
		require.Equal(t, exitDone, got.code, got.err)
	}
	newest := time.Now().UTC().Add(-time.Hour)
	for _, name := range []string{"main", "second", "third"} {
		run("store", "create", name)
		var events []string
		for range 10 {
			id := fmt.Sprintf("event-%02d", len(ids))
			at := newest.Add(-time.Duration(len(ids)) * time.Minute)
			events = append(events, fmt.Sprintf(
				`{"eventVersion":"1.11","eventTime":%q,"eventID":%q,"eventCategory":"Management"}`, at.Format(time.RFC3339), id))
			ids = append(ids, id)
		}
		file := filepath.Join(t.TempDir(), "log.json")
		require.NoError(t, os.WriteFile(file, []byte(`{"Records":[`+strings.Join(events, ",")+`]}`), 0o600))
		run("import", "--store", "main", file)
	}
	return lake, ids
}

// pageWalk is a client that walks through the pages of a server of its own.
type pageWalk struct {
	client  string
	pages   map[string]int // by operation
	command []string
	env     string // one more variable; "": none

	running  *exec.Cmd
	crowd    *crowd
	out, err bytes.Buffer
}

// start starts a server with a copy of the lake, and the client.
func (w *pageWalk) start(t *testing.T, lake string) {
	t.Helper()
	own := filepath.Join(t.TempDir(), "lake")
	require.NoError(t, os.CopyFS(own, os.DirFS(lake)))
	c := serveAWSLake(t, own, "--lookup-rate", "2")
	server, err := url.Parse(c.endpoint)
	require.NoError(t, err)
	w.crowd = &crowd{answered: map[string]int{}, server: &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(server)
		r.Out.Host = r.In.Host // as the client signed it
	}}}
	front := httptest.NewServer(w.crowd)
	t.Cleanup(front.Close)
	w.running = exec.Command(w.command[0], w.command[1:]...)
	w.running.Env = slices.DeleteFunc(c.env, func(v string) bool { return strings.HasPrefix(v, "AWS_MAX_ATTEMPTS=") })
	w.running.Env = append(w.running.Env, "AWS_ENDPOINT_URL="+front.URL)
	if w.env != "" {
		w.running.Env = append(w.running.Env, w.env)
	}
	w.running.Stdout, w.running.Stderr = &w.out, &w.err
	require.NoError(t, w.running.Start())
	t.Cleanup(func() { w.running.Process.Kill() })
}

// crowdCopies is how many requests make the server refuse some: it takes 6 at once, and 2 more each second.
const crowdCopies = 40

// crowd is a proxy between a client and the server. From the client's second LookupEvents request on it sends each
// crowdCopies times in parallel, until the server refuses one, and returns the refusal. It first waits for all answers, so
// that the client's next attempt is alone.
type crowd struct {
	server *httputil.ReverseProxy

	mu       sync.Mutex
	answered map[string]int // mu: requests by operation, without those refused
	refused  int            // mu
}

func (c *crowd) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	target := r.Header.Get("X-Amz-Target")
	operation := target[strings.LastIndexByte(target, '.')+1:]
	c.mu.Lock()
	copies := 1
	if operation == "LookupEvents" && c.answered[operation] > 0 && c.refused == 0 {
		copies = crowdCopies
	}
	c.mu.Unlock()
	answers := make(chan *httptest.ResponseRecorder, copies)
	for range copies {
		go func() {
			request, answer := r.Clone(r.Context()), httptest.NewRecorder()
			request.Body = io.NopCloser(bytes.NewReader(body))
			c.server.ServeHTTP(answer, request)
			answers <- answer
		}()
	}
	isRefusal := func(answer *httptest.ResponseRecorder) bool {
		return strings.Contains(answer.Body.String(), "ThrottlingException")
	}
	answer := <-answers
	for range copies - 1 {
		if other := <-answers; isRefusal(other) {
			answer = other
		}
	}
	c.mu.Lock()
	if isRefusal(answer) {
		c.refused++
	} else {
		c.answered[operation]++
	}
	c.mu.Unlock()
	maps.Copy(w.Header(), answer.Header())
	w.WriteHeader(answer.Code)
	w.Write(answer.Body.Bytes())
}
