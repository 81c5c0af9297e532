package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/auditlake/auditlake/engine"
)

// serveDemo serves a new lake in a temporary folder, which it removes at the end.
func (p *program) serveDemo(ctx context.Context, f serveFlags) (err error) {
	if p.lakeDir != "" {
		return usageError{errors.New("--demo creates its own lake; remove --lake")}
	}
	dir, err := os.MkdirTemp("", "auditlake-demo-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	p.lakeDir = filepath.Join(dir, "lake")
	return p.serve(ctx, f)
}

// fillDemo fills the lake of a demo with sample log files, which lie beside it, and refreshes dashboards over them.
func (p *program) fillDemo(ctx context.Context, lake *engine.Lake) error {
	logs, err := p.writeDemoLogs(filepath.Dir(lake.Dir()))
	if err != nil {
		return err
	}
	done, err := lake.Imports().Run(ctx, engine.ImportOptions{Paths: []string{logs}})
	if err != nil {
		return err
	}
	if err := refreshDemo(ctx, lake); err != nil {
		return fmt.Errorf("dashboards of the demo: %w", err)
	}
	_, err = fmt.Fprintf(p.out, "Imported %s into a temporary lake, which is removed when the server ends\n",
		plural(done.Events, "event"))
	return err
}

const (
	// demoStore is the store that an import makes first.
	demoStore = "main"
	// demoSpan is how far the sample's events reach back.
	demoSpan = 31 * 24 * time.Hour
)

// demoDashboards are the managed dashboards that the demo shows with answers.
var demoDashboards = []string{"AWSCloudTrail-Overview", "AWSCloudTrail-SecurityMonitoring", "AWSCloudTrail-UserActivity"}

// refreshDemo begins refreshes of some managed dashboards, and of one that stands for a user's own.
func refreshDemo(ctx context.Context, lake *engine.Lake) error {
	store, err := lake.Stores().Get(ctx, demoStore)
	if err != nil {
		return err
	}
	policy := `{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"}, "Action": "cloudtrail:StartQuery"}]}`
	if err := lake.Stores().SetResourcePolicy(ctx, store.ID, policy); err != nil {
		return err
	}
	overview, err := lake.Dashboards().Get(ctx, demoDashboards[0])
	if err != nil {
		return err
	}
	own := engine.Dashboard{Name: "Demo"}
	for _, w := range overview.Widgets {
		own.Widgets = append(own.Widgets, w.OverStores(store.ID))
	}
	if _, err := lake.Dashboards().Create(ctx, own); err != nil {
		return err
	}
	since := lake.Now().Add(-demoSpan).UTC().Format(time.RFC3339)
	for _, name := range append([]string{own.Name}, demoDashboards...) {
		given := map[string]string{engine.DashboardStartTime: since, engine.DashboardStoreID: store.ID}
		find := func(id string) (string, error) { return id, nil }
		if name == own.Name {
			delete(given, engine.DashboardStoreID)
			find = nil
		}
		if err := refreshOnce(ctx, lake, name, given, find); err != nil {
			return err
		}
	}
	return nil
}
