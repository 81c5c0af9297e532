package awsapi_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine"
)

const dashboardPrefix = "arn:aws:cloudtrail:us-east-1:123456789012:dashboard/"

// barWidget counts the events of a store by name.
func barWidget(storeID string) map[string]any {
	return of("QueryStatement", "SELECT eventname, count(*) AS c FROM "+storeID+" WHERE eventtime > '?' AND eventtime < '?' GROUP BY 1",
		"QueryParameters", []any{"$StartTime$", "$EndTime$"},
		"ViewProperties", of("Height", "2", "Width", "4", "Title", "calls", "View", "BarChart", "LabelColumn", "eventname", "ValueColumn", "c"))
}

// lineWidget counts the events of a store over time.
func lineWidget(storeID string) map[string]any {
	return of("QueryStatement", "SELECT DATE_TRUNC('?', eventTime) AS at, COUNT(*) AS n FROM "+storeID+" WHERE eventTime > '?' GROUP BY DATE_TRUNC('?', eventTime)",
		"QueryParameters", []any{"$Period$", "$StartTime$", "$Period$"},
		"ViewProperties", of("Height", "2", "Width", "4", "Title", "trend", "View", "LineChart", "XAxisColumn", "at", "YAxisColumn", "n"))
}

// letRefresh gives a store, or a dashboard, the policy that lets the service query it, or refresh it, for a dashboard.
func (f *fixture) letRefresh(arn, action, dashboard string) {
	f.Helper()
	f.get("PutResourcePolicy", of("ResourceArn", arn, "ResourcePolicy", fmt.Sprintf(`{"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
		"Principal": {"Service": "cloudtrail.amazonaws.com"}, "Action": "cloudtrail:%s",
		"Condition": {"StringEquals": {"AWS:SourceArn": %q, "AWS:SourceAccount": %q}}}]}`, action, dashboard, account)))
}

// refreshed waits until the last refresh of a dashboard has ended, and returns its id.
func (f *fixture) refreshed(name string) (id string) {
	f.Helper()
	require.Eventually(f, func() bool {
		found, err := f.lake.Dashboards().Get(context.Background(), name)
		require.NoError(f, err)
		if found.LastRefresh == nil || found.LastRefresh.EndedAt.IsZero() {
			return false
		}
		id = found.LastRefresh.ID
		return true
	}, time.Minute, time.Millisecond)
	return id
}

// widgetOf returns a widget of a dashboard as it is described.
func (f *fixture) widgetOf(name string, n int) map[string]any {
	f.Helper()
	return f.get("GetDashboard", of("DashboardId", name))["Widgets"].([]any)[n].(map[string]any)
}

// rowsOfWidget reads the rows that a refresh has of a widget.
func (f *fixture) rowsOfWidget(alias, refresh string) []any {
	f.Helper()
	query := f.get("DescribeQuery", of("QueryAlias", alias, "RefreshId", refresh))
	require.Equal(f, "FINISHED", query["QueryStatus"], "%v", query)
	return f.get("GetQueryResults", of("QueryId", query["QueryId"]))["QueryResultRows"].([]any)
}

