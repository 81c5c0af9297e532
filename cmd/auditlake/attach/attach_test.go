package attach

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/socket"
)

// lakeFolder is a folder whose path leaves room for a socket.
func lakeFolder(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "lake")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, os.RemoveAll(dir)) })
	return dir
}

// holding serves the lake until the test ends, or end is called.
func holding(t *testing.T, dir string, execute Execute) *Holder {
	t.Helper()
	h, err := Listen(dir, execute, nil, nil)
	require.NoError(t, err)
	return h
}

// cut ends a holder at once, as an interrupt does.
func cut(h *Holder) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	h.End(ctx, nil)
}

// answer is what a client got.
type answer struct {
	code     int
	err      error
	out, log string
}

func ask(ctx context.Context, dir string, c *Command) answer {
	var out, log bytes.Buffer
	code, err := Run(ctx, dir, c, Output{Stdout: &out, Stderr: &log, Create: createFile})
	return answer{code: code, err: err, out: out.String(), log: log.String()}
}

type testFile struct{ *os.File }

func createFile(name string) (File, error) {
	f, err := os.Create(name)
	return testFile{f}, err
}

func (f testFile) Remove() error { return os.Remove(f.Name()) }

func TestCommandAndItsOutput(t *testing.T) {
	dir := lakeFolder(t)
	long := strings.Repeat("0123456789abcdef", 3*maxDataBytes/16) + "end"
	sent := &Command{
		Args: []string{"query", "-f", "x"}, Dir: dir, Stdin: []byte("in\x00\xff"), StdinEnded: true,
		Files: map[string][]byte{"x": []byte("SELECT 1")}, Secrets: []byte("s"), Terminal: true, Repeatable: true, Patience: time.Hour,
	}
	h := holding(t, dir, func(_ context.Context, c *Command, out Output) int {
		require.Equal(t, sent, c)
		_, err := io.WriteString(out.Stdout, long)
		require.NoError(t, err)
		_, err = io.WriteString(out.Stderr, "a note")
		require.NoError(t, err)
		return 3
	})
	defer cut(h)
	require.Equal(t, answer{code: 3, out: long, log: "a note"}, ask(context.Background(), dir, sent))

	info, err := os.Stat(filepath.Join(dir, socket.Name))
	require.NoError(t, err)
	require.EqualValues(t, 0o600, info.Mode().Perm())
}

func TestFilesOfTheClient(t *testing.T) {
	dir := lakeFolder(t)
	whole, partial, removed := filepath.Join(dir, "whole"), filepath.Join(dir, "partial"), filepath.Join(dir, "removed")
	h := holding(t, dir, func(_ context.Context, _ *Command, out Output) int {
		for _, name := range []string{whole, partial, removed} {
			f, err := out.Create(name)
			require.NoError(t, err)
			_, err = io.WriteString(f, "content of "+name)
			require.NoError(t, err)
			if name != partial {
				require.NoError(t, f.Close())
			}
			if name == removed {
				require.NoError(t, f.Remove())
			}
		}
		return 0
	})
	defer cut(h)
	require.Equal(t, answer{}, ask(context.Background(), dir, &Command{}))
	text, err := os.ReadFile(whole)
	require.NoError(t, err)
	require.Equal(t, "content of "+whole, string(text))
	require.NoFileExists(t, partial, "it was not completed")
	require.NoFileExists(t, removed)
}

func TestFileThatCannotBeMade(t *testing.T) {
	dir := lakeFolder(t)
	cancelled := make(chan struct{})
	h := holding(t, dir, func(ctx context.Context, _ *Command, out Output) int {
		f, err := out.Create(filepath.Join(dir, "missing", "file"))
		require.NoError(t, err)
		for err == nil {
			_, err = f.Write(make([]byte, maxDataBytes))
		}
		<-ctx.Done()
		close(cancelled)
		return 0
	})
	defer cut(h)
	require.ErrorIs(t, ask(context.Background(), dir, &Command{}).err, os.ErrNotExist)
	<-cancelled
}

