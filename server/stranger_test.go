package server_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/server"
	"github.com/auditlake/auditlake/server/servertest"
)

// strangerDoor has a path for those with a key, one for strangers and one for everybody of the machine.
func strangerDoor() *testDoor {
	door := newDoor()
	read := func(w http.ResponseWriter, r *http.Request) {
		var tooLarge *http.MaxBytesError
		if _, err := io.Copy(io.Discard, r.Body); errors.As(err, &tooLarge) {
			http.Error(w, err.Error(), http.StatusRequestEntityTooLarge)
		}
	}
	door.handle["/known"] = func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") == "" {
			http.Error(w, "a key, please", http.StatusUnauthorized)
			return
		}
		server.Identify(r)
		read(w, r)
	}
	door.handle["POST /signin"] = read
	door.handle["POST /signed"] = func(w http.ResponseWriter, r *http.Request) {
		server.AllowBody(r, 200_000)
		read(w, r)
	}
	door.handle["POST /local"] = server.AdmitLocal(http.HandlerFunc(read)).ServeHTTP
	door.handle["GET /long"] = func(w http.ResponseWriter, _ *http.Request) {
		for range 1000 {
			if _, err := w.Write(make([]byte, 100_000)); err != nil {
				return
			}
		}
	}
	return door
}

// TestStrangersShutNobodyOut: more connections than there may be, which hold theirs for as long as they are let, keep
// neither strangers nor those with a key from being answered.
func TestStrangersShutNobodyOut(t *testing.T) {
	const limit = 50
	const partly = " HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\nbeginning"
	cert, key, client := servertest.Certificate(t)
	client.Timeout = 30 * time.Second // far more than it takes, and less than a body may take of those with a key
	for name, sent := range map[string]string{
		"silence":                     "",
		"a part of a header":          "GET /health HTTP/1.1\r\nHost: loc",
		"a refused request":           "POST /known" + partly,
		"a sign-in":                   "POST /signin" + partly,
		"a signature to come":         "POST /signed" + partly,
		"a path that there is not":    "POST /nowhere" + partly,
		"a program of this machine":   "POST /local" + partly,
		"a body that nobody asks for": "GET /health" + partly,
		"an idle connection":          "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n",
		"an answer that nobody reads": "GET /long HTTP/1.1\r\nHost: localhost\r\n\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			at, _ := serving(t, server.Options{MaxConnections: limit}, strangerDoor(), 1)
			for range 2 * limit {
				conn, err := net.Dial("tcp", at[0])
				require.NoError(t, err)
				t.Cleanup(func() { conn.Close() })
				_, _ = io.WriteString(conn, sent) // the server may have closed it
			}
			plain := &http.Client{Timeout: client.Timeout}
			for range 3 {
				status, _ := get(t, plain, "http://"+at[0]+"/health", nil)
				require.Equal(t, http.StatusOK, status)
				status, _ = get(t, plain, "http://"+at[0]+"/known", func(r *http.Request) { r.Header.Set("Authorization", "key") })
				require.Equal(t, http.StatusOK, status)
			}
		})
	}
	t.Run("handshakes", func(t *testing.T) {
		t.Parallel()
		at, _ := serving(t, server.Options{MaxConnections: limit, TLSCert: cert, TLSKey: key}, strangerDoor(), 1)
		for range 2 * limit {
			conn, err := net.Dial("tcp", at[0])
			require.NoError(t, err)
			t.Cleanup(func() { conn.Close() })
			_, _ = conn.Write([]byte{22, 3, 1, 1})
		}
		status, _ := get(t, client, "https://"+at[0]+"/known", func(r *http.Request) { r.Header.Set("Authorization", "key") })
		require.Equal(t, http.StatusOK, status)
	})
}

