package shell

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/auditlake/auditlake/engine"
)

// command is a line that begins with a backslash.
type command struct {
	name, argument, help string
	run                  func(s *Shell, ctx context.Context, argument string)
}

// commands is set in init, for \? lists it.
var commands []command

func init() {
	commands = []command{
		{`\?`, "", "show this list (also: help)", (*Shell).help},
		{`\cost`, "[on|off|SQL]", "show what a statement would cost, or turn the cost line on or off",
			(*Shell).toggleCost},
		{`\d`, "[NAME]", "list stores and tables, or the columns of one", (*Shell).describe},
		{`\dt`, "", "list stores and tables", func(s *Shell, ctx context.Context, _ string) { s.describe(ctx, "") }},
		{`\e`, "[FILE]", "edit the last statement, or a file, with $VISUAL or $EDITOR, and run it", (*Shell).edit},
		{`\format`, "NAME", "set the output format: " + strings.Join(textFormats, ", "), (*Shell).setFormat},
		{`\i`, "FILE", "run the statements of a file", (*Shell).runFile},
		{`\o`, "[FILE]", "write results to a file; without FILE, to the terminal again", (*Shell).redirect},
		{`\pager`, "[on|off]", "show long results with $PAGER", (*Shell).togglePager},
		{`\q`, "", "quit (also: exit, quit)", func(s *Shell, _ context.Context, _ string) { s.quit, s.code = true, 0 }},
		{`\timing`, "[on|off]", "turn the time line on or off", (*Shell).toggleTiming},
		{`\watch`, "[SECONDS [TIMES]]", "repeat the last statement, every 2 seconds by default, until interrupted",
			(*Shell).watch},
		{`\x`, "[on|off|auto]", "show one column per line: always, never, or if a table is too wide", (*Shell).expand},
	}
}

// textFormats are the formats that a terminal can show.
var textFormats = []string{"table", "vertical", "csv", "markdown", "json", "ndjson", "trino"}

func commandNames() []string {
	names := make([]string, len(commands))
	for i, c := range commands {
		names[i] = c.name
	}
	return names
}

func (s *Shell) command(ctx context.Context, line string) {
	name, argument, _ := strings.Cut(strings.TrimSuffix(line, ";"), " ")
	for _, c := range commands {
		if c.name == name {
			c.run(s, ctx, strings.TrimSpace(argument))
			return
		}
	}
	s.fail(`unknown command %s; \? lists them`, name)
}

// fail reports a wrong command, which ends a script.
func (s *Shell) fail(format string, args ...any) {
	fmt.Fprintf(s.options.Err, "error: %s%s\n", s.script.prefix(), fmt.Sprintf(format, args...))
	s.code, s.quit = 2, !s.interactive
}

func (s *Shell) help(context.Context, string) {
	for _, c := range commands {
		fmt.Fprintf(s.options.Out, "%-24s %s\n", c.name+" "+c.argument, c.help)
	}
}

func (s *Shell) describe(ctx context.Context, name string) {
	if name == "" {
		s.execute(ctx, "query", "--format", s.answerFormat(), "--stats", "none", "SHOW TABLES")
		return
	}
	quoted := `"` + strings.ReplaceAll(strings.Trim(name, `"`), `"`, `""`) + `"`
	s.execute(ctx, "query", "--format", s.answerFormat(), "--stats", "none", "DESCRIBE "+quoted)
}

func (s *Shell) toggleCost(ctx context.Context, sql string) {
	if sql != "" && sql != "on" && sql != "off" {
		args := append([]string{"query", "--dry-run"}, s.sessionFlags(sql)...)
		s.execute(ctx, append(args, "--", sql)...)
		return
	}
	s.toggle("cost", &s.cost, sql)
}

func (s *Shell) toggleTiming(_ context.Context, argument string) {
	s.toggle("timing", &s.timing, argument)
}
func (s *Shell) togglePager(_ context.Context, argument string) {
	s.toggle("pager", &s.paged, argument)
}

// toggle turns a setting on or off, or round if the argument is empty.
func (s *Shell) toggle(name string, setting *bool, argument string) {
	switch argument {
	case "":
		*setting = !*setting
	case "on", "off":
		*setting = argument == "on"
	default:
		s.fail(`\%s must be on or off, not %q`, name, argument)
		return
	}
	fmt.Fprintf(s.options.Err, "%s is %s\n", name, onOff(*setting))
}

func onOff(on bool) string {
	if on {
		return "on"
	}
	return "off"
}

func (s *Shell) setFormat(_ context.Context, name string) {
	if !slices.Contains(textFormats, name) {
		s.fail(`unknown format %q; use one of %s`, name, strings.Join(textFormats, ", "))
		return
	}
	s.format = name
}

// expand says when answers are shown a column a line.
func (s *Shell) expand(_ context.Context, argument string) {
	switch argument {
	case "":
		if s.expanded != "on" {
			s.expanded = "on"
		} else {
			s.expanded = "off"
		}
	case "on", "off", "auto":
		s.expanded = argument
	default:
		s.fail(`\x must be on, off or auto, not %q`, argument)
		return
	}
	fmt.Fprintf(s.options.Err, "expanded display is %s\n", s.expanded)
}

// answerFormat is the format of the next answer.
func (s *Shell) answerFormat() string {
	switch {
	case s.format == "table" && s.expanded == "on":
		return "vertical"
	case s.format == "table" && s.expanded == "auto":
		return "auto"
	}
	return s.format
}

// runFile runs the statements of a file until one fails.
func (s *Shell) runFile(ctx context.Context, path string) {
	if path == "" {
		s.fail(`\i needs a file`)
		return
	}
	text, err := readScript(path)
	if err != nil {
		s.fail("%v", err)
		return
	}
	s.runScript(ctx, path, text)
}

// runScript runs the statements of a file until one fails. The last one needs no semicolon.
func (s *Shell) runScript(ctx context.Context, path, text string) {
	defer func(before *scriptPlace) { s.script = before }(s.script)
	s.script = &scriptPlace{file: path, first: place{1, 1}}
	script := engine.SplitScript(text)
	rest := len(text) - len(strings.TrimLeft(script.Rest, " \t\r\n"))
	for i, statement := range append(script.Statements, script.Rest) {
		if statement = strings.TrimSpace(statement); statement == "" {
			continue // nothing follows the last semicolon
		}
		s.script.begin(text, append(script.Offsets, rest)[i])
		if s.statement(ctx, statement); s.code != 0 {
			return
		}
	}
}
