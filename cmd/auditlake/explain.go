package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/auditlake/auditlake/engine"
)

func (p *program) explainCommand() *cobra.Command {
	var analyze bool
	var file, format string
	cmd := &cobra.Command{
		Use: "explain SQL", Short: "Show the plan of a statement", Args: usage(oneStatement),
		RunE: func(cmd *cobra.Command, args []string) error {
			sql, err := p.statement(args, file)
			if err != nil {
				return err
			}
			options := []engine.QueryOption{engine.ThroughDoor("command")}
			switch format {
			case "json":
				options = append(options, engine.ExplainAsJSON())
			case "text":
			default:
				return usageError{fmt.Errorf("--format must be text or json, not %q", format)}
			}
			return p.withLake(cmd.Context(), false, func(lake *engine.Lake) error {
				text, err := lake.Explain(cmd.Context(), sql, analyze, options...)
				if err != nil {
					return sqlError{err, sql}
				}
				_, err = fmt.Fprintln(p.out, strings.TrimSuffix(text, "\n"))
				return err
			})
		},
	}
	cmd.Flags().BoolVar(&analyze, "analyze", false, "run the statement and show rows, time, CPU time, memory and bytes of each step")
	cmd.Flags().StringVar(&format, "format", "text", "text or json")
	cmd.Flags().StringVarP(&file, "file", "f", "", "read the statement from a file (-: standard input)")
	return cmd
}
