package main

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/auditlake/auditlake/engine"
	"github.com/auditlake/auditlake/server/console"
)

func (p *program) dashboardRenderCommand() *cobra.Command {
	return &cobra.Command{
		Use: "render NAME", Short: "Print a dashboard as an HTML report", Args: usage(cobra.ExactArgs(1)),
		Long: "Prints a dashboard with the results of its last refresh as one HTML file, with the same charts and\n" +
			"tables as the console. The file loads nothing from a server. Rendering scans no events. A\n" +
			"dashboard without a refresh has no report.",
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.withLake(cmd.Context(), false, func(lake *engine.Lake) error {
				found, err := findDashboard(cmd.Context(), lake, args[0])
				if err != nil {
					return err
				}
				var report bytes.Buffer // an error prints no half of a file
				err = console.WriteReport(cmd.Context(), &report, lake, found.Name)
				if errors.Is(err, console.ErrNeverRefreshed) {
					err = fmt.Errorf("%w; to refresh it: auditlake dashboard refresh %s", err, found.Name)
				}
				if err != nil {
					return err
				}
				_, err = p.out.Write(report.Bytes())
				return err
			})
		},
	}
}
