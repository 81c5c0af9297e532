package shell

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"slices"

	"golang.org/x/term"
)

// Pager shows an answer on a terminal: at once if it fits the screen, with the user's pager if it does not. Finish
// must be called after the last Write.
type Pager struct {
	// BeforeStart is called before another program takes the terminal; nil: nothing is.
	BeforeStart func()
	// Program is the pager where $AUDITLAKE_PAGER names none; "": $PAGER, else less.
	Program string

	terminal      *os.File
	width, height int
	held          []byte
	lines         int
	isDirect      bool // what is written goes to the terminal
	command       *exec.Cmd
	input         io.WriteCloser // of command
}

// NewPager returns a pager for a terminal, or one that pages nothing if that has no size.
func NewPager(terminal *os.File) *Pager {
	p := &Pager{terminal: terminal}
	width, height, err := term.GetSize(int(terminal.Fd()))
	p.width, p.height = width, height
	p.isDirect = err != nil || width <= 0 || height <= 0
	return p
}

// Terminal is where the answer is shown.
func (p *Pager) Terminal() *os.File { return p.terminal }

// Write implements io.Writer. After the user has left the pager, what is written is dropped.
func (p *Pager) Write(text []byte) (int, error) {
	switch {
	case p.isDirect:
		return p.terminal.Write(text)
	case p.command != nil:
		_, _ = p.input.Write(text) // it fails once the pager has ended
		return len(text), nil
	}
	p.held = append(p.held, text...)
	p.lines += screenLines(text, p.width)
	if p.lines >= p.height {
		return len(text), p.start()
	}
	return len(text), nil
}

// screenLines counts the lines that a text takes on a screen, about.
func screenLines(text []byte, width int) int {
	lines := 0
	for line := range bytes.Lines(text) {
		lines += 1 + len(line)/(width+1)
	}
	return lines
}

// pagerProgram is $AUDITLAKE_PAGER, else Program, else $PAGER, else less.
func (p *Pager) pagerProgram() string {
	for _, program := range []string{os.Getenv("AUDITLAKE_PAGER"), p.Program, os.Getenv("PAGER")} {
		if program != "" && program != NoPager {
			return program
		}
	}
	return "less"
}

// NoPager in the place of a pager's name says that answers are not paged.
const NoPager = "off"

// start starts the user's pager with what is held. If there is no pager, the terminal gets it.
func (p *Pager) start() error {
	if p.BeforeStart != nil {
		p.BeforeStart()
	}
	held := p.held
	p.held = nil
	command := exec.Command("sh", "-c", p.pagerProgram())
	command.Stdout, command.Stderr = p.terminal, p.terminal
	if command.Env = os.Environ(); !slices.ContainsFunc(command.Env, func(v string) bool { return len(v) > 5 && v[:5] == "LESS=" }) {
		// Less ends by itself if all fits, shows colours, cuts lines, and keeps the screen.
		command.Env = append(command.Env, "LESS=FRSX")
	}
	input, err := command.StdinPipe()
	if err == nil {
		err = command.Start()
	}
	if err != nil {
		p.isDirect = true
		_, err := p.terminal.Write(held)
		return err
	}
	p.command, p.input = command, input
	_, _ = p.input.Write(held)
	return nil
}

// Finish shows what is held, or waits until the user has left the pager. What is written later goes to the terminal.
func (p *Pager) Finish() error {
	held, command := p.held, p.command
	p.held, p.command, p.isDirect = nil, nil, true
	if command == nil {
		_, err := p.terminal.Write(held)
		return err
	}
	_ = p.input.Close()
	_ = command.Wait() // how a pager ends says nothing about the answer
	return nil
}