func TestInterruptedClient(t *testing.T) {
	dir := lakeFolder(t)
	ctx, interrupt := context.WithCancel(context.Background())
	h := holding(t, dir, func(ctx context.Context, _ *Command, out Output) int {
		io.WriteString(out.Stdout, "begun")
		<-ctx.Done()
		io.WriteString(out.Stderr, "interrupted")
		return 130
	})
	defer cut(h)
	var log bytes.Buffer
	code, err := Run(ctx, dir, &Command{}, Output{Stdout: writerFunc(interrupt), Stderr: &log})
	require.NoError(t, err)
	require.Equal(t, 130, code)
	require.Equal(t, "interrupted", log.String(), "it hears how the command ended")
}

// writerFunc is called with every write.
type writerFunc func()

func (f writerFunc) Write(p []byte) (int, error) {
	f()
	return len(p), nil
}

func TestSlowReaderHoldsTheCommandBack(t *testing.T) {
	dir := lakeFolder(t)
	written := make(chan struct{}, 1<<20)
	h := holding(t, dir, func(ctx context.Context, _ *Command, out Output) int {
		var err error
		for err == nil {
			_, err = out.Stdout.Write(make([]byte, maxDataBytes))
			written <- struct{}{}
		}
		<-ctx.Done() // only its end lets the command go on
		return 0
	})
	defer cut(h)
	ctx, interrupt := context.WithCancel(context.Background())
	from, to := net.Pipe() // a reader that takes nothing
	done := make(chan error)
	go func() {
		_, err := Run(ctx, dir, &Command{}, Output{Stdout: to, Stderr: io.Discard})
		done <- err
	}()
	_, err := from.Read(make([]byte, 1))
	require.NoError(t, err)
	interrupt()
	require.NoError(t, from.Close())
	require.Error(t, <-done)
	require.Less(t, len(written), 1000, "the command ran ahead of its reader")
}

func TestPanicStaysInItsCommand(t *testing.T) {
	dir := lakeFolder(t)
	h := holding(t, dir, func(context.Context, *Command, Output) int { panic("broken") })
	defer cut(h)
	for range 2 {
		got := ask(context.Background(), dir, &Command{})
		require.NoError(t, got.err)
		require.Equal(t, 1, got.code)
		require.Contains(t, got.log, "internal error: broken")
	}
}

func TestManyAtOnce(t *testing.T) {
	dir := lakeFolder(t)
	h := holding(t, dir, func(_ context.Context, c *Command, out Output) int {
		for range 50 {
			io.WriteString(out.Stdout, c.Args[0])
		}
		return 0
	})
	defer cut(h)
	var clients sync.WaitGroup
	for i := range 2 * maxServed {
		clients.Add(1)
		go func() {
			defer clients.Done()
			name := string(rune('A' + i%26))
			for {
				got := ask(context.Background(), dir, &Command{Args: []string{name}})
				if errors.Is(got.err, socket.ErrNoHolder) { // too many wait already
					time.Sleep(time.Millisecond)
					continue
				}
				if got.err != nil || got.out != strings.Repeat(name, 50) {
					t.Errorf("client %d: %+v", i, got)
				}
				return
			}
		}()
	}
	clients.Wait()
}

func TestNobodyAnswers(t *testing.T) {
	for _, test := range []struct {
		name    string
		prepare func(t *testing.T, dir string)
	}{
		{"no socket", func(*testing.T, string) {}},
		{"socket of a killed holder", func(t *testing.T, dir string) { leaveSocket(t, filepath.Join(dir, socket.Name)) }},
		{"link to nothing", func(t *testing.T, dir string) {
			require.NoError(t, os.Symlink(filepath.Join(dir, "none"), filepath.Join(dir, socket.Name)))
		}},
		{"another file", func(t *testing.T, dir string) {
			require.NoError(t, os.WriteFile(filepath.Join(dir, socket.Name), nil, 0o600))
		}},
		{"half set up", func(t *testing.T, dir string) { leaveSocket(t, filepath.Join(dir, "attach.new")) }},
		{"holder of another lake", func(t *testing.T, dir string) {
			other := lakeFolder(t)
			h := holding(t, other, func(context.Context, *Command, Output) int { panic("asked for another lake") })
			t.Cleanup(func() { cut(h) })
			require.NoError(t, os.Symlink(filepath.Join(other, socket.Name), filepath.Join(dir, socket.Name)))
		}},
		{"holder that ends before it greets", func(t *testing.T, dir string) {
			talk(t, dir, func(conn net.Conn) {})
		}},
		{"holder that ends before it starts", func(t *testing.T, dir string) {
			talk(t, dir, func(conn net.Conn) { greet(t, conn, dir, nil) })
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := lakeFolder(t)
			test.prepare(t, dir)
			require.Equal(t, answer{err: socket.ErrNoHolder}, ask(context.Background(), dir, &Command{}))

			h := holding(t, dir, func(context.Context, *Command, Output) int { return 7 })
			require.Equal(t, answer{code: 7}, ask(context.Background(), dir, &Command{}), "the next holder takes the place")
			cut(h)
			require.Equal(t, answer{err: socket.ErrNoHolder}, ask(context.Background(), dir, &Command{}))
			require.NoFileExists(t, filepath.Join(dir, "attach.new"))
		})
	}
}

