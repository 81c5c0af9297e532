package awsapi

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/auditlake/auditlake/engine"
	"github.com/auditlake/auditlake/panics"
	"github.com/auditlake/auditlake/server/access"
)

// refreshEvery is how often the door checks for due refreshes.
const refreshEvery = time.Minute

// refreshActions are the actions that a dashboard's policy may name, in lower case.
var refreshActions = map[string]bool{"cloudtrail:startdashboardrefresh": true}

type startDashboardRefreshInput struct {
	DashboardId          string
	QueryParameterValues map[string]string
}

func (d *Door) startDashboardRefresh(ctx context.Context, c *call, in *startDashboardRefreshInput) (any, error) {
	found, err := d.dashboard(ctx, c, in.DashboardId)
	if err != nil {
		return nil, err
	}
	if d.lake.IsReadOnly() {
		return nil, fail("UnsupportedOperationException", "The lake is read-only, so dashboards cannot be refreshed.")
	}
	var findStore func(string) (string, error)
	options := append(access.ServiceOptions(d.lake, found), engine.AskedBy(c.asker()), engine.FromSource(c.userAgent))
	// A store that the service may not read shows only when its statement runs, in the refresh's failure reason.
	var checkOptions []engine.QueryOption
	if found.IsManaged && found.Name != engine.HighlightsName {
		findStore = func(reference string) (string, error) { return d.queryableStore(ctx, c, reference) }
		options = append(c.caller.StartOptions(), engine.AskedBy(c.asker()), engine.FromSource(c.userAgent))
		checkOptions = c.caller.StartOptions()
	}
	values, err := engine.ParseDashboardValues(in.QueryParameterValues, d.lake.Now(), findStore)
	if err != nil {
		return nil, err
	}
	statements, err := d.widgetStatements(ctx, c, found.Widgets, values, checkOptions)
	var known *apiError
	if errors.As(err, &known) && known.code == "InvalidQueryStatementException" { // has no error here
		return nil, fail("ValidationException", "%s", known.message)
	}
	if err != nil {
		return nil, err
	}
	run, err := d.lake.Dashboards().Begin(ctx, found.Name, statements, append(options, engine.ThroughDoor(access.RefreshDoor), engine.Timeout(maxQueryTime))...)
	var full *engine.Error
	if errors.As(err, &full) { // too many statements wait
		return nil, fail("ServiceQuotaExceededException", "%s", oneLine(full.Message))
	}
	if err != nil {
		return nil, err
	}
	return struct{ RefreshId string }{run.ID}, nil
}

// queryableStore finds the store of a managed dashboard's refresh. The caller must have the right to query it.
func (d *Door) queryableStore(ctx context.Context, c *call, reference string) (id string, err error) {
	asQuery := *c
	asQuery.operation = "StartQuery"
	store, err := d.store(ctx, &asQuery, reference)
	var known *apiError
	if errors.As(err, &known) && known.code == "EventDataStoreARNInvalidException" { // has no error here
		return "", fail("ValidationException", "%s", known.message)
	}
	if err != nil {
		return "", err
	}
	if store.Status == engine.StorePendingDeletion {
		return "", fail("InactiveEventDataStoreException", "The event data store %s is pending deletion.", store.ARN())
	}
	return store.ID, nil
}

// widgetStatements returns the statements of a refresh. Each is one SELECT that can be planned with options.
func (d *Door) widgetStatements(ctx context.Context, c *call, widgets []engine.DashboardWidget, values engine.DashboardValues, options []engine.QueryOption) (statements []engine.DashboardStatement, err error) {
	for _, w := range widgets {
		sql, err := w.Fill(values)
		if err != nil {
			return nil, err
		}
		reads, err := d.checkWidget(ctx, c, sql, options)
		var known *apiError
		if errors.As(err, &known) {
			return nil, fail(known.code, "%s", oneLine(fmt.Sprintf("widget %s: %s", w.Title(), known.message)))
		}
		if err != nil {
			return nil, err
		}
		statements = append(statements, engine.DashboardStatement{Title: w.Title(), Alias: w.Alias, SQL: sql, Reads: &reads})
	}
	return statements, nil
}

