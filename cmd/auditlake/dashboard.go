package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/auditlake/auditlake/engine"
	"github.com/auditlake/auditlake/server/awsapi"
)

func (p *program) dashboardCommand() *cobra.Command {
	return group("dashboard", "List, refresh, export and render dashboards", p.dashboardListCommand(),
		p.dashboardRefreshCommand(), p.dashboardApplyCommand(), p.dashboardExportCommand(), p.dashboardDiffCommand(), p.dashboardRenderCommand())
}

func (p *program) dashboardApplyCommand() *cobra.Command {
	return &cobra.Command{
		Use: "apply FILE", Short: "Create or update a dashboard from a file", Args: usage(cobra.ExactArgs(1)),
		Long: "Creates the dashboard that FILE describes, or updates the dashboard of that name: widgets,\n" +
			"schedule, tags and termination protection. FILE has the JSON of the AWS API's CreateDashboard.\n" +
			"Resource policies are not part of it; set them with put-resource-policy.",
		RunE: func(cmd *cobra.Command, args []string) error {
			wanted, err := p.readDashboard(args[0])
			if err != nil {
				return err
			}
			return p.withLake(cmd.Context(), false, func(lake *engine.Lake) error { return p.applyDashboard(cmd.Context(), lake, wanted) })
		},
	}
}

func (p *program) readDashboard(name string) (*engine.Dashboard, error) {
	text, err := p.readFile(name)
	if err != nil {
		return nil, err
	}
	wanted, err := awsapi.ReadDashboard(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return wanted, nil
}

func (p *program) applyDashboard(ctx context.Context, lake *engine.Lake, wanted *engine.Dashboard) error {
	if err := checkWidgets(ctx, lake, wanted.Widgets); err != nil {
		return err
	}
	existing, err := lake.Dashboards().Get(ctx, wanted.Name)
	if errors.Is(err, engine.ErrDashboardNotFound) {
		if _, err := lake.Dashboards().Create(ctx, *wanted); err != nil {
			return err
		}
		_, err := fmt.Fprintf(p.out, "created dashboard %s with %d widgets\n", wanted.Name, len(wanted.Widgets))
		return err
	}
	if err != nil {
		return err
	}
	differs, err := dashboardLines(existing, wanted)
	if err != nil {
		return err
	}
	if len(differs) == 0 {
		_, err := fmt.Fprintf(p.out, "dashboard %s already matches the file\n", wanted.Name)
		return err
	}
	_, err = lake.Dashboards().Change(ctx, existing.Name, func(d *engine.Dashboard) error {
		d.Widgets, d.Schedule, d.IsProtected, d.Tags = wanted.Widgets, wanted.Schedule, wanted.IsProtected, wanted.Tags
		return nil
	})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(p.out, "updated dashboard %s\n", wanted.Name)
	return err
}

// checkWidgets plans the statements of widgets over the last day.
func checkWidgets(ctx context.Context, lake *engine.Lake, widgets []engine.DashboardWidget) error {
	values, err := engine.ParseDashboardValues(nil, lake.Now(), nil)
	if err != nil {
		return err
	}
	for _, w := range widgets {
		sql, err := w.Fill(values)
		if err == nil {
			_, err = lake.Queries().Check(ctx, sql)
		}
		if err != nil {
			return fmt.Errorf("widget %s: %w", w.Title(), err)
		}
	}
	return nil
}

func (p *program) dashboardExportCommand() *cobra.Command {
	var store string
	cmd := &cobra.Command{
		Use: "export NAME", Short: "Print a dashboard as JSON for apply", Args: usage(cobra.ExactArgs(1)),
		Long: "Prints a dashboard as the JSON of the AWS API's CreateDashboard, which apply reads.\n\n" +
			"A managed dashboard needs --store. Its JSON is that of a custom dashboard over that store with the\n" +
			"same widgets, named without the prefix AWSCloudTrail-.",
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.withLake(cmd.Context(), false, func(lake *engine.Lake) error { return p.exportDashboard(cmd.Context(), lake, args[0], store) })
		},
	}
	cmd.Flags().StringVar(&store, "store", "", "event data store for the widgets of a managed dashboard")
	return cmd
}

