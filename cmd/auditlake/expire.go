package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/auditlake/auditlake/engine"
)

func (p *program) expireCommand() *cobra.Command {
	var trustClock bool
	cmd := &cobra.Command{
		Use: "expire", Short: "Remove the days that are past their store's retention",
		Long: "Removes days that are completely past their store's retention, and deleted stores that can no\n" +
			"longer be restored.\n\n" +
			"If the clock is more than seven days ahead of the lake's last use, nothing is removed until events\n" +
			"of the new time arrive or --yes confirms that the clock is right.",
		Args: usage(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return p.withLake(cmd.Context(), false, func(lake *engine.Lake) error {
				var options []engine.ExpireOption
				if trustClock {
					options = append(options, engine.TrustClock())
				}
				removed, err := lake.Expire(cmd.Context(), options...)
				if err == nil || removed.Segments > 0 { // also if some segments were removed before an error
					fmt.Fprintf(p.out, "removed %s in %s\n", plural(removed.Events, "event"), plural(removed.Segments, "segment"))
				}
				return err
			})
		},
	}
	cmd.Flags().BoolVar(&trustClock, "yes", false, "confirm that the clock is right, however far it is ahead of the lake's last use")
	return cmd
}
