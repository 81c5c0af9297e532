package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/auditlake/auditlake/cmd/auditlake/collector"
	"github.com/auditlake/auditlake/cmd/auditlake/shell"
	"github.com/auditlake/auditlake/engine"
	"github.com/auditlake/auditlake/engine/answer"
	"github.com/auditlake/auditlake/engine/remote"
	"github.com/auditlake/auditlake/engine/socket"
	"github.com/auditlake/auditlake/largepages"
)

// queryFlags are the flags of query.
type queryFlags struct {
	file, format, chart, output, maxBytes, stats, statsFile string
	place                                                   string // of a shell's statement, see script.beginAt
	timeout                                                 time.Duration
	dryRun, keep, safeCSV                                   bool
	params, session, prepared                               []string
	keeping                                                 keepingFlags
}

func (p *program) queryCommand() *cobra.Command {
	var f queryFlags
	cmd := &cobra.Command{
		Use: "query SQL", Short: "Run SQL statements",
		Long: "Runs one SQL statement, or several separated by semicolons, from the argument, from -f FILE, or\n" +
			"from standard input (-).\n\n" +
			"The first error ends the run and names the line of the file. SET SESSION, SET TIME ZONE and\n" +
			"PREPARE apply to the statements after them. Rows go to standard output; time, bytes scanned and\n" +
			"price go to standard error.",
		Args: usage(oneStatement),
		RunE: func(cmd *cobra.Command, args []string) error {
			if f.chart != "" && cmd.Flags().Changed("format") {
				return usageError{errors.New("use either --chart or --format, not both")}
			}
			sql, err := p.statement(args, f.file)
			if err != nil {
				return err
			}
			given, err := readSettings()
			if err != nil {
				return err
			}
			given.apply(cmd, &f)
			if err := f.chooseFormat(cmd.Flags().Changed("format")); err != nil {
				return err
			}
			if p.held == nil {
				collector.PutOff(collector.StatementBytes)
				largepages.Ask()
			}
			return p.query(cmd.Context(), sql, f)
		},
	}
	cmd.Flags().StringVarP(&f.file, "file", "f", "", "read the statements from a file (-: standard input)")
	cmd.Flags().StringVar(&f.format, "format", "table", formatsHelp)
	cmd.Flags().StringVar(&f.chart, "chart", "", "draw a chart: bar or line. The first column has labels or times, the numeric columns after it have values")
	cmd.Flags().BoolVar(&f.safeCSV, "csv-safe", false, "with --format csv: prefix an apostrophe to texts that spreadsheets treat as formulas (= + - @)")
	cmd.Flags().StringVarP(&f.output, "output", "o", "", outputHelp)
	cmd.Flags().StringVar(&f.maxBytes, "max-bytes", "", "stop the query before it scans more than this, such as 2GB")
	cmd.Flags().StringArrayVar(&f.params, "param", nil, paramHelp)
	cmd.Flags().StringArrayVar(&f.session, "session", nil, "session property as name=value, such as time_zone_id=Europe/Berlin (SHOW SESSION lists them); repeatable")
	cmd.Flags().StringArrayVar(&f.prepared, "prepared", nil, "prepared statement for EXECUTE, as name=SQL; repeatable")
	cmd.Flags().DurationVar(&f.timeout, "timeout", time.Hour, "stop the query after this time")
	cmd.Flags().BoolVar(&f.keep, "keep", false, "keep the result in the lake; queries results ID shows it again")
	f.keeping.addTo(cmd.Flags())
	cmd.Flags().BoolVar(&f.dryRun, "dry-run", false, "show what the statement would scan and cost without running it")
	cmd.Flags().StringVar(&f.stats, "stats", "all", "what to print after the result: all, time, cost or none")
	cmd.Flags().StringVar(&f.place, "place", "", "FILE:LINE:COLUMN of the statement, for errors")
	_ = cmd.Flags().MarkHidden("place") // it is there
	cmd.Flags().StringVar(&f.statsFile, "stats-file", "", "write the statistics to a file as JSON")
	return cmd
}

