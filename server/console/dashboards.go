package console

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/auditlake/auditlake/engine"
	"github.com/auditlake/auditlake/server/access"
)

const (
	// maxWidgetRows limits the rows of a widget's answer that are drawn.
	maxWidgetRows = 1000
	// maxWidgetBytes is about the limit of their size.
	maxWidgetBytes = 512 << 10
)

// dashboardRoutes returns the handlers of the page's requests about dashboards.
func (d *Door) dashboardRoutes() map[string]handler {
	return map[string]handler{
		"GET /console/api/dashboards":                     d.listDashboards,
		"POST /console/api/dashboards":                    d.createDashboard,
		"GET /console/api/dashboards/{name}":              d.showDashboard,
		"PUT /console/api/dashboards/{name}":              d.changeDashboard,
		"DELETE /console/api/dashboards/{name}":           d.deleteDashboard,
		"POST /console/api/dashboards/{name}/refresh":     d.refreshDashboard,
		"POST /console/api/dashboards/{name}/permissions": d.letRefresh,
		"POST /console/api/widgets/check":                 d.checkWidgets,
	}
}

// scheduleView is a refresh schedule in the page's JSON.
type scheduleView struct {
	Unit      string `json:"unit"` // HOURS or DAYS
	Value     int    `json:"value"`
	TimeOfDay string `json:"timeOfDay"`
	IsEnabled bool   `json:"isEnabled"`
}

// dashboardView is a dashboard in the page's JSON. In a list it has no widgets.
type dashboardView struct {
	Name          string        `json:"name"`
	Title         string        `json:"title"`
	Category      string        `json:"category"` // of a managed dashboard's stores; "": its statements name them
	IsManaged     bool          `json:"isManaged"`
	IsHighlights  bool          `json:"isHighlights"`
	IsProtected   bool          `json:"isProtected"`
	IsRefreshing  bool          `json:"isRefreshing"`
	Schedule      *scheduleView `json:"schedule"` // null: none
	PerMonth      int           `json:"perMonth"` // how often the schedule refreshes in 30 days
	UpdatedAt     string        `json:"updatedAt"`
	RefreshID     string        `json:"refreshId"` // of the last refresh, "" for none
	RefreshedAt   string        `json:"refreshedAt"`
	FailureReason string        `json:"failureReason"`
	WidgetCount   int           `json:"widgetCount"`

	Widgets      []widgetView `json:"widgets,omitempty"`
	BytesScanned int64        `json:"bytesScanned"` // by the last refresh: each widget as if it ran alone
	BytesRead    int64        `json:"bytesRead"`    // by it from disk: widgets share reads, and some is cached
	Price        float64      `json:"price"`        // of the last refresh
	// Missing are the names of resources whose policies do not let the service refresh the dashboard: stores, and
	// the dashboard itself.
	Missing []string `json:"missing"`
}

// widgetView is a widget with the stored answer of the last refresh.
type widgetView struct {
	Title      string            `json:"title"`
	About      string            `json:"about"`
	Statement  string            `json:"statement"`
	Parameters []string          `json:"parameters"`
	View       map[string]string `json:"view"`
	Query      *queryView        `json:"query"` // null: the last refresh had no such widget, or left the history
	Answer     *pageView         `json:"answer"`
	Problem    *problem          `json:"problem"` // why there is no answer
}

// mayOnDashboard refuses an action on a dashboard that the caller has no right to.
func (d *Door) mayOnDashboard(c *call, action string, found *engine.Dashboard) error {
	decision := c.caller.Decide(d.policyRequest(action, found.ARN(), found.Tags), found.ResourcePolicy)
	if decision.Allowed {
		return nil
	}
	return d.denied(c, action, decision)
}

// dashboard finds the dashboard of a request, on which the caller may do an action. A caller without the right does
// not learn whether the dashboard exists.
func (d *Door) dashboard(c *call, action string) (*engine.Dashboard, error) {
	name := c.r.PathValue("name")
	found, err := d.lake.Dashboards().Get(c.r.Context(), name)
	if errors.Is(err, engine.ErrDashboardNotFound) {
		if refusal := d.allow(c, action, d.lake.Dashboards().ARN(name), nil); refusal != nil {
			return nil, refusal
		}
	}
	if err != nil {
		return nil, err
	}
	return found, d.mayOnDashboard(c, action, found)
}

