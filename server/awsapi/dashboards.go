package awsapi

import (
	"context"
	"errors"
	"strings"

	"github.com/auditlake/auditlake/engine"
	"github.com/auditlake/auditlake/server/access"
)

// The shapes of dashboards, named as in the API.
type (
	widget struct {
		QueryAlias      string `json:",omitempty"` // not in requests
		QueryStatement  string
		QueryParameters []string `json:",omitempty"`
		ViewProperties  map[string]string
	}
	frequency struct {
		Unit  string `json:",omitempty"`
		Value int    `json:",omitempty"`
	}
	refreshSchedule struct {
		Frequency *frequency `json:",omitempty"`
		Status    string     `json:",omitempty"`
		TimeOfDay string     `json:",omitempty"`
	}
	dashboardDescription struct {
		DashboardArn                 string
		Name                         string           `json:",omitempty"` // not in GetDashboard
		Type                         string           `json:",omitempty"`
		Status                       string           `json:",omitempty"` // in GetDashboard
		Widgets                      []widget         `json:",omitempty"`
		TagsList                     []tag            `json:",omitempty"` // of a new dashboard
		RefreshSchedule              *refreshSchedule `json:",omitempty"`
		CreatedTimestamp             *timestamp       `json:",omitempty"`
		UpdatedTimestamp             *timestamp       `json:",omitempty"`
		LastRefreshId                string           `json:",omitempty"` // in GetDashboard, like the following
		LastRefreshFailureReason     string           `json:",omitempty"`
		TerminationProtectionEnabled *bool            `json:",omitempty"`
	}
	dashboardReference struct{ DashboardId string }
)

// The types and states of dashboards. Changes take effect at once, so no dashboard is CREATING, UPDATING or
// DELETING.
const (
	customDashboard  = "CUSTOM"
	managedDashboard = "MANAGED"
	dashboardCreated = "CREATED"
	dashboardUpdated = "UPDATED"
)

type createDashboardInput struct {
	Name                         string
	RefreshSchedule              *refreshSchedule
	TagsList                     []tag
	TerminationProtectionEnabled *bool
	Widgets                      []widget
}

func (d *Door) createDashboard(ctx context.Context, c *call, in *createDashboardInput) (any, error) {
	arn := d.lake.Dashboards().ARN(in.Name)
	if err := d.allow(c, arn, nil); err != nil {
		return nil, err
	}
	if err := checkTags(in.TagsList); err != nil {
		return nil, err
	}
	made := engine.Dashboard{Name: in.Name, Tags: tagsOf(in.TagsList), Widgets: widgetsOf(in.Widgets), Schedule: in.RefreshSchedule.over(nil)}
	made.IsProtected = in.TerminationProtectionEnabled != nil && *in.TerminationProtectionEnabled
	if err := d.checkDashboard(ctx, c, &made, arn, nil); err != nil {
		return nil, err
	}
	dashboard, err := d.lake.Dashboards().Create(ctx, made)
	if errors.Is(err, engine.ErrTooManyTags) { // this operation has no error for it
		return nil, fail("InvalidTagParameterException", "%s", oneLine(err.Error()))
	}
	if err != nil {
		return nil, err
	}
	if dashboard.Name == engine.HighlightsName { // has its widgets only now
		if dashboard, err = d.lake.Dashboards().Get(ctx, dashboard.Name); err != nil {
			return nil, err
		}
	}
	out := describeDashboard(dashboard)
	out.TagsList = describeTags(dashboard.Tags)
	out.CreatedTimestamp, out.UpdatedTimestamp = nil, nil
	return out, nil
}

type updateDashboardInput struct {
	DashboardId                  string
	Widgets                      *[]widget
	RefreshSchedule              *refreshSchedule
	TerminationProtectionEnabled *bool
}

func (d *Door) updateDashboard(ctx context.Context, c *call, in *updateDashboardInput) (any, error) {
	before, err := d.dashboard(ctx, c, in.DashboardId)
	if err != nil {
		return nil, err
	}
	edit := func(changed *engine.Dashboard) error {
		if in.Widgets != nil {
			changed.Widgets = widgetsOf(*in.Widgets)
		}
		if in.RefreshSchedule != nil {
			changed.Schedule = in.RefreshSchedule.over(changed.Schedule)
		}
		if in.TerminationProtectionEnabled != nil {
			changed.IsProtected = *in.TerminationProtectionEnabled
		}
		return nil
	}
	changed := engine.Dashboard{Name: before.Name}
	if err := edit(&changed); err != nil {
		return nil, err
	}
	if err := d.checkDashboard(ctx, c, &changed, before.ARN(), before); err != nil {
		return nil, err
	}
	dashboard, err := d.lake.Dashboards().Change(ctx, before.Name, edit)
	if err != nil {
		return nil, err
	}
	return describeDashboard(dashboard), nil
}

