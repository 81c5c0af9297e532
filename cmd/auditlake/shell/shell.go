// Package shell is interactive SQL: it reads statements and commands line by
// line and has them executed.
package shell

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"os/signal"
	"slices"
	"strings"

	"golang.org/x/term"

	"github.com/auditlake/auditlake/engine"
	"github.com/auditlake/auditlake/engine/completion"
)

// Options says what a shell works with.
type Options struct {
	In       io.Reader // a terminal, or a script
	Out, Err io.Writer
	// Execute executes a command line, such as query SQL, which writes its answer to out, and returns its exit code.
	Execute func(ctx context.Context, out io.Writer, args ...string) int
	// Names completes statements.
	Names *completion.Completer
	// Config is a file of lines that an interactive session executes first, "" for none.
	Config string
	// Format, Stats, Pager and TimeZone are the session's initial settings, "" for the defaults. Pager is a
	// command, or off.
	Format, Stats, Pager, TimeZone string
	// History is the file of the statements of earlier sessions, "" for none.
	History string
}

// Shell is a session.
type Shell struct {
	options      Options
	input        input
	history      *history
	interactive  bool
	format       string
	expanded     string // when a column stands on a line: on, off, auto
	timing, cost bool
	paged        bool
	file         *os.File          // where answers go, nil for Out
	latest       string            // statement, without its semicolon
	script       *scriptPlace      // nil: lines are typed
	pending      string            // typed since the last statement, "" if that is no more than blanks and comments
	unfinished   engine.Unfinished // of pending
	session      engine.SessionState
	code         int
	quit         bool
}

// Run reads and executes until the end of the input or \q. A script ends with
// its first error. The result is an exit code.
func Run(ctx context.Context, options Options) int {
	s := &Shell{options: options, history: openHistory(options.History), format: "table", expanded: "off", timing: true, cost: true}
	defer s.redirect(ctx, "")
	s.begin()
	if file, ok := options.In.(*os.File); ok && term.IsTerminal(int(file.Fd())) {
		s.interactive, s.paged, s.expanded = true, options.Pager != NoPager, "auto"
		s.input = newTerminalInput(file, options.Out, s.history, &completer{statements: options.Names})
		fmt.Fprintln(options.Err, `Statements end with a semicolon. \? lists the commands, \q ends.`)
		s.configure(ctx)
	} else {
		s.input = newPlainInput(options.In)
		s.script = &scriptPlace{}
	}
	defer s.input.close()
	for !s.quit {
		line, err := s.input.line(s.prompt())
		switch {
		case err == nil:
			s.script.nextLine()
			s.take(ctx, line)
		case errors.Is(err, errInterrupted):
			s.forget()
		case errors.Is(err, io.EOF):
			return s.end(ctx)
		default:
			fmt.Fprintf(options.Err, "error: %v\n", err)
			if !s.interactive {
				return 1
			}
			s.forget()
		}
	}
	return s.code
}

// begin makes the settings that the session begins with.
func (s *Shell) begin() {
	if s.options.Format != "" {
		s.format = s.options.Format
	}
	if stats := s.options.Stats; stats != "" {
		s.timing, s.cost = stats == "all" || stats == "time", stats == "all" || stats == "cost"
	}
	if s.options.TimeZone != "" {
		s.session.Apply(&engine.SessionChange{Verb: "SET TIME ZONE", Name: "time_zone_id", Value: s.options.TimeZone})
	}
}

// forget drops what was typed since the last statement.
func (s *Shell) forget() { s.pending, s.unfinished = "", engine.Complete }

// end executes what a script has after its last semicolon.
func (s *Shell) end(ctx context.Context) int {
	if s.interactive {
		fmt.Fprintln(s.options.Err)
		return 0
	}
	if s.pending != "" {
		s.script.begin(s.pending, len(s.pending)-len(strings.TrimLeft(s.pending, " \t\r\n")))
		s.statement(ctx, strings.TrimSpace(s.pending))
	}
	return s.code
}

// prompt says what the next line continues.
func (s *Shell) prompt() string {
	switch s.unfinished {
	case engine.UnfinishedStatement:
		return "        -> "
	case engine.UnfinishedText:
		return "       '-> "
	case engine.UnfinishedName:
		return "       \"-> "
	case engine.UnfinishedComment:
		return "       *-> "
	}
	return "auditlake> "
}