// listDashboards lists the dashboards that the caller may open.
func (d *Door) listDashboards(c *call) (any, error) {
	if err := d.allow(c, "cloudtrail:ListDashboards", "*", nil); err != nil {
		return nil, err
	}
	all, err := d.lake.Dashboards().List(c.r.Context())
	if err != nil {
		return nil, err
	}
	out := []dashboardView{}
	for _, found := range all {
		if d.mayOnDashboard(c, "cloudtrail:GetDashboard", found) == nil {
			out = append(out, describeDashboard(found))
		}
	}
	return out, nil
}

// describeDashboard describes a dashboard without its widgets.
func describeDashboard(found *engine.Dashboard) dashboardView {
	v := dashboardView{
		Name: found.Name, Title: found.Name, IsManaged: found.IsManaged, IsHighlights: found.Name == engine.HighlightsName, IsProtected: found.IsProtected,
		PerMonth: found.Schedule.PerMonth(), UpdatedAt: found.UpdatedAt.UTC().Format(time.RFC3339Nano), FailureReason: found.FailureReason, WidgetCount: len(found.Widgets),
		Missing: []string{},
	}
	if managed := managedDashboard(found.Name); managed != nil {
		v.Title, v.Category = managed.Title, managed.Category
	}
	if v.IsHighlights {
		v.Title = "Highlights dashboard"
	}
	if s := found.Schedule; s != nil {
		v.Schedule = &scheduleView{s.Unit, s.Value, s.TimeOfDay, s.IsEnabled}
	}
	if r := found.LastRefresh; r != nil {
		v.RefreshID, v.RefreshedAt, v.IsRefreshing = r.ID, instant(r.BeganAt), r.EndedAt.IsZero()
	}
	return v
}

func managedDashboard(name string) *engine.ManagedDashboard {
	for _, m := range engine.ManagedDashboards() {
		if m.Name == name {
			return m
		}
	}
	return nil
}

// showDashboard returns a dashboard with the stored answers of its last refresh. It scans nothing.
func (d *Door) showDashboard(c *call) (any, error) {
	found, err := d.dashboard(c, "cloudtrail:GetDashboard")
	if err != nil {
		return nil, err
	}
	mayRead := func(info *engine.QueryInfo) error { return d.allowResult(c.r.Context(), c, info) }
	v, err := d.readDashboard(c.r.Context(), found, mayRead)
	if err != nil {
		return nil, err
	}
	for i := range v.Widgets {
		if q := v.Widgets[i].Query; q != nil {
			q.IsMine = q.User == c.caller.User()
		}
	}
	if !found.IsManaged || v.IsHighlights {
		v.Missing, err = d.missingPolicies(c.r.Context(), found)
	}
	d.notePoll(c, "GetDashboard", found.Name, map[string]any{"dashboardId": found.ARN()})
	return v, err
}

// readDashboard describes a dashboard with the answers of its widgets. If mayRead returns an error, the widget has
// that error instead of an answer.
func (d *Door) readDashboard(ctx context.Context, found *engine.Dashboard, mayRead func(*engine.QueryInfo) error) (*dashboardView, error) {
	v := describeDashboard(found)
	queries, err := d.refreshQueries(ctx, found)
	if err != nil {
		return nil, err
	}
	managed := managedDashboard(found.Name)
	for i, w := range found.Widgets {
		shown := widgetView{Title: w.Title(), Statement: w.Statement, Parameters: w.Parameters, View: w.View}
		if shown.Parameters == nil {
			shown.Parameters = []string{}
		}
		if managed != nil {
			shown.About = managed.About[i]
		}
		if info := queries[w.Alias]; info != nil {
			q := d.describeQuery(info)
			shown.Query = &q
			v.BytesScanned += info.BytesScanned
			v.BytesRead += info.BytesRead
			v.Price += info.Price
			if shown.Answer, err = d.widgetAnswer(ctx, info, mayRead); err != nil {
				shown.Problem = d.problemOf(err)
			}
		}
		v.Widgets = append(v.Widgets, shown)
	}
	return &v, nil
}