// checkDashboard checks a new or changed dashboard. The widgets' statements must be valid, and the caller must have
// the right to start them. With an enabled schedule it needs the right to refresh the dashboard. For the Highlights
// dashboard it needs the right to query all stores. before is nil for a new dashboard.
func (d *Door) checkDashboard(ctx context.Context, c *call, changed *engine.Dashboard, arn string, before *engine.Dashboard) error {
	if s := changed.Schedule; s != nil && s.IsEnabled {
		var tags []engine.Tag
		policyText := ""
		if before != nil {
			tags, policyText = before.Tags, before.ResourcePolicy
		}
		asRefresh := *c
		asRefresh.operation = "StartDashboardRefresh"
		if err := d.refusal(&asRefresh, arn, d.decideOn(&asRefresh, "cloudtrail:StartDashboardRefresh", arn, tags, policyText)); err != nil {
			return err
		}
	}
	if changed.Name == engine.HighlightsName {
		return d.allowAllStores(ctx, c)
	}
	values, err := engine.ParseDashboardValues(nil, d.lake.Now(), nil)
	if err != nil {
		return err
	}
	_, err = d.widgetStatements(ctx, c, changed.Widgets, values, c.caller.StartOptions())
	return err
}

// allowAllStores requires the right to query every store.
func (d *Door) allowAllStores(ctx context.Context, c *call) error {
	stores, err := d.stores(ctx)
	if err != nil {
		return err
	}
	asQuery := *c
	asQuery.operation = "StartQuery"
	for _, s := range stores {
		if err := d.refusal(&asQuery, s.ARN(), d.decide(&asQuery, access.StartQueryAction, s.ARN(), s)); err != nil {
			return err
		}
	}
	return nil
}

func (d *Door) getDashboard(ctx context.Context, c *call, in *dashboardReference) (any, error) {
	found, err := d.dashboard(ctx, c, in.DashboardId)
	if err != nil {
		return nil, err
	}
	out := describeDashboard(found)
	out.Name, out.Status = "", dashboardCreated
	if !found.UpdatedAt.Equal(found.CreatedAt) {
		out.Status = dashboardUpdated
	}
	if found.LastRefresh != nil {
		out.LastRefreshId = found.LastRefresh.ID
	}
	out.LastRefreshFailureReason = oneLine(found.FailureReason)
	return out, nil
}

type listDashboardsInput struct {
	NamePrefix string
	Type       string
	NextToken  string
	MaxResults int
}

// dashboardPlace is the position of a dashboard in the list, which is sorted by name.
type dashboardPlace struct{ Name string }

func (d *Door) listDashboards(ctx context.Context, c *call, in *listDashboardsInput) (any, error) {
	if err := d.allow(c, "*", nil); err != nil {
		return nil, err
	}
	after := new(dashboardPlace)
	if in.NextToken == "" {
		after = nil
	} else if d.tokens.decode(c.tokenScope(), in.NextToken, after) != nil { // the operation has no error of its own
		return nil, fail("ValidationException", "The token is invalid or expired, or was made for a request with other parameters.")
	}
	found, err := d.lake.Dashboards().List(ctx)
	if err != nil {
		return nil, err
	}
	all := list[*engine.Dashboard, dashboardPlace]{
		place:   func(found *engine.Dashboard) dashboardPlace { return dashboardPlace{found.Name} },
		compare: func(a, b dashboardPlace) int { return strings.Compare(a.Name, b.Name) },
	}
	for _, f := range found {
		if strings.HasPrefix(f.Name, in.NamePrefix) && (in.Type == "" || in.Type == dashboardType(f)) {
			all.elements = append(all.elements, f)
		}
	}
	page, next := all.page(after, pageSize(in.MaxResults))
	type item struct{ DashboardArn, Type string }
	var out struct {
		Dashboards []item
		NextToken  string `json:",omitempty"`
	}
	out.Dashboards = []item{}
	for _, f := range page {
		out.Dashboards = append(out.Dashboards, item{f.ARN(), dashboardType(f)})
	}
	out.NextToken, err = writeToken(d, c, next)
	return out, err
}

