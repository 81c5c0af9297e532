package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/auditlake/auditlake/cmd/auditlake/attach"
	"github.com/auditlake/auditlake/engine"
	"github.com/auditlake/auditlake/engine/socket"
)

// Every command gets its lake from withLake. A process that cannot have it, since
// another holds it, has its command line executed there; see docs/decisions/006-attach.md.
// So a command touches nothing of its process but through program: the streams,
// readFile, createFile and path.

// repeatable are the commands that may be executed again when the process that
// executed them vanished before it answered. Others could act twice.
var repeatable = map[string]bool{
	"query": true, "open": true, "explain": true, "describe": true, "usage": true, "verify": true,
	"store list": true, "store show": true, "table list": true, "queries list": true, "queries show": true, "queries results": true, "queries receipt": true,
	"keys list": true, "keys show": true, "imports list": true, "imports show": true, "imports failures": true,
	"dashboard export": true, "dashboard diff": true, "dashboard render": true,
	"import": true, "compact": true, "expire": true,
}

// changing are the commands whose purpose is to change the lake.
var changing = map[string]bool{
	"import": true, "imports stop": true, "compact": true, "expire": true, "demo": true, "table create": true, "table drop": true,
	"keys create": true, "keys revoke": true, "keys reopen": true, "dashboard apply": true, "dashboard refresh": true, "saved save": true, "saved remove": true,
	"store create": true, "store update": true, "store delete": true, "store restore": true, "store start": true, "store stop": true,
}

const (
	firstRetry = 2 * time.Millisecond
	lastRetry  = 100 * time.Millisecond
	// sayAfter is how long a command waits before it says so.
	sayAfter = 2 * time.Second
)

// reported ends a command that has nothing left to print: the lake's holder, or a statement of the shell, has
// reported everything.
type reported struct{ code int }

func (e reported) Error() string { return fmt.Sprintf("exit code %d", e.code) }

// withLake runs work on the lake, here or, as part of this command line, in the
// process that holds the lake.
func (p *program) withLake(ctx context.Context, create bool, work func(*engine.Lake) error) error {
	if p.readOnly && changing[p.command] && !p.dryRun {
		return usageError{fmt.Errorf("%s changes the lake and cannot run with --read-only", p.command)}
	}
	if p.held != nil {
		return p.withHeld(work)
	}
	w := p.newWaiting()
	for {
		lake, err := p.open(ctx, create)
		if err == nil {
			return p.hold(ctx, lake, work)
		}
		if !errors.Is(err, engine.ErrLocked) {
			return err
		}
		if p.command == "serve" {
			return p.heldElsewhere(ctx, err)
		}
		code, err := p.attach(ctx)
		switch {
		case err == nil:
			return reported{code}
		case errors.Is(err, socket.ErrHolderEnded):
			fmt.Fprintln(p.err, "the process that held the lake has ended; trying again")
			w = p.newWaiting()
		case !errors.Is(err, socket.ErrNoHolder) && !errors.Is(err, socket.ErrHolderBusy):
			return err
		}
		if err := w.wait(ctx, err); err != nil {
			return err
		}
	}
}

// withHeld runs work for another process, with that one's price book.
func (p *program) withHeld(work func(*engine.Lake) error) error {
	prices, err := p.prices()
	if err != nil {
		return err
	}
	if prices == nil {
		prices = engine.DefaultPrices()
	}
	p.warnOfHolder()
	return work(p.held.WithPrices(prices))
}

// hold runs work and serves other processes meanwhile.
func (p *program) hold(ctx context.Context, lake *engine.Lake, work func(*engine.Lake) error) error {
	h := p.beginHolding(lake)
	err := work(lake)
	return errors.Join(err, h.end(ctx))
}

func (p *program) warn(sentences []string) {
	for _, sentence := range sentences {
		fmt.Fprintln(p.err, "warning: "+sentence)
	}
}

