package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/auditlake/auditlake/engine"
)

func (p *program) functionsCommand() *cobra.Command {
	return &cobra.Command{
		Use: "functions [PATTERN]", Short: "List the SQL functions with their signatures", Args: usage(cobra.MaximumNArgs(1)),
		Long: "Lists the SQL functions whose name contains PATTERN. A pattern with % or * must match the whole\n" +
			"name: 'date%'.",
		RunE: func(_ *cobra.Command, args []string) error {
			found := engine.Functions(first(args))
			if len(found) == 0 {
				return fmt.Errorf("no function matches %q; auditlake functions lists all functions", first(args))
			}
			var rows [][]string
			for _, f := range found {
				rows = append(rows, []string{f.Signature, f.Kind, f.Doc})
			}
			return printColumns(p.out, rows)
		},
	}
}
