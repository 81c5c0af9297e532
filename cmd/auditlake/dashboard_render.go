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
		Use: "render NAME", Short: "Print a dashboard as a report in HTML", Args: usage(cobra.ExactArgs(1)),
		Long: "Print a dashboard with the kept answers of its last refresh as one HTML file: the page's own charts and tables, which draw themselves\n" +
			"without a server and load nothing. Nothing is scanned. A dashboard that was never refreshed has no report.",
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.withLake(cmd.Context(), false, func(lake *engine.Lake) error {
				found, err := findDashboard(cmd.Context(), lake, args[0])
				if err != nil {
					return err
				}
				var report bytes.Buffer // an error prints no half of a file
				err = console.WriteReport(cmd.Context(), &report, lake, found.Name)
				if errors.Is(err, console.ErrNeverRefreshed) {
					err = fmt.Errorf("%w; auditlake dashboard refresh %s does it", err, found.Name)
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