// executeFor executes command lines of other processes on the lake.
func (p *program) executeFor(lake *engine.Lake) attach.Execute {
	return func(ctx context.Context, c *attach.Command, out attach.Output) int {
		s := streams{in: &sentInput{text: c.Stdin, ended: c.StdinEnded}, out: out.Stdout, err: out.Stderr}
		if c.Terminal {
			s.err = farTerminal{out.Stderr}
		}
		served := newProgram(c.Args, s)
		served.held, served.dir, served.files, served.create = lake, c.Dir, c.Files, out.Create
		served.secrets, served.page = c.Secrets, p.page
		return served.execute(ctx)
	}
}

// attach has the lake's holder execute this command line.
func (p *program) attach(ctx context.Context) (exitCode int, err error) {
	lakeDir, err := p.lakePath()
	if err != nil {
		return 0, err
	}
	workDir, err := os.Getwd()
	if err != nil {
		return 0, err
	}
	if p.secrets == nil && p.resolveSecrets != nil {
		if p.secrets, err = p.resolveSecrets(ctx); err != nil {
			return 0, err
		}
	}
	return attach.Run(ctx, lakeDir, &attach.Command{
		Args: p.args, Dir: workDir, Stdin: p.input.read.Bytes(), StdinEnded: p.input.ended, Files: p.files, Secrets: p.secrets,
		Terminal: terminal(p.err), Repeatable: repeatable[p.command], Patience: p.patience,
	}, attach.Output{Stdout: p.out, Stderr: p.err, Create: p.create, Waiting: p.sayWaiting})
}

// heldElsewhere is the error of a server whose lake another process holds. It neither runs there nor waits: its
// clients would wait with it.
func (p *program) heldElsewhere(ctx context.Context, locked error) error {
	lakeDir, err := p.lakePath()
	if err != nil {
		return err
	}
	holder := "another process"
	if conn, err := socket.Dial(ctx, lakeDir); err == nil { // otherwise its process id is unknown
		if pid := socket.PeerPID(conn); pid != 0 {
			holder = fmt.Sprintf("process %d", pid)
		}
		conn.Close()
	}
	return fmt.Errorf("%s already holds the lake in %s, and only one process can serve it; "+
		"stop that process, or pass --lake for another lake (%w)",
		holder, lakeDir, locked)
}

// waiting is the wait for a lake whose holder does not answer: it has just taken
// the lake, is just ending, or cannot serve.
type waiting struct {
	p     *program
	since time.Time
	retry time.Duration
	told  bool
}

func (p *program) newWaiting() *waiting {
	return &waiting{p: p, since: time.Now(), retry: firstRetry}
}

// wait waits a moment after the holder could not be reached because of err. It gives up after --holder-timeout.
func (w *waiting) wait(ctx context.Context, err error) error {
	waited := time.Since(w.since)
	if waited >= w.p.patience {
		return w.givenUp(err)
	}
	if !w.told && waited > sayAfter {
		w.told = true
		fmt.Fprintf(w.p.err, "another process holds the lake and does not answer; waiting up to %s\n", w.p.patience)
	}
	timer := time.NewTimer(w.retry)
	defer timer.Stop()
	w.retry = min(2*w.retry, lastRetry)
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

func (w *waiting) givenUp(err error) error {
	if errors.Is(err, socket.ErrHolderBusy) {
		return fmt.Errorf("gave up after %s: %w", w.p.patience, err)
	}
	dir, pathErr := w.p.lakePath()
	if pathErr != nil {
		return pathErr
	}
	return fmt.Errorf("gave up after %s: %s holds the lake in %s and does not answer at %s; "+
		"stop that process, or pass a longer --holder-timeout (%w)",
		w.p.patience, lockOwner(dir), dir, filepath.Join(dir, socket.Name), err)
}

// lockOwner names the process that has the lock of a lake, as the catalog's lock file does.
func lockOwner(lakeDir string) string {
	text, err := os.ReadFile(filepath.Join(lakeDir, "catalog", "LOCK"))
	if pid, numberErr := strconv.Atoi(strings.TrimSpace(string(text))); err == nil && numberErr == nil {
		return fmt.Sprintf("process %d", pid)
	}
	return "another process"
}

// maxInputFileBytes is above what parsers of small input take; it keeps a wrong
// file out of memory.
const maxInputFileBytes = 2 << 20

// readFile reads a small file of this command's process, and remembers it for
// the process that may execute the command.
func (p *program) readFile(name string) ([]byte, error) {
	if text, ok := p.files[name]; ok {
		return text, nil
	}
	if p.held != nil {
		return nil, fmt.Errorf("%s was not read before the lake was opened", name)
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxInputFileBytes+1))
	if err != nil {
		return nil, err
	}
	if len(text) > maxInputFileBytes {
		return nil, fmt.Errorf("%s is larger than %s", name, humanBytes(maxInputFileBytes))
	}
	p.files[name] = text
	return text, nil
}

