package console

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine"
)

// board makes a dashboard of two widgets over the site's store, whose policy lets the service query it.
func (s *site) board(name string) {
	s.Helper()
	ctx := context.Background()
	view := func(kind string, more ...string) map[string]string {
		out := map[string]string{"View": kind, "Title": kind, "Height": "2", "Width": "6"}
		for i := 0; i < len(more); i += 2 {
			out[more[i]] = more[i+1]
		}
		return out
	}
	_, err := s.lake.Dashboards().Create(ctx, engine.Dashboard{Name: name, Widgets: []engine.DashboardWidget{
		{Statement: "SELECT eventname, count(*) AS events FROM " + s.store.ID + " WHERE eventtime > ? GROUP BY 1 ORDER BY 2 DESC, 1", Parameters: []string{"$StartTime$"},
			View: view("BarChart", "LabelColumn", "eventname", "ValueColumn", "events")},
		{Statement: "SELECT eventtime, eventname FROM " + s.store.ID + " ORDER BY 1, 2 LIMIT 5", View: view("Table")},
	}})
	require.NoError(s, err)
	s.letService()
}

// letService lets the service query the site's store for all dashboards.
func (s *site) letService() {
	s.Helper()
	require.NoError(s, s.lake.Stores().SetResourcePolicy(context.Background(), s.store.ID,
		`{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"}, "Action": "cloudtrail:StartQuery"}]}`))
}

// refreshed refreshes a dashboard and waits for its end.
func (v *visitor) refreshed(name string, values map[string]string) (d dashboardView) {
	v.Helper()
	begun := ask[struct{ ID string }](v, http.MethodPost, "dashboards/"+name+"/refresh", values)
	require.Eventually(v, func() bool {
		d = ask[dashboardView](v, http.MethodGet, "dashboards/"+name, nil)
		return !d.IsRefreshing
	}, time.Minute, time.Millisecond)
	require.Equal(v, begun.ID, d.RefreshID)
	return d
}

// UnmarshalJSON reads a cell as the page does.
func (c *cell) UnmarshalJSON(text []byte) error {
	c.isNull, c.text = string(text) == "null", strings.Trim(string(text), `"`)
	return nil
}

// TestDashboardShowsKeptAnswers: a refresh runs each widget, opening the dashboard scans nothing, and each row leads to its events.
func TestDashboardShowsKeptAnswers(t *testing.T) {
	s := newSite(t)
	v := s.signedInAsRoot()
	s.board("board")
	listed := ask[[]dashboardView](v, http.MethodGet, "dashboards", nil)
	require.Len(t, listed, 16)
	fresh := ask[dashboardView](v, http.MethodGet, "dashboards/board", nil)
	require.Len(t, fresh.Widgets, 2)
	require.Nil(t, fresh.Widgets[0].Query)
	require.Empty(t, fresh.RefreshID)

	d := v.refreshed("board", map[string]string{"start": "2000-01-01"})
	require.Empty(t, d.FailureReason)
	require.Empty(t, d.Missing)
	bars := d.Widgets[0]
	require.Equal(t, "FINISHED", bars.Query.State)
	require.Equal(t, "cloudtrail.amazonaws.com", bars.Query.User)
	require.Contains(t, bars.Query.SQL, "'2000-01-01 00:00:00.000'")
	require.Equal(t, []string{"eventname", "events"}, []string{bars.Answer.Columns[0].Name, bars.Answer.Columns[1].Name})
	require.Positive(t, d.BytesScanned)
	require.Positive(t, d.Price)
	require.Less(t, d.BytesRead, d.BytesScanned, "the widgets read a column of one store")

	before, err := s.lake.Queries().List(context.Background(), engine.QueryFilter{})
	require.NoError(t, err)
	again := ask[dashboardView](v, http.MethodGet, "dashboards/board", nil)
	require.Equal(t, bars.Answer, again.Widgets[0].Answer)
	after, err := s.lake.Queries().List(context.Background(), engine.QueryFilter{})
	require.NoError(t, err)
	require.Len(t, after, len(before), "opening a dashboard asks nothing")

	events := ask[eventsView](v, http.MethodGet, "queries/"+bars.Query.ID+"/events?row=1", nil)
	require.Empty(t, events.Why)
	require.Contains(t, events.SQL, "AND eventname = '"+bars.Answer.Rows[1][0].text+"'")
	found := v.run(events.SQL)
	require.Equal(t, bars.Answer.Rows[1][1].text, fmt.Sprint(found.Rows))
	status, why := v.refused(http.MethodGet, "queries/"+bars.Query.ID+"/events?row=100000", nil)
	require.Equal(t, http.StatusNotFound, status, why.Message)
	lately := v.run("SELECT eventname, count(*) FROM main WHERE eventtime < now() AND eventtime > current_date - INTERVAL '9999' DAY GROUP BY 1 ORDER BY 1")
	asked := s.now().UTC()
	s.pass(3 * time.Hour)
	then := ask[eventsView](v, http.MethodGet, "queries/"+lately.ID+"/events?row=0", nil)
	require.Contains(t, then.SQL, "eventtime < timestamp '"+asked.Format("2006-01-02 15:04:05.000")+" UTC'", "the events of a refresh are those of its time")
	require.Contains(t, then.SQL, "date '"+asked.Format(time.DateOnly)+"'")
	require.Equal(t, "FINISHED", v.run(then.SQL).State)
	s.pass(-3 * time.Hour)
	values := v.run("SELECT k, count(*) FROM (VALUES 'a', 'b', 'a') AS t (k) GROUP BY 1 ORDER BY 1")
	require.Equal(t, "SELECT *\nFROM (VALUES 'a', 'b', 'a') AS t (k)\nWHERE k = 'a'\nLIMIT 1000", ask[eventsView](v, http.MethodGet, "queries/"+values.ID+"/events?row=0", nil).SQL)
	ofNothing := v.run("SELECT k, count(*) FROM (VALUES 'a') AS t (k) GROUP BY 1")
	long := v.run("SELECT rpad('x', 2000000, 'y') AS k, count(*) FROM main GROUP BY rpad('x', 2000000, 'y')")
	require.Contains(t, ask[eventsView](v, http.MethodGet, "queries/"+long.ID+"/events?row=0", nil).Why, "do not follow", "a statement that would be too long is none")
	status, _ = v.refused(http.MethodGet, "queries/"+ofNothing.ID+"/events?row=-1", nil)
	require.Equal(t, http.StatusBadRequest, status)
	union := v.run("SELECT 1 AS a UNION ALL SELECT 2")
	whole := ask[eventsView](v, http.MethodGet, "queries/"+union.ID+"/events?row=0", nil)
	require.Contains(t, whole.Why, "not one SELECT")
	require.Equal(t, union.SQL, whole.SQL)
}

