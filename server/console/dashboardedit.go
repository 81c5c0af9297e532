package console

import (
	"net/http"
	"time"

	"github.com/auditlake/auditlake/engine"
	"github.com/auditlake/auditlake/server/access"
)

// dashboardInput is a new or changed dashboard from the page.
type dashboardInput struct {
	Name string `json:"name"` // of a new dashboard
	// From is the managed dashboard whose widgets, over Store, a new dashboard copies.
	From        string        `json:"from"`
	Store       string        `json:"store"`
	Widgets     []widgetInput `json:"widgets"`
	Schedule    *scheduleView `json:"schedule"` // null: none
	IsProtected bool          `json:"isProtected"`
	// UpdatedAt is the time of the edited version: a later change by another person is not overwritten.
	UpdatedAt string `json:"updatedAt"`
}

func (in *dashboardInput) widgets() (out []engine.DashboardWidget) {
	for i := range in.Widgets {
		out = append(out, in.Widgets[i].widget())
	}
	return out
}

func (in *scheduleView) schedule() *engine.DashboardSchedule {
	if in == nil {
		return nil
	}
	return &engine.DashboardSchedule{Unit: in.Unit, Value: in.Value, TimeOfDay: in.TimeOfDay, IsEnabled: in.IsEnabled}
}

// createDashboard creates a dashboard from widgets or from a managed dashboard, or switches the Highlights
// dashboard on.
func (d *Door) createDashboard(c *call) (any, error) {
	var in dashboardInput
	if err := readJSON(c.w, c.r, &in); err != nil {
		return nil, err
	}
	arn := d.lake.Dashboards().ARN(in.Name)
	if arn == "" {
		return nil, invalid("a dashboard name has 3 to 128 letters, digits, underscores, and hyphens")
	}
	if err := d.allow(c, "cloudtrail:CreateDashboard", arn, nil); err != nil {
		return nil, err
	}
	made := engine.Dashboard{Name: in.Name, Widgets: in.widgets(), Schedule: in.Schedule.schedule(), IsProtected: in.IsProtected}
	if in.From != "" {
		var err error
		if made.Widgets, err = d.widgetsOverStore(c, in.From, in.Store); err != nil {
			return nil, err
		}
	}
	if err := d.checkChange(c, &made, func() error { return d.allow(c, access.RefreshAction, arn, nil) }); err != nil {
		return nil, err
	}
	if _, err := d.lake.Dashboards().Create(c.r.Context(), made); err != nil {
		return nil, err
	}
	d.note(c, "CreateDashboard", false, map[string]any{"name": in.Name})
	return struct{}{}, nil
}

// widgetsOverStore returns the widgets of a managed dashboard over a store.
func (d *Door) widgetsOverStore(c *call, name, store string) (out []engine.DashboardWidget, err error) {
	managed := managedDashboard(name)
	if managed == nil {
		return nil, notFound("there is no managed dashboard %s", name)
	}
	id, err := d.queryableStore(c, store)
	if err != nil {
		return nil, err
	}
	for _, w := range managed.Widgets {
		out = append(out, w.OverStores(id))
	}
	return out, nil
}