// leaveSocket makes a socket that nobody listens on.
func leaveSocket(t *testing.T, path string) {
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	require.NoError(t, err)
	l.SetUnlinkOnClose(false)
	require.NoError(t, l.Close())
}

// talk lets a false holder talk to the next client, and hang up.
func talk(t *testing.T, dir string, say func(net.Conn)) {
	l, err := net.Listen("unix", filepath.Join(dir, socket.Name))
	require.NoError(t, err)
	l.(*net.UnixListener).SetUnlinkOnClose(false)
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer l.Close()
		conn, err := l.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		say(conn)
	}()
	t.Cleanup(func() { l.Close(); <-done })
}

// greet sends a holder's greeting, edited, and takes the client's command.
func greet(t *testing.T, conn net.Conn, dir string, edit func(*socket.Greeting)) {
	g, err := socket.NewGreeting(dir, false)
	require.NoError(t, err)
	if edit != nil {
		edit(&g)
	}
	f, err := greetingFrame(g)
	require.NoError(t, err)
	require.NoError(t, (&writer{out: conn}).write(f))
	newReader(conn).next()
}

// A holder that is stopped, say, keeps its clients waiting: they are told so.
func TestHolderThatDoesNotAnswer(t *testing.T) {
	t.Parallel() // it waits
	for name, greets := range map[string]bool{"at all": false, "after its greeting": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := lakeFolder(t)
			told := make(chan struct{})
			talk(t, dir, func(conn net.Conn) {
				if greets {
					greet(t, conn, dir, nil)
				}
				<-told
			})
			_, err := Run(context.Background(), dir, &Command{}, Output{Waiting: func() { close(told) }})
			require.ErrorIs(t, err, socket.ErrNoHolder)
		})
	}
}

// TestSilentHolder: a client gives up on a holder that is stopped, wherever that
// happens, and says what it does not know.
func TestSilentHolder(t *testing.T) {
	t.Parallel() // it waits
	for _, test := range []struct {
		name       string
		say        []frame // after the greeting; nil: not even that
		repeatable bool
		want       socket.SilentError
	}{
		{"at all", nil, false, socket.SilentError{PID: os.Getpid()}},
		{"after its greeting", []frame{}, false, socket.SilentError{PID: 4711}},
		{"after it started", []frame{{kind: kindStarted}, {kind: kindAlive}}, false, socket.SilentError{PID: 4711, Unknown: true}},
		{"after it started what may be repeated", []frame{{kind: kindStarted}}, true, socket.SilentError{PID: 4711}},
		{"while it answered", []frame{{kind: kindStarted}, {kind: kindData, stream: streamOut, payload: []byte("x")}}, true,
			socket.SilentError{PID: 4711, Printed: true}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel() // they wait
			dir := lakeFolder(t)
			over := make(chan struct{})
			talk(t, dir, func(conn net.Conn) {
				if test.say != nil {
					greet(t, conn, dir, func(g *socket.Greeting) { g.PID = 4711 })
				}
				for _, f := range test.say {
					require.NoError(t, (&writer{out: conn}).write(f))
				}
				<-over
			})
			test.want.Patience = 3 * time.Second // which the holder keeps before it falls silent, on any machine
			got := ask(context.Background(), dir, &Command{Patience: test.want.Patience, Repeatable: test.repeatable})
			close(over)
			var silent *socket.SilentError
			require.ErrorAs(t, got.err, &silent)
			if test.say == nil && silent.PID == 0 { // not every system tells
				test.want.PID = 0
			}
			require.Equal(t, test.want, *silent)
			require.ErrorContains(t, got.err, "has not answered for 3s")
		})
	}
}