// formatsHelp lists the formats of answers.
const formatsHelp = "table (on a terminal: cut to its width), vertical, auto (vertical if the table is too wide), csv, markdown, json, ndjson,\n" +
	"arrow (IPC stream), arrow-file (IPC file), parquet or trino. Files have timestamps with time zone in UTC, others (eventtime) unchanged"

// paramHelp explains --param.
const paramHelp = "value of a parameter: name=value for :name, 1=value for the first question mark; repeatable.\n" +
	"Numbers, true and false have that type where the statement needs it; all other values are texts"

// chooseFormat settles the format of the answer. isGiven: --format names it, whatever the output file is called.
func (f *queryFlags) chooseFormat(isGiven bool) (err error) {
	if f.chart != "" {
		return nil
	}
	given := ""
	if isGiven {
		given = f.format
	}
	f.format, err = formatOf(f.output, given, f.format)
	return err
}

// oneStatement refuses a statement that the shell has cut into words.
func oneStatement(cmd *cobra.Command, args []string) error {
	if len(args) > 1 {
		return fmt.Errorf("put the statement in quotes: %s \"%s\"", cmd.CommandPath(), strings.Join(args, " "))
	}
	return nil
}

// maxStatementBytes is above what the parser takes; it keeps a wrong file out of memory.
const maxStatementBytes = 2 << 20

// statement is the SQL of the command line.
func (p *program) statement(args []string, file string) (string, error) {
	switch {
	case file != "" && len(args) > 0:
		return "", usageError{errors.New("pass the statement as an argument or with -f, not both")}
	case file == "-":
		return p.statement([]string{file}, "")
	case file != "":
		text, err := p.readFile(file)
		return withoutMark(text), err
	case len(args) == 0:
		return "", usageError{errors.New("missing statement; pass SQL, -f FILE, or - for standard input")}
	case args[0] == "-":
		text, err := io.ReadAll(io.LimitReader(p.in, maxStatementBytes+1))
		if err == nil && len(text) > maxStatementBytes {
			err = usageError{fmt.Errorf("standard input is larger than %s; auditlake shell reads scripts of any length",
				humanBytes(maxStatementBytes))}
		}
		return withoutMark(text), err
	}
	return args[0], nil
}

// withoutMark leaves out the byte order mark that some editors begin files with.
func withoutMark(text []byte) string { return strings.TrimPrefix(string(text), "\ufeff") }

func (p *program) query(ctx context.Context, given string, f queryFlags) error {
	if err := answer.CheckFormat(f.format); err != nil {
		return usageError{err}
	}
	if f.chart != "" {
		if err := answer.CheckChart(f.chart); err != nil {
			return usageError{err}
		}
	}
	if f.safeCSV && f.format != "csv" {
		return usageError{fmt.Errorf("--csv-safe works with --format csv, not %s", f.format)}
	}
	if !slices.Contains(statsParts, f.stats) {
		return usageError{fmt.Errorf("--stats must be %s, not %q", strings.Join(statsParts, ", "), f.stats)}
	}
	if err := f.keeping.set(&p.background); err != nil {
		return err
	}
	statement := remote.Statement{Timeout: f.timeout, Door: "command"}
	if f.maxBytes != "" {
		limit, err := parseBytes(f.maxBytes)
		if err != nil {
			return err
		}
		statement.MaxBytes = limit
	}
	params, err := parseParameters(f.params)
	if err != nil {
		return err
	}
	bound, arguments, err := params.bind(given)
	if err != nil {
		return err
	}
	asked := scriptOf(given, bound, arguments)
	if f.file != "-" {
		asked.file = f.file
	}
	if f.place != "" && asked.isOne() {
		if err := asked.beginAt(f.place); err != nil {
			return err
		}
	}
	switch {
	case asked.isOne():
	case f.output != "" && slices.Contains(binaryFormats, f.format):
		return errOneStatement("-o with --format " + f.format)
	case slices.Contains(binaryFormats, f.format):
		return errOneStatement("--format " + f.format)
	case f.statsFile != "":
		return errOneStatement("--stats-file")
	}
	if statement.Session, err = sessionState(f); err != nil {
		return usageError{err}
	}
	statement.Keep = f.keep
	return p.runScript(ctx, asked, statement, f)
}

