package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/auditlake/auditlake/engine"
	"github.com/auditlake/auditlake/engine/answer"
)

// resultsFlags are the flags of queries results.
type resultsFlags struct {
	format, output string
	offset, limit  int64
}

func (p *program) queriesResultsCommand() *cobra.Command {
	var f resultsFlags
	cmd := &cobra.Command{
		Use: "results ID", Short: "Show the kept result of a query",
		Long: "Shows the result that query --keep has kept, without running the query again. A query that timed\n" +
			"out (TIMED_OUT) has the rows that it had returned by then. A result is kept as long as its query\n" +
			"is listed.",
		Args: usage(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			given := ""
			if cmd.Flags().Changed("format") {
				given = f.format
			}
			var err error
			if f.format, err = formatOf(f.output, given, f.format); err != nil {
				return err
			}
			if err := answer.CheckFormat(f.format); err != nil {
				return usageError{err}
			}
			if f.offset < 0 || f.limit < -1 {
				return usageError{errors.New("--offset and --limit must be 0 or more")}
			}
			return p.withLake(cmd.Context(), false, func(lake *engine.Lake) error {
				return p.showResult(cmd.Context(), lake, args[0], f)
			})
		},
	}
	cmd.Flags().StringVar(&f.format, "format", "table", formatsHelp)
	cmd.Flags().StringVarP(&f.output, "output", "o", "", outputHelp)
	cmd.Flags().Int64Var(&f.offset, "offset", 0, "number of rows to skip")
	cmd.Flags().Int64Var(&f.limit, "limit", -1, "maximum number of rows (default: all)")
	return cmd
}

func (p *program) showResult(ctx context.Context, lake *engine.Lake, id string, f resultsFlags) (err error) {
	kept, err := openResult(lake.Queries(), id)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, kept.Close()) }()
	shown, err := p.writeAnswer(f.format, f.output, p.layout(f.output), kept.Page(ctx, f.offset, f.limit))
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(p.err, "%s of %s\n", plural(shown, "row"), grouped(kept.Rows()))
	if kept.isPart {
		_, noteErr := fmt.Fprintln(p.err, "the query timed out; these are the rows that it had returned by then, not all")
		err = errors.Join(err, noteErr)
	}
	return err
}

// shownResult is a kept result, or the rows that a query returned before it took too long.
type shownResult struct {
	*engine.QueryResult
	isPart bool
}

func openResult(queries *engine.Queries, id string) (shownResult, error) {
	info, err := queries.Get(id)
	if err != nil {
		return shownResult{}, err
	}
	if info.State == engine.QueryTimedOut {
		kept, err := queries.PartialResults(id)
		return shownResult{kept, true}, err
	}
	kept, err := queries.Results(id)
	return shownResult{kept, false}, err
}
