package shell

import (
	"context"
	"fmt"
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
		{`\?`, "", "this list", (*Shell).help},
		{`\cost`, "[SQL]", "what a statement would cost; without one, show the cost under answers or not", (*Shell).toggleCost},
		{`\d`, "[NAME]", "the stores and tables, or the columns of one", (*Shell).describe},
		{`\format`, "NAME", "how answers are printed: table, vertical, csv, json, ndjson or trino", (*Shell).setFormat},
		{`\i`, "FILE", "run the statements of a file", (*Shell).runFile},
		{`\q`, "", "end", func(s *Shell, _ context.Context, _ string) { s.quit, s.code = true, 0 }},
		{`\timing`, "", "show the time under answers or not", (*Shell).toggleTiming},
	}
}

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
	fmt.Fprintf(s.options.Err, "error: "+format+"\n", args...)
	s.code, s.quit = 2, !s.interactive
}

func (s *Shell) help(context.Context, string) {
	for _, c := range commands {
		fmt.Fprintf(s.options.Out, "%-16s %s\n", c.name+" "+c.argument, c.help)
	}
}

func (s *Shell) describe(ctx context.Context, name string) {
	if name == "" {
		s.execute(ctx, "query", "--format", s.format, "--stats", "none", "SHOW TABLES")
		return
	}
	quoted := `"` + strings.ReplaceAll(strings.Trim(name, `"`), `"`, `""`) + `"`
	s.execute(ctx, "query", "--format", s.format, "--stats", "none", "DESCRIBE "+quoted)
}

func (s *Shell) toggleCost(ctx context.Context, sql string) {
	if sql != "" {
		args := append([]string{"query", "--dry-run"}, s.sessionFlags(sql)...)
		s.execute(ctx, append(args, "--", sql)...)
		return
	}
	s.cost = !s.cost
	fmt.Fprintf(s.options.Err, "cost is %s\n", onOff(s.cost))
}

func (s *Shell) toggleTiming(context.Context, string) {
	s.timing = !s.timing
	fmt.Fprintf(s.options.Err, "timing is %s\n", onOff(s.timing))
}

func onOff(on bool) string {
	if on {
		return "on"
	}
	return "off"
}

func (s *Shell) setFormat(_ context.Context, name string) {
	switch name {
	case "table", "vertical", "csv", "json", "ndjson", "trino":
		s.format = name
	default:
		s.fail(`no format %q: table, vertical, csv, json, ndjson or trino`, name)
	}
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
	script := engine.SplitScript(text)
	for _, statement := range append(script.Statements, script.Rest) {
		if statement = strings.TrimSpace(statement); statement == "" {
			continue // nothing follows the last semicolon
		}
		if s.statement(ctx, statement); s.code != 0 {
			return
		}
	}
}
