package attach

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/auditlake/auditlake/engine/socket"
	"github.com/auditlake/auditlake/panics"
)

const (
	// maxServed is how many commands of other processes run at a time; more wait.
	maxServed = 64
	// grace is how long served commands may go on before they are handed over. Most end within it, and need not
	// start again.
	grace = time.Second
	// commandWait is how long a client may take to send its command.
	commandWait = 10 * time.Second
	// goodbyeWait is how long the last frames to a client may take.
	goodbyeWait = time.Second
	// renewEvery is how often the holder looks whether its socket is still there.
	renewEvery = time.Second
)

// Execute executes a command of another process and returns its exit code. The
// context ends when that process is gone or interrupted, or the holder ends.
type Execute func(ctx context.Context, c *Command, out Output) int

// Holder serves the commands of other processes on a lake that this process holds.
type Holder struct {
	lakeDir  string
	folder   string // of lakeDir when it was opened, see socket.Greeting
	greeting frame
	free     chan struct{} // a place for each command that may run
	execute  Execute
	doors    *doors // nil: this holder speaks no HTTP
	warnings []string
	log      *slog.Logger

	mu       sync.Mutex
	sessions map[*session]struct{} // mu; greeted clients
	ending   bool                  // mu
	listener *net.UnixListener     // mu
	remove   func()                // mu
	file     fs.FileInfo           // mu; of the socket, see renew
	ended    chan struct{}         // closed by End
	changed  chan struct{}         // one signal that sessions changed
	work     sync.WaitGroup        // accepting, and every session
}

// Listen starts to serve: execute executes command lines, and door, if not nil, answers HTTP requests. log, if not
// nil, logs defects. The caller has the lake's lock, and calls End before it gives the lock away.
func Listen(lakeDir string, execute Execute, door http.Handler, log *slog.Logger) (*Holder, error) {
	g, err := socket.NewGreeting(lakeDir, door != nil)
	if err != nil {
		return nil, err
	}
	h := &Holder{
		lakeDir: lakeDir, folder: g.Folder, execute: execute, log: log, free: make(chan struct{}, maxServed),
		sessions: map[*session]struct{}{}, ended: make(chan struct{}), changed: make(chan struct{}, 1),
	}
	if h.greeting, err = greetingFrame(g); err != nil {
		return nil, err
	}
	if door != nil {
		h.doors = newDoors(h, door)
	}
	if h.warnings, err = h.listen(); err != nil {
		return nil, err
	}
	h.work.Go(func() { h.guard("watching the socket", h.watchSocket) })
	return h, nil
}

// listen makes the socket, and accepts clients from it.
func (h *Holder) listen() (warnings []string, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.ending {
		return nil, net.ErrClosed
	}
	listener, remove, warnings, err := socket.Listen(h.lakeDir)
	if err != nil {
		return nil, err
	}
	h.listener, h.remove = listener, remove
	h.file, _ = os.Stat(h.socketPath()) // one that is gone already is made again
	h.work.Go(func() {
		h.guard("serving other processes", func() { h.accept(listener) })
		listener.Close() // after a panic no client waits for what is not accepted any more
	})
	return warnings, nil
}

func (h *Holder) addr() net.Addr {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.listener.Addr()
}

func (h *Holder) socketPath() string { return filepath.Join(h.lakeDir, socket.Name) }

// watchSocket makes the socket again soon after another program, such as a cleaner of temporary folders, removed it.
func (h *Holder) watchSocket() {
	ticker := time.NewTicker(renewEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			h.renew()
		case <-h.ended:
			return
		}
	}
}

// renew makes the socket again if it is gone, or another file has its place. The folder of another lake is left alone.
func (h *Holder) renew() {
	file, err := os.Stat(h.socketPath())
	h.mu.Lock()
	old, isOurs := h.listener, err == nil && h.file != nil && file.Mode()&fs.ModeSocket != 0 && os.SameFile(file, h.file)
	h.mu.Unlock()
	if isOurs {
		return
	}
	if folder, err := socket.FolderID(h.lakeDir); err != nil || folder != h.folder {
		return
	}
	if _, err := h.listen(); err == nil {
		old.Close() // its accepted clients are still served
	}
}

// guard runs what a goroutine of the holder does. A panic ends that alone, and a line in the log says so.
func (h *Holder) guard(work string, run func()) {
	_ = panics.Run(h.log, work, func() error {
		run()
		return nil
	})
}

func greetingFrame(g socket.Greeting) (frame, error) {
	text, err := json.Marshal(g)
	return frame{kind: kindGreeting, payload: text}, err
}

