package server_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/server"
	"github.com/auditlake/auditlake/server/servertest"
)

// testDoor serves what tests ask of it.
type testDoor struct {
	handle map[string]http.HandlerFunc // by pattern
	guard  func(http.Handler) http.Handler
	closed chan struct{}
}

func newDoor() *testDoor {
	return &testDoor{handle: map[string]http.HandlerFunc{"GET /base": func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, server.BaseURL(r))
	}}, closed: make(chan struct{})}
}

func (d *testDoor) Mount(mux *http.ServeMux) {
	for pattern, handle := range d.handle {
		if d.guard != nil {
			mux.Handle(pattern, d.guard(handle))
			continue
		}
		mux.HandleFunc(pattern, handle)
	}
}

func (d *testDoor) Close() { close(d.closed) }

// serving serves on free loopback ports until the test ends or stop is called.
func serving(t *testing.T, options server.Options, door server.Door, addresses int) (at []string, stop func()) {
	t.Helper()
	hall, err := server.NewHall(options)
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	for range addresses {
		address, err := hall.Listen(ctx, "127.0.0.1:0")
		require.NoError(t, err)
		at = append(at, address.String())
	}
	done := make(chan error, 1)
	go func() { done <- hall.Serve(ctx, door) }()
	stop = sync.OnceFunc(func() {
		cancel()
		require.NoError(t, <-done)
	})
	t.Cleanup(stop)
	return at, stop
}

// get asks without keeping the connection.
func get(t *testing.T, client *http.Client, url string, change func(*http.Request)) (int, string) {
	t.Helper()
	r, err := http.NewRequest(http.MethodGet, url, nil)
	require.NoError(t, err)
	r.Close = true
	if change != nil {
		change(r)
	}
	response, err := client.Do(r)
	require.NoError(t, err)
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	return response.StatusCode, string(text)
}

func TestListen(t *testing.T) {
	cert, key, _ := servertest.Certificate(t)
	for _, tt := range []struct {
		name, address string
		options       server.Options
		want          error
		text          string
	}{
		{name: "loopback", address: "127.0.0.1:0"},
		{name: "loopback by name", address: "localhost:0"},
		{name: "every address", address: "0.0.0.0:0", want: server.ErrNoTLS, text: "cannot listen on 0.0.0.0:0"},
		{name: "every address of both kinds", address: ":0", want: server.ErrNoTLS},
		{name: "every address of version 6", address: "[::]:0", want: server.ErrNoTLS},
		{name: "another address", address: "192.0.2.1:0", want: server.ErrNoTLS},
		{name: "every address with TLS", address: "0.0.0.0:0", options: server.Options{TLSCert: cert, TLSKey: key}},
		{name: "every address without TLS, as wished", address: "0.0.0.0:0", options: server.Options{InsecureHTTP: true}},
		{name: "no port", address: "127.0.0.1", text: "want host:port"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			hall, err := server.NewHall(tt.options)
			require.NoError(t, err)
			at, err := hall.Listen(context.Background(), tt.address)
			if tt.want == nil && tt.text == "" {
				require.NoError(t, err)
				require.NotZero(t, at.(*net.TCPAddr).Port)
				require.NoError(t, hall.Close())
				return
			}
			require.ErrorContains(t, err, tt.text)
			if tt.want != nil {
				require.ErrorIs(t, err, tt.want)
			}
		})
	}
}

func TestOptionsThatAreWrong(t *testing.T) {
	cert, key, _ := servertest.Certificate(t)
	_, otherKey, _ := servertest.Certificate(t)
	for name, tt := range map[string]struct {
		options server.Options
		want    string
	}{
		"a certificate without its key": {server.Options{TLSCert: cert}, "both a certificate and its key"},
		"a key without a certificate":   {server.Options{TLSKey: key}, "both a certificate and its key"},
		"another's key":                 {server.Options{TLSCert: cert, TLSKey: otherKey}, "private key does not match"},
		"a file that is not there":      {server.Options{TLSCert: cert + "x", TLSKey: key}, "no such file"},
		"a base URL of another kind":    {server.Options{BaseURL: "ftp://example.org"}, "must have http:// or https://"},
		"a base URL with a query":       {server.Options{BaseURL: "https://example.org/?a"}, "must have http:// or https://"},
		"a base URL that is none":       {server.Options{BaseURL: "://"}, "base URL"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := server.NewHall(tt.options)
			require.ErrorContains(t, err, tt.want)
		})
	}
}