// TestDashboardLife: a dashboard is created, described, refreshed, read after a restart without a scan, changed, listed and deleted.
func TestDashboardLife(t *testing.T) {
	f := newFixture(t)
	store := f.newStore("main")
	f.push(store, 3)
	f.clock.Pass(time.Second)
	widgets := []any{barWidget(idOf(store)), lineWidget(idOf(store))}
	made := f.get("CreateDashboard", of("Name", "board", "Widgets", widgets, "TagsList", []any{of("Key", "team", "Value", "sec")},
		"RefreshSchedule", of("Frequency", of("Unit", "HOURS", "Value", 6), "Status", "DISABLED"), "TerminationProtectionEnabled", true))
	arn := dashboardPrefix + "board"
	require.Equal(t, arn, made["DashboardArn"])
	require.Equal(t, "CUSTOM", made["Type"])
	require.Equal(t, []any{of("Key", "team", "Value", "sec")}, made["TagsList"])
	require.Equal(t, of("Frequency", of("Unit", "HOURS", "Value", 6.0), "Status", "DISABLED", "TimeOfDay", "00:00"), made["RefreshSchedule"])
	alias := made["Widgets"].([]any)[0].(map[string]any)["QueryAlias"].(string)
	require.Regexp(t, "^AWSCloudTrail-[a-f0-9-]{36}$", alias)

	got := f.get("GetDashboard", of("DashboardId", arn))
	require.Equal(t, "CREATED", got["Status"])
	require.Equal(t, true, got["TerminationProtectionEnabled"])
	require.NotContains(t, got, "LastRefreshId")
	require.Equal(t, made["Widgets"], got["Widgets"])

	f.letRefresh(store, "StartQuery", arn)
	id := f.get("StartDashboardRefresh", of("DashboardId", "board"))["RefreshId"].(string)
	require.Regexp(t, "^[0-9]{20}$", id)
	require.Equal(t, id, f.refreshed("board"))
	trend := got["Widgets"].([]any)[1].(map[string]any)["QueryAlias"].(string)
	f.close()
	f.open()
	got = f.get("GetDashboard", of("DashboardId", "board"))
	require.Equal(t, id, got["LastRefreshId"])
	require.NotContains(t, got, "LastRefreshFailureReason")
	require.Equal(t, []any{[]any{of("eventname", "Login"), of("c", "3")}}, f.rowsOfWidget(alias, id))
	require.Equal(t, []any{[]any{of("at", "2026-11-20 07:00:00.000"), of("n", "3")}}, f.rowsOfWidget(trend, id))
	query, err := f.lake.Queries().Get(f.get("DescribeQuery", of("QueryAlias", alias, "RefreshId", id))["QueryId"].(string))
	require.NoError(t, err)
	require.Equal(t, "cloudtrail.amazonaws.com", query.User)

	f.refused("QueryIdNotFoundException", "DescribeQuery", of("QueryAlias", alias, "RefreshId", "20260101000000000000"))
	hour := f.get("StartQuery", of("QueryAlias", trend, "QueryParameters", []any{"hour", "2026-11-20 00:00:00.000", "hour"}))["QueryId"].(string)
	f.wait(hour, "FINISHED")

	f.clock.Pass(time.Minute)
	changed := f.get("UpdateDashboard", of("DashboardId", arn, "Widgets", widgets[:1], "TerminationProtectionEnabled", false, "RefreshSchedule", of("TimeOfDay", "00:30")))
	require.Len(t, changed["Widgets"], 1)
	require.NotEqual(t, alias, changed["Widgets"].([]any)[0].(map[string]any)["QueryAlias"])
	require.Equal(t, of("Frequency", of("Unit", "HOURS", "Value", 6.0), "Status", "DISABLED", "TimeOfDay", "00:30"), changed["RefreshSchedule"])
	require.Equal(t, "UPDATED", f.get("GetDashboard", of("DashboardId", arn))["Status"])
	f.refused("InvalidParameterException", "StartQuery", of("QueryAlias", alias, "QueryParameters", []any{"a", "b"}))
	require.NotContains(t, f.get("UpdateDashboard", of("DashboardId", arn, "Widgets", []any{})), "Widgets", "an empty list clears them")

	listed := f.get("ListDashboards", of("Type", "CUSTOM"))["Dashboards"]
	require.Equal(t, []any{of("DashboardArn", arn, "Type", "CUSTOM")}, listed)
	require.Len(t, f.get("ListDashboards", of("Type", "MANAGED"))["Dashboards"], 15)
	require.Equal(t, listed, f.get("ListDashboards", of("NamePrefix", "boa"))["Dashboards"])
	first := f.get("ListDashboards", of("MaxResults", 10))
	rest := f.get("ListDashboards", of("MaxResults", 10, "NextToken", first["NextToken"]))
	require.Len(t, append(first["Dashboards"].([]any), rest["Dashboards"].([]any)...), 16)
	require.NotContains(t, rest, "NextToken")
	f.get("DeleteDashboard", of("DashboardId", arn))
	f.refused("ResourceNotFoundException", "GetDashboard", of("DashboardId", arn))
}