// runScript runs statements until one fails, on one lake.
func (p *program) runScript(ctx context.Context, asked *script, statement remote.Statement, f queryFlags) (err error) {
	if p.held == nil && p.asking == nil {
		p.asking = &asking{program: p}
		defer func() {
			err = errors.Join(err, p.asking.end(ctx))
			p.asking = nil
		}()
	}
	out := &outputFile{program: p, name: f.output}
	for i := range asked.statements {
		s := &asked.statements[i]
		statement.SQL = s.sql
		if !asked.isOne() {
			changed, err := changeSession(&statement.Session, s.sql)
			if err != nil {
				return out.end(asked.failed(s, err))
			}
			if changed != "" {
				fmt.Fprintln(p.err, changed)
				continue
			}
		}
		out.next(f.format)
		if err := p.runStatement(ctx, asked, s, statement, f, out); err != nil {
			return out.end(err)
		}
	}
	if f.dryRun {
		return nil
	}
	return out.end(nil)
}

// changeSession makes the change of the session that a statement of a script asks for, and returns its verb, "" if it
// is another one.
func changeSession(state *engine.SessionState, sql string) (verb string, err error) {
	request, err := state.Interpret(sql)
	switch {
	case request == nil: // a mistake, which running it reports
		return "", nil
	case request.Change == nil:
		return "", nil
	case err != nil:
		return "", err
	}
	state.Apply(request.Change)
	return request.Verb, nil
}

// runStatement runs one statement of a script, or estimates it.
func (p *program) runStatement(ctx context.Context, asked *script, s *scriptStatement, statement remote.Statement, f queryFlags, out *outputFile) error {
	return p.ask(ctx, func(lake remote.Asked) (err error) {
		statement.Arguments = literals(ctx, lake, statement, s.arguments)
		if f.dryRun {
			err = p.estimate(ctx, lake, statement)
		} else {
			err = p.runQuery(ctx, lake, statement, f, out)
		}
		if err == nil || errors.Is(err, socket.ErrHolderEnded) {
			return err // it starts over
		}
		if f.format == "trino" {
			if printErr := answer.TrinoError(p.out, err); printErr != nil {
				return printErr
			}
		}
		if len(f.prepared) > 0 { // places may be in a prepared statement's text
			return err
		}
		return asked.failed(s, err)
	})
}

// sessionState is what --session and --prepared say.
func sessionState(f queryFlags) (state engine.SessionState, err error) {
	if state.Properties, err = namedValues("session", f.session); err != nil {
		return state, err
	}
	if state.Prepared, err = namedValues("prepared", f.prepared); err != nil {
		return state, err
	}
	_, err = state.Options()
	return state, err
}

// namedValues reads the name=value of a flag that may repeat.
func namedValues(flag string, texts []string) (map[string]string, error) {
	out := map[string]string{}
	for _, text := range texts {
		name, value, ok := strings.Cut(text, "=")
		switch _, twice := out[name]; {
		case !ok || name == "":
			return nil, fmt.Errorf("--%s must be name=value, not %q", flag, text)
		case twice:
			return nil, fmt.Errorf("--%s has two values for %s", flag, name)
		}
		out[name] = value
	}
	return out, nil
}

