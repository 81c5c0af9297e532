package attach

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"sync"
	"time"
)

const (
	// maxServed is how many commands of other processes run at a time; more wait.
	maxServed = 64
	// grace is how long served commands may go on before they are handed over.
	// Most end within it, and need not start again.
	grace = time.Second
	// commandWait is how long a client may take to send its command.
	commandWait = 10 * time.Second
	// goodbyeWait is how long the last frames to a client may take.
	goodbyeWait = time.Second
)

// Execute executes a command of another process and returns its exit code. The
// context ends when that process is gone or interrupted, or the holder ends.
type Execute func(ctx context.Context, c *Command, out Output) int

// Holder serves the commands of other processes on a lake that this process holds.
type Holder struct {
	listener *net.UnixListener
	remove   func()
	greeting frame
	execute  Execute
	warnings []string

	mu       sync.Mutex
	sessions map[*session]struct{} // mu; greeted clients
	ending   bool                  // mu
	changed  chan struct{}         // one signal that sessions changed
	work     sync.WaitGroup        // accepting, and every session
}

// Listen starts to serve. The caller has the lake's lock, and calls End before
// it gives the lock away.
func Listen(lakeDir string, execute Execute) (*Holder, error) {
	g, err := newGreeting(lakeDir)
	if err != nil {
		return nil, err
	}
	h := &Holder{execute: execute, sessions: map[*session]struct{}{}, changed: make(chan struct{}, 1)}
	if h.greeting, err = g.frame(); err != nil {
		return nil, err
	}
	if h.listener, h.remove, h.warnings, err = listen(lakeDir); err != nil {
		return nil, err
	}
	h.work.Add(1)
	go h.accept()
	return h, nil
}

// Warnings are sentences about sockets that other users could have used, and
// now cannot.
func (h *Holder) Warnings() []string { return h.warnings }

// accept serves clients, each in a goroutine of its own.
func (h *Holder) accept() {
	defer h.work.Done()
	free := make(chan struct{}, maxServed)
	for {
		conn, err := h.listener.AcceptUnix()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			time.Sleep(10 * time.Millisecond) // out of file descriptors, say
			continue
		}
		h.work.Add(1)
		go func() {
			defer h.work.Done()
			free <- struct{}{}
			defer func() { <-free }()
			h.serve(conn)
		}()
	}
}

// serve greets a client and executes its command.
func (h *Holder) serve(conn *net.UnixConn) {
	defer conn.Close()
	if checkPeer(conn) != nil {
		return
	}
	s := newSession(h, conn)
	if !h.add(s) {
		return
	}
	defer h.drop(s)
	c, in, err := h.receive(s)
	if err != nil || !h.start(s, c) || s.out.write(frame{kind: kindStarted}) != nil {
		return // its client sees the end before "started" and tries again
	}
	go s.watch(in)
	go s.showLife(c.Patience)
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
	c, err := decodeCommand(f)
	if err != nil {
		return nil, nil, err
	}
	return c, in, s.conn.SetDeadline(time.Time{})
}

func decodeCommand(f frame) (*Command, error) {
	if f.kind != kindCommand {
		return nil, errors.New("not a command")
	}
	c := &Command{}
	return c, json.Unmarshal(f.payload, c)
}

func (h *Holder) add(s *session) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.ending {
		return false
	}
	h.sessions[s] = struct{}{}
	return true
}

func (h *Holder) drop(s *session) {
	h.mu.Lock()
	delete(h.sessions, s)
	h.mu.Unlock()
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

// End waits until the lake can be given away, and stops serving. Commands of
// others get a moment to end. Then those that printed something, or must not be
// executed twice, run to their end, and others are served beside them: told, if
// not nil, is called once with their number. The rest is handed over: their
// processes execute them again. The end of ctx cuts the waiting short.
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
	h.remove()
	h.listener.Close()
	h.work.Wait()
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