// TestDashboardTagsAndPolicy: a dashboard has tags, and a policy about its refreshes.
func TestDashboardTagsAndPolicy(t *testing.T) {
	f := newFixture(t)
	arn := f.get("CreateDashboard", of("Name", "board"))["DashboardArn"].(string)
	f.get("AddTags", of("ResourceId", arn, "TagsList", []any{of("Key", "a", "Value", "1"), of("Key", "b")}))
	f.get("RemoveTags", of("ResourceId", arn, "TagsList", []any{of("Key", "b")}))
	tags := f.get("ListTags", of("ResourceIdList", []any{arn}))["ResourceTagList"].([]any)[0].(map[string]any)["TagsList"]
	require.Equal(t, []any{of("Key", "a", "Value", "1")}, tags)
	f.refused("ResourceNotFoundException", "ListTags", of("ResourceIdList", []any{dashboardPrefix + "none"}))

	f.refused("ResourcePolicyNotFoundException", "GetResourcePolicy", of("ResourceArn", arn))
	f.letRefresh(arn, "StartDashboardRefresh", arn)
	require.Contains(t, f.get("GetResourcePolicy", of("ResourceArn", arn))["ResourcePolicy"], "StartDashboardRefresh")
	f.refused("ResourcePolicyNotValidException", "PutResourcePolicy", of("ResourceArn", arn, "ResourcePolicy",
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"cloudtrail:StartQuery"}]}`))
	f.get("DeleteResourcePolicy", of("ResourceArn", arn))
	f.refused("ResourceNotFoundException", "GetResourcePolicy", of("ResourceArn", dashboardPrefix+"none"))
}

// TestRefreshNeedsPolicies: without the store's policy a refresh begins and fails, and says why; the reason goes with the next refresh.
func TestRefreshNeedsPolicies(t *testing.T) {
	f := newFixture(t)
	store := f.newStore("main")
	arn := f.get("CreateDashboard", of("Name", "board", "Widgets", []any{barWidget(idOf(store))}))["DashboardArn"].(string)
	f.get("StartDashboardRefresh", of("DashboardId", arn))
	id := f.refreshed("board")
	reason := f.get("GetDashboard", of("DashboardId", arn))["LastRefreshFailureReason"]
	require.Contains(t, reason, "calls: ")
	require.Contains(t, reason, "cloudtrail.amazonaws.com is not authorized to perform cloudtrail:StartQuery on resource "+store)
	require.Equal(t, "FAILED", f.get("DescribeQuery", of("QueryAlias", f.widgetOf("board", 0)["QueryAlias"], "RefreshId", id))["QueryStatus"])

	f.letRefresh(store, "StartQuery", dashboardPrefix+"other")
	f.get("StartDashboardRefresh", of("DashboardId", arn))
	f.refreshed("board")
	require.Contains(t, f.get("GetDashboard", of("DashboardId", arn)), "LastRefreshFailureReason", "the policy is about another dashboard")

	f.letRefresh(store, "StartQuery", arn)
	f.get("StartDashboardRefresh", of("DashboardId", arn))
	f.refreshed("board")
	require.NotContains(t, f.get("GetDashboard", of("DashboardId", arn)), "LastRefreshFailureReason")
}

// TestRefreshInterrupted: a server that ends cancels its refreshes, and the next one says so; a new refresh may begin.
func TestRefreshInterrupted(t *testing.T) {
	f := newFixture(t)
	store := f.newStore("main")
	f.push(store, 1)
	slow := barWidget(idOf(store))
	slow["QueryStatement"] = strings.Replace(heavy, " FROM ", " FROM "+idOf(store)+", ", 1)
	delete(slow, "QueryParameters")
	arn := f.get("CreateDashboard", of("Name", "board", "Widgets", []any{slow}))["DashboardArn"].(string)
	f.letRefresh(store, "StartQuery", arn)
	id := f.get("StartDashboardRefresh", of("DashboardId", arn))["RefreshId"]
	f.close()
	f.open()
	got := f.get("GetDashboard", of("DashboardId", arn))
	require.Equal(t, id, got["LastRefreshId"])
	require.Contains(t, got["LastRefreshFailureReason"], "calls: ")
	require.Equal(t, "CANCELLED", f.get("DescribeQuery", of("QueryAlias", f.widgetOf("board", 0)["QueryAlias"], "RefreshId", id))["QueryStatus"])
	f.get("UpdateDashboard", of("DashboardId", arn, "Widgets", []any{barWidget(idOf(store))}))
	f.get("StartDashboardRefresh", of("DashboardId", arn))
	f.refreshed("board")
	require.NotContains(t, f.get("GetDashboard", of("DashboardId", arn)), "LastRefreshFailureReason")
}

// TestSchedules: a dashboard is refreshed at the instants of its schedule, as the service, if its policy lets that; of instants that passed while
// nobody looked one refresh is left.
func TestSchedules(t *testing.T) {
	f := newFixture(t) // at 07:00
	store := f.newStore("main")
	schedule := of("Frequency", of("Unit", "HOURS", "Value", 6), "Status", "ENABLED", "TimeOfDay", "03:10")
	arn := f.get("CreateDashboard", of("Name", "board", "Widgets", []any{barWidget(idOf(store))}, "RefreshSchedule", schedule))["DashboardArn"].(string)
	f.letRefresh(store, "StartQuery", arn)
	last := func() any { return f.get("GetDashboard", of("DashboardId", arn))["LastRefreshId"] }

	f.clock.Pass(5 * time.Hour) // 12:00
	f.looked()
	require.Nil(t, last(), "hours take the minutes of TimeOfDay alone: 12:10")
	f.clock.Pass(15 * time.Minute)
	f.looked()
	require.Contains(t, f.get("GetDashboard", of("DashboardId", arn))["LastRefreshFailureReason"], "not authorized to perform cloudtrail:StartDashboardRefresh on resource "+arn)
	require.Nil(t, last())

	f.letRefresh(arn, "StartDashboardRefresh", arn)
	f.clock.Pass(2 * time.Minute)
	f.looked()
	require.Nil(t, last(), "the instant has had its turn")
	f.clock.Pass(6 * time.Hour)
	f.looked()
	first := last()
	require.Regexp(t, "^20261120181", first)
	require.NotContains(t, f.get("GetDashboard", of("DashboardId", arn)), "LastRefreshFailureReason")

	f.close()
	f.clock.Pass(3 * 24 * time.Hour)
	f.open()
	f.clock.Pass(2 * time.Minute)
	f.looked()
	second := last()
	require.NotEqual(t, first, second)
	f.clock.Pass(2 * time.Minute)
	f.looked()
	require.Equal(t, second, last(), "one refresh for all that was missed")

	f.get("UpdateDashboard", of("DashboardId", arn, "RefreshSchedule", of("Status", "DISABLED")))
	f.clock.Pass(24 * time.Hour)
	f.looked()
	require.Equal(t, second, last())
	f.get("UpdateDashboard", of("DashboardId", arn, "RefreshSchedule", of("Status", "ENABLED", "Frequency", of("Unit", "DAYS", "Value", 1), "TimeOfDay", "18:30")))
	f.clock.Pass(time.Minute)
	f.looked()
	require.Equal(t, second, last(), "a schedule begins when it is set")
}

// TestScheduledRefreshIsActivity: whoever sees that a scheduled refresh has ended finds it in the activity.
func TestScheduledRefreshIsActivity(t *testing.T) {
	ctx, f := context.Background(), newRecordingFixture(t)
	store := f.newStore("main")
	schedule := of("Frequency", of("Unit", "HOURS", "Value", 1), "Status", "ENABLED")
	arn := f.get("CreateDashboard", of("Name", "board", "Widgets", []any{barWidget(idOf(store))}, "RefreshSchedule", schedule))["DashboardArn"].(string)
	f.letRefresh(store, "StartQuery", arn)
	f.letRefresh(arn, "StartDashboardRefresh", arn)
	f.clock.Pass(time.Hour + time.Minute)
	f.refreshed("board")
	require.NoError(t, f.lake.Activity().Flush(ctx))
	rows, err := f.lake.Query(ctx, "SELECT eventid FROM auditlake_activity WHERE eventname = 'StartDashboardRefresh' AND eventsource = 'cloudtrail.amazonaws.com'")
	require.NoError(t, err)
	defer rows.Close()
	require.True(t, rows.Next())
}

// looked waits until the door has looked for due refreshes: it waits for the next time again.
func (f *fixture) looked() {
	f.Helper()
	require.Eventually(f, f.door.WaitsForSchedule, time.Minute, time.Millisecond)
}

// TestHighlights: the dashboard is switched on, protected, has widgets over all stores of a category together, and is refreshed every six hours.
func TestHighlights(t *testing.T) {
	f := newFixture(t)
	one, two := f.newStore("one"), f.newStore("two")
	f.push(one, 2)
	f.push(two, 3)
	f.clock.Pass(time.Second)
	const name = "AWSCloudTrail-Highlights"
	f.refused("UnsupportedOperationException", "CreateDashboard", of("Name", name, "Widgets", []any{barWidget(idOf(one))}))
	f.refused("ValidationException", "CreateDashboard", of("Name", name, "RefreshSchedule", of("Frequency", of("Unit", "HOURS", "Value", 12))))
	f.refused("ResourceNotFoundException", "GetDashboard", of("DashboardId", name))
	made := f.get("CreateDashboard", of("Name", name))
	require.Equal(t, "MANAGED", made["Type"])
	require.Equal(t, true, made["TerminationProtectionEnabled"])
	require.Len(t, made["Widgets"], 8)
	f.refused("ConflictException", "DeleteDashboard", of("DashboardId", name))
	f.refused("UnsupportedOperationException", "UpdateDashboard", of("DashboardId", name, "Widgets", []any{}))
	f.refused("ValidationException", "UpdateDashboard", of("DashboardId", name, "RefreshSchedule", of("Frequency", of("Unit", "DAYS", "Value", 1))))

	for _, store := range []string{one, two} {
		f.letRefresh(store, "StartQuery", dashboardPrefix+name)
	}
	f.letRefresh(dashboardPrefix+name, "StartDashboardRefresh", dashboardPrefix+name)
	f.get("UpdateDashboard", of("DashboardId", name, "RefreshSchedule", of("Frequency", of("Unit", "HOURS", "Value", 6), "Status", "ENABLED")))
	f.clock.Pass(5*time.Hour + time.Minute)
	f.looked()
	id := f.refreshed(name)
	require.NotContains(t, f.get("GetDashboard", of("DashboardId", name)), "LastRefreshFailureReason")
	summary := f.rowsOfWidget(f.widgetOf(name, 0)["QueryAlias"].(string), id)
	require.Equal(t, []any{[]any{of("period", "last 24 hours"), of("events", "5"), of("errors", "0"), of("refused", "0"), of("callers", "0")}}, summary)

	f.get("UpdateDashboard", of("DashboardId", name, "TerminationProtectionEnabled", false))
	f.get("DeleteDashboard", of("DashboardId", name))
	f.refused("ResourceNotFoundException", "GetDashboard", of("DashboardId", name))
}

// TestManagedDashboard: it is refreshed for a store, with the caller's rights, and changed by nobody.
func TestManagedDashboard(t *testing.T) {
	f := newFixture(t)
	store := f.newStore("main")
	f.push(store, 4)
	f.clock.Pass(time.Second)
	const name = "AWSCloudTrail-Overview"
	got := f.get("GetDashboard", of("DashboardId", name))
	require.Equal(t, "MANAGED", got["Type"])
	require.Len(t, got["Widgets"], 6)
	f.refused("UnsupportedOperationException", "UpdateDashboard", of("DashboardId", name, "TerminationProtectionEnabled", true))
	f.refused("UnsupportedOperationException", "DeleteDashboard", of("DashboardId", name))
	f.refused("ConflictException", "CreateDashboard", of("Name", name))
	f.refused("ValidationException", "StartDashboardRefresh", of("DashboardId", name))
	id := f.get("StartDashboardRefresh", of("DashboardId", name, "QueryParameterValues", of("$EventDataStoreId$", store, "$StartTime$", "2026-11-20T00:00:00.00Z")))["RefreshId"].(string)
	require.Equal(t, id, f.refreshed(name))
	services := f.widgetOf(name, 3)
	require.Equal(t, []any{[]any{of("service", "iam"), of("eventCount", "4")}}, f.rowsOfWidget(services["QueryAlias"].(string), id))
	f.close()
	f.open()
	require.Equal(t, id, f.get("GetDashboard", of("DashboardId", name))["LastRefreshId"])
	f.get("AddTags", of("ResourceId", dashboardPrefix+name, "TagsList", []any{of("Key", "a")}))
}

// TestDashboardRights: who makes a dashboard must be allowed to query its stores, and to refresh it if it has a schedule.
func TestDashboardRights(t *testing.T) {
	f := newFixture(t)
	store := f.newStore("main")
	allow := func(actions ...string) string {
		return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["cloudtrail:` + strings.Join(actions, `","cloudtrail:`) + `"],"Resource":"*"}]}`
	}
	board := func(name string, more ...any) map[string]any {
		return of(append([]any{"Name", name, "Widgets", []any{barWidget(idOf(store))}}, more...)...)
	}
	daily := of("Frequency", of("Unit", "DAYS", "Value", 1))
	for _, tt := range []struct {
		name, policy, operation string
		members                 map[string]any
		want                    string
	}{
		{"nothing but the dashboard", allow("CreateDashboard"), "CreateDashboard", board("one"), "AccessDeniedException"},
		{"its store, too", allow("CreateDashboard", "StartQuery"), "CreateDashboard", board("two"), ""},
		{"a schedule without the right to refresh", allow("CreateDashboard", "StartQuery"), "CreateDashboard", board("three", "RefreshSchedule", daily), "AccessDeniedException"},
		{"a schedule", allow("CreateDashboard", "StartQuery", "StartDashboardRefresh"), "CreateDashboard", board("four", "RefreshSchedule", daily), ""},
		{"no widgets need no store", allow("CreateDashboard"), "CreateDashboard", of("Name", "five"), ""},
		{"Highlights without all stores", allow("CreateDashboard"), "CreateDashboard", of("Name", "AWSCloudTrail-Highlights"), "AccessDeniedException"},
		{"a refresh", allow("StartDashboardRefresh"), "StartDashboardRefresh", of("DashboardId", "two"), ""},
		{"a managed refresh without the store", allow("StartDashboardRefresh"), "StartDashboardRefresh",
			of("DashboardId", "AWSCloudTrail-Overview", "QueryParameterValues", of("$EventDataStoreId$", store)), "AccessDeniedException"},
		{"a managed refresh", allow("StartDashboardRefresh", "StartQuery"), "StartDashboardRefresh",
			of("DashboardId", "AWSCloudTrail-Overview", "QueryParameterValues", of("$EventDataStoreId$", store)), ""},
		{"nobody learns of what is not there", allow("StartQuery"), "GetDashboard", of("DashboardId", "none"), "AccessDeniedException"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			require.Equal(t, tt.want, f.askAs(engine.KeyOptions{Policies: []engine.KeyPolicy{{Name: "p", Document: tt.policy}}}, tt.operation, tt.members).Header().Get("x-amzn-ErrorType"))
		})
	}
	f.refreshed("two")
	f.refreshed("AWSCloudTrail-Overview")
}