// TestBusyHolderShowsLife: a command that writes nothing for long is not taken for
// one of a stopped holder.
func TestBusyHolderShowsLife(t *testing.T) {
	dir := lakeFolder(t)
	release := make(chan struct{})
	h := holding(t, dir, func(context.Context, *Command, Output) int {
		<-release
		return 7
	})
	defer cut(h)
	conn, err := socket.Dial(context.Background(), dir)
	require.NoError(t, err)
	defer conn.Close()
	in := newReader(conn)
	expect := func(kind kind) frame {
		f, err := in.next()
		require.NoError(t, err)
		require.Equal(t, string(kind), string(f.kind))
		return f
	}
	expect(kindGreeting)
	text, err := json.Marshal(Command{Patience: 4 * time.Millisecond})
	require.NoError(t, err)
	require.NoError(t, (&writer{out: conn}).write(frame{kind: kindCommand, payload: text}))
	expect(kindStarted)
	for range 10 {
		expect(kindAlive)
	}
	close(release)
	for {
		f, err := in.next()
		require.NoError(t, err)
		if f.kind == kindExit {
			return
		}
		require.Equal(t, string(kindAlive), string(f.kind))
	}
}

func TestHoldersThatCannotBeAsked(t *testing.T) {
	for _, test := range []struct {
		name string
		say  func(t *testing.T, conn net.Conn, dir string)
		want string
	}{
		{"other protocol", func(t *testing.T, conn net.Conn, dir string) {
			greet(t, conn, dir, func(g *socket.Greeting) { g.PID, g.Protocol, g.Program = 4711, 99, "v9" })
		}, "process 4711 holds the lake and is another version of auditlake (v9, protocol 99; this is "},
		{"other build", func(t *testing.T, conn net.Conn, dir string) {
			greet(t, conn, dir, func(g *socket.Greeting) { g.Program = "v9" })
		}, "use the same version, or wait until that process has ended"},
		{"other program", func(t *testing.T, conn net.Conn, dir string) {
			conn.Write([]byte("220 mail.example.com ESMTP\r\n"))
		}, socket.ErrNoHolder.Error()},
		{"greeting without sense", func(t *testing.T, conn net.Conn, dir string) {
			require.NoError(t, (&writer{out: conn}).write(frame{kind: kindGreeting, payload: []byte("[")}))
		}, "is not auditlake"},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := lakeFolder(t)
			talk(t, dir, func(conn net.Conn) { test.say(t, conn, dir) })
			got := ask(context.Background(), dir, &Command{})
			require.ErrorContains(t, got.err, test.want)
		})
	}
}

// TestVanishedHolder: what a client may do next when its holder is killed.
func TestVanishedHolder(t *testing.T) {
	out := frame{kind: kindData, stream: streamOut, payload: []byte("1\n")}
	note := frame{kind: kindData, stream: streamErr, payload: []byte("50 %")}
	for _, test := range []struct {
		name       string
		repeatable bool
		frames     []frame
		want       error
	}{
		{"before the start", false, nil, socket.ErrNoHolder},
		{"nothing printed", true, []frame{{kind: kindStarted}}, socket.ErrHolderEnded},
		{"only progress printed", true, []frame{{kind: kindStarted}, note}, socket.ErrHolderEnded},
		{"part of the answer printed", true, []frame{{kind: kindStarted}, out}, &socket.LostError{Printed: true}},
		{"command for once", false, []frame{{kind: kindStarted}}, &socket.LostError{}},
		{"handed over", true, []frame{{kind: kindStarted}, {kind: kindAgain}}, socket.ErrHolderEnded},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := lakeFolder(t)
			talk(t, dir, func(conn net.Conn) {
				greet(t, conn, dir, nil)
				for _, f := range test.frames {
					require.NoError(t, (&writer{out: conn}).write(f))
				}
			})
			require.Equal(t, test.want, ask(context.Background(), dir, &Command{Repeatable: test.repeatable}).err)
		})
	}
}