func TestBaseURL(t *testing.T) {
	forwarded := func(proto, host string) func(*http.Request) {
		return func(r *http.Request) {
			r.Header.Set("X-Forwarded-Proto", proto)
			r.Header.Set("X-Forwarded-Host", host)
		}
	}
	for _, tt := range []struct {
		name    string
		options server.Options
		change  func(*http.Request)
		status  int
		want    string // "" for the address itself
	}{
		{name: "of the request", status: 200},
		{name: "of the request, by name", change: func(r *http.Request) { r.Host = "lake.test:99" }, status: 200, want: "http://lake.test:99"},
		{name: "of nobody's proxy", change: forwarded("https", "evil.test"), status: 200},
		{name: "of a trusted proxy", options: server.Options{TrustForwarded: true}, change: forwarded("HTTPS, http", "lake.test, inner"),
			status: 200, want: "https://lake.test"},
		{name: "of a trusted proxy that is silent", options: server.Options{TrustForwarded: true}, status: 200},
		{name: "of a trusted proxy, no host", options: server.Options{TrustForwarded: true}, change: forwarded("https", "a/b?c"), status: 400},
		{name: "of a trusted proxy, no scheme", options: server.Options{TrustForwarded: true}, change: forwarded("gopher", "lake.test"), status: 400},
		{name: "set", options: server.Options{BaseURL: "https://lake.test/audit/", TrustForwarded: true}, change: forwarded("http", "other.test"),
			status: 200, want: "https://lake.test/audit"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			at, _ := serving(t, tt.options, newDoor(), 1)
			status, text := get(t, http.DefaultClient, "http://"+at[0]+"/base", tt.change)
			require.Equal(t, tt.status, status, text)
			if tt.status != http.StatusOK {
				return
			}
			if tt.want == "" {
				tt.want = "http://" + at[0]
			}
			require.Equal(t, tt.want, text)
		})
	}
}

// TestTLS: every listener speaks TLS 1.2 or later, over HTTP/1.1 and HTTP/2, and nothing else.
func TestTLS(t *testing.T) {
	cert, key, client := servertest.Certificate(t)
	at, _ := serving(t, server.Options{TLSCert: cert, TLSKey: key}, newDoor(), 2)
	require.NotEqual(t, at[0], at[1])
	for _, address := range at {
		status, text := get(t, client, "https://"+address+"/base", nil)
		require.Equal(t, http.StatusOK, status)
		require.Equal(t, "https://"+address, text)
	}
	response, err := client.Get("https://" + at[0] + "/health")
	require.NoError(t, err)
	response.Body.Close()
	require.Equal(t, "HTTP/2.0", response.Proto)

	status, _ := get(t, http.DefaultClient, "http://"+at[0]+"/health", nil)
	require.Equal(t, http.StatusBadRequest, status, "no answer without TLS")

	old := client.Transport.(*http.Transport).TLSClientConfig.Clone()
	old.MinVersion, old.MaxVersion = tls.VersionTLS10, tls.VersionTLS11
	_, err = tls.Dial("tcp", at[0], old)
	require.ErrorContains(t, err, "protocol version")
}

