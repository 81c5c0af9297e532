package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/auditlake/auditlake/engine"
)

// findDashboard finds a dashboard by its name or ARN, or by its name or title as people write them: in any case,
// without the prefix of managed ones, with blanks or hyphens. If it finds none, the error lists the dashboards.
func findDashboard(ctx context.Context, lake *engine.Lake, reference string) (*engine.Dashboard, error) {
	found, err := lake.Dashboards().Get(ctx, reference)
	if !errors.Is(err, engine.ErrDashboardNotFound) {
		return found, err
	}
	all, listErr := lake.Dashboards().List(ctx)
	if listErr != nil {
		return nil, listErr
	}
	var names []string
	for _, d := range all { // dashboards that people made come first, as they may have the title of a managed one
		if !d.IsManaged && plainName(d.Name) == plainName(reference) {
			return d, nil
		}
		names = append(names, d.Name)
	}
	for _, d := range all {
		if d.IsManaged && (plainName(d.Name) == plainName(reference) || plainName(dashboardTitle(d)) == plainName(reference)) {
			return d, nil
		}
	}
	return nil, fmt.Errorf("%w; the dashboards are %s", err, strings.Join(names, ", "))
}

// plainName is a dashboard's name or title without what people write in several ways.
func plainName(text string) string {
	text = strings.NewReplacer(" ", "", "-", "", "_", "").Replace(strings.ToLower(text))
	return strings.TrimSuffix(strings.TrimPrefix(text, "awscloudtrail"), "dashboard")
}

// dashboardTitle is the title of a managed dashboard, "" of any other.
func dashboardTitle(d *engine.Dashboard) string {
	for _, m := range engine.ManagedDashboards() {
		if m.Name == d.Name {
			return strings.TrimSuffix(m.Title, " dashboard")
		}
	}
	return ""
}

func (p *program) dashboardListCommand() *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "List all dashboards, including the managed ones", Args: usage(cobra.NoArgs),
		Long: "Lists custom and managed dashboards with their number of widgets, schedule and last refresh. Other\n" +
			"commands find a dashboard by name or title, in upper or lower case.",
		RunE: func(cmd *cobra.Command, _ []string) error {
			return p.withLake(cmd.Context(), false, func(lake *engine.Lake) error {
				all, err := lake.Dashboards().List(cmd.Context())
				if err != nil {
					return err
				}
				rows := [][]string{{"name", "title", "widgets", "schedule", "last refresh", "result"}}
				for _, d := range all {
					rows = append(rows, []string{d.Name, dashboardTitle(d), fmt.Sprint(len(d.Widgets)), scheduleText(d.Schedule), refreshText(d), resultText(d)})
				}
				return p.printTable(rows)
			})
		},
	}
}

func scheduleText(s *engine.DashboardSchedule) string {
	if s == nil || s.Unit == "" {
		return "none"
	}
	text := fmt.Sprintf("every %d %s", s.Value, strings.ToLower(s.Unit))
	if !s.IsEnabled {
		text += ", off"
	}
	return text
}

func refreshText(d *engine.Dashboard) string {
	switch {
	case d.LastRefresh == nil:
		return "never"
	case d.LastRefresh.EndedAt.IsZero():
		return "running"
	}
	return d.LastRefresh.EndedAt.UTC().Format(time.RFC3339)
}

func resultText(d *engine.Dashboard) string {
	switch {
	case d.FailureReason != "":
		return "failed: " + d.FailureReason
	case d.LastRefresh == nil || d.LastRefresh.EndedAt.IsZero():
		return ""
	}
	return "done"
}
