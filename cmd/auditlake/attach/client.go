package attach

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/auditlake/auditlake/engine/socket"
)

// beginWait is how long a holder may take to begin a command before Output.Waiting is called.
const beginWait = 2 * time.Second

// cancelWait is how long a holder may take to end a cancelled command.
const cancelWait = 5 * time.Second

// Run has the holder of a lake execute a command and returns its exit code.
// After socket.ErrNoHolder and socket.ErrHolderEnded the caller tries to take the lock, or
// calls Run again. What the command writes goes to out; a file that was not
// completed is removed. The end of ctx cancels the command.
func Run(ctx context.Context, lakeDir string, c *Command, out Output) (exitCode int, err error) {
	sent := *c
	if sent.Patience <= 0 {
		sent.Patience = DefaultPatience
	}
	text, err := json.Marshal(sent)
	if err != nil {
		return 0, fmt.Errorf("command line: %w", err)
	}
	if len(text) > maxCommandBytes {
		return 0, fmt.Errorf("command line with its input of %d bytes: more than %d", len(text), maxCommandBytes)
	}
	conn, err := socket.Dial(ctx, lakeDir)
	if err != nil {
		return 0, err
	}
	defer conn.Close()
	r := &run{
		repeatable: c.Repeatable, patience: sent.Patience, conn: conn, in: newReader(conn), send: &writer{out: conn}, out: out, files: map[byte]*receivedFile{},
	}
	defer context.AfterFunc(ctx, r.cancel)()
	r.begun = AfterWait(out.Waiting)
	defer r.begun()
	err = r.begin(lakeDir, text)
	if err == nil {
		exitCode, err = r.follow()
	}
	if err != nil && ctx.Err() != nil {
		err = ctx.Err()
	}
	if removeErr := r.removePartial(); removeErr != nil {
		err = errors.Join(err, removeErr)
	}
	return exitCode, err
}

// run is a command that a holder executes for this process.
type run struct {
	repeatable bool
	patience   time.Duration
	pid        int // of the holder, 0 before it is known
	conn       *net.UnixConn
	in         *reader
	send       *writer
	out        Output
	files      map[byte]*receivedFile

	mu        sync.Mutex
	cancelled bool // mu: the deadline of the connection stays

	started atomic.Bool
	printed bool
	begun   func() // ends the wait for Output.Waiting
}

// AfterWait calls tell, if it is not nil, after the time that a holder may take to
// answer, unless stop is called before. stop waits for tell.
func AfterWait(tell func()) (stop func()) {
	if tell == nil {
		return func() {}
	}
	told := make(chan struct{})
	timer := time.AfterFunc(beginWait, func() {
		defer close(told)
		tell()
	})
	return sync.OnceFunc(func() {
		if !timer.Stop() {
			<-told
		}
	})
}

// receivedFile is a file whose bytes come from the holder.
type receivedFile struct {
	File
	complete bool
}

// cancel asks the holder to end the command, and waits a while for it.
func (r *run) cancel() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.cancelled = true
	if !r.started.Load() {
		r.conn.SetDeadline(time.Now())
		return
	}
	r.conn.SetDeadline(time.Now().Add(cancelWait))
	_ = r.send.write(frame{kind: kindCancel}) // a holder that is gone has ended it
}

// next reads a frame of the holder, which may take as long as the command's patience.
func (r *run) next() (frame, error) {
	r.mu.Lock()
	if !r.cancelled {
		r.conn.SetDeadline(time.Now().Add(r.patience))
	}
	r.mu.Unlock()
	f, err := r.in.next()
	if errors.Is(err, os.ErrDeadlineExceeded) {
		started := r.started.Load()
		err = &socket.SilentError{PID: r.holderPID(), Patience: r.patience, Unknown: started && !r.repeatable, Printed: started && r.printed}
	}
	return f, err
}

func (r *run) holderPID() int {
	if r.pid == 0 {
		return socket.PeerPID(r.conn)
	}
	return r.pid
}

// begin checks who answers and sends the command.
func (r *run) begin(lakeDir string, command []byte) error {
	f, err := r.next()
	var silent *socket.SilentError
	if errors.As(err, &silent) {
		return err
	}
	if err != nil {
		return socket.ErrNoHolder
	}
	if f.kind != kindGreeting {
		return socket.ErrNotAuditlake
	}
	g, err := socket.ParseGreeting(f.payload)
	if err != nil {
		return err
	}
	if err := g.CheckCommands(lakeDir); err != nil {
		return err
	}
	r.pid = g.PID
	err = r.send.write(frame{kind: kindCommand, payload: command})
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return &socket.SilentError{PID: r.pid, Patience: r.patience}
	}
	if err != nil {
		return socket.ErrNoHolder
	}
	return nil
}

// follow does what the holder says until the command has ended.
func (r *run) follow() (exitCode int, err error) {
	for {
		f, err := r.next()
		var silent *socket.SilentError
		if errors.As(err, &silent) {
			return 0, err
		}
		if err != nil {
			return 0, r.lost()
		}
		switch f.kind {
		case kindAlive:
		case kindStarted:
			r.started.Store(true)
			r.begun()
		case kindExit:
			return f.exitCode()
		case kindAgain:
			return 0, r.lost()
		default:
			if err := r.write(f); err != nil {
				return 0, err
			}
		}
	}
}

// lost is the error of a command whose end is not known.
func (r *run) lost() error {
	switch {
	case !r.started.Load():
		return socket.ErrNoHolder
	case r.printed || !r.repeatable:
		return &socket.LostError{Printed: r.printed}
	}
	return socket.ErrHolderEnded
}

// write does what a frame says of standard output, standard error or a file.
func (r *run) write(f frame) error {
	switch {
	case f.kind == kindData && f.stream == streamOut:
		r.printed = true
		return writeAll(r.out.Stdout, f.payload)
	case f.kind == kindData && f.stream == streamErr:
		return writeAll(r.out.Stderr, f.payload)
	case f.kind == kindCreate:
		return r.create(f)
	}
	file, ok := r.files[f.stream]
	switch {
	case !ok:
		return fmt.Errorf("frame %c of the holder names no stream", f.kind)
	case f.kind == kindData:
		return writeAll(file, f.payload)
	case f.kind == kindClose:
		file.complete = true
		return file.Close()
	case f.kind == kindRemove:
		delete(r.files, f.stream)
		return file.Remove()
	}
	return fmt.Errorf("unexpected frame %c of the holder", f.kind)
}

func writeAll(w io.Writer, p []byte) error {
	_, err := w.Write(p)
	return err
}

func (r *run) create(f frame) error {
	if r.files[f.stream] != nil || len(r.files) >= maxFiles {
		return errors.New("the holder sent too many files")
	}
	file, err := r.out.Create(string(f.payload))
	if err == nil {
		r.files[f.stream] = &receivedFile{File: file}
	}
	return err
}

// removePartial removes the files that the command did not complete.
func (r *run) removePartial() error {
	var errs []error
	for _, file := range r.files {
		if !file.complete {
			errs = append(errs, file.Close(), file.Remove())
		}
	}
	return errors.Join(errs...)
}