// configure runs the lines of the configuration. A line that fails does not keep the others from running.
func (s *Shell) configure(ctx context.Context) {
	text, err := readScript(s.options.Config)
	if errors.Is(err, fs.ErrNotExist) {
		return
	}
	if err != nil {
		s.fail("%v", err)
		return
	}
	for _, line := range strings.Split(text, "\n") {
		s.take(ctx, strings.TrimSuffix(line, "\r"))
	}
	if s.pending != "" {
		s.fail("%s ends inside a statement", s.options.Config)
		s.forget()
	}
}

// plainWords are commands without a backslash, as other shells have them. They count where a statement may begin.
var plainWords = map[string]string{"help": `\?`, "exit": `\q`, "quit": `\q`}

// take adds a line, and executes what it completes.
func (s *Shell) take(ctx context.Context, line string) {
	if s.pending == "" {
		if name := plainWords[strings.ToLower(strings.TrimRight(strings.TrimSpace(line), "; "))]; name != "" {
			line = name
		}
	}
	if s.pending == "" && strings.HasPrefix(strings.TrimSpace(line), `\`) {
		s.remember(line)
		s.command(ctx, strings.TrimSpace(line))
		return
	}
	if s.pending == "" {
		s.script.beginPending()
	}
	text := s.pending + line + "\n"
	script := engine.SplitScript(text)
	s.pending, s.unfinished = script.Rest, script.Unfinished
	defer s.script.advance(text[:len(text)-len(script.Rest)])
	for i, statement := range script.Statements {
		s.remember(statement + ";")
		s.script.begin(text, script.Offsets[i])
		if s.statement(ctx, statement); s.quit {
			return
		}
	}
}

func (s *Shell) remember(text string) {
	if !s.interactive {
		return
	}
	if err := s.history.keep(text); err != nil {
		fmt.Fprintf(s.options.Err, "warning: the history is not saved: %v\n", err)
		s.history.path = ""
	}
}

// statement executes a statement. What changes the session stays here, and goes
// along with each statement after it.
func (s *Shell) statement(ctx context.Context, sql string) {
	request, err := s.session.Interpret(sql)
	switch {
	case request == nil: // a mistake, which the command shows with its place in the statement
	case err != nil:
		s.fail("%v", err)
		return
	case request.Transaction != nil:
		s.fail("%s is not supported: each statement reads one snapshot of the lake, and none changes it", request.Verb)
		return
	case request.Change != nil:
		s.session.Apply(request.Change)
		fmt.Fprintln(s.options.Err, request.Verb)
		return
	}
	s.latest = sql
	args := append([]string{"query", "--format", s.answerFormat(), "--stats", s.stats()}, s.sessionFlags(sql)...)
	args = append(args, s.script.flags()...)
	s.execute(ctx, append(args, "--", sql)...)
}

// sessionFlags returns the session as flags of the query command. Prepared statements are included if the statement
// can name one.
func (s *Shell) sessionFlags(sql string) []string {
	var flags []string
	for _, name := range slices.Sorted(maps.Keys(s.session.Properties)) {
		flags = append(flags, "--session", name+"="+s.session.Properties[name])
	}
	parsed, err := engine.ParseStatement(sql)
	if err != nil {
		return flags
	}
	switch parsed.Verb {
	case "EXECUTE", "EXPLAIN", "DESCRIBE INPUT", "DESCRIBE OUTPUT":
		for _, name := range slices.Sorted(maps.Keys(s.session.Prepared)) {
			flags = append(flags, "--prepared", name+"="+s.session.Prepared[name])
		}
	}
	return flags
}

// stats selects what the line after an answer says.
func (s *Shell) stats() string {
	switch {
	case s.timing && s.cost:
		return "all"
	case s.timing:
		return "time"
	case s.cost:
		return "cost"
	}
	return "none"
}

// execute executes a command line, which an interrupt ends without ending the
// session. An error ends a script.
func (s *Shell) execute(ctx context.Context, args ...string) {
	if s.interactive {
		var stop context.CancelFunc
		ctx, stop = signal.NotifyContext(context.WithoutCancel(ctx), os.Interrupt)
		defer stop()
	}
	out := s.output()
	s.code = s.options.Execute(ctx, out, args...)
	if pager, ok := out.(*Pager); ok {
		_ = pager.Finish() // the terminal is gone, which the next line to read says
	}
	s.quit = s.code != 0 && !s.interactive
}
