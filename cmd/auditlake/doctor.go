package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/auditlake/auditlake/engine"
)

func (p *program) doctorCommand() *cobra.Command {
	return &cobra.Command{
		Use: "doctor", Short: "Check the lake, its disk, keys and clock, the last import and the last verification",
		Long: "Checks the lake, its disk, keys and clock, how events arrive, the last import and the last\n" +
			"verification. Each line has a check's name, its result (ok, warning or failing) and what was\n" +
			"found. doctor exits with 1 if a check fails; warnings do not count.\n\n" +
			"doctor reads no events, so it can run every minute. It does not prove that the data is unchanged;\n" +
			"verify does.",
		Args: usage(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return p.withLake(cmd.Context(), false, func(lake *engine.Lake) error {
				checks, err := lake.Checkup(cmd.Context())
				if err != nil {
					return err
				}
				var rows [][]string
				failing := int64(0)
				for _, c := range checks {
					rows = append(rows, []string{c.Name, string(c.State), c.Text})
					if c.State == engine.CheckFailing {
						failing++
					}
				}
				if err := printColumns(p.out, rows); err != nil {
					return err
				}
				if failing > 0 {
					return fmt.Errorf("failing: %s", plural(failing, "check"))
				}
				return nil
			})
		},
	}
}
