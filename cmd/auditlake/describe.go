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
				d, err := lake.Stores().Describe(cmd.Context(), first(args))
				if err != nil {
					return err
				}
				fmt.Fprintf(p.out, "%s: %s, %s in %s\n", d.Store.Name, plural(d.Events, "event"), humanBytes(d.StoredBytes), plural(d.Segments, "segment"))
				if d.Events > 0 {
					fmt.Fprintf(p.out, "event times %s to %s\n", d.MinTime.Format(time.RFC3339), d.MaxTime.Format(time.RFC3339))
				}
				fmt.Fprintln(p.out)
				return printColumns(p.out, appendColumns([][]string{{"column", "type", "example"}}, "", d.Columns))
			})
		},
	}
}

// appendColumns lists columns, and behind those that are rows their fields, under the names that SQL has for them.
func appendColumns(rows [][]string, parent string, columns []engine.ColumnInfo) [][]string {
	for _, c := range columns {
		name := parent + c.Name
		if len(c.Fields) == 0 {
			rows = append(rows, []string{name, c.Type, c.Example})
			continue
		}
		rows = appendColumns(append(rows, []string{name, "row", c.Example}), name+".", c.Fields)
	}
	return rows
}