// refreshQueries returns the queries of the last refresh of a dashboard by the aliases of its widgets.
func (d *Door) refreshQueries(ctx context.Context, found *engine.Dashboard) (map[string]*engine.QueryInfo, error) {
	byAlias := map[string]*engine.QueryInfo{}
	if found.LastRefresh == nil {
		return byAlias, nil
	}
	queries, err := d.lake.Queries().List(ctx, engine.QueryFilter{RefreshID: found.LastRefresh.ID, Since: found.LastRefresh.BeganAt.Add(-time.Minute)})
	for _, info := range queries {
		byAlias[info.Alias] = info
	}
	return byAlias, err
}

// widgetAnswer returns the rows of a widget's query to draw, nil while the query runs.
func (d *Door) widgetAnswer(ctx context.Context, info *engine.QueryInfo, mayRead func(*engine.QueryInfo) error) (*pageView, error) {
	if err := mayRead(info); err != nil {
		return nil, err
	}
	switch {
	case !info.State.IsOver():
		return nil, nil
	case info.State != engine.QueryFinished:
		return nil, &problem{status: http.StatusConflict, Code: info.ErrorName, Message: info.ErrorMessage}
	}
	result, err := d.lake.Queries().Results(info.ID)
	if err != nil {
		return nil, err
	}
	defer result.Close()
	return readPage(ctx, result, 0, maxWidgetRows, maxWidgetBytes)
}

// missingPolicies returns the names of the resources whose policies do not let the service refresh a dashboard: the
// stores that its statements read, and the dashboard itself if it has an enabled schedule.
func (d *Door) missingPolicies(ctx context.Context, found *engine.Dashboard) ([]string, error) {
	missing := []string{}
	stores, err := d.widgetStores(ctx, found)
	if err != nil {
		return nil, err
	}
	for _, s := range stores {
		if !d.letsQuery(found, s) {
			missing = append(missing, s.Name)
		}
	}
	if found.Schedule != nil && found.Schedule.IsEnabled && !d.letsSchedule(found) {
		missing = append(missing, found.Name)
	}
	return missing, nil
}

// letsQuery reports whether the policy of a store lets the service query it for a dashboard.
func (d *Door) letsQuery(found *engine.Dashboard, s *engine.Store) bool {
	return access.AllowsService(access.ServiceRequest(d.lake, found, access.StartQueryAction, s.ARN(), access.PolicyTags(s.Tags)), s.ResourcePolicy) == nil
}

// letsSchedule reports whether the policy of a dashboard lets the service refresh it by its schedule.
func (d *Door) letsSchedule(found *engine.Dashboard) bool {
	r := access.ServiceRequest(d.lake, found, access.RefreshAction, found.ARN(), access.PolicyTags(found.Tags))
	return access.AllowsService(r, found.ResourcePolicy) == nil
}

// widgetStores returns the stores that the statements of a dashboard read. It skips statements that cannot be
// planned, for instance because a store was deleted.
func (d *Door) widgetStores(ctx context.Context, found *engine.Dashboard) (read []*engine.Store, err error) {
	values, err := engine.ParseDashboardValues(nil, d.lake.Now(), nil)
	if err != nil {
		return nil, err
	}
	ids := map[string]bool{}
	for _, w := range found.Widgets {
		sql, err := w.Fill(values)
		if err != nil {
			continue
		}
		reads, err := d.lake.Queries().Check(ctx, sql)
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if err != nil {
			continue
		}
		for _, id := range reads.StoreIDs {
			ids[id] = true
		}
	}
	stores, err := d.lake.Stores().List(ctx)
	for _, s := range stores {
		if ids[s.ID] {
			read = append(read, s)
		}
	}
	return read, err
}