func (p *program) exportDashboard(ctx context.Context, lake *engine.Lake, name, store string) error {
	found, err := findDashboard(ctx, lake, name)
	if err != nil {
		return err
	}
	own, wasManaged := strings.CutPrefix(found.Name, "AWSCloudTrail-")
	switch {
	case found.IsManaged && store == "":
		return usageError{fmt.Errorf("%s is a managed dashboard; pass --store with the store for its widgets",
			found.Name)}
	case !found.IsManaged && store != "":
		return usageError{fmt.Errorf("--store works with managed dashboards only; the widgets of %s name their own stores", found.Name)}
	case wasManaged:
		read, err := lake.Stores().Get(ctx, store)
		if err != nil {
			return err
		}
		found.Name, found.Tags = own, nil
		for i, w := range found.Widgets {
			found.Widgets[i] = w.OverStores(read.ID)
		}
	}
	text, err := awsapi.WriteDashboard(found)
	if err != nil {
		return err
	}
	_, err = p.out.Write(text)
	return err
}

func (p *program) dashboardDiffCommand() *cobra.Command {
	return &cobra.Command{
		Use: "diff FILE", Short: "Show what apply would change", Args: usage(cobra.ExactArgs(1)),
		Long: "Prints what `apply FILE` would change. Lines with - are in the dashboard, lines with + are in the\n" +
			"file. The exit code is 1 if there are differences.",
		RunE: func(cmd *cobra.Command, args []string) error {
			wanted, err := p.readDashboard(args[0])
			if err != nil {
				return err
			}
			return p.withLake(cmd.Context(), false, func(lake *engine.Lake) error { return p.diffDashboard(cmd.Context(), lake, wanted) })
		},
	}
}

func (p *program) diffDashboard(ctx context.Context, lake *engine.Lake, wanted *engine.Dashboard) error {
	existing, err := lake.Dashboards().Get(ctx, wanted.Name)
	if errors.Is(err, engine.ErrDashboardNotFound) {
		existing, err = nil, nil
	}
	if err != nil {
		return err
	}
	lines, err := dashboardLines(existing, wanted)
	if err != nil || len(lines) == 0 {
		return err
	}
	if _, err := fmt.Fprintln(p.out, strings.Join(lines, "\n")); err != nil {
		return err
	}
	return reported{exitFailed}
}

// dashboardLines returns the lines by which two dashboards differ as files. A nil dashboard does not exist.
func dashboardLines(before, after *engine.Dashboard) (lines []string, err error) {
	var was [][]byte
	if before != nil {
		text, err := awsapi.WriteDashboard(before)
		if err != nil {
			return nil, err
		}
		was = bytes.Split(bytes.TrimSpace(text), []byte("\n"))
	}
	text, err := awsapi.WriteDashboard(after)
	if err != nil {
		return nil, err
	}
	return differingLines(was, bytes.Split(bytes.TrimSpace(text), []byte("\n"))), nil
}

// differingLines returns the lines of two texts that are not in their longest common sequence of lines, marked by -
// and +.
func differingLines(a, b [][]byte) (out []string) {
	common := make([][]int, len(a)+1) // lengths of the longest common sequences of the rests
	for i := range common {
		common[i] = make([]int, len(b)+1)
	}
	for i, line := range slices.Backward(a) {
		for j := range slices.Backward(b) {
			common[i][j] = max(common[i+1][j], common[i][j+1])
			if bytes.Equal(line, b[j]) {
				common[i][j] = common[i+1][j+1] + 1
			}
		}
	}
	i, j := 0, 0
	for i < len(a) || j < len(b) {
		switch {
		case i < len(a) && j < len(b) && bytes.Equal(a[i], b[j]):
			i, j = i+1, j+1
		case j == len(b) || i < len(a) && common[i+1][j] >= common[i][j+1]:
			out = append(out, "-"+string(a[i]))
			i++
		default:
			out = append(out, "+"+string(b[j]))
			j++
		}
	}
	return out
}