// TestKnownConnectionsStay: the connection of somebody with a key outlives all strangers, over TLS and HTTP/2, too.
func TestKnownConnectionsStay(t *testing.T) {
	cert, key, secure := servertest.Certificate(t)
	for _, tt := range []struct {
		protocol, scheme string
		client           *http.Client
		options          server.Options
	}{
		{"HTTP/1.1", "http", &http.Client{Transport: &http.Transport{}}, server.Options{MaxConnections: 10}},
		{"HTTP/2.0", "https", secure, server.Options{MaxConnections: 10, TLSCert: cert, TLSKey: key}},
	} {
		t.Run(tt.protocol, func(t *testing.T) {
			at, _ := serving(t, tt.options, strangerDoor(), 1)
			t.Cleanup(tt.client.CloseIdleConnections)
			dials := 0
			tt.client.Transport.(*http.Transport).DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
				dials++
				return (&net.Dialer{}).DialContext(ctx, network, address)
			}
			ask := func() {
				t.Helper()
				r, err := http.NewRequest(http.MethodPost, tt.scheme+"://"+at[0]+"/known", strings.NewReader("text"))
				require.NoError(t, err)
				r.Header.Set("Authorization", "key")
				response, err := tt.client.Do(r)
				require.NoError(t, err)
				_, err = io.Copy(io.Discard, response.Body)
				require.NoError(t, err)
				response.Body.Close()
				require.Equal(t, http.StatusOK, response.StatusCode)
				require.Equal(t, tt.protocol, response.Proto)
			}
			ask()
			for range 30 {
				conn, err := net.Dial("tcp", at[0])
				require.NoError(t, err)
				t.Cleanup(func() { conn.Close() })
			}
			ask()
			require.Equal(t, 1, dials, "the connection is the first one")
		})
	}
}

// TestRefusedRequestEndsItsConnection: the answer comes at once, says that the connection is closed, and it is, although
// most of the body has not come; those who are let in keep theirs.
func TestRefusedRequestEndsItsConnection(t *testing.T) {
	at, _ := serving(t, server.Options{}, strangerDoor(), 1)
	for _, tt := range []struct {
		name, request string
		status        int
		closes        bool
	}{
		{"refused, the body to come", "POST /known HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\nb", 401, true},
		{"refused, a long body to come", "POST /known HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\nb", 401, true},
		{"refused, the whole body there", "POST /known HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n\r\nbody", 401, true},
		{"refused, no body", "GET /known HTTP/1.1\r\nHost: localhost\r\n\r\n", 401, true},
		{"refused, the body waits for a word", "POST /known HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 100000\r\n\r\n", 401, true},
		{"answered, and the body not asked for", "GET /health HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\nb", 200, true},
		{"answered", "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n", 200, false},
		{"let in", "POST /known HTTP/1.1\r\nHost: localhost\r\nAuthorization: key\r\nContent-Length: 4\r\n\r\nbody", 200, false},
		{"of this machine", "POST /local HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n\r\nbody", 200, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			conn, err := net.Dial("tcp", at[0])
			require.NoError(t, err)
			defer conn.Close()
			require.NoError(t, conn.SetDeadline(time.Now().Add(30*time.Second)))
			_, err = io.WriteString(conn, tt.request)
			require.NoError(t, err)
			r := bufio.NewReader(conn)
			response, err := http.ReadResponse(r, nil)
			require.NoError(t, err)
			_, err = io.Copy(io.Discard, response.Body)
			require.NoError(t, err)
			require.Equal(t, tt.status, response.StatusCode)
			require.Equal(t, tt.closes, response.Close)
			if tt.closes {
				_, err = r.ReadByte()
				require.ErrorIs(t, err, io.EOF)
				return
			}
			_, err = io.WriteString(conn, "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
			require.NoError(t, err)
			response, err = http.ReadResponse(r, nil)
			require.NoError(t, err)
			require.Equal(t, http.StatusOK, response.StatusCode)
		})
	}
}

// TestBodiesOfStrangersAreShort: until a door lets a request in, its body may be as long as a sign-in, or as the door says.
func TestBodiesOfStrangersAreShort(t *testing.T) {
	at, _ := serving(t, server.Options{MaxBodyBytes: 300_000}, strangerDoor(), 1)
	for _, tt := range []struct {
		path   string
		bytes  int
		status int
	}{
		{"/signin", 64 << 10, 200},
		{"/signin", 64<<10 + 1, 413},
		{"/signed", 200_000, 200},
		{"/signed", 200_001, 413},
		{"/local", 300_000, 200},
		{"/known", 300_000, 200},
		{"/known", 300_001, 413},
	} {
		t.Run(fmt.Sprint(tt.path, tt.bytes), func(t *testing.T) {
			r, err := http.NewRequest(http.MethodPost, "http://"+at[0]+tt.path, strings.NewReader(strings.Repeat("x", tt.bytes)))
			require.NoError(t, err)
			r.Header.Set("Authorization", "key")
			response, err := http.DefaultClient.Do(r)
			require.NoError(t, err)
			response.Body.Close()
			require.Equal(t, tt.status, response.StatusCode)
		})
	}
}