// changeDashboard replaces a dashboard's widgets, schedule and protection by those that the page sends. A managed
// dashboard keeps its widgets.
func (d *Door) changeDashboard(c *call) (any, error) {
	before, err := d.dashboard(c, "cloudtrail:UpdateDashboard")
	if err != nil {
		return nil, err
	}
	var in dashboardInput
	if err := readJSON(c.w, c.r, &in); err != nil {
		return nil, err
	}
	changed := engine.Dashboard{Name: before.Name, Widgets: in.widgets(), Schedule: in.Schedule.schedule()}
	if err := d.checkChange(c, &changed, func() error { return d.mayOnDashboard(c, access.RefreshAction, before) }); err != nil {
		return nil, err
	}
	_, err = d.lake.Dashboards().Change(c.r.Context(), before.Name, func(found *engine.Dashboard) error {
		if found.UpdatedAt.UTC().Format(time.RFC3339Nano) != in.UpdatedAt {
			return &problem{status: http.StatusConflict, Code: "CHANGED", Message: "another user changed the dashboard after you opened it: reload it and repeat your change"}
		}
		found.Schedule, found.IsProtected = changed.Schedule, in.IsProtected
		if !found.IsManaged {
			found.Widgets = changed.Widgets
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	d.note(c, "UpdateDashboard", false, map[string]any{"dashboardId": before.ARN()})
	return struct{}{}, nil
}

// checkChange checks a new or changed dashboard, as the AWS API does. The widgets' statements must be plannable,
// and the caller must have the right to start them. With an enabled schedule the caller needs the right to refresh
// the dashboard.
func (d *Door) checkChange(c *call, changed *engine.Dashboard, mayRefresh func() error) error {
	if s := changed.Schedule; s != nil && s.IsEnabled {
		if err := mayRefresh(); err != nil {
			return err
		}
	}
	if changed.Name == engine.HighlightsName {
		return d.allowAllStores(c)
	}
	values, err := engine.ParseDashboardValues(nil, d.lake.Now(), nil)
	if err != nil {
		return err
	}
	_, err = d.widgetStatements(c.r.Context(), changed.Widgets, values, c.caller.StartOptions())
	return err
}

// allowAllStores requires the right to query every store, which the Highlights dashboard reads.
func (d *Door) allowAllStores(c *call) error {
	stores, err := d.lake.Stores().List(c.r.Context())
	if err != nil {
		return err
	}
	for _, s := range stores {
		if err := d.allow(c, access.StartQueryAction, s.ARN(), s); err != nil {
			return err
		}
	}
	return nil
}

func (d *Door) deleteDashboard(c *call) (any, error) {
	found, err := d.dashboard(c, "cloudtrail:DeleteDashboard")
	if err != nil {
		return nil, err
	}
	if err := d.lake.Dashboards().Delete(c.r.Context(), found.Name); err != nil {
		return nil, err
	}
	d.note(c, "DeleteDashboard", false, map[string]any{"dashboardId": found.ARN()})
	return struct{}{}, nil
}

// letRefresh adds the statements that the service needs to refresh a dashboard to the policies of its stores, and
// of the dashboard if it has a schedule. The caller needs the right to put a policy on each of them; otherwise
// nothing changes.
func (d *Door) letRefresh(c *call) (any, error) {
	found, err := d.dashboard(c, "cloudtrail:GetDashboard")
	if err != nil {
		return nil, err
	}
	grants, err := d.missingGrants(c, found)
	if err != nil {
		return nil, err
	}
	for _, g := range grants {
		if err := g.put(); err != nil {
			return nil, err
		}
		d.note(c, "PutResourcePolicy", false, map[string]any{"resourceArn": g.arn})
	}
	return struct{}{}, nil
}

// grant is a policy to put on a resource.
type grant struct {
	arn string
	put func() error
}

const putPolicyAction = "cloudtrail:PutResourcePolicy"

func (d *Door) missingGrants(c *call, found *engine.Dashboard) (grants []grant, err error) {
	ctx := c.r.Context()
	stores, err := d.widgetStores(ctx, found)
	if err != nil {
		return nil, err
	}
	for _, s := range stores {
		if d.letsQuery(found, s) {
			continue
		}
		if err := d.allow(c, putPolicyAction, s.ARN(), s); err != nil {
			return nil, err
		}
		text, err := access.WithServiceStatement(s.ResourcePolicy, access.StartQueryAction, found)
		if err != nil {
			return nil, invalid("the policy of %s cannot be extended: %v", s.Name, err)
		}
		grants = append(grants, grant{s.ARN(), func() error { return d.lake.Stores().SetResourcePolicy(ctx, s.ID, text) }})
	}
	if found.Schedule == nil || !found.Schedule.IsEnabled || d.letsSchedule(found) {
		return grants, nil
	}
	if err := d.mayOnDashboard(c, putPolicyAction, found); err != nil {
		return nil, err
	}
	text, err := access.WithServiceStatement(found.ResourcePolicy, access.RefreshAction, found)
	if err != nil {
		return nil, invalid("the policy of the dashboard cannot be extended: %v", err)
	}
	return append(grants, grant{found.ARN(), func() error { return d.lake.Dashboards().SetResourcePolicy(ctx, found.Name, text) }}), nil
}