func TestLocalOnly(t *testing.T) {
	door := newDoor()
	door.guard = server.LocalOnly
	at, _ := serving(t, server.Options{}, door, 1)
	for _, tt := range []struct {
		name, host, origin string
		want               int
	}{
		{"by address", "", "", http.StatusOK},
		{"by name", "localhost:8585", "http://localhost:8585", http.StatusOK},
		{"by a name of its own", "lake.localhost", "", http.StatusOK},
		{"by another name", "lake.example.org", "", http.StatusForbidden},
		{"from a page of elsewhere", "", "http://example.org", http.StatusForbidden},
		{"from a page of nowhere", "", "null", http.StatusForbidden},
	} {
		t.Run(tt.name, func(t *testing.T) {
			status, _ := get(t, http.DefaultClient, "http://"+at[0]+"/base", func(r *http.Request) {
				if tt.host != "" {
					r.Host = tt.host
				}
				if tt.origin != "" {
					r.Header.Set("Origin", tt.origin)
				}
			})
			require.Equal(t, tt.want, status)
		})
	}
}

// TestLocalOnlyElsewhere: a connection to an address of this machine that others reach is not a local one.
func TestLocalOnlyElsewhere(t *testing.T) {
	for address, want := range map[string]int{"127.0.0.1": http.StatusOK, "192.0.2.1": http.StatusForbidden} {
		t.Run(address, func(t *testing.T) {
			at := context.WithValue(context.Background(), http.LocalAddrContextKey, net.Addr(&net.TCPAddr{IP: net.ParseIP(address)}))
			r, err := http.NewRequestWithContext(at, http.MethodGet, "http://localhost/", nil)
			require.NoError(t, err)
			w := &recorder{header: http.Header{}}
			server.LocalOnly(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) })).ServeHTTP(w, r)
			require.Equal(t, want, w.status)
			if want != http.StatusOK {
				require.Contains(t, w.String(), "without access keys it accepts any user")
			}
		})
	}
}

// recorder is an http.ResponseWriter.
type recorder struct {
	bytes.Buffer
	header http.Header
	status int
}

func (r *recorder) Header() http.Header    { return r.header }
func (r *recorder) WriteHeader(status int) { r.status = status }

func TestLimits(t *testing.T) {
	door := newDoor()
	door.handle["POST /read"] = func(w http.ResponseWriter, r *http.Request) {
		if _, err := io.Copy(io.Discard, r.Body); err != nil {
			w.WriteHeader(http.StatusRequestEntityTooLarge)
		}
	}
	at, _ := serving(t, server.Options{MaxHeaderBytes: 8 << 10, MaxBodyBytes: 1000}, door, 1)
	long, err := http.NewRequest(http.MethodGet, "http://"+at[0]+"/base", nil)
	require.NoError(t, err)
	long.Header.Set("X-Long", strings.Repeat("x", 16<<10))
	refused, err := http.DefaultClient.Do(long)
	require.NoError(t, err)
	require.Equal(t, http.StatusRequestHeaderFieldsTooLarge, refused.StatusCode)
	refused.Body.Close() // what was not read of the request cuts the rest of the answer
	for bytes, want := range map[int]int{1000: http.StatusOK, 1001: http.StatusRequestEntityTooLarge} {
		response, err := http.Post("http://"+at[0]+"/read", "text/plain", strings.NewReader(strings.Repeat("x", bytes)))
		require.NoError(t, err)
		response.Body.Close()
		require.Equal(t, want, response.StatusCode)
	}
}

// TestConnections: one more than there may be is served when another has nothing to do any more.
func TestConnections(t *testing.T) {
	door := newDoor()
	entered, leave := make(chan struct{}, 3), make(chan struct{})
	door.handle["GET /wait"] = func(http.ResponseWriter, *http.Request) {
		entered <- struct{}{}
		<-leave
	}
	at, _ := serving(t, server.Options{MaxConnections: 2}, door, 2)
	connect := func(address, path string) *bufio.Reader {
		conn, err := net.Dial("tcp", address)
		require.NoError(t, err)
		t.Cleanup(func() { conn.Close() })
		_, err = io.WriteString(conn, "GET "+path+" HTTP/1.1\r\nHost: localhost\r\n\r\n")
		require.NoError(t, err)
		return bufio.NewReader(conn)
	}
	answered := func(r *bufio.Reader) {
		t.Helper()
		response, err := http.ReadResponse(r, nil)
		require.NoError(t, err)
		_, err = io.Copy(io.Discard, response.Body)
		require.NoError(t, err)
		require.Equal(t, http.StatusOK, response.StatusCode)
	}
	idle := connect(at[0], "/base")
	answered(idle)
	first := connect(at[0], "/wait")
	<-entered
	second := connect(at[1], "/wait")
	<-entered // it has the place of the idle one
	_, err := idle.ReadByte()
	require.ErrorIs(t, err, io.EOF)

	third := connect(at[0], "/wait")
	leave <- struct{}{} // one of the two is answered, is idle and makes room
	<-entered
	close(leave)
	answered(first)
	answered(second)
	answered(third)
}

