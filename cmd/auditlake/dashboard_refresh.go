package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/auditlake/auditlake/engine"
	"github.com/auditlake/auditlake/server/access"
)

func (p *program) dashboardRefreshCommand() *cobra.Command {
	var store, from, to string
	cmd := &cobra.Command{
		Use: "refresh NAME", Short: "Run the queries of a dashboard's widgets and keep the results", Args: usage(cobra.ExactArgs(1)),
		Long: "Runs the queries of all widgets as the lake's owner and waits for the results. The console and\n" +
			"`auditlake dashboard render NAME` show these results. NAME is a name or a title, such as \"Security\n" +
			"monitoring\". A managed dashboard reads one store.",
		Example: "  auditlake dashboard refresh 'Security monitoring' --from 30d\n" +
			"  auditlake dashboard render 'Security monitoring' > report.html",
		RunE: func(cmd *cobra.Command, args []string) error {
			given, err := refreshTimes(from, to, time.Now())
			if err != nil {
				return err
			}
			return p.withLake(cmd.Context(), false, func(lake *engine.Lake) error {
				return p.refreshDashboard(cmd.Context(), lake, args[0], store, given)
			})
		},
	}
	cmd.Flags().StringVar(&store, "store", "", "event data store for a managed dashboard (default: main, otherwise the first store of its category)")
	cmd.Flags().StringVar(&from, "from", "", "start of the time range: a time, or how long ago (7d, 12h; default: 24h)")
	cmd.Flags().StringVar(&to, "to", "", "end of the time range, exclusive: a time, or how long ago (default: now)")
	return cmd
}

// refreshTimes returns the values of a refresh's time range.
func refreshTimes(from, to string, now time.Time) (map[string]string, error) {
	given := map[string]string{}
	for name, text := range map[string]string{engine.DashboardStartTime: from, engine.DashboardEndTime: to} {
		if text == "" {
			continue
		}
		at, err := parseSince(text, now)
		if err != nil {
			return nil, err
		}
		given[name] = at.Format(time.RFC3339)
	}
	return given, nil
}

func (p *program) refreshDashboard(ctx context.Context, lake *engine.Lake, reference, store string, given map[string]string) error {
	found, err := findDashboard(ctx, lake, reference)
	if err != nil {
		return err
	}
	var find func(string) (string, error)
	over := ""
	switch category := managedCategory(found); {
	case category == "" && store != "":
		return usageError{fmt.Errorf("--store works with managed dashboards only; the widgets of %s name their own stores", found.Name)}
	case category != "":
		read, err := refreshedStore(ctx, lake, store, category)
		if err != nil {
			return err
		}
		given[engine.DashboardStoreID], over = read.ID, " over store "+read.Name
		find = func(id string) (string, error) { return id, nil }
	}
	if err := refreshOnce(ctx, lake, found.Name, given, find); err != nil {
		return err
	}
	if found, err = lake.Dashboards().Get(ctx, found.Name); err != nil {
		return err
	}
	if found.FailureReason != "" {
		return fmt.Errorf("the refresh of %s failed: %s", found.Name, found.FailureReason)
	}
	_, err = fmt.Fprintf(p.out, "refreshed %s%s: %s; to write a report: auditlake dashboard render %s > report.html\n",
		found.Name, over,
		plural(int64(len(found.Widgets)), "widget"), found.Name)
	return err
}

// managedCategory is the category of the stores that a managed dashboard may read, "" for a dashboard whose widgets
// name their stores.
func managedCategory(d *engine.Dashboard) string {
	for _, m := range engine.ManagedDashboards() {
		if m.Name == d.Name {
			return m.Category
		}
	}
	return ""
}

// refreshedStore finds a store by name or id; "" is the store that questions of the category read.
func refreshedStore(ctx context.Context, lake *engine.Lake, name, category string) (*engine.Store, error) {
	if name == "" {
		names, err := storesByCategory(ctx, lake)
		if err != nil {
			return nil, err
		}
		if name = names[category]; name == "" {
			return nil, usageError{fmt.Errorf("the lake has no store for %s events; pass --store", category)}
		}
	}
	return lake.Stores().Get(ctx, name)
}

// refreshOnce refreshes a dashboard as the lake's owner, and waits for the answers.
func refreshOnce(ctx context.Context, lake *engine.Lake, name string, given map[string]string, findStore func(string) (string, error)) error {
	found, err := lake.Dashboards().Get(ctx, name)
	if err != nil {
		return err
	}
	values, err := engine.ParseDashboardValues(given, lake.Now(), findStore)
	if err != nil {
		return err
	}
	var statements []engine.DashboardStatement
	for _, w := range found.Widgets {
		sql, err := w.Fill(values)
		if err != nil {
			return fmt.Errorf("widget %s: %w", w.Title(), err)
		}
		reads, err := lake.Queries().Check(ctx, sql)
		if err != nil {
			return fmt.Errorf("widget %s: %w", w.Title(), err)
		}
		statements = append(statements, engine.DashboardStatement{Title: w.Title(), Alias: w.Alias, SQL: sql, Reads: &reads})
	}
	run, err := lake.Dashboards().Begin(ctx, name, statements, engine.ThroughDoor(access.RefreshDoor))
	if err != nil {
		return err
	}
	ended := make(chan struct{})
	go func() {
		run.Wait()
		close(ended)
	}()
	select {
	case <-ended:
		return nil
	case <-ctx.Done(): // closing the lake ends the refresh
		return ctx.Err()
	}
}
