package console

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/auditlake/auditlake/engine"
	"github.com/auditlake/auditlake/server/access"
)

// refreshInput is the values of a refresh: instants in ISO 8601, "" for the defaults.
type refreshInput struct {
	Start  string `json:"start"`
	End    string `json:"end"`
	Period string `json:"period"`
	Store  string `json:"store"` // name; of managed dashboards only
}

// given returns the values in the form of the AWS API.
func (in *refreshInput) given() map[string]string {
	out := map[string]string{}
	for name, value := range map[string]string{
		engine.DashboardStartTime: in.Start, engine.DashboardEndTime: in.End, engine.DashboardPeriod: in.Period, engine.DashboardStoreID: in.Store,
	} {
		if value != "" {
			out[name] = value
		}
	}
	return out
}

// dashboardValues parses the values of a refresh. isManaged means that the statements have a parameter for the
// store.
func (d *Door) dashboardValues(c *call, in *refreshInput, isManaged bool) (engine.DashboardValues, error) {
	var findStore func(string) (string, error)
	if isManaged {
		findStore = func(reference string) (string, error) { return d.queryableStore(c, reference) }
	}
	return engine.ParseDashboardValues(in.given(), d.lake.Now(), findStore)
}

// queryableStore returns the id of the store of a managed dashboard's refresh. The caller must have the right to
// query it.
func (d *Door) queryableStore(c *call, reference string) (id string, err error) {
	store, err := d.lake.Stores().Get(c.r.Context(), reference)
	if err != nil {
		return "", err
	}
	if store.Status == engine.StorePendingDeletion {
		return "", invalid("the event data store %s is pending deletion", store.Name)
	}
	return store.ID, d.allow(c, access.StartQueryAction, store.ARN(), store)
}

// hasStoreParameter reports whether each refresh of a dashboard names the store.
func hasStoreParameter(found *engine.Dashboard) bool {
	return found.IsManaged && found.Name != engine.HighlightsName
}

// refreshDashboard begins a refresh of a dashboard. As at the AWS API, it runs as the service, for a managed
// dashboard as the caller.
func (d *Door) refreshDashboard(c *call) (any, error) {
	found, err := d.dashboard(c, access.RefreshAction)
	if err != nil {
		return nil, err
	}
	var in refreshInput
	if err := readJSON(c.w, c.r, &in); err != nil {
		return nil, err
	}
	if d.lake.IsReadOnly() {
		return nil, &problem{status: http.StatusConflict, Code: "READ_ONLY", Message: "the lake is read-only, so dashboards cannot be refreshed"}
	}
	isManaged := hasStoreParameter(found)
	values, err := d.dashboardValues(c, &in, isManaged)
	if err != nil {
		return nil, err
	}
	options := access.ServiceOptions(d.lake, found)
	// A store that the service may not read shows in the refresh's failure reason.
	var checkOptions []engine.QueryOption
	if isManaged {
		options, checkOptions = c.caller.StartOptions(), c.caller.StartOptions()
	}
	statements, err := d.widgetStatements(c.r.Context(), found.Widgets, values, checkOptions)
	if err != nil {
		return nil, err
	}
	options = append(options, engine.AskedBy(c.asker()), engine.FromSource(c.r.UserAgent()), engine.ThroughDoor(access.RefreshDoor), engine.Timeout(maxQueryTime))
	run, err := d.lake.Dashboards().Begin(c.r.Context(), found.Name, statements, options...)
	if err != nil {
		return nil, err
	}
	d.note(c, "StartDashboardRefresh", false, map[string]any{"dashboardId": found.ARN(), "refreshId": run.ID})
	return struct {
		ID string `json:"id"`
	}{run.ID}, nil
}

// widgetStatements returns the statements of a refresh. Each is a SELECT that can be planned with the options.
func (d *Door) widgetStatements(ctx context.Context, widgets []engine.DashboardWidget, values engine.DashboardValues, options []engine.QueryOption) (out []engine.DashboardStatement, err error) {
	for _, w := range widgets {
		sql, reads, err := d.checkWidget(ctx, &w, values, options)
		if err != nil {
			return nil, d.widgetProblem(w.Title(), err)
		}
		out = append(out, engine.DashboardStatement{Title: w.Title(), Alias: w.Alias, SQL: sql, Reads: &reads})
	}
	return out, nil
}

// widgetProblem adds the widget's title to an error. Line and column in the statement stay.
func (d *Door) widgetProblem(title string, err error) error {
	p := *d.problemOf(err)
	p.Message = fmt.Sprintf("widget %s: %s", title, p.Message)
	return &p
}

// checkWidget fills the statement of a widget and plans it.
func (d *Door) checkWidget(ctx context.Context, w *engine.DashboardWidget, values engine.DashboardValues, options []engine.QueryOption) (sql string, reads engine.QueryReads, err error) {
	if sql, err = w.Fill(values); err != nil {
		return "", reads, err
	}
	statement, err := engine.ParseStatement(sql)
	if err != nil {
		return sql, reads, err
	}
	if statement.Verb != "SELECT" {
		return sql, reads, invalid("a widget needs a SELECT statement, not %s", statement.Verb)
	}
	reads, err = d.lake.Queries().Check(ctx, sql, append(options, engine.Parsed(statement.Parsed))...)
	return sql, reads, err
}

// widgetInput is a widget from the page.
type widgetInput struct {
	Statement  string            `json:"statement"`
	Parameters []string          `json:"parameters"`
	View       map[string]string `json:"view"`
}

func (in *widgetInput) widget() engine.DashboardWidget {
	return engine.DashboardWidget{Statement: in.Statement, Parameters: in.Parameters, View: in.View}
}

// widgetCheck is the result of checking a widget before a refresh.
type widgetCheck struct {
	SQL      string        `json:"sql"` // with values for the parameters
	Problem  *problem      `json:"problem"`
	Estimate *estimateView `json:"estimate"`
}

// checkWidgets returns what widgets would scan in one refresh, or their errors. Nothing runs.
func (d *Door) checkWidgets(c *call) (any, error) {
	var in struct {
		refreshInput
		Widgets []widgetInput `json:"widgets"`
	}
	if err := readJSON(c.w, c.r, &in); err != nil {
		return nil, err
	}
	if len(in.Widgets) > engine.MaxDashboardWidgets {
		return nil, invalid("a dashboard has at most %d widgets", engine.MaxDashboardWidgets)
	}
	values, err := d.dashboardValues(c, &in.refreshInput, in.Store != "")
	if err != nil {
		return nil, err
	}
	out := struct {
		Widgets []widgetCheck `json:"widgets"`
	}{[]widgetCheck{}}
	for i := range in.Widgets {
		w := in.Widgets[i].widget()
		check, err := d.estimateWidget(c, &w, values)
		if err != nil {
			if errors.Is(err, context.Canceled) {
				return nil, err
			}
			check.Problem = d.problemOf(err)
		}
		out.Widgets = append(out.Widgets, check)
	}
	return out, nil
}

func (d *Door) estimateWidget(c *call, w *engine.DashboardWidget, values engine.DashboardValues) (out widgetCheck, err error) {
	options := d.statementOptions(c, doorName)
	if out.SQL, _, err = d.checkWidget(c.r.Context(), w, values, options); err != nil {
		return out, err
	}
	e, err := d.lake.Estimate(c.r.Context(), out.SQL, options...)
	if err != nil {
		return out, err
	}
	out.Estimate = &estimateView{e.LowBytes, e.HighBytes, e.LowPrice, e.HighPrice, e.BytesStored, e.Pruned}
	return out, nil
}