// TestStop: what was asked before the end is answered, the door is closed, and nothing listens any more.
func TestStop(t *testing.T) {
	door := newDoor()
	entered := make(chan struct{})
	door.handle["GET /slow"] = func(w http.ResponseWriter, _ *http.Request) {
		close(entered)
		<-door.closed
		io.WriteString(w, "the last words")
	}
	at, stop := serving(t, server.Options{}, door, 2)
	for _, address := range at {
		status, text := get(t, http.DefaultClient, "http://"+address+"/health", nil)
		require.Equal(t, http.StatusOK, status)
		require.JSONEq(t, `{"status":"ok"}`, text)
	}
	answer := make(chan string, 1)
	go func() {
		_, text := get(t, http.DefaultClient, "http://"+at[0]+"/slow", nil)
		answer <- text
	}()
	<-entered
	stop()
	require.Equal(t, "the last words", <-answer)
	for _, address := range at {
		_, err := http.Get("http://" + address + "/health")
		require.Error(t, err)
	}
}

// TestHealthWhileStopping: a load balancer learns that it should ask another server.
func TestHealthWhileStopping(t *testing.T) {
	door := &askingDoor{testDoor: newDoor()}
	at, stop := serving(t, server.Options{}, door, 1)
	door.ask = func() {
		status, text := get(t, http.DefaultClient, "http://"+at[0]+"/health", nil)
		require.Equal(t, http.StatusServiceUnavailable, status)
		require.JSONEq(t, `{"status":"stopping"}`, text)
	}
	stop()
	<-door.closed
}

// askingDoor asks when it is closed.
type askingDoor struct {
	*testDoor
	ask func()
}

func (d *askingDoor) Close() {
	d.ask()
	d.testDoor.Close()
}

// TestAccessLog: a line for each request has the route, not what only its client should know.
func TestAccessLog(t *testing.T) {
	door := newDoor()
	door.handle["GET /of/{secret}"] = func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) }
	door.handle["GET /panic"] = func(http.ResponseWriter, *http.Request) { panic("a defect") }
	var log bytes.Buffer
	at, stop := serving(t, server.Options{Log: slog.New(slog.NewTextHandler(&log, nil))}, door, 1)
	status, _ := get(t, http.DefaultClient, "http://"+at[0]+"/of/hidden?hidden=hidden", nil)
	require.Equal(t, http.StatusTeapot, status)
	status, _ = get(t, http.DefaultClient, "http://"+at[0]+"/nowhere/"+strings.Repeat("n", 1000), nil)
	require.Equal(t, http.StatusNotFound, status)
	status, _ = get(t, http.DefaultClient, "http://"+at[0]+"/panic", nil)
	require.Equal(t, http.StatusInternalServerError, status)
	status, _ = get(t, http.DefaultClient, "http://"+at[0]+"/base", nil)
	require.Equal(t, http.StatusOK, status, "the server goes on")
	stop()
	text := log.String()
	require.NotContains(t, text, "hidden")
	require.NotContains(t, text, strings.Repeat("n", 500))
	require.Contains(t, text, `method=GET route="GET /of/{secret}" status=418 bytes=0`)
	require.Contains(t, text, `level=ERROR msg="panic while serving" route="GET /panic" panic="a defect" stack=`)
	require.Equal(t, 4, strings.Count(text, "msg=request"), text)
}