// TestEnd: what becomes of a command when the holder's own has ended.
func TestEnd(t *testing.T) {
	t.Parallel() // it waits
	for _, test := range []struct {
		name       string
		repeatable bool
		before     string // printed before the holder ends
		interrupt  bool   // the holder is interrupted
		finish     bool   // the command ends by itself once the holder waits for it
		want       answer
	}{
		{"handed over", true, "", false, false, answer{err: socket.ErrHolderEnded}},
		{"printed: runs to its end", true, "a", false, true, answer{out: "ab"}},
		{"for once: runs to its end", false, "", false, true, answer{out: "b"}},
		{"printed, holder interrupted", true, "a", true, false, answer{out: "a", err: &socket.LostError{Printed: true}}},
		{"for once, holder interrupted", false, "", true, false, answer{code: 130, out: "c"}},
		{"handed over, holder interrupted", true, "", true, false, answer{err: socket.ErrHolderEnded}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			dir := lakeFolder(t)
			began, finish := make(chan struct{}), make(chan struct{})
			h := holding(t, dir, func(ctx context.Context, _ *Command, out Output) int {
				if test.before != "" {
					io.WriteString(out.Stdout, test.before)
				}
				close(began)
				select {
				case <-finish:
					io.WriteString(out.Stdout, "b")
					return 0
				case <-ctx.Done():
					io.WriteString(out.Stdout, "c")
					return 130
				}
			})
			got := make(chan answer)
			go func() { got <- ask(context.Background(), dir, &Command{Repeatable: test.repeatable}) }()
			<-began
			ctx, interrupt := context.WithCancel(context.Background())
			defer interrupt()
			if test.interrupt {
				interrupt()
			}
			waited := 0
			h.End(ctx, func(commands int) {
				waited = commands
				close(finish)
			})
			require.Equal(t, test.want, <-got)
			require.Equal(t, test.finish, waited == 1)
			_, err := os.Lstat(filepath.Join(dir, socket.Name))
			require.ErrorIs(t, err, os.ErrNotExist)
		})
	}
}

// TestServesOnWhileItWaits: a holder that waits for a command takes others on.
func TestServesOnWhileItWaits(t *testing.T) {
	dir := lakeFolder(t)
	began, finish := make(chan struct{}), make(chan struct{})
	h := holding(t, dir, func(_ context.Context, c *Command, out Output) int {
		if c.Args[0] == "long" {
			close(began)
			<-finish
		}
		io.WriteString(out.Stdout, c.Args[0])
		return 0
	})
	long := make(chan answer)
	go func() { long <- ask(context.Background(), dir, &Command{Args: []string{"long"}}) }()
	<-began
	h.End(context.Background(), func(int) {
		go func() {
			defer close(finish)
			if got := ask(context.Background(), dir, &Command{Args: []string{"short"}}); got.out != "short" || got.err != nil {
				t.Errorf("%+v", got)
			}
		}()
	})
	require.Equal(t, answer{out: "long"}, <-long)
}

// TestHandOverLosesNothing: whichever of many clients holds the lake in turn,
// each gets its whole answer once.
func TestHandOverLosesNothing(t *testing.T) {
	dir := lakeFolder(t)
	var lock sync.Mutex // as the lake's
	work := func(_ context.Context, c *Command, out Output) int {
		for _, part := range c.Args {
			io.WriteString(out.Stdout, part)
		}
		return 0
	}
	client := func(name string) answer {
		c := &Command{Args: []string{name, name, name}, Repeatable: true}
		for {
			if lock.TryLock() {
				h, err := Listen(dir, work, nil, nil)
				if err != nil {
					lock.Unlock()
					return answer{err: err}
				}
				var out bytes.Buffer
				code := work(context.Background(), c, Output{Stdout: &out})
				h.End(context.Background(), nil)
				lock.Unlock()
				return answer{code: code, out: out.String()}
			}
			got := ask(context.Background(), dir, c)
			if !errors.Is(got.err, socket.ErrNoHolder) && !errors.Is(got.err, socket.ErrHolderEnded) {
				return got
			}
			time.Sleep(time.Millisecond)
		}
	}
	var clients sync.WaitGroup
	for i := range 16 {
		clients.Add(1)
		go func() {
			defer clients.Done()
			for range 20 {
				name := string(rune('a' + i))
				if got := client(name); got.err != nil || got.out != name+name+name {
					t.Errorf("client %s: %+v", name, got)
				}
			}
		}()
	}
	clients.Wait()
}

