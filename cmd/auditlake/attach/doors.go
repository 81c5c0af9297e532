package attach

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"
)

// errSpeaksHTTP is a client that sends no command but asks for HTTP.
var errSpeaksHTTP = errors.New("the client speaks HTTP")

const (
	// doorIdle is how long a client may keep a connection without a request.
	doorIdle = 10 * time.Minute
	// doorRead is how long a request may take to arrive.
	doorRead           = 30 * time.Second
	maxDoorHeaderBytes = 16 << 10
	// maxDoorConnections are open at a time; one more is closed at once.
	maxDoorConnections = 256
)

// doors leads clients that speak HTTP to a handler. A connection is a session of the
// holder like that of a command; its command is the request that is being answered.
type doors struct {
	holder *Holder
	server *http.Server
	queue  chan net.Conn
	places chan struct{} // holds an element for each connection
	ended  chan struct{}
}

func newDoors(h *Holder, door http.Handler) *doors {
	d := &doors{holder: h, queue: make(chan net.Conn), places: make(chan struct{}, maxDoorConnections), ended: make(chan struct{})}
	d.server = &http.Server{
		Handler: d.weighed(door), ReadHeaderTimeout: doorRead, IdleTimeout: doorIdle, MaxHeaderBytes: maxDoorHeaderBytes,
		ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelDebug), // clients hear of it
		ConnContext: func(ctx context.Context, conn net.Conn) context.Context {
			return context.WithValue(ctx, sessionKey{}, conn.(*doorConn).session)
		},
		ConnState: func(conn net.Conn, state http.ConnState) {
			if state == http.StateIdle || state == http.StateClosed {
				conn.(*doorConn).session.endRequest()
			}
		},
	}
	go func() {
		defer close(d.ended)
		h.guard("serving the doors of other processes", func() { _ = d.server.Serve(d) }) // ends with close
	}()
	return d
}

type sessionKey struct{}

// serve serves a client until its connection is closed. in has what was read of it.
func (d *doors) serve(s *session, in *reader) {
	select {
	case d.places <- struct{}{}:
	default:
		return
	}
	defer func() { <-d.places }()
	conn := &doorConn{Conn: s.conn, in: in.in, session: s, closed: make(chan struct{})}
	d.queue <- conn
	<-conn.closed
}

// close ends the server, whose connections are all closed.
func (d *doors) close() {
	d.server.Close()
	<-d.ended
}

// Accept implements net.Listener.
func (d *doors) Accept() (net.Conn, error) {
	conn, open := <-d.queue
	if !open {
		return nil, net.ErrClosed
	}
	return conn, nil
}

// Close implements net.Listener. No connection is queued any more.
func (d *doors) Close() error {
	close(d.queue)
	return nil
}

// Addr implements net.Listener.
func (d *doors) Addr() net.Addr { return d.holder.addr() }

// weighed notes what a session is at, for End. A request that End cuts ends without
// a word: its client sees whether the answer had begun.
func (d *doors) weighed(door http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s := r.Context().Value(sessionKey{}).(*session)
		if !s.beginRequest() {
			panic(http.ErrAbortHandler)
		}
		ctx, cancel := context.WithCancel(r.Context())
		defer cancel()
		defer context.AfterFunc(s.ctx, cancel)()
		door.ServeHTTP(&weighedWriter{ResponseWriter: w, session: s}, r.WithContext(ctx))
		if s.isCut() {
			panic(http.ErrAbortHandler)
		}
	})
}

// beginRequest notes that a request is being answered; false if the holder ends.
func (s *session) beginRequest() bool {
	s.holder.mu.Lock()
	defer s.holder.mu.Unlock()
	if s.holder.ending {
		return false
	}
	s.running, s.repeatable, s.printed = true, true, false
	return true
}

// isCut reports whether the holder ended while a request was being answered.
func (s *session) isCut() bool {
	s.holder.mu.Lock()
	defer s.holder.mu.Unlock()
	return s.over
}

// endRequest notes that no request is being answered: the last byte of the answer is written, which happens after
// its handler has returned. If the holder has ended by then, the connection is closed, because its client might
// keep it open for long.
func (s *session) endRequest() {
	s.holder.mu.Lock()
	defer s.holder.mu.Unlock()
	s.running = false
	if s.holder.ending {
		s.conn.Close()
	}
	s.holder.signal()
}

// weighedWriter notes that an answer has begun.
type weighedWriter struct {
	http.ResponseWriter
	session *session
}

// Unwrap lets http.ResponseController reach the connection.
func (w *weighedWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// Write implements io.Writer. Nothing is written once the request was cut.
func (w *weighedWriter) Write(p []byte) (int, error) {
	s := w.session
	s.holder.mu.Lock()
	over := s.over
	s.printed = s.printed || !over
	s.holder.mu.Unlock()
	if over {
		return 0, errOver
	}
	return w.ResponseWriter.Write(p)
}

// doorConn is the rest of a connection that frames were read of.
type doorConn struct {
	net.Conn
	in      io.Reader
	session *session
	once    sync.Once
	closed  chan struct{}
}

// Read implements net.Conn.
func (c *doorConn) Read(p []byte) (int, error) { return c.in.Read(p) }

// Close implements net.Conn.
func (c *doorConn) Close() error {
	err := c.Conn.Close()
	c.once.Do(func() { close(c.closed) })
	return err
}
