package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/auditlake/auditlake/engine"
)

func (p *program) usageCommand() *cobra.Command {
	var month string
	cmd := &cobra.Command{
		Use: "usage", Short: "Ingested, stored and scanned bytes with their prices, per store and day",
		Long: `Prints ingested, stored and scanned bytes with their prices, per store and day.

With extendable retention the managed service charges most for CloudTrail events that are ingested live.
Imported log files, Insights events, configuration items, evidence and events from outside of AWS cost
less. Bytes that an earlier version of auditlake counted are priced as imported.`,
		Args: usage(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return p.withLake(cmd.Context(), false, func(lake *engine.Lake) error {
				u, err := lake.Usage(cmd.Context(), month)
				if err != nil {
					return err
				}
				rows := [][]string{{"day", "store", "ingested", "of it live", "price", "queries", "scanned", "price", "stored"}}
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
	cmd.Flags().StringVar(&month, "month", "", "YYYY-MM (default: this month)")
	return cmd
}
