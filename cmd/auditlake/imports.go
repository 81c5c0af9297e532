package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/auditlake/auditlake/engine"
	"github.com/auditlake/auditlake/engine/answer"
)

func (p *program) importsCommand() *cobra.Command {
	return group("imports", "List and stop imports, and show their failures",
		p.importsListCommand(), p.importsShowCommand(), p.importsFailuresCommand(), p.importsStopCommand())
}

// importID completes the beginning of an import's id.
func importID(ctx context.Context, lake *engine.Lake, start string) (string, error) {
	imports, err := lake.Imports().List(ctx)
	if err != nil {
		return "", err
	}
	var found []string
	for _, i := range imports {
		if i.ID == start {
			return start, nil
		}
		if start != "" && strings.HasPrefix(i.ID, strings.ToLower(start)) {
			found = append(found, i.ID)
		}
	}
	switch len(found) {
	case 0:
		return start, nil // which is not found
	case 1:
		return found[0], nil
	}
	return "", usageError{fmt.Errorf("%s imports have ids that begin with %s: %s", grouped(int64(len(found))), start, strings.Join(found, ", "))}
}

func (p *program) importsListCommand() *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "List the imports, newest first", Args: usage(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return p.withLake(cmd.Context(), false, func(lake *engine.Lake) error {
				imports, err := lake.Imports().List(cmd.Context())
				if err != nil {
					return err
				}
				rows := [][]string{{"id", "started", "status", "files", "events", "failures", "source"}}
				for _, i := range imports {
					rows = append(rows, []string{i.ID, i.StartedAt.Format(time.RFC3339), string(i.Status), grouped(i.Counts.Files),
						grouped(i.Counts.Events), grouped(i.Counts.FailedRecords + i.Counts.FilesFailed), strings.Join(i.Sources, " ")})
				}
				return printColumns(p.out, rows)
			})
		},
	}
}

func (p *program) importsShowCommand() *cobra.Command {
	return &cobra.Command{
		Use: "show ID", Short: "Show one import", Args: usage(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.withLake(cmd.Context(), false, func(lake *engine.Lake) error {
				id, err := importID(cmd.Context(), lake, args[0])
				if err != nil {
					return err
				}
				i, err := lake.Imports().Get(cmd.Context(), id)
				if err != nil {
					return err
				}
				c := i.Counts
				rows := [][]string{{"id", i.ID}, {"status", string(i.Status)}, {"started", i.StartedAt.Format(time.RFC3339)},
					{"source", strings.Join(i.Sources, " ")}}
				if !i.EndedAt.IsZero() {
					rows = append(rows, []string{"ended", i.EndedAt.Format(time.RFC3339)})
				}
				if i.Error != "" {
					rows = append(rows, []string{"error", i.Error})
				}
				for _, count := range []struct {
					name string
					n    int64
				}{
					{"files", c.Files}, {"files already imported", c.FilesKnown}, {"files of other types",
						c.FilesOther}, {"files of aggregated events, not supported", c.FilesAggregated},
					{"files failed", c.FilesFailed},
					{"records", c.Records}, {"events added", c.Events}, {"event bytes", c.EventBytes}, {"skipped: already imported", c.SkippedKnown},
					{"skipped: outside --from/--to", c.SkippedWindow}, {"skipped: past retention", c.SkippedRetention},
					{"skipped: not selected", c.SkippedSelector},
					{"skipped: duplicates", c.SkippedRepeated}, {"kept: same id, different bytes",
						c.KeptOtherBytes}, {"kept: no id", c.KeptWithoutID},
					{"repeated keys", c.DuplicateKeys}, {"records failed", c.FailedRecords},
				} {
					rows = append(rows, []string{count.name, grouped(count.n)})
				}
				return printColumns(p.out, rows)
			})
		},
	}
}

func (p *program) importsFailuresCommand() *cobra.Command {
	return &cobra.Command{
		Use: "failures ID", Short: "List the files and records that an import could not read", Args: usage(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.withLake(cmd.Context(), false, func(lake *engine.Lake) error {
				id, err := importID(cmd.Context(), lake, args[0])
				if err != nil {
					return err
				}
				for f, err := range lake.Imports().Failures(cmd.Context(), id) {
					if err != nil {
						return err
					}
					if f.Status == engine.FailureSucceeded {
						continue
					}
					place := f.File
					if f.Record >= 0 {
						place = fmt.Sprintf("%s record %d offset %d", f.File, f.Record, f.Offset)
					}
					line := fmt.Sprintf("%s: %s: %s", place, f.Code, f.Message)
					if _, err := fmt.Fprintln(p.out, answer.Printable(line)); err != nil {
						return err
					}
				}
				return nil
			})
		},
	}
}

func (p *program) importsStopCommand() *cobra.Command {
	return &cobra.Command{
		Use: "stop ID", Short: "Stop a running import; imported events are kept, and importing again resumes", Args: usage(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.withLake(cmd.Context(), false, func(lake *engine.Lake) error {
				id, err := importID(cmd.Context(), lake, args[0])
				if err != nil {
					return err
				}
				i, err := lake.Imports().Stop(cmd.Context(), id)
				if err != nil {
					return err
				}
				_, err = fmt.Fprintf(p.out, "%s %s: %s from %s\n", strings.ToLower(string(i.Status)), i.ID, plural(i.Counts.Events, "event"), plural(i.Counts.Files, "file"))
				return err
			})
		},
	}
}
