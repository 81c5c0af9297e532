package shell

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"golang.org/x/term"
)

// maxTypedRunes is where the terminal's line editor stops taking more.
const maxTypedRunes = 4096

var errInterrupted = errors.New("interrupted")

// input gives lines. errInterrupted: the user gave up what was typed so far.
type input interface {
	line(prompt string) (string, error)
	close()
}

// plainInput reads lines from a file or pipe.
type plainInput struct{ lines *bufio.Scanner }

// byteOrderMark is what some editors begin files with.
const byteOrderMark = "\ufeff"

func withoutMark(in io.Reader) io.Reader {
	buffered := bufio.NewReader(in)
	if start, err := buffered.Peek(len(byteOrderMark)); err == nil && string(start) == byteOrderMark {
		_, _ = buffered.Discard(len(byteOrderMark)) // what was peeked is there
	}
	return buffered
}

const maxPlainLineBytes = 4 << 20

func newPlainInput(in io.Reader) *plainInput {
	p := &plainInput{lines: bufio.NewScanner(withoutMark(in))}
	p.lines.Buffer(nil, maxPlainLineBytes)
	return p
}

func (p *plainInput) line(string) (string, error) {
	if p.lines.Scan() {
		return p.lines.Text(), nil
	}
	if err := p.lines.Err(); err != nil {
		return "", err
	}
	return "", io.EOF
}

func (p *plainInput) close() {}

// terminalInput edits lines. The terminal is in raw mode only while it does, so
// that answers print as usual and an interrupt reaches a running statement.
type terminalInput struct {
	in       *os.File
	keys     *keys
	history  *history
	complete *completer
	search   *search
	terminal *term.Terminal
	signals  chan os.Signal
	restore  chan func() // holds what takes the raw mode back
}

func newTerminalInput(in *os.File, out io.Writer, h *history, c *completer) *terminalInput {
	t := &terminalInput{in: in, keys: &keys{in: in, Writer: out}, history: h, complete: c, search: &search{history: h},
		signals: make(chan os.Signal, 1), restore: make(chan func(), 1)}
	t.begin()
	t.restore <- func() {}
	signal.Notify(t.signals, syscall.SIGTERM, syscall.SIGHUP)
	go t.endOnSignal()
	return t
}

// begin forgets what was typed.
func (t *terminalInput) begin() {
	t.terminal = term.NewTerminal(t.keys, "")
	t.terminal.History = t.history
	t.complete.out = t.terminal
	t.search.active = false
	t.terminal.AutoCompleteCallback = t.key
}

// key has the form of term.Terminal's AutoCompleteCallback.
func (t *terminalInput) key(line string, at int, key rune) (string, int, bool) {
	if found, ok := t.search.key(line, key); ok {
		return found, len(found), true
	}
	return t.complete.key(line, at, key)
}

// endOnSignal restores the terminal when a signal ends the process.
func (t *terminalInput) endOnSignal() {
	if _, told := <-t.signals; told {
		(<-t.restore)()
		os.Exit(1)
	}
}

func (t *terminalInput) line(prompt string) (string, error) {
	fd := int(t.in.Fd())
	before, err := term.MakeRaw(fd)
	if err != nil {
		return "", fmt.Errorf("terminal: %w", err)
	}
	restore := func() { _ = term.Restore(fd, before) }
	<-t.restore
	t.restore <- restore
	defer restore()
	if width, height, err := term.GetSize(fd); err == nil && width > 0 {
		_ = t.terminal.SetSize(width, height) // it fails for no terminal only
	}
	t.terminal.SetBracketedPasteMode(true)
	defer t.terminal.SetBracketedPasteMode(false)
	t.terminal.SetPrompt(prompt)
	line, err := t.terminal.ReadLine()
	switch {
	case errors.Is(err, term.ErrPasteIndicator):
		err = nil
	case err == io.EOF && t.keys.interrupted():
		fmt.Fprint(t.keys, "^C\r\n")
		t.begin()
		return "", errInterrupted
	}
	if len([]rune(line)) >= maxTypedRunes {
		return "", fmt.Errorf("a line has %d characters or more: run a file with \\i", maxTypedRunes)
	}
	return t.search.result(line), err
}

func (t *terminalInput) close() {
	signal.Stop(t.signals)
	close(t.signals)
}

// keys notes whether the interrupt key was pressed, which the line editor does
// not tell from the end of the input.
type keys struct {
	in io.Reader
	io.Writer
	pressed bool
}

const interruptKey = 3

func (k *keys) Read(p []byte) (int, error) {
	n, err := k.in.Read(p)
	for _, b := range p[:n] {
		k.pressed = k.pressed || b == interruptKey
	}
	return n, err
}

func (k *keys) interrupted() bool {
	pressed := k.pressed
	k.pressed = false
	return pressed
}

// maxScriptBytes keeps a wrong file out of memory.
const maxScriptBytes = 64 << 20

func readScript(path string) (string, error) {
	file, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, maxScriptBytes+1))
	if err == nil && len(text) > maxScriptBytes {
		err = fmt.Errorf("%s has more than %d bytes", path, maxScriptBytes)
	}
	return strings.TrimPrefix(string(text), byteOrderMark), err
}
