package main

import (
	"github.com/spf13/cobra"

	"github.com/auditlake/auditlake/engine"
)

func (p *program) explainCommand() *cobra.Command {
	var analyze bool
	var file string
	cmd := &cobra.Command{
		Use: "explain SQL", Short: "Show how a statement would run", Args: usage(cobra.MaximumNArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			sql, err := p.statement(args, file)
			if err != nil {
				return err
			}
			return p.withLake(cmd.Context(), false, func(lake *engine.Lake) error {
				text, err := lake.Explain(cmd.Context(), sql, analyze, engine.ThroughDoor("command"))
				if err != nil {
					return sqlError{err, sql}
				}
				_, err = p.out.Write([]byte(text))
				return err
			})
		},
	}
	cmd.Flags().BoolVar(&analyze, "analyze", false, "run it, and show rows, time and bytes of each step")
	cmd.Flags().StringVarP(&file, "file", "f", "", "read the statement from a file")
	return cmd
}
