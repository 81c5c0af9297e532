package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/auditlake/auditlake/engine"
)

func (p *program) expireCommand() *cobra.Command {
	return &cobra.Command{
		Use: "expire", Short: "Remove the days that are wholly past their store's retention", Args: usage(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return p.withLake(cmd.Context(), false, func(lake *engine.Lake) error {
				removed, err := lake.Expire(cmd.Context())
				if err == nil || removed.Segments > 0 { // also what was removed before an error
					fmt.Fprintf(p.out, "removed %s in %s\n", plural(removed.Events, "event"), plural(removed.Segments, "segment"))
				}
				return err
			})
		},
	}
}
