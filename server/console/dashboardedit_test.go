package console

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine"
)

// barInput is a widget as the page sends it.
func barInput(statement string, parameters ...string) map[string]any {
	return map[string]any{"statement": statement, "parameters": parameters, "view": map[string]string{
		"View": "BarChart", "Title": "bars", "Height": "2", "Width": "4", "LabelColumn": "eventname", "ValueColumn": "n",
	}}
}

const barStatement = "SELECT eventname, count(*) AS n FROM main WHERE eventtime > ? GROUP BY 1"

var daily = map[string]any{"unit": "DAYS", "value": 1, "timeOfDay": "06:30", "isEnabled": true}

// TestEditDashboard: a dashboard is made, changed as long as nobody else has, let be refreshed, and deleted once it is not protected.
func TestEditDashboard(t *testing.T) {
	s := newSite(t)
	v := s.signedInAsRoot()
	type none struct{}
	ask[none](v, http.MethodPost, "dashboards", map[string]any{"name": "board"})
	fresh := ask[dashboardView](v, http.MethodGet, "dashboards/board", nil)
	require.Empty(t, fresh.Widgets)
	change := map[string]any{"widgets": []any{barInput(barStatement, "$StartTime$")}, "schedule": daily, "isProtected": true, "updatedAt": fresh.UpdatedAt}
	s.pass(1)
	ask[none](v, http.MethodPut, "dashboards/board", change)
	changed := ask[dashboardView](v, http.MethodGet, "dashboards/board", nil)
	require.Equal(t, &scheduleView{"DAYS", 1, "06:30", true}, changed.Schedule)
	require.Equal(t, 30, changed.PerMonth)
	require.True(t, changed.IsProtected)
	require.Equal(t, barStatement, changed.Widgets[0].Statement)
	require.Equal(t, []string{"main", "board"}, changed.Missing, "the service may neither query the store nor refresh by schedule")

	status, why := v.refused(http.MethodPut, "dashboards/board", change)
	require.Equal(t, http.StatusConflict, status)
	require.Equal(t, "CHANGED", why.Code)

	require.NoError(t, s.lake.Stores().SetResourcePolicy(context.Background(), s.store.ID,
		`{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"}, "Action": "cloudtrail:StartQuery"}}`))
	ask[none](v, http.MethodPost, "dashboards/board/permissions", map[string]any{})
	require.Empty(t, ask[dashboardView](v, http.MethodGet, "dashboards/board", nil).Missing)
	store, err := s.lake.Stores().Get(context.Background(), "main")
	require.NoError(t, err)
	require.Contains(t, store.ResourcePolicy, "111122223333", "what the policy said before stays")
	require.Contains(t, store.ResourcePolicy, "dashboard/board")
	d := v.refreshed("board", map[string]string{"start": "2000-01-01"})
	require.Empty(t, d.FailureReason)
	require.NotEmpty(t, d.Widgets[0].Answer.Rows)

	status, why = v.refused(http.MethodDelete, "dashboards/board", nil)
	require.Equal(t, http.StatusConflict, status)
	require.Equal(t, "PROTECTED", why.Code)
	last := ask[dashboardView](v, http.MethodGet, "dashboards/board", nil)
	ask[none](v, http.MethodPut, "dashboards/board", map[string]any{"updatedAt": last.UpdatedAt})
	ask[none](v, http.MethodDelete, "dashboards/board", nil)
	status, _ = v.refused(http.MethodGet, "dashboards/board", nil)
	require.Equal(t, http.StatusNotFound, status)
}

// TestCopyManagedDashboard: a managed dashboard becomes one of the caller's, over a store; the managed one is changed by nobody.
func TestCopyManagedDashboard(t *testing.T) {
	s := newSite(t)
	v := s.signedInAsRoot()
	ask[struct{}](v, http.MethodPost, "dashboards", map[string]any{"name": "Mine", "from": "AWSCloudTrail-Overview", "store": "main"})
	mine := ask[dashboardView](v, http.MethodGet, "dashboards/Mine", nil)
	require.Len(t, mine.Widgets, 6)
	require.Contains(t, mine.Widgets[0].Statement, s.store.ID)
	require.NotContains(t, mine.Widgets[0].Parameters, "$EventDataStoreId$")
	managed := ask[dashboardView](v, http.MethodGet, "dashboards/AWSCloudTrail-Overview", nil)
	status, why := v.refused(http.MethodPut, "dashboards/AWSCloudTrail-Overview", map[string]any{"updatedAt": managed.UpdatedAt})
	require.Equal(t, http.StatusConflict, status)
	require.Equal(t, "MANAGED", why.Code)
	ask[struct{}](v, http.MethodPost, "dashboards", map[string]any{"name": engine.HighlightsName, "schedule": map[string]any{"unit": "HOURS", "value": 6, "timeOfDay": "00:00", "isEnabled": true}})
	highlights := ask[dashboardView](v, http.MethodGet, "dashboards/"+engine.HighlightsName, nil)
	require.True(t, highlights.IsHighlights && highlights.IsProtected)
	require.Equal(t, 120, highlights.PerMonth)
	require.Contains(t, highlights.Missing, "main")
	ask[struct{}](v, http.MethodPost, "dashboards/"+engine.HighlightsName+"/permissions", map[string]any{})
	require.Empty(t, v.refreshed(engine.HighlightsName, map[string]string{}).FailureReason)
}