// TestManagedDashboardInConsole: it is refreshed for one store, as the caller, over the range that was given.
func TestManagedDashboardInConsole(t *testing.T) {
	s := newSite(t)
	v := s.signedInAsRoot()
	status, why := v.refused(http.MethodPost, "dashboards/AWSCloudTrail-Overview/refresh", map[string]string{})
	require.Equal(t, http.StatusBadRequest, status)
	require.Contains(t, why.Message, "$EventDataStoreId$")
	status, _ = v.refused(http.MethodPost, "dashboards/AWSCloudTrail-Overview/refresh", map[string]string{"store": "none"})
	require.Equal(t, http.StatusNotFound, status)
	status, _ = v.refused(http.MethodPost, "dashboards/AWSCloudTrail-Overview/refresh", map[string]string{"store": "main", "start": "2026-02-01", "end": "2026-01-01"})
	require.Equal(t, http.StatusBadRequest, status)
	d := v.refreshed("AWSCloudTrail-Overview", map[string]string{"store": "main", "start": "2000-01-01", "period": "month"})
	require.Equal(t, "Overview dashboard", d.Title)
	require.Equal(t, "Management", d.Category)
	require.Len(t, d.Widgets, 6)
	for _, w := range d.Widgets {
		require.Equal(t, "FINISHED", w.Query.State, w.Title)
		require.NotEmpty(t, w.About)
		require.True(t, w.Query.IsMine)
	}
}

// TestWidgetChecks: what widgets would scan is known before a refresh, and what is wrong with them.
func TestWidgetChecks(t *testing.T) {
	s := newSite(t)
	v := s.signedInAsRoot()
	type checks struct{ Widgets []widgetCheck }
	widget := func(sql string, parameters ...string) map[string]any {
		return map[string]any{"statement": sql, "parameters": parameters, "view": map[string]string{"Title": "t"}}
	}
	got := ask[checks](v, http.MethodPost, "widgets/check", map[string]any{"start": "2026-01-01", "widgets": []any{
		widget("SELECT eventname FROM main WHERE eventtime > '?'", "$StartTime$"), widget("SELECT nothing FROM main"), widget("SELECT ?"), widget("SHOW TABLES"),
	}})
	require.Equal(t, "SELECT eventname FROM main WHERE eventtime > '2026-01-01 00:00:00.000'", got.Widgets[0].SQL)
	require.NotNil(t, got.Widgets[0].Estimate)
	require.Equal(t, "COLUMN_NOT_FOUND", got.Widgets[1].Problem.Code)
	require.Contains(t, got.Widgets[2].Problem.Message, "1 question marks")
	require.Contains(t, got.Widgets[3].Problem.Message, "SHOW")
	managed := ask[checks](v, http.MethodPost, "widgets/check", map[string]any{"store": "main", "widgets": []any{widget("SELECT count(*) FROM ?", "$EventDataStoreId$")}})
	require.Equal(t, "SELECT count(*) FROM "+s.store.ID, managed.Widgets[0].SQL)
	status, _ := v.refused(http.MethodPost, "widgets/check", map[string]any{"widgets": make([]map[string]any, 11)})
	require.Equal(t, http.StatusBadRequest, status)
}

