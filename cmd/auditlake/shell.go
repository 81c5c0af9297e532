package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"io"
	"os"
	"path/filepath"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/auditlake/auditlake/cmd/auditlake/shell"
	"github.com/auditlake/auditlake/engine/completion"
)

func (p *program) shellCommand() *cobra.Command {
	return &cobra.Command{
		Use: "shell", Short: "Start an interactive SQL session", Args: usage(cobra.NoArgs),
		Long: "Reads statements that end with a semicolon and runs them. \\? lists the shell's commands; the tab\n" +
			"key completes names.\n\n" +
			"From the first statement to the end, the shell holds the lake, or a connection to the process that\n" +
			"holds it. When it reads a file or pipe (auditlake shell < FILE), the first error ends it.\n\n" +
			"An interactive session first runs the lines of auditlake/shellrc in $XDG_CONFIG_HOME (default\n" +
			"~/.config). The settings in auditlake/config.toml there (format, stats, pager, time_zone) also\n" +
			"apply to scripts. $VISUAL or $EDITOR edits statements, $AUDITLAKE_PAGER or $PAGER (default less)\n" +
			"shows long answers, and NO_COLOR turns colors off.",
		RunE: func(cmd *cobra.Command, _ []string) error {
			given, err := readSettings()
			if err != nil {
				return err
			}
			p.asking = &asking{program: p}
			code := shell.Run(cmd.Context(), shell.Options{
				In: p.input.in, Out: p.out, Err: p.err, Execute: p.executeLine, Names: completion.New(p.rows),
				History: userFile("XDG_STATE_HOME", ".local/state", "history"), Config: userFile("XDG_CONFIG_HOME", ".config", "shellrc"),
				Format: given.Format, Stats: given.Stats, Pager: given.Pager, TimeZone: given.TimeZone,
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
func (p *program) executeLine(ctx context.Context, out io.Writer, args ...string) int {
	return p.runLine(ctx, streams{in: bytes.NewReader(nil), out: out, err: p.err}, args...)
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

// rows is the answer of a statement, in texts; none if it fails, as where there is no lake yet.
func (p *program) rows(sql string) [][]string {
	ctx, stop := context.WithTimeout(context.Background(), completionPatience)
	defer stop()
	var out, ignored bytes.Buffer
	if p.runLine(ctx, streams{in: bytes.NewReader(nil), out: &out, err: &ignored}, "query", "--format", "csv", sql) != exitDone {
		return nil
	}
	rows, err := csv.NewReader(&out).ReadAll()
	if err != nil || len(rows) == 0 {
		return nil
	}
	return rows[1:]
}

// userFile is a file of auditlake in a folder of the user's that the environment names, or in the folder under the
// user's home that is the default; "" if there is none.
func userFile(variable, underHome, name string) string {
	if folder := os.Getenv(variable); folder != "" {
		return filepath.Join(folder, "auditlake", name)
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return ""
	}
	return filepath.Join(home, filepath.FromSlash(underHome), "auditlake", name)
}
