package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/auditlake/auditlake/engine"
)

func (p *program) usageCommand() *cobra.Command {
	var month string
	var times timeRange
	cmd := &cobra.Command{
		Use: "usage", Short: "Show ingested, stored and scanned bytes with their prices, per store and day",
		Long: "Shows ingested, stored and scanned bytes with their prices, per store and day.\n\n" +
			"With extendable retention, the managed service charges most for CloudTrail events that it ingests\n" +
			"live. Imported log files, Insights events, configuration items, evidence and events from outside\n" +
			"AWS cost less. Bytes that an earlier version of auditlake counted have the price of imported\n" +
			"files.",
		Args: usage(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			from, to, err := times.read(time.Now())
			if err != nil {
				return err
			}
			if month != "" && times.isGiven() {
				return usageError{errors.New("use either --month, or --from and --to")}
			}
			return p.withLake(cmd.Context(), false, func(lake *engine.Lake) error {
				u, err := usageOf(cmd.Context(), lake, month, from, to)
				if err != nil {
					return err
				}
				rows := [][]string{{"day", "store", "ingested", "live", "price", "queries", "scanned", "price", "stored"}}
				for _, d := range append(u.Days, u.Totals...) {
					rows = append(rows, []string{d.Day, d.Store, humanBytes(d.IngestedBytes), humanBytes(d.LiveBytes), dollars(d.IngestionPrice),
						grouped(d.Queries), humanBytes(d.ScannedBytes), dollars(d.QueryPrice), humanBytes(d.StoredBytes)})
				}
				if err := printColumns(p.out, rows); err != nil {
					return err
				}
				_, err = fmt.Fprintf(p.out, "extended storage this month: %s\nprices are estimates of what the managed service would charge (price book of %s)\n",
					dollars(u.ExtendedStoragePrice), lake.Prices().Date)
				return err
			})
		},
	}
	cmd.Flags().StringVar(&month, "month", "", "month as YYYY-MM (default: this month)")
	times.addTo(cmd.Flags(), "days")
	return cmd
}

// maxUsageMonths is how many months one list may span.
const maxUsageMonths = 120

// usageOf returns the usage of a month, or of the days in a range: those that begin before its end and do not end
// before it begins.
func usageOf(ctx context.Context, lake *engine.Lake, month string, from, to time.Time) (*engine.Usage, error) {
	if from.IsZero() && to.IsZero() {
		return lake.Usage(ctx, month)
	}
	now := lake.Now().UTC()
	if to.IsZero() || to.After(now) {
		to = now
	}
	if from.IsZero() {
		from = time.Date(to.Year(), to.Month(), 1, 0, 0, 0, 0, time.UTC)
	}
	first, last := from.Format(time.DateOnly), to.Add(-time.Nanosecond).Format(time.DateOnly)
	out := &engine.Usage{}
	at := time.Date(from.Year(), from.Month(), 1, 0, 0, 0, 0, time.UTC)
	for months := 0; at.Before(to); at = at.AddDate(0, 1, 0) {
		if months++; months > maxUsageMonths {
			return nil, usageError{fmt.Errorf("--from and --to can span at most %d months", maxUsageMonths)}
		}
		u, err := lake.Usage(ctx, at.Format("2006-01"))
		if err != nil {
			return nil, err
		}
		for _, d := range u.Days {
			if d.Day >= first && d.Day <= last {
				out.Days = append(out.Days, d)
			}
		}
		out.ExtendedStoragePrice = u.ExtendedStoragePrice
	}
	out.Totals = totalsOf(out.Days)
	return out, nil
}

// totalsOf adds days up, store by store.
func totalsOf(days []engine.UsageRow) (totals []engine.UsageRow) {
	for _, d := range days {
		i := slices.IndexFunc(totals, func(t engine.UsageRow) bool { return t.Store == d.Store })
		if i < 0 {
			totals = append(totals, engine.UsageRow{Day: "total", Store: d.Store})
			i = len(totals) - 1
		}
		t := &totals[i]
		t.IngestedBytes, t.LiveBytes, t.IngestedEvents = t.IngestedBytes+d.IngestedBytes, t.LiveBytes+d.LiveBytes, t.IngestedEvents+d.IngestedEvents
		t.Queries, t.ScannedBytes, t.StoredBytes = t.Queries+d.Queries, t.ScannedBytes+d.ScannedBytes, d.StoredBytes
		t.IngestionPrice, t.QueryPrice = t.IngestionPrice+d.IngestionPrice, t.QueryPrice+d.QueryPrice
	}
	slices.SortFunc(totals, func(a, b engine.UsageRow) int { return strings.Compare(a.Store, b.Store) })
	return totals
}