func (d *Door) deleteDashboard(ctx context.Context, c *call, in *dashboardReference) (any, error) {
	found, err := d.dashboard(ctx, c, in.DashboardId)
	if err != nil {
		return nil, err
	}
	err = d.lake.Dashboards().Delete(ctx, found.Name)
	if errors.Is(err, engine.ErrDashboardRefreshing) {
		return nil, fail("ConflictException", "%s", oneLine(err.Error()))
	}
	return nothing{}, err
}

// dashboard finds a dashboard on which the caller may do the call's operation.
func (d *Door) dashboard(ctx context.Context, c *call, reference string) (*engine.Dashboard, error) {
	found, err := d.lake.Dashboards().Get(ctx, reference)
	if err != nil {
		arn := d.lake.Dashboards().ARN(reference)
		if arn == "" {
			arn = reference
		}
		if err := d.allow(c, arn, nil); err != nil { // checked also if there is no such dashboard
			return nil, err
		}
		return nil, err
	}
	return found, d.refusal(c, found.ARN(), d.decideOn(c, "cloudtrail:"+c.operation, found.ARN(), found.Tags, found.ResourcePolicy))
}

func dashboardType(found *engine.Dashboard) string {
	if found.IsManaged {
		return managedDashboard
	}
	return customDashboard
}

// describeDashboard describes a dashboard for the operations that change it.
func describeDashboard(found *engine.Dashboard) *dashboardDescription {
	out := &dashboardDescription{
		DashboardArn: found.ARN(), Name: found.Name, Type: dashboardType(found), TerminationProtectionEnabled: &found.IsProtected,
		CreatedTimestamp: stamp(found.CreatedAt), UpdatedTimestamp: stamp(found.UpdatedAt),
	}
	for _, w := range found.Widgets {
		out.Widgets = append(out.Widgets, widget{w.Alias, w.Statement, w.Parameters, w.View})
	}
	if s := found.Schedule; s != nil {
		out.RefreshSchedule = &refreshSchedule{Status: "DISABLED", TimeOfDay: s.TimeOfDay}
		if s.IsEnabled {
			out.RefreshSchedule.Status = "ENABLED"
		}
		if s.Unit != "" {
			out.RefreshSchedule.Frequency = &frequency{s.Unit, s.Value}
		}
	}
	return out
}

func widgetsOf(in []widget) (out []engine.DashboardWidget) {
	for _, w := range in {
		out = append(out, engine.DashboardWidget{Statement: w.QueryStatement, Parameters: w.QueryParameters, View: w.ViewProperties})
	}
	return out
}

// over applies a request's changes to a schedule: settings that the request omits stay. A schedule is enabled
// unless a request says otherwise.
func (r *refreshSchedule) over(before *engine.DashboardSchedule) *engine.DashboardSchedule {
	if r == nil {
		return before
	}
	s := engine.DashboardSchedule{IsEnabled: true, TimeOfDay: "00:00"}
	if before != nil {
		s = *before
	}
	if r.Frequency != nil {
		s.Unit, s.Value = r.Frequency.Unit, r.Frequency.Value
	}
	if r.Status != "" {
		s.IsEnabled = r.Status == "ENABLED"
	}
	if r.TimeOfDay != "" {
		s.TimeOfDay = r.TimeOfDay
	}
	return &s
}

func (d *Door) dashboardWithPolicy(ctx context.Context, c *call, arn string) (*policyHolder, error) {
	found, err := d.dashboard(ctx, c, arn)
	if errors.Is(err, engine.ErrDashboardNotFound) {
		return nil, fail("ResourceNotFoundException", "There is no resource %s.", oneLine(arn))
	}
	if err != nil {
		return nil, err
	}
	return &policyHolder{
		policy: found.ResourcePolicy, check: func(text string) error { return checkPolicyOf("dashboard", refreshActions, text, found.ARN()) },
		setPolicy: func(ctx context.Context, text string) error {
			return d.lake.Dashboards().SetResourcePolicy(ctx, found.Name, text)
		},
	}, nil
}

func (d *Door) taggableDashboard(ctx context.Context, c *call, arn string) (*tagged, error) {
	found, err := d.dashboard(ctx, c, arn)
	if errors.Is(err, engine.ErrDashboardNotFound) {
		return nil, fail("ResourceNotFoundException", "There is no resource %s.", oneLine(arn))
	}
	if err != nil {
		return nil, err
	}
	return &tagged{found.ARN(), found.Tags, d.lake.Dashboards().AddTags, d.lake.Dashboards().RemoveTags}, nil
}