func TestLongLakePath(t *testing.T) {
	for _, test := range []struct {
		name    string
		runtime func(t *testing.T) string
	}{
		{"runtime folder", lakeFolder},
		{"no runtime folder", func(*testing.T) string { return "" }},
		{"runtime folder that cannot be made", func(*testing.T) string { return "/dev/null/run" }},
	} {
		t.Run(test.name, func(t *testing.T) {
			temporary, err := os.MkdirTemp("/tmp", "run")
			require.NoError(t, err)
			t.Cleanup(func() { require.NoError(t, os.RemoveAll(temporary)) })
			t.Setenv("TMPDIR", temporary)
			t.Setenv("XDG_RUNTIME_DIR", test.runtime(t))
			dir := filepath.Join(temporary, strings.Repeat("long", 30))
			require.NoError(t, os.Mkdir(dir, 0o700))
			h := holding(t, dir, func(context.Context, *Command, Output) int { return 5 })
			t.Setenv("XDG_RUNTIME_DIR", "/another/environment")
			t.Setenv("TMPDIR", "/another")
			require.Equal(t, answer{code: 5}, ask(context.Background(), dir, &Command{}))
			target, err := os.Readlink(filepath.Join(dir, socket.Name))
			require.NoError(t, err)
			cut(h)
			require.NoFileExists(t, target)
			_, err = os.Lstat(filepath.Join(dir, socket.Name))
			require.ErrorIs(t, err, os.ErrNotExist)
		})
	}
}

func TestCommandLineTooLong(t *testing.T) {
	got := ask(context.Background(), lakeFolder(t), &Command{Stdin: make([]byte, maxCommandBytes)})
	require.ErrorContains(t, got.err, "more than")
}

func TestGreetingIsTheSameInAllVersions(t *testing.T) {
	g := socket.Greeting{Protocol: 1, Program: "v1", PID: 7, Folder: "1:2"}
	f, err := greetingFrame(g)
	require.NoError(t, err)
	var sent bytes.Buffer
	require.NoError(t, (&writer{out: &sent}).write(f))
	require.Equal(t, "G\x00\x00\x00\x00\x34"+`{"protocol":1,"program":"v1","pid":7,"folder":"1:2"}`, sent.String())
	var back socket.Greeting
	require.NoError(t, json.Unmarshal(sent.Bytes()[headerBytes:], &back))
	require.Equal(t, g, back)
}

// TestSocketIsMadeAgain: a holder makes its socket again after another program removed or replaced it, and leaves the socket of another lake alone.
func TestSocketIsMadeAgain(t *testing.T) {
	answers := func(context.Context, *Command, Output) int { return 7 }
	for name, change := range map[string]func(path string) error{
		"removed": os.Remove,
		"replaced by a file": func(path string) error {
			return errors.Join(os.Remove(path), os.WriteFile(path, nil, 0o600))
		},
		"replaced by a link to nothing": func(path string) error {
			return errors.Join(os.Remove(path), os.Symlink(path+".none", path))
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := lakeFolder(t)
			h := holding(t, dir, answers)
			path := filepath.Join(dir, socket.Name)
			before, err := os.Lstat(path)
			require.NoError(t, err)
			h.renew()
			after, err := os.Lstat(path)
			require.NoError(t, err)
			require.True(t, os.SameFile(before, after), "a socket that is there stays")
			for range 2 {
				require.NoError(t, change(path))
				require.Equal(t, answer{err: socket.ErrNoHolder}, ask(t.Context(), dir, &Command{}))
				h.renew()
				require.Equal(t, answer{code: 7}, ask(t.Context(), dir, &Command{}))
			}
			cut(h)
			require.NoFileExists(t, path)
		})
	}
	t.Run("a removed socket is noticed", func(t *testing.T) {
		dir := lakeFolder(t)
		h := holding(t, dir, answers)
		defer cut(h)
		require.NoError(t, os.Remove(filepath.Join(dir, socket.Name)))
		require.Eventually(t, func() bool { return ask(t.Context(), dir, &Command{}).code == 7 }, time.Minute, 10*time.Millisecond)
	})
	t.Run("another lake has the folder's name", func(t *testing.T) {
		dir := lakeFolder(t)
		h := holding(t, dir, answers)
		require.NoError(t, os.Rename(dir, dir+".moved"))
		t.Cleanup(func() { require.NoError(t, os.RemoveAll(dir+".moved")) })
		require.NoError(t, os.Mkdir(dir, 0o700))
		h.renew()
		require.NoFileExists(t, filepath.Join(dir, socket.Name))
		cut(h)
	})
}