// Warnings are sentences about sockets that other users could have used, and
// now cannot.
func (h *Holder) Warnings() []string { return h.warnings }

// accept serves clients, each in a goroutine of its own.
func (h *Holder) accept(listener *net.UnixListener) {
	for {
		conn, err := listener.AcceptUnix()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			time.Sleep(10 * time.Millisecond) // out of file descriptors, say
			continue
		}
		h.work.Go(func() { h.guard("serving another process", func() { h.serve(conn) }) })
	}
}

// serve greets a client and executes its command, or leads it to the doors. A place
// in h.free is for as long as a command may run.
func (h *Holder) serve(conn *net.UnixConn) {
	defer conn.Close()
	if socket.CheckPeer(conn) != nil {
		return
	}
	h.free <- struct{}{}
	leave := sync.OnceFunc(func() { <-h.free })
	defer leave()
	s := newSession(h, conn)
	if !h.addSession(s) {
		return
	}
	defer h.dropSession(s)
	c, in, err := h.receive(s)
	if errors.Is(err, errSpeaksHTTP) && h.doors != nil {
		leave() // a door has limits of its own
		h.doors.serve(s, in)
		return
	}
	if err != nil || !h.start(s, c) || s.out.write(frame{kind: kindStarted}) != nil {
		return // its client sees the end before "started" and tries again
	}
	go h.guard("watching another process", func() { s.watch(in) })
	go h.guard("showing signs of life", func() { s.showLife(c.Patience) })
	s.finish(s.execute(h.execute, c))
}

// receive greets a client and reads its command.
func (h *Holder) receive(s *session) (*Command, *reader, error) {
	if err := s.conn.SetDeadline(time.Now().Add(commandWait)); err != nil {
		return nil, nil, err
	}
	if err := s.out.write(h.greeting); err != nil {
		return nil, nil, err
	}
	in := newReader(s.conn)
	f, err := in.next()
	if err != nil {
		return nil, nil, err
	}
	if err := s.conn.SetDeadline(time.Time{}); err != nil {
		return nil, nil, err
	}
	if f.kind == kindHTTP {
		return nil, in, errSpeaksHTTP
	}
	c, err := decodeCommand(f)
	return c, in, err
}

func decodeCommand(f frame) (*Command, error) {
	if f.kind != kindCommand {
		return nil, errors.New("not a command")
	}
	c := &Command{}
	return c, json.Unmarshal(f.payload, c)
}

func (h *Holder) addSession(s *session) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.ending {
		return false
	}
	h.sessions[s] = struct{}{}
	return true
}

func (h *Holder) dropSession(s *session) {
	h.mu.Lock()
	delete(h.sessions, s)
	h.mu.Unlock()
	h.signal()
}

// signal wakes End.
func (h *Holder) signal() {
	select {
	case h.changed <- struct{}{}:
	default:
	}
}

// start lets a session's command run, unless the holder is ending.
func (h *Holder) start(s *session, c *Command) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.ending {
		return false
	}
	s.running, s.repeatable = true, c.Repeatable
	return true
}

// End waits until the lake can be given away, and stops serving. Commands of others get a moment to end. Then those
// that printed something, or must not be executed twice, run to their end, and others are served beside them. At
// the beginning of that, the given function, if not nil, is called once with the number of commands that run. The
// rest is handed over: their processes execute them again. The end of ctx cuts the waiting short.
func (h *Holder) End(ctx context.Context, told func(commands int)) {
	timer := time.NewTimer(grace)
	defer timer.Stop()
	for graceOver := false; ; {
		count, ended := h.tryEnd(graceOver, ctx.Err() != nil)
		if ended {
			break
		}
		if graceOver && told != nil {
			told(count)
			told = nil
		}
		select {
		case <-h.changed:
		case <-timer.C:
			graceOver = true
		case <-ctx.Done():
		}
	}
	close(h.ended)
	h.mu.Lock()
	h.remove()
	h.listener.Close()
	h.mu.Unlock()
	h.work.Wait()
	if h.doors != nil {
		h.doors.close()
	}
}

// tryEnd ends all sessions if they can be ended; else it returns how many
// commands run.
func (h *Holder) tryEnd(graceOver, force bool) (commands int, ended bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	pinned := false
	for s := range h.sessions {
		if s.running {
			commands++
		}
		pinned = pinned || s.mustEnd()
	}
	if !force && (pinned || commands > 0 && !graceOver) {
		return commands, false
	}
	h.ending = true
	for s := range h.sessions {
		s.handOver()
	}
	return commands, true
}