// TestEditRefusals: what the AWS API refuses of a dashboard the page's requests are refused, too.
func TestEditRefusals(t *testing.T) {
	s := newSite(t)
	s.board("board")
	all := `"cloudtrail:CreateDashboard", "cloudtrail:UpdateDashboard", "cloudtrail:DeleteDashboard", "cloudtrail:GetDashboard", "cloudtrail:StartQuery", "cloudtrail:StartDashboardRefresh", "cloudtrail:PutResourcePolicy"`
	without := func(actions string) *visitor {
		statement := `{"Effect": "Allow", "Action": [` + all + `], "Resource": "*"}`
		if actions != "" {
			statement += `, {"Effect": "Deny", "Action": "cloudtrail:` + actions + `", "Resource": "*"}`
		}
		id, secret, token := s.key(statement, engine.KeyOptions{})
		return s.signedIn(id, secret, token)
	}
	bars := []any{barInput(barStatement, "$StartTime$")}
	for _, tt := range []struct {
		name, without, method, path string
		body                        any
		status                      int
		code                        string
	}{
		{"no right to make one", "CreateDashboard", "POST", "dashboards", map[string]any{"name": "new"}, 403, codeDenied},
		{"no right to query its store", "StartQuery", "POST", "dashboards", map[string]any{"name": "new", "widgets": bars}, 400, "PERMISSION_DENIED"},
		{"no right to query the store of a managed one", "StartQuery", "POST", "dashboards", map[string]any{"name": "new", "from": "AWSCloudTrail-Overview", "store": "main"}, 403, codeDenied},
		{"no right to refresh by schedule", "StartDashboardRefresh", "POST", "dashboards", map[string]any{"name": "new", "schedule": daily}, 403, codeDenied},
		{"no right to all stores for Highlights", "StartQuery", "POST", "dashboards", map[string]any{"name": engine.HighlightsName}, 403, codeDenied},
		{"no right to change", "UpdateDashboard", "PUT", "dashboards/board", map[string]any{}, 403, codeDenied},
		{"no right to schedule", "StartDashboardRefresh", "PUT", "dashboards/board", map[string]any{"schedule": daily}, 403, codeDenied},
		{"no right to delete", "DeleteDashboard", "DELETE", "dashboards/board", nil, 403, codeDenied},
		{"a name that is none", "", "POST", "dashboards", map[string]any{"name": "a b"}, 400, codeInvalid},
		{"a managed name", "", "POST", "dashboards", map[string]any{"name": "AWSCloudTrail-Overview"}, 409, "EXISTS"},
		{"a name that is taken", "", "POST", "dashboards", map[string]any{"name": "board"}, 409, "EXISTS"},
		{"no such managed one", "", "POST", "dashboards", map[string]any{"name": "new", "from": "none", "store": "main"}, 404, codeNotFound},
		{"a wrong statement", "", "POST", "dashboards", map[string]any{"name": "new", "widgets": []any{barInput("SELECT nothing FROM main")}}, 400, "COLUMN_NOT_FOUND"},
		{"a statement that is no SELECT", "", "POST", "dashboards", map[string]any{"name": "new", "widgets": []any{barInput("SHOW TABLES")}}, 400, codeInvalid},
		{"a view without its column", "", "POST", "dashboards", map[string]any{"name": "new", "widgets": []any{map[string]any{"statement": "SELECT 1", "view": map[string]string{"View": "PieChart"}}}}, 400, codeInvalid},
		{"a schedule that is none", "", "POST", "dashboards", map[string]any{"name": "new", "schedule": map[string]any{"unit": "HOURS", "value": 7, "isEnabled": true}}, 400, codeInvalid},
		{"a member that is none", "", "POST", "dashboards", map[string]any{"name": "new", "color": "red"}, 400, codeInvalid},
	} {
		t.Run(tt.name, func(t *testing.T) {
			status, why := without(tt.without).refused(tt.method, tt.path, tt.body)
			require.Equal(t, tt.status, status, why.Message)
			require.Equal(t, tt.code, why.Code, why.Message)
		})
	}
	require.NoError(t, s.lake.Stores().SetResourcePolicy(context.Background(), s.store.ID, ""))
	status, why := without("PutResourcePolicy").refused(http.MethodPost, "dashboards/board/permissions", map[string]any{})
	require.Equal(t, http.StatusForbidden, status, why.Message)
	store, err := s.lake.Stores().Get(context.Background(), "main")
	require.NoError(t, err)
	require.Empty(t, store.ResourcePolicy)
}

// TestDashboardsAreForThePage: no other page, and nobody without a session, reaches what the page asks about dashboards.
func TestDashboardsAreForThePage(t *testing.T) {
	s := newSite(t)
	s.board("board")
	v := s.signedInAsRoot()
	stranger := &visitor{site: s}
	for pattern := range s.door.dashboardRoutes() {
		method, path, _ := strings.Cut(strings.ReplaceAll(pattern, "{name}", "board"), " ")
		require.Equal(t, http.StatusUnauthorized, stranger.send(method, path, "{}", nil).StatusCode, pattern)
		for _, site := range []string{"cross-site", "same-site"} {
			require.Equal(t, http.StatusForbidden, v.send(method, path, "{}", http.Header{"Sec-Fetch-Site": {site}}).StatusCode, "%s, %s", pattern, site)
		}
	}
	_, err := s.lake.Dashboards().Get(context.Background(), "board")
	require.NoError(t, err, "it is still there")
}
