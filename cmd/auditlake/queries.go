package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/auditlake/auditlake/engine"
	"github.com/auditlake/auditlake/engine/answer"
)

func (p *program) queriesCommand() *cobra.Command {
	return group("queries", "List, show and cancel queries of the last 7 days (or --keep-queries)",
		p.queriesListCommand(), p.queriesShowCommand(), p.queriesCancelCommand(), p.queriesResultsCommand(), p.queriesReceiptCommand())
}

func (p *program) queriesListCommand() *cobra.Command {
	var store, user, state string
	var times timeRange
	var limit int
	var lookups bool
	cmd := &cobra.Command{
		Use: "list", Short: "List queries, newest first", Args: usage(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			filter := engine.QueryFilter{User: user, Limit: limit}
			if !lookups {
				filter.WithoutDoors = engine.LookupDoors()
			}
			if limit < 1 {
				return usageError{fmt.Errorf("--limit must be 1 or more, not %d", limit)}
			}
			for _, name := range strings.FieldsFunc(strings.ToUpper(state), func(r rune) bool { return r == ',' }) {
				if !slices.Contains(queryStates, name) {
					return usageError{fmt.Errorf("--state must be one or more of %s, not %s",
						strings.Join(queryStates, ", "), name)}
				}
				filter.States = append(filter.States, engine.QueryState(name))
			}
			var err error
			if filter.Since, filter.Until, err = times.read(time.Now()); err != nil {
				return err
			}
			if !filter.Until.IsZero() {
				filter.Until = filter.Until.Add(-time.Millisecond) // the end of a list is part of it
			}
			return p.withLake(cmd.Context(), false, func(lake *engine.Lake) error {
				if store != "" {
					s, err := lake.Stores().Get(cmd.Context(), store)
					if err != nil {
						return err
					}
					filter.StoreID = s.ID
				}
				found, err := lake.Queries().List(cmd.Context(), filter)
				if err != nil {
					return err
				}
				rows := [][]string{{"id", "submitted", "state", "door", "user", "took", "scanned", "rows", "statement"}}
				for _, q := range found {
					rows = append(rows, []string{q.ID, q.CreatedAt.Format(time.RFC3339), queryState(q), q.Door, q.User, seconds(tookOf(q)),
						humanBytes(q.BytesScanned), grouped(q.Rows), shortStatement(q.SQL)})
				}
				return printColumns(p.out, rows)
			})
		},
	}
	cmd.Flags().StringVar(&store, "store", "", "only queries that read this event data store")
	cmd.Flags().StringVar(&user, "user", "", "only queries of this user")
	cmd.Flags().StringVar(&state, "state", "", "only queries in these states, such as running,queued")
	times.addTo(cmd.Flags(), "queries submitted")
	addHidden(cmd.Flags(), &times.from, "since", "older name of --from")
	cmd.Flags().BoolVar(&lookups, "lookups", false, "also event lookups (lookup, LookupEvents, the console's event history)")
	cmd.Flags().IntVar(&limit, "limit", 20, "maximum number of queries")
	return cmd
}

// queryStates are what --state takes.
var queryStates = []string{
	string(engine.QueryQueued), string(engine.QueryRunning), string(engine.QueryFinished),
	string(engine.QueryFailed), string(engine.QueryCancelled), string(engine.QueryTimedOut),
}

// queryState returns a query's state, with the progress of a running query.
func queryState(q *engine.QueryInfo) string {
	if part, isKnown := q.Progress(); isKnown && q.State == engine.QueryRunning {
		return fmt.Sprintf("%s %.0f%%", q.State, 100*part)
	}
	return string(q.State)
}

// tookOf is how long a query took, the wait for its turn included, or takes already.
func tookOf(q *engine.QueryInfo) time.Duration {
	switch {
	case !q.EndedAt.IsZero():
		return q.EndedAt.Sub(q.CreatedAt)
	case q.State == engine.QueryFailed: // interrupted at an unknown time
		return 0
	}
	return time.Since(q.CreatedAt)
}

// maxShortStatement is how many characters of a statement a list shows.
const maxShortStatement = 60

// shortStatement is the beginning of a statement on one line.
func shortStatement(sql string) string {
	short := []rune(strings.Join(strings.Fields(sql), " "))
	if len(short) > maxShortStatement {
		return string(short[:maxShortStatement-1]) + "…"
	}
	return string(short)
}

// plannedOf is the estimate of what a query scans. Queries that end within a moment have none.
func plannedOf(q *engine.QueryInfo) string {
	switch {
	case q.PlannedHighBytes > 0:
		return interval(humanBytes(q.PlannedLowBytes), humanBytes(q.PlannedHighBytes))
	case len(q.StoreIDs) == 0:
		return "nothing (reads no store)"
	case q.State == engine.QueryQueued || q.State == engine.QueryRunning:
		return "not estimated yet"
	}
	return "not estimated: the query ended too soon"
}

func (p *program) queriesShowCommand() *cobra.Command {
	return &cobra.Command{
		Use: "show ID", Short: "Show one query", Args: usage(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.withLake(cmd.Context(), false, func(lake *engine.Lake) error {
				q, err := lake.Queries().Get(args[0])
				if err != nil {
					return err
				}
				rows := [][]string{{"id", q.ID}, {"state", queryState(q)}, {"door", q.Door}, {"user", q.User}, {"source", q.Source}}
				for _, at := range []struct {
					name string
					time time.Time
				}{{"submitted", q.CreatedAt}, {"started", q.StartedAt}, {"ended", q.EndedAt}} {
					if !at.time.IsZero() {
						rows = append(rows, []string{at.name, at.time.Format(time.RFC3339)})
					}
				}
				if q.ErrorMessage != "" {
					rows = append(rows, []string{"error", q.ErrorName + ": " + q.ErrorMessage})
				}
				rows = append(rows, [][]string{
					{"planned", plannedOf(q)},
					{"stores", strings.Join(q.StoreIDs, " ")}, {"took", seconds(tookOf(q))}, {"scanned", humanBytes(q.BytesScanned)},
					{"price", dollars(q.Price)}, {"events", grouped(q.EventsMatched) + " of " + grouped(q.EventsScanned)},
					{"rows", grouped(q.Rows)}, {"peak memory", humanBytes(q.PeakMemoryBytes)}, {"spilled", humanBytes(q.SpilledBytes)},
				}...)
				if err := printColumns(p.out, rows); err != nil {
					return err
				}
				fmt.Fprintln(p.out)
				for line := range strings.Lines(q.SQL) {
					if _, err := fmt.Fprintln(p.out, answer.Printable(strings.TrimRight(line, "\r\n"))); err != nil {
						return err
					}
				}
				return nil
			})
		},
	}
}

func (p *program) queriesCancelCommand() *cobra.Command {
	return &cobra.Command{
		Use: "cancel ID", Short: "Cancel a queued or running query", Args: usage(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.withLake(cmd.Context(), false, func(lake *engine.Lake) error {
				if err := lake.Queries().Cancel(args[0]); err != nil {
					return err
				}
				_, err := fmt.Fprintf(p.out, "cancelled %s\n", args[0])
				return err
			})
		},
	}
}
