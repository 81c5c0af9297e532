package main

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/auditlake/auditlake/engine"
)

func (p *program) describeCommand() *cobra.Command {
	return &cobra.Command{
		Use: "describe [STORE]", Short: "Columns, types and examples of a store; its size and time span", Args: usage(cobra.MaximumNArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.withLake(cmd.Context(), false, func(lake *engine.Lake) error {
				d, err := lake.Describe(cmd.Context(), first(args))
				if err != nil {
					return err
				}
				fmt.Fprintf(p.out, "%s: %s, %s in %s\n", d.Store.Name, plural(d.Events, "event"), humanBytes(d.StoredBytes), plural(d.Segments, "segment"))
				if d.Events > 0 {
					fmt.Fprintf(p.out, "event times %s to %s\n", d.MinTime.Format(time.RFC3339), d.MaxTime.Format(time.RFC3339))
				}
				fmt.Fprintln(p.out)
				rows := [][]string{{"column", "type", "example"}}
				for _, c := range d.Columns {
					rows = append(rows, []string{c.Name, c.Type, c.Example})
				}
				return printColumns(p.out, rows)
			})
		},
	}
}