// TestDashboardRightsInConsole: each step takes what it takes at the AWS API.
func TestDashboardRightsInConsole(t *testing.T) {
	s := newSite(t)
	s.board("board")
	s.signedInAsRoot().refreshed("board", map[string]string{"start": "2000-01-01"})
	with := func(actions ...string) *visitor {
		id, secret, token := s.key(`{"Effect": "Allow", "Action": ["cloudtrail:`+strings.Join(actions, `", "cloudtrail:`)+`"], "Resource": "*"}`, engine.KeyOptions{})
		return s.signedIn(id, secret, token)
	}
	type request struct {
		method, path string
		body         any
	}
	list, show := request{http.MethodGet, "dashboards", nil}, request{http.MethodGet, "dashboards/board", nil}
	none, refresh := request{http.MethodGet, "dashboards/none", nil}, request{http.MethodPost, "dashboards/board/refresh", map[string]string{}}
	managed := request{http.MethodPost, "dashboards/AWSCloudTrail-Overview/refresh", map[string]string{"store": "main"}}
	for _, tt := range []struct {
		name    string
		actions []string
		request request
		status  int
	}{
		{"nobody lists without the right", []string{"GetDashboard"}, list, http.StatusForbidden},
		{"a list", []string{"ListDashboards"}, list, http.StatusOK},
		{"nobody opens without the right", []string{"ListDashboards"}, show, http.StatusForbidden},
		{"opened", []string{"GetDashboard"}, show, http.StatusOK},
		{"nobody learns of what is not there", []string{"ListDashboards"}, none, http.StatusForbidden},
		{"not there", []string{"GetDashboard"}, none, http.StatusNotFound},
		{"nobody refreshes without the right", []string{"GetDashboard", "StartQuery"}, refresh, http.StatusForbidden},
		{"refreshed as the service", []string{"StartDashboardRefresh"}, refresh, http.StatusOK},
		{"a managed one without the store", []string{"StartDashboardRefresh"}, managed, http.StatusForbidden},
		{"a managed one", []string{"StartDashboardRefresh", "StartQuery"}, managed, http.StatusOK},
	} {
		t.Run(tt.name, func(t *testing.T) {
			status, text := with(tt.actions...).try(tt.request.method, tt.request.path, tt.request.body)
			require.Equal(t, tt.status, status, "%s", text)
		})
	}
	root := s.signedInAsRoot()
	require.Eventually(t, func() bool { return !ask[dashboardView](root, http.MethodGet, "dashboards/board", nil).IsRefreshing }, time.Minute, time.Millisecond)
	require.Empty(t, ask[[]dashboardView](with("ListDashboards"), http.MethodGet, "dashboards", nil), "what nobody may open is not listed")
	unread := ask[dashboardView](with("GetDashboard"), http.MethodGet, "dashboards/board", nil)
	require.Equal(t, codeDenied, unread.Widgets[0].Problem.Code, "who may not read the store sees no rows")
	require.Nil(t, unread.Widgets[0].Answer)
	read := ask[dashboardView](with("GetDashboard", "GetQueryResults"), http.MethodGet, "dashboards/board", nil)
	require.NotNil(t, read.Widgets[0].Answer)
}

// TestRefreshWithoutPolicy: the dashboard says which store's policy is missing, and why the refresh failed.
func TestRefreshWithoutPolicy(t *testing.T) {
	s := newSite(t)
	v := s.signedInAsRoot()
	s.board("board")
	require.NoError(t, s.lake.Stores().SetResourcePolicy(context.Background(), s.store.ID, ""))
	d := v.refreshed("board", map[string]string{})
	require.Equal(t, []string{"main"}, d.Missing)
	require.Contains(t, d.FailureReason, "is not authorized to perform cloudtrail:StartQuery")
	require.Contains(t, d.Widgets[0].Problem.Message, "it has no policy")
}
