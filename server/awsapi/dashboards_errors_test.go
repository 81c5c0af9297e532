package awsapi_test

import (
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func init() {
	maps.Copy(neverAnsweredBy, map[string]map[string]string{
		"ListDashboards":  {"UnsupportedOperationException": "it is there"},
		"GetDashboard":    {"UnsupportedOperationException": "it is there"},
		"UpdateDashboard": {"ConflictException": "changes of a dashboard wait for each other"},
	})
}

// neverOfDashboards are errors that operations of dashboards document and a lake cannot have, with the reason.
var neverOfDashboards = map[string]string{"InsufficientEncryptionPolicyException": "nothing is encrypted with keys of KMS"}

// dashboardOperations are those about dashboards themselves.
var dashboardOperations = []string{"CreateDashboard", "DeleteDashboard", "GetDashboard", "ListDashboards", "StartDashboardRefresh", "UpdateDashboard"}

// TestEveryErrorOfDashboards: each documented error of the operations of dashboards is provoked, or cannot be.
func TestEveryErrorOfDashboards(t *testing.T) {
	f := newFixture(t)
	store := idOf(f.newStore("main"))
	gone := f.newStore("gone", "TerminationProtectionEnabled", false)
	f.get("CreateDashboard", of("Name", "board", "TerminationProtectionEnabled", true, "Widgets", []any{barWidget(store)}))
	f.get("CreateDashboard", of("Name", "of-gone", "Widgets", []any{barWidget(idOf(gone))}))
	f.get("DeleteEventDataStore", of("EventDataStore", gone))
	provoked := provokedErrors{}
	refused := func(code, operation string, pairs ...any) {
		t.Helper()
		provoked.refused(f, code, operation, of(pairs...))
	}
	eleven := []any{}
	for range 11 {
		eleven = append(eleven, barWidget(store))
	}
	slow := barWidget(store)
	slow["QueryStatement"] = strings.Replace(heavy, " FROM ", " FROM "+store+", ", 1)
	delete(slow, "QueryParameters")
	wrong := barWidget(store)
	wrong["QueryStatement"] = "SELECT nothing FROM " + store + " WHERE eventtime > '?' AND eventtime < '?'"
	for operation, name := range map[string][]any{"CreateDashboard": {"Name", "new"}, "UpdateDashboard": {"DashboardId", "board"}} {
		with := func(widgets ...any) []any { return append(append([]any{}, name...), "Widgets", widgets) }
		refused("EventDataStoreNotFoundException", operation, with(barWidget(absentStore))...)
		refused("InactiveEventDataStoreException", operation, with(barWidget(idOf(gone)))...)
		refused("InvalidQueryStatementException", operation, with(wrong)...)
		refused("ServiceQuotaExceededException", operation, with(eleven...)...)
	}
	refused("ConflictException", "CreateDashboard", "Name", "board")
	refused("InvalidTagParameterException", "CreateDashboard", "Name", "new", "TagsList", []any{of("Key", "a"), of("Key", "a")})
	refused("UnsupportedOperationException", "CreateDashboard", "Name", "AWSCloudTrail-Highlights", "Widgets", []any{barWidget(store)})
	refused("ConflictException", "DeleteDashboard", "DashboardId", "board")
	for _, operation := range []string{"DeleteDashboard", "UpdateDashboard"} {
		refused("UnsupportedOperationException", operation, "DashboardId", "AWSCloudTrail-Overview")
	}
	for _, operation := range []string{"DeleteDashboard", "GetDashboard", "StartDashboardRefresh", "UpdateDashboard"} {
		for _, id := range []string{"none", dashboardPrefix + "none", "arn:aws:cloudtrail:eu-west-1:123456789012:dashboard/board", "arn:aws:cloudtrail:us-east-1:123456789012:trail/board", "a"} {
			refused("ResourceNotFoundException", operation, "DashboardId", id)
		}
	}
	refused("InactiveEventDataStoreException", "StartDashboardRefresh", "DashboardId", "of-gone")
	refused("EventDataStoreNotFoundException", "StartDashboardRefresh", "DashboardId", "AWSCloudTrail-Overview", "QueryParameterValues", of("$EventDataStoreId$", absentStore))

	f.push("arn:aws:cloudtrail:us-east-1:123456789012:eventdatastore/"+store, 1)
	f.get("CreateDashboard", of("Name", "slow", "Widgets", []any{slow}))
	f.letRefresh("arn:aws:cloudtrail:us-east-1:123456789012:eventdatastore/"+store, "StartQuery", dashboardPrefix+"slow")
	id := f.get("StartDashboardRefresh", of("DashboardId", "slow"))["RefreshId"]
	refused("ServiceQuotaExceededException", "StartDashboardRefresh", "DashboardId", "slow")
	f.refused("ConflictException", "DeleteDashboard", of("DashboardId", "slow"))
	query := f.get("DescribeQuery", of("QueryAlias", f.widgetOf("slow", 0)["QueryAlias"], "RefreshId", id))
	f.get("CancelQuery", of("QueryId", query["QueryId"]))
	f.refreshed("slow")
	require.Contains(t, f.get("GetDashboard", of("DashboardId", "slow"))["LastRefreshFailureReason"], "cancel")

	f.close()
	f.isReadOnly = true
	f.open()
	refused("UnsupportedOperationException", "StartDashboardRefresh", "DashboardId", "board")
	requireEveryError(t, provoked, dashboardOperations, neverOfDashboards)
}

// TestWidgetRules: what a widget must have, and what a schedule may be.
func TestWidgetRules(t *testing.T) {
	f := newFixture(t)
	store := idOf(f.newStore("main"))
	view := func(pairs ...any) map[string]any {
		w := barWidget(store)
		properties := maps.Clone(w["ViewProperties"].(map[string]any))
		for i := 0; i < len(pairs); i += 2 {
			if pairs[i+1] == nil {
				delete(properties, pairs[i].(string))
				continue
			}
			properties[pairs[i].(string)] = pairs[i+1]
		}
		w["ViewProperties"] = properties
		return w
	}
	asked := func(statement string, parameters ...any) map[string]any {
		w := barWidget(store)
		if w["QueryStatement"] = fmt.Sprintf(statement, store); len(parameters) > 0 {
			w["QueryParameters"] = parameters
		} else {
			delete(w, "QueryParameters")
		}
		return w
	}
	const invalid, statement = "ValidationException", "InvalidQueryStatementException"
	for _, tt := range []struct {
		name   string
		widget map[string]any
		want   string
	}{
		{"whole", view(), ""},
		{"an orientation and a filter", view("Orientation", "Vertical", "FilterColumn", "c"), ""},
		{"a view that is none", view("View", "Heatmap"), invalid},
		{"no view", view("View", nil), invalid},
		{"no title", view("Title", nil), invalid},
		{"no height", view("Height", nil), invalid},
		{"no width", view("Width", nil), invalid},
		{"no label", view("LabelColumn", nil), invalid},
		{"no value", view("ValueColumn", nil), invalid},
		{"a line's columns", view("XAxisColumn", "c"), invalid},
		{"a line without columns", view("View", "LineChart"), invalid},
		{"a table with a bar's columns", view("View", "Table"), invalid},
		{"a pie has no orientation", view("View", "PieChart", "Orientation", "Vertical"), invalid},
		{"an orientation that is none", view("Orientation", "Up"), invalid},
		{"a height in words", view("Height", "tall"), invalid},
		{"no parameters", asked("SELECT eventname, 1 AS c FROM %s"), ""},
		{"a parameter without quotes", asked("SELECT eventname, 1 AS c FROM %s WHERE eventtime > ?", "$StartTime$"), ""},
		{"a question mark without a parameter", asked("SELECT eventname FROM %s WHERE eventtime > '?'"), statement},
		{"a parameter without a question mark", asked("SELECT eventname FROM %s", "$StartTime$"), statement},
		{"a question mark in a text", asked("SELECT eventname, 'why?' FROM %s -- ?"), ""},
		{"a parameter of managed ones", asked("SELECT eventname, '?' FROM %s", "$EventDataStoreId$"), statement},
		{"a parameter that is none", asked("SELECT eventname, '?' FROM %s", "$Now$"), statement},
		{"no SELECT", asked("EXPLAIN SELECT eventname FROM %s"), statement},
		{"two statements", asked("SELECT 1; SELECT 2 FROM %s"), statement},
	} {
		t.Run(tt.name, func(t *testing.T) {
			members := of("Name", "board", "Widgets", []any{tt.widget})
			if tt.want != "" {
				f.refused(tt.want, "CreateDashboard", members)
				return
			}
			f.get("CreateDashboard", members)
			f.get("DeleteDashboard", of("DashboardId", "board"))
		})
	}
	for _, tt := range []struct {
		name     string
		schedule map[string]any
		want     string
	}{
		{"an hour", of("Frequency", of("Unit", "HOURS", "Value", 1)), ""},
		{"24 hours", of("Frequency", of("Unit", "HOURS", "Value", 24), "TimeOfDay", "23:59"), ""},
		{"a day", of("Frequency", of("Unit", "DAYS", "Value", 1)), ""},
		{"off", of("Status", "DISABLED"), ""},
		{"two hours", of("Frequency", of("Unit", "HOURS", "Value", 2)), invalid},
		{"two days", of("Frequency", of("Unit", "DAYS", "Value", 2)), invalid},
		{"weeks", of("Frequency", of("Unit", "WEEKS", "Value", 1)), invalid},
		{"on, and no frequency", of("Status", "ENABLED"), invalid},
		{"no unit", of("Frequency", of("Value", 1)), invalid},
		{"no time of a day", of("Frequency", of("Unit", "DAYS", "Value", 1), "TimeOfDay", "24:00"), invalid},
		{"a status that is none", of("Status", "MAYBE"), invalid},
	} {
		t.Run("schedule: "+tt.name, func(t *testing.T) {
			members := of("Name", "board", "RefreshSchedule", tt.schedule)
			if tt.want != "" {
				f.refused(tt.want, "CreateDashboard", members)
				return
			}
			f.get("CreateDashboard", members)
			f.get("DeleteDashboard", of("DashboardId", "board"))
		})
	}
}

// TestRefreshValues: which values the parameters of a refresh may have.
func TestRefreshValues(t *testing.T) {
	f := newFixture(t)
	store := f.newStore("main")
	arn := f.get("CreateDashboard", of("Name", "board", "Widgets", []any{lineWidget(idOf(store))}))["DashboardArn"].(string)
	f.letRefresh(store, "StartQuery", arn)
	for _, tt := range []struct {
		name   string
		values map[string]any
		want   string
	}{
		{"none", of(), ""},
		{"an instant", of("$StartTime$", "2026-11-05T10:45:24.00Z"), ""},
		{"an offset", of("$StartTime$", "2026-11-05T10:45:24-02:00"), ""},
		{"a day", of("$StartTime$", "2026-11-05", "$EndTime$", "2026-11-06", "$Period$", "minute"), ""},
		{"a period in capitals", of("$Period$", "DAY"), ""},
		{"a period that is none", of("$Period$", "fortnight"), "ValidationException"},
		{"an instant that is none", of("$StartTime$", "yesterday"), "ValidationException"},
		{"a quote", of("$Period$", "day'"), "ValidationException"},
		{"a blank", of("$StartTime$", "2026-11-05 10:45"), "ValidationException"},
		{"a parameter that is none", of("$Now$", "x"), "ValidationException"},
		{"a store", of("$EventDataStoreId$", idOf(store)), "ValidationException"},
		{"an end before its start", of("$StartTime$", "2026-11-06", "$EndTime$", "2026-11-05"), "ValidationException"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			members := of("DashboardId", arn, "QueryParameterValues", tt.values)
			if tt.want != "" {
				f.refused(tt.want, "StartDashboardRefresh", members)
				return
			}
			f.get("StartDashboardRefresh", members)
			f.refreshed("board")
			require.NotContains(t, f.get("GetDashboard", of("DashboardId", arn)), "LastRefreshFailureReason")
		})
	}
}

// TestDashboardQuotas: 100 dashboards of clients, and the managed ones besides; 50 tags.
func TestDashboardQuotas(t *testing.T) {
	f := newFixture(t)
	for i := range 100 {
		f.get("CreateDashboard", of("Name", fmt.Sprint("board-", i)))
	}
	f.refused("ServiceQuotaExceededException", "CreateDashboard", of("Name", "board-100"))
	f.get("CreateDashboard", of("Name", "AWSCloudTrail-Highlights"))
	f.get("DeleteDashboard", of("DashboardId", "board-7"))
	f.get("CreateDashboard", of("Name", "board-100"))
	var tags []any
	for i := range 51 {
		tags = append(tags, of("Key", fmt.Sprint(i)))
	}
	f.refused("TagsLimitExceededException", "AddTags", of("ResourceId", dashboardPrefix+"board-1", "TagsList", tags))
	f.get("DeleteDashboard", of("DashboardId", "board-1"))
	f.refused("InvalidTagParameterException", "CreateDashboard", of("Name", "board-101", "TagsList", tags))
}