// checkWidget plans a widget's statement and returns what it reads.
func (d *Door) checkWidget(ctx context.Context, c *call, sql string, options []engine.QueryOption) (reads engine.QueryReads, err error) {
	statement, err := engine.ParseStatement(sql)
	if err != nil {
		return reads, statementError(err)
	}
	if statement.Verb != "SELECT" {
		return reads, fail("InvalidQueryStatementException", "Only SELECT statements are allowed, not %s.", statement.Verb)
	}
	reads, err = d.lake.Queries().Check(ctx, sql, append(options, engine.Parsed(statement.Parsed))...)
	if err != nil {
		asQuery := *c
		asQuery.operation = "StartQuery"
		return reads, d.planError(ctx, &asQuery, sql, err)
	}
	return reads, nil
}

// scheduleRefreshes checks for due refreshes periodically, by the options' clock, until the door is closed.
func (d *Door) scheduleRefreshes() {
	if d.lake.IsReadOnly() {
		return
	}
	var look func()
	arm := func() {
		d.mu.Lock()
		defer d.mu.Unlock()
		if !d.closed {
			d.stopSchedule = d.afterFunc(refreshEvery, look)
		}
	}
	look = func() {
		if !d.beginLook() {
			return
		}
		go func() {
			defer arm()
			defer d.running.Done()
			defer panics.Catch(d.log, "scheduled refreshes", func(error) {})
			d.refreshDue(d.ctx)
		}()
	}
	arm()
}

// beginLook registers a check for due refreshes, so that Close waits for it. It returns false if the door is
// closed.
func (d *Door) beginLook() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.stopSchedule = nil
	if d.closed {
		return false
	}
	d.running.Add(1)
	return true
}

// refreshDue refreshes the dashboards that are due, one after the other, as the service.
func (d *Door) refreshDue(ctx context.Context) {
	due, err := d.lake.Dashboards().TakeDue(ctx)
	if err != nil {
		if ctx.Err() == nil && !errors.Is(err, engine.ErrClosed) {
			d.log.Error("schedules of dashboards cannot be read", "error", err)
		}
		return
	}
	for _, found := range due {
		if ctx.Err() != nil {
			return
		}
		err := d.refreshBySchedule(ctx, found)
		if err == nil || errors.Is(err, engine.ErrClosed) || ctx.Err() != nil {
			continue
		}
		d.log.Warn("a scheduled refresh did not begin", "dashboard", found.Name, "error", err)
		if err := d.lake.Dashboards().NoteFailure(ctx, found.Name, err); err != nil {
			d.log.Error("the failure of a scheduled refresh cannot be noted", "dashboard", found.Name, "error", err)
		}
	}
}

// refreshBySchedule refreshes a dashboard as the service, which its policy must allow, and waits for the end.
func (d *Door) refreshBySchedule(ctx context.Context, found *engine.Dashboard) error {
	asker := engine.Asker{UserName: access.Service, AccountID: found.AccountID}
	err := access.AllowsService(access.ServiceRequest(d.lake, found, access.RefreshAction, found.ARN(), access.PolicyTags(found.Tags)), found.ResourcePolicy)
	event := &engine.ActivityEvent{
		At: d.lake.Now(), Source: access.Service, Name: "StartDashboardRefresh", Type: engine.ActivityServiceEvent, By: asker,
		Parameters: engine.ActivityParameters(map[string]any{"dashboardId": found.ARN()}),
	}
	if err != nil {
		event.Denied, event.ErrorCode, event.ErrorMessage = true, accessDenied, err.Error()
	}
	d.lake.Activity().Note(event) // before the dashboard's record can show the refresh as ended
	if err != nil {
		return err
	}
	values, err := engine.ParseDashboardValues(nil, d.lake.Now(), nil)
	if err != nil {
		return err
	}
	var statements []engine.DashboardStatement
	for _, w := range found.Widgets {
		sql, err := w.Fill(values)
		if err != nil {
			return err
		}
		statements = append(statements, engine.DashboardStatement{Title: w.Title(), Alias: w.Alias, SQL: sql})
	}
	options := append(access.ServiceOptions(d.lake, found), engine.AskedBy(asker), engine.ThroughDoor(access.RefreshDoor), engine.Timeout(maxQueryTime))
	run, err := d.lake.Dashboards().Begin(ctx, found.Name, statements, options...)
	if err != nil {
		return err
	}
	run.Wait()
	return nil
}