func (p *program) runQuery(ctx context.Context, lake remote.Asked, statement remote.Statement, f queryFlags, out *outputFile) (err error) {
	planned := p.plannedBytes(ctx, lake, statement)
	rows, err := lake.Query(ctx, statement)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	stopProgress := p.queryProgress(rows, planned)
	defer stopProgress()
	if far, ok := rows.(*remote.Answer); ok {
		if err := far.Ready(); err != nil { // before anything is written, so that it may start over
			return err
		}
	}
	pager, paged := p.out.(*shell.Pager)
	if paged {
		pager.BeforeStart = stopProgress
	}
	layout := p.layout(f.output)
	layout.SafeCSV, layout.Chart = f.safeCSV, f.chart
	_, err = layout.Write(f.format, out, rows)
	stopProgress()
	if paged {
		err = errors.Join(err, pager.Finish())
	}
	if undrawable := (*answer.ChartError)(nil); errors.As(err, &undrawable) {
		return usageError{err}
	}
	if err != nil {
		return err
	}
	stats := rows.Stats()
	if line := statsLine(stats, f.stats); line != "" {
		fmt.Fprintln(p.err, line)
	}
	if stats.TimeNote != "" && f.stats != "none" {
		fmt.Fprintln(p.err, stats.TimeNote)
	}
	if f.keep {
		fmt.Fprintf(p.err, "result kept; to show it: auditlake queries results %s\n", rows.QueryID())
	}
	return p.writeStats(f.statsFile, stats)
}

// plannedBytes is what a statement will scan at most, for the progress line. It is 0 without a progress line, or if
// the statement is wrong, which Query will report.
func (p *program) plannedBytes(ctx context.Context, lake remote.Asked, statement remote.Statement) int64 {
	if !terminal(p.err) {
		return 0
	}
	e, err := lake.Estimate(ctx, statement)
	if err != nil {
		return 0
	}
	return e.HighBytes
}

// statsParts are what --stats may be.
var statsParts = []string{"all", "time", "cost", "none"}

// statsLine is the one line under an answer, "" for none.
func statsLine(s engine.Stats, part string) string {
	parts := []string{plural(s.Rows, "row")}
	if part == "all" || part == "time" {
		parts = append(parts, seconds(s.Elapsed))
	}
	if (part == "all" || part == "cost") && readsStore(s) {
		parts = append(parts, costLine(s))
	}
	if part == "none" {
		return ""
	}
	return strings.Join(parts, ", ")
}

// readsStore reports whether a statement read a store that holds anything, which has a price.
func readsStore(s engine.Stats) bool { return s.BytesStored > 0 || s.EventsScanned > 0 }

// costLine says what a statement scanned, and what the managed service would charge for it.
func costLine(s engine.Stats) string {
	return fmt.Sprintf("%s scanned of %s stored, %s of %s, %s (estimate of the managed service's price)",
		humanBytes(s.BytesScanned), humanBytes(s.BytesStored), grouped(s.EventsMatched), plural(s.EventsScanned, "event"), dollars(s.Price))
}

// bytesLine is costLine without the events.
func bytesLine(s engine.Stats) string {
	return fmt.Sprintf("%s scanned of %s stored, %s (estimate of the managed service's price)", humanBytes(s.BytesScanned), humanBytes(s.BytesStored), dollars(s.Price))
}

func (p *program) writeStats(path string, stats engine.Stats) error {
	if path == "" {
		return nil
	}
	text, err := json.MarshalIndent(stats, "", "  ")
	if err != nil {
		return err
	}
	file, err := p.createFile(path)
	if err != nil {
		return err
	}
	_, err = file.Write(append(text, '\n'))
	return errors.Join(err, file.Close())
}

func (p *program) estimate(ctx context.Context, lake remote.Asked, statement remote.Statement) error {
	e, err := lake.Estimate(ctx, statement)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(p.out, "would scan %s of %s stored, %s (estimate of the managed service's price)\n",
		interval(humanBytes(e.LowBytes), humanBytes(e.HighBytes)), humanBytes(e.BytesStored), interval(dollars(e.LowPrice), dollars(e.HighPrice)))
	return err
}

// interval is two ends as people write them.
func interval(low, high string) string {
	if low == high {
		return low
	}
	return low + " to " + high
}
