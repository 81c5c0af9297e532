package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"os"
	"path/filepath"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/auditlake/auditlake/cmd/auditlake/shell"
	"github.com/auditlake/auditlake/engine"
)

func (p *program) shellCommand() *cobra.Command {
	return &cobra.Command{
		Use: "shell", Short: "Interactive SQL", Args: usage(cobra.NoArgs),
		Long: "Read statements, each ended by a semicolon, and run them; \\? lists the commands, the tab key completes names.\n" +
			"From the first statement on, the lake is held, or a connection to the process that holds it. From a file or pipe (auditlake shell < FILE), the first error ends it.",
		RunE: func(cmd *cobra.Command, _ []string) error {
			p.asking = &asking{program: p}
			code := shell.Run(cmd.Context(), shell.Options{
				In: p.input.in, Out: p.out, Err: p.err, Execute: p.executeLine, Words: p.words, History: historyFile(),
			})
			if err := p.asking.end(cmd.Context()); err != nil {
				return err
			}
			if code != exitDone {
				return reported{code} // the statement that failed has said so
			}
			return nil
		},
	}
}

// executeLine executes a command line on the same lake as this one.
func (p *program) executeLine(ctx context.Context, args ...string) int {
	return p.runLine(ctx, streams{in: bytes.NewReader(nil), out: p.out, err: p.err}, args...)
}

func (p *program) runLine(ctx context.Context, s streams, args ...string) int {
	line := newProgram(append(p.globalFlags(), args...), s)
	line.asking = p.asking
	return line.execute(ctx)
}

// globalFlags say again which lake this command line is about, and how it is opened.
func (p *program) globalFlags() []string {
	flags := []string{"--read-only=" + strconv.FormatBool(p.readOnly)}
	for flag, value := range map[string]string{"--lake": p.lakeDir, "--prices": p.pricesPath, "--memory": p.memory} {
		if value != "" {
			flags = append(flags, flag, value)
		}
	}
	return flags
}

// words are the names that a statement may have: tables, columns, functions.
func (p *program) words() []string {
	var words []string
	for _, f := range engine.Functions("") {
		words = append(words, f.Name)
	}
	var out, ignored bytes.Buffer
	sql := "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'default'"
	if p.runLine(context.Background(), streams{in: bytes.NewReader(nil), out: &out, err: &ignored}, "query", "--format", "csv", sql) != exitDone {
		return words // there is no lake yet
	}
	rows, err := csv.NewReader(&out).ReadAll()
	if err != nil || len(rows) == 0 {
		return words
	}
	for _, row := range rows[1:] {
		words = append(words, row...)
	}
	return words
}

// historyFile is history in the user's state folder, "" if there is none.
func historyFile() string {
	if state := os.Getenv("XDG_STATE_HOME"); state != "" {
		return filepath.Join(state, "auditlake", "history")
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return ""
	}
	return filepath.Join(home, ".local", "state", "auditlake", "history")
}
