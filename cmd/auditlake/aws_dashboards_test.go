package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestAWSClientDashboards: the AWS command line makes a dashboard with a widget of each view, as the guide does, lets the service refresh it, reads its
// rows, refreshes a managed one, and deletes what it made.
func TestAWSClientDashboards(t *testing.T) {
	clientPython(t)
	c := serveAWS(t)
	store := c.ask(t, "list-event-data-stores")["EventDataStores"].([]any)[0].(map[string]any)["EventDataStoreArn"].(string)
	_, id, _ := strings.Cut(store, "/")
	widget := func(view, statement, parameters string) string {
		return fmt.Sprintf(`{"ViewProperties": {"Height": "2", "Width": "4", "Title": %s}, "QueryStatement": "%s", "QueryParameters": [%s]}`, view, strings.ReplaceAll(statement, "eds", id), parameters)
	}
	const span = `"$StartTime$", "$EndTime$"`
	widgets := strings.Join([]string{
		widget(`"TopErrors", "View": "Table"`, "SELECT errorCode, COUNT(*) AS eventCount FROM eds WHERE eventTime > '?' AND eventTime < '?' AND (errorCode is not null) GROUP BY errorCode ORDER BY eventCount DESC LIMIT 100", span),
		widget(`"MostActiveRegions", "View": "PieChart", "LabelColumn": "awsRegion", "ValueColumn": "eventCount", "FilterColumn": "awsRegion"`,
			"SELECT awsRegion, COUNT(*) AS eventCount FROM eds where eventTime > '?' and eventTime < '?' GROUP BY awsRegion ORDER BY eventCount LIMIT 100", span),
		widget(`"AccountActivity", "View": "LineChart", "YAxisColumn": "eventCount", "XAxisColumn": "eventDate", "FilterColumn": "readOnly"`,
			"SELECT DATE_TRUNC('?', eventTime) AS eventDate, IF(readOnly, 'read', 'write') AS readOnly, COUNT(*) as eventCount FROM eds WHERE eventTime > '?' AND eventTime < '?' "+
				"GROUP BY DATE_TRUNC('?', eventTime), readOnly ORDER BY DATE_TRUNC('?', eventTime), readOnly", `"$Period$", `+span+`, "$Period$", "$Period$"`),
		widget(`"TopServices", "View": "BarChart", "LabelColumn": "service", "ValueColumn": "eventCount", "FilterColumn": "service", "Orientation": "Horizontal"`,
			"SELECT REPLACE(eventSource, '.amazonaws.com') AS service, COUNT(*) AS eventCount FROM eds WHERE eventTime > '?' AND eventTime < '?' GROUP BY eventSource ORDER BY eventCount DESC LIMIT 100", span),
	}, ",")
	made := c.ask(t, "create-dashboard", "--name", "AccountActivityDashboard", "--widgets", "["+widgets+"]", "--tags-list", "Key=team,Value=sec")
	arn := made["DashboardArn"].(string)
	policy := func(action string) string {
		return fmt.Sprintf(`{"Version": "2012-10-17", "Statement": [{"Sid": "Lake", "Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"},
			"Action": "cloudtrail:%s", "Condition": {"StringEquals": {"AWS:SourceArn": %q, "AWS:SourceAccount": "123456789012"}}}]}`, action, arn)
	}
	c.ask(t, "put-resource-policy", "--resource-arn", store, "--resource-policy", policy("StartQuery"))
	c.ask(t, "put-resource-policy", "--resource-arn", arn, "--resource-policy", policy("StartDashboardRefresh"))
	scheduled := c.ask(t, "update-dashboard", "--dashboard-id", "AccountActivityDashboard", "--refresh-schedule", `{"Frequency": {"Unit": "HOURS", "Value": 6}, "Status": "ENABLED"}`)
	require.Equal(t, "ENABLED", scheduled["RefreshSchedule"].(map[string]any)["Status"])

	refresh := c.ask(t, "start-dashboard-refresh", "--dashboard-id", arn, "--query-parameter-values", `{"$StartTime$": "2024-11-05T10:45:24.00Z"}`)["RefreshId"].(string)
	for i, w := range c.ask(t, "get-dashboard", "--dashboard-id", arn)["Widgets"].([]any) {
		query := c.ask(t, "describe-query", "--query-alias", w.(map[string]any)["QueryAlias"].(string), "--refresh-id", refresh)["QueryId"].(string)
		require.Equal(t, "FINISHED", c.wait(t, query))
		require.NotEmpty(t, c.ask(t, "get-query-results", "--query-id", query)["QueryResultRows"], i)
	}
	managed := c.ask(t, "start-dashboard-refresh", "--dashboard-id", "AWSCloudTrail-Overview",
		"--query-parameter-values", fmt.Sprintf(`{"$StartTime$": "2024-11-05T10:45:24.00Z", "$EventDataStoreId$": "%s"}`, id))["RefreshId"]
	require.Equal(t, managed, c.ask(t, "get-dashboard", "--dashboard-id", "AWSCloudTrail-Overview")["LastRefreshId"])

	require.Len(t, c.ask(t, "list-dashboards", "--type", "CUSTOM")["Dashboards"], 1)
	require.Len(t, c.ask(t, "list-dashboards", "--type", "MANAGED")["Dashboards"], 15)
	require.Len(t, c.ask(t, "list-tags", "--resource-id-list", arn)["ResourceTagList"], 1)
	c.ask(t, "update-dashboard", "--dashboard-id", arn, "--refresh-schedule", `{"Status": "DISABLED"}`, "--termination-protection-enabled")
	c.refused(t, "ConflictException", "delete-dashboard", "--dashboard-id", arn)
	c.ask(t, "update-dashboard", "--dashboard-id", arn, "--no-termination-protection-enabled")
	c.ask(t, "delete-dashboard", "--dashboard-id", arn)
	c.refused(t, "ResourceNotFoundException", "get-dashboard", "--dashboard-id", arn)
}
