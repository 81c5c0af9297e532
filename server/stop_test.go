package server_test

import (
	"io"
	"net"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/server"
)

// TestStopBesideSilence: connections that have sent no request, or the beginning of one, are closed at once, while an answer that is
// being sent is waited for.
func TestStopBesideSilence(t *testing.T) {
	door := newDoor()
	entered, leave := make(chan struct{}), make(chan struct{})
	door.handle["GET /slow"] = func(w http.ResponseWriter, _ *http.Request) {
		close(entered)
		<-leave
		io.WriteString(w, "the last words")
	}
	at, stop := serving(t, server.Options{}, door, 1)
	var silent []net.Conn
	for _, sent := range []string{"", "GET /base HTTP/1.1\r\nHost: loc"} {
		conn, err := net.Dial("tcp", at[0])
		require.NoError(t, err)
		defer conn.Close()
		_, err = io.WriteString(conn, sent)
		require.NoError(t, err)
		silent = append(silent, conn)
	}
	answer := make(chan string, 1)
	go func() {
		_, text := get(t, http.DefaultClient, "http://"+at[0]+"/slow", nil)
		answer <- text
	}()
	<-entered // so that the others are accepted, too
	go func() {
		for _, conn := range silent {
			_, _ = conn.Read(make([]byte, 1)) // until it is closed
		}
		close(leave)
	}()
	stop()
	require.Equal(t, "the last words", <-answer)
}

// TestStopBesideSlowRequest: a request that does not arrive as a whole is cut off in the end, and the server has ended as it should.
func TestStopBesideSlowRequest(t *testing.T) {
	if testing.Short() {
		t.Skip("waits as long as the server does for answers")
	}
	t.Parallel()
	door := newDoor()
	entered := make(chan struct{})
	door.handle["POST /statement"] = func(_ http.ResponseWriter, r *http.Request) {
		close(entered)
		_, _ = io.Copy(io.Discard, r.Body)
	}
	at, stop := serving(t, server.Options{}, door, 1)
	conn, err := net.Dial("tcp", at[0])
	require.NoError(t, err)
	defer conn.Close()
	_, err = io.WriteString(conn, "POST /statement HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nSELECT")
	require.NoError(t, err)
	<-entered
	stop()
}
