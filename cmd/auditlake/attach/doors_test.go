package attach

import (
	"bufio"
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/socket"
)

// doorClient is a client that asked for HTTP.
type doorClient struct {
	t    *testing.T
	conn net.Conn
	in   *bufio.Reader
}

func dialDoor(t *testing.T, dir string) *doorClient {
	t.Helper()
	conn, err := socket.Dial(context.Background(), dir)
	require.NoError(t, err)
	t.Cleanup(func() { conn.Close() })
	g, err := socket.ReadGreeting(conn)
	require.NoError(t, err)
	require.NoError(t, g.CheckQueries(dir))
	require.NoError(t, socket.AskForHTTP(conn))
	return &doorClient{t: t, conn: conn, in: bufio.NewReader(conn)}
}

func (c *doorClient) send(path string) {
	_, err := io.WriteString(c.conn, "GET "+path+" HTTP/1.1\r\nHost: lake\r\n\r\n")
	require.NoError(c.t, err)
}

// answer returns the body, and an error if it is cut.
func (c *doorClient) answer() (string, error) {
	response, err := http.ReadResponse(c.in, nil)
	if err != nil {
		return "", err
	}
	text, err := io.ReadAll(response.Body)
	return string(text), err
}

// testDoor answers /now; at /later and /begun it waits, after a first word there.
type testDoor struct {
	entered chan string
	leave   chan struct{}
}

func (d *testDoor) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/begun" {
		io.WriteString(w, "first ")
		_ = http.NewResponseController(w).Flush()
	}
	if r.URL.Path != "/now" {
		d.entered <- r.URL.Path
		select {
		case <-d.leave:
		case <-r.Context().Done():
		}
	}
	io.WriteString(w, "last")
}

// TestDoors: requests are answered, many over one connection, beside command lines.
func TestDoors(t *testing.T) {
	dir := lakeFolder(t)
	h, err := Listen(dir, func(context.Context, *Command, Output) int { return 7 }, &testDoor{}, nil)
	require.NoError(t, err)
	c := dialDoor(t, dir)
	for range 3 {
		c.send("/now")
		text, err := c.answer()
		require.NoError(t, err)
		require.Equal(t, "last", text)
	}
	require.Equal(t, answer{code: 7}, ask(context.Background(), dir, &Command{}))
	h.End(context.Background(), nil)
	_, err = c.in.ReadByte()
	require.Error(t, err, "an idle connection is closed")
}

// TestDoorsAtTheEnd: a request whose answer has begun is waited for, and others are
// served meanwhile.
func TestDoorsAtTheEnd(t *testing.T) {
	dir := lakeFolder(t)
	door := &testDoor{entered: make(chan string), leave: make(chan struct{})}
	h, err := Listen(dir, func(context.Context, *Command, Output) int { return 0 }, door, nil)
	require.NoError(t, err)
	begun, later := dialDoor(t, dir), dialDoor(t, dir)
	begun.send("/begun")
	<-door.entered
	later.send("/later")
	<-door.entered
	waiting, ended := make(chan int, 1), make(chan struct{})
	go func() {
		defer close(ended)
		h.End(context.Background(), func(commands int) { waiting <- commands })
	}()
	require.Equal(t, 2, <-waiting)
	close(door.leave) // a request that has not begun its answer may be cut as soon as the other has ended
	text, err := begun.answer()
	require.NoError(t, err)
	require.Equal(t, "first last", text)
	<-ended
}

// TestLastBytesAtTheEnd: an answer whose handler has returned is waited for until its
// last byte is read: a pipe holds none.
func TestLastBytesAtTheEnd(t *testing.T) {
	h, c := pipedDoor(t)
	first, err := c.in.Peek(1)
	require.NoError(t, err)
	require.Equal(t, "H", string(first))
	waiting, ended := make(chan int, 1), make(chan struct{})
	go func() {
		defer close(ended)
		h.End(context.Background(), func(commands int) { waiting <- commands })
	}()
	select {
	case commands := <-waiting:
		require.Equal(t, 1, commands)
	case <-ended:
		t.Fatal("the holder ended before the answer was read")
	}
	text, err := c.answer()
	require.NoError(t, err)
	require.Len(t, text, pipedBytes)
	<-ended
}

