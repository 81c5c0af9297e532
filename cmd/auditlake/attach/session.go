package attach

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"runtime/debug"
	"time"
)

// session is one client of a holder.
type session struct {
	holder *Holder
	conn   net.Conn
	out    *writer
	ctx    context.Context
	cancel context.CancelFunc

	// Guarded by the holder's mu, so that ending weighs all sessions at one instant.
	running    bool // the command may have an effect
	repeatable bool
	printed    bool // something went to standard output
	over       bool // handed over, or cut
	files      int
}

// errOver ends the writing of a command that was handed over.
var errOver = errors.New("the command was handed over to its own process")

func newSession(h *Holder, conn net.Conn) *session {
	s := &session{holder: h, conn: conn, out: &writer{out: conn}}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	return s
}

// mustEnd reports whether only the command can end itself.
func (s *session) mustEnd() bool { return s.running && (s.printed || !s.repeatable) }

// watch cancels the command when the client asks for it or is gone.
func (s *session) watch(in *reader) {
	_, _ = in.next() // a cancel frame, the end, or nonsense
	s.stop()
}

// lifeSigns is how many signs of life a client gets within its patience.
const lifeSigns = 4

// showLife sends signs of life while the command runs.
func (s *session) showLife(patience time.Duration) {
	every := time.NewTicker(max(patience/lifeSigns, time.Millisecond))
	defer every.Stop()
	for {
		select {
		case <-s.ctx.Done():
			return
		case <-every.C:
			if s.out.write(frame{kind: kindAlive}) != nil {
				return // the client is gone
			}
		}
	}
}

// stop cancels the command. A client that does not read gets no long goodbye.
func (s *session) stop() {
	s.cancel()
	s.conn.SetWriteDeadline(time.Now().Add(goodbyeWait))
}

// handOver cancels the command, for its client to start again or to say that the answer was cut. If the command has
// printed nothing and must not be executed twice, its client still learns how it ended. The caller has the holder's
// mu.
func (s *session) handOver() {
	if !s.running {
		s.conn.Close()
		return
	}
	s.over = s.printed || s.repeatable
	s.stop()
}

// execute runs the command. A panic is its own, not the holder's.
func (s *session) execute(execute Execute, c *Command) (code int) {
	defer s.cancel()
	out := Output{
		Stdout: &stream{session: s, number: streamOut},
		Stderr: &stream{session: s, number: streamErr},
		Create: s.create,
	}
	defer func() {
		if p := recover(); p != nil {
			fmt.Fprintf(out.Stderr, "error: internal error: %v\n%s", p, debug.Stack())
			code = 1
		}
	}()
	return execute(s.ctx, c, out)
}

// finish sends the client how the command ended; one that is gone need not know.
func (s *session) finish(code int) {
	s.holder.mu.Lock()
	over, printed := s.over, s.printed
	s.holder.mu.Unlock()
	switch {
	case !over:
		_ = s.out.write(exitFrame(code))
	case !printed:
		_ = s.out.write(frame{kind: kindAgain})
	}
}

// send sends a frame of the running command. Once the command was handed over its client starts again, so nothing
// of this run may reach it.
func (s *session) send(f frame) error {
	s.holder.mu.Lock()
	over := s.over
	s.printed = s.printed || !over && f.kind == kindData && f.stream == streamOut
	s.holder.mu.Unlock()
	if over {
		return errOver
	}
	return s.out.write(f)
}

// stream is a writer whose bytes end in the client's process.
type stream struct {
	session *session
	number  byte
}

func (w *stream) Write(p []byte) (int, error) {
	done := 0
	for part := range chunks(p) {
		if err := w.session.send(frame{kind: kindData, stream: w.number, payload: part}); err != nil {
			return done, err
		}
		done += len(part)
	}
	return done, nil
}

// chunks cuts bytes into parts that fit a frame.
func chunks(p []byte) func(yield func([]byte) bool) {
	return func(yield func([]byte) bool) {
		for r := bytes.NewBuffer(p); r.Len() > 0; {
			if !yield(r.Next(maxDataBytes)) {
				return
			}
		}
	}
}

// create makes a file in the client's process.
func (s *session) create(name string) (File, error) {
	s.holder.mu.Lock()
	s.files++
	number := s.files
	s.holder.mu.Unlock()
	if number > maxFiles || len(name) > maxDataBytes {
		return nil, fmt.Errorf("create %s: too many files or too long a name", name)
	}
	f := &sentFile{stream{session: s, number: streamErr + byte(number)}}
	return f, s.send(frame{kind: kindCreate, stream: f.number, payload: []byte(name)})
}

// sentFile is a file in the client's process.
type sentFile struct{ stream }

var _ io.WriteCloser = (*sentFile)(nil)

// Close informs the client that the file is complete.
func (f *sentFile) Close() error { return f.session.send(frame{kind: kindClose, stream: f.number}) }

// Remove removes the client's file.
func (f *sentFile) Remove() error { return f.session.send(frame{kind: kindRemove, stream: f.number}) }