// createFile makes a file of this command's process, or empties it.
func (p *program) createFile(name string) (attach.File, error) { return p.create(name) }

// osFile is a file that knows how to go away.
type osFile struct{ *os.File }

// createOSFile makes a file as the user's umask wants it, or empties one.
func createOSFile(name string) (attach.File, error) {
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o666)
	if errors.Is(err, fs.ErrExist) {
		f, err = os.Create(name)
		return osFile{f}, err
	}
	if err == nil && userUmask >= 0 {
		err = f.Chmod(fs.FileMode(0o666 &^ userUmask))
	}
	return osFile{f}, err
}

// Remove removes the file; a device, a pipe or a link, such as /dev/stdout, stays.
func (f osFile) Remove() error {
	info, err := os.Lstat(f.Name())
	if err != nil || !info.Mode().IsRegular() {
		return err
	}
	return os.Remove(f.Name())
}

// path resolves a path of the command line, for whichever process executes it.
func (p *program) path(name string) (string, error) {
	if p.held == nil || strings.Contains(name, "://") || strings.HasPrefix(name, "arn:") {
		return name, nil
	}
	if !filepath.IsAbs(name) {
		name = filepath.Join(p.dir, name)
	}
	for _, own := range []string{"/dev/fd/", "/dev/std", "/proc/self/", "/proc/thread-self/"} {
		if strings.HasPrefix(filepath.Clean(name), own) {
			return "", usageError{fmt.Errorf("the process that holds the lake cannot read %s; pass a file or folder",
				name)}
		}
	}
	return name, nil
}

// paths are the paths of arguments.
func (p *program) paths(names []string) ([]string, error) {
	out := make([]string, len(names))
	for i, name := range names {
		var err error
		if out[i], err = p.path(name); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// recordedInput is standard input that keeps what was read of it, until the
// command runs here.
type recordedInput struct {
	in         io.Reader
	read       bytes.Buffer
	ended, off bool
}

func (r *recordedInput) Read(p []byte) (int, error) {
	n, err := r.in.Read(p)
	if !r.off {
		r.read.Write(p[:n])
		r.ended = r.ended || err == io.EOF
	}
	return n, err
}

func (r *recordedInput) stopRecording() { r.off, r.read = true, bytes.Buffer{} }

// sentInput is what another process had read of the standard input of its command.
type sentInput struct {
	text  []byte
	ended bool
}

func (r *sentInput) Read(p []byte) (int, error) {
	if len(r.text) == 0 && !r.ended {
		return 0, errors.New("the process that holds the lake cannot read standard input; pass a file")
	}
	if len(r.text) == 0 {
		return 0, io.EOF
	}
	n := copy(p, r.text)
	r.text = r.text[n:]
	return n, nil
}

// farTerminal is a writer that ends in the terminal of another process.
type farTerminal struct{ io.Writer }