// TestLastBytesAreCut: an answer whose handler has returned when an interrupt comes may be read to its end, and then the holder ends:
// it does not wait for the next request on that connection.
func TestLastBytesAreCut(t *testing.T) {
	h, c := pipedDoor(t)
	_, err := c.in.Peek(1)
	require.NoError(t, err)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		cut(h)
	}()
	require.Eventually(t, func() bool {
		h.mu.Lock()
		defer h.mu.Unlock()
		return h.ending
	}, time.Minute, time.Millisecond)
	text, err := c.answer()
	require.NoError(t, err)
	require.Len(t, text, pipedBytes)
	_, err = c.in.ReadByte()
	require.ErrorIs(t, err, io.EOF)
	<-ended
}

// pipedBytes are more than a client reads at once, and fewer than a server keeps until its handler has returned.
const pipedBytes = 2 << 10

// pipedDoor is a holder that answers a client over a pipe, which holds no byte that is not read.
func pipedDoor(t *testing.T) (*Holder, *doorClient) {
	t.Helper()
	door := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		io.WriteString(w, strings.Repeat("x", pipedBytes))
	})
	h, err := Listen(lakeFolder(t), func(context.Context, *Command, Output) int { return 0 }, door, nil)
	require.NoError(t, err)
	served, conn := net.Pipe()
	s := newSession(h, served)
	require.True(t, h.addSession(s))
	h.work.Go(func() {
		defer h.dropSession(s)
		h.doors.serve(s, newReader(served))
	})
	c := &doorClient{t: t, conn: conn, in: bufio.NewReaderSize(conn, 16)}
	c.send("/")
	return h, c
}

// TestDoorsThatAreCut: an interrupt ends what has begun, and the client sees it. What
// has not begun gets no answer at all, so that its client may ask elsewhere.
func TestDoorsThatAreCut(t *testing.T) {
	dir := lakeFolder(t)
	door := &testDoor{entered: make(chan string)}
	h, err := Listen(dir, func(context.Context, *Command, Output) int { return 0 }, door, nil)
	require.NoError(t, err)
	begun, later := dialDoor(t, dir), dialDoor(t, dir)
	begun.send("/begun")
	<-door.entered
	later.send("/later")
	<-door.entered
	cut(h)
	text, err := begun.answer()
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	require.Equal(t, "first ", text)
	_, err = later.answer()
	require.ErrorIs(t, err, io.ErrUnexpectedEOF, "not one byte")
}

// TestNoDoors: a holder without a door hangs up on clients that want one.
func TestNoDoors(t *testing.T) {
	dir := lakeFolder(t)
	h := holding(t, dir, func(context.Context, *Command, Output) int { return 0 })
	defer cut(h)
	conn, err := socket.Dial(context.Background(), dir)
	require.NoError(t, err)
	defer conn.Close()
	g, err := socket.ReadGreeting(conn)
	require.NoError(t, err)
	var version *socket.VersionError
	require.ErrorAs(t, g.CheckQueries(dir), &version)
	require.NoError(t, socket.AskForHTTP(conn))
	_, err = conn.Read(make([]byte, 1))
	require.ErrorIs(t, err, io.EOF)
}

// TestPanicsOfTheHolder: a goroutine that panics ends itself, and the log says where.
func TestPanicsOfTheHolder(t *testing.T) {
	var log strings.Builder
	h := &Holder{log: slog.New(slog.NewTextHandler(&log, nil))}
	h.guard("serving another process", func() { panic("a defect") })
	require.Contains(t, log.String(), "serving another process")
	require.Contains(t, log.String(), "a defect")
	require.Contains(t, log.String(), "doors_test.go")
}
