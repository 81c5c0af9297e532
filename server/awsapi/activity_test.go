package awsapi_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine"
	"github.com/auditlake/auditlake/engine/answer"
)

// recorded asks, as the lake's owner, for what the activity has of the API.
func (f *fixture) recorded(columns, where string) (out []string) {
	f.Helper()
	ctx := context.Background()
	require.NoError(f, f.lake.Activity().Flush(ctx))
	rows, err := f.lake.Query(ctx, "SELECT CAST(concat_ws('|', "+columns+") AS varchar) FROM auditlake_activity WHERE eventtype = 'AwsApiCall' AND "+where+" ORDER BY 1")
	require.NoError(f, err)
	defer rows.Close()
	for rows.Next() {
		column := rows.Arrays()[0]
		for i := range column.Len() {
			out = append(out, string(answer.AppendText(nil, rows.Columns()[0].Type, column, i)))
		}
	}
	require.NoError(f, rows.Err())
	return out
}

func newRecordingFixture(t *testing.T) *fixture {
	f := newFixture(t)
	f.close()
	f.recordsActivity = true
	f.open()
	return f
}

// TestCallsAreActivity: each call is an event, with who made it, what of, and whether it was allowed.
func TestCallsAreActivity(t *testing.T) {
	f := newRecordingFixture(t)
	arn := f.newStore("main")
	f.refused("EventDataStoreNotFoundException", "GetEventDataStore", of("EventDataStore", absentStore))
	f.refused("UnsupportedOperationException", "DeleteDashboard", of("DashboardId", "AWSCloudTrail-Overview"))
	key, secrets, err := f.lake.Keys().Create(context.Background(), engine.KeyOptions{Principal: "arn:aws:iam::123456789012:user/ann"})
	require.NoError(t, err)
	w := f.serve(f.sign(request("DeleteEventDataStore", text(t, of("EventDataStore", arn))), "cloudtrail", text(t, of("EventDataStore", arn)), key.ID, secrets.Secret, ""))
	require.Equal(t, http.StatusForbidden, w.Code)
	id := f.get("StartQuery", of("QueryStatement", "SELECT 1 FROM "+idOf(arn)))["QueryId"].(string)

	const columns = `eventname, useridentity.type, useridentity.accesskeyid, coalesce(errorcode, 'null'), element_at(additionaleventdata, 'decision'), IF(readonly, 'reads', 'changes'), eventsource`
	require.Equal(t, []string{
		"CreateEventDataStore|Root|AKIDEXAMPLE|null|allowed|changes|cloudtrail.amazonaws.com",
		"DeleteDashboard|Root|AKIDEXAMPLE|UnsupportedOperationException|allowed|changes|cloudtrail.amazonaws.com",
		"DeleteEventDataStore|IAMUser|" + key.ID + "|AccessDeniedException|denied|changes|cloudtrail.amazonaws.com",
		"GetEventDataStore|Root|AKIDEXAMPLE|EventDataStoreNotFoundException|allowed|reads|cloudtrail.amazonaws.com",
		"StartQuery|Root|AKIDEXAMPLE|null|allowed|reads|cloudtrail.amazonaws.com",
	}, f.recorded(columns, "true"))
	require.Equal(t, []string{"SELECT 1 FROM " + idOf(arn) + "|" + id},
		f.recorded("element_at(requestparameters, 'queryStatement'), element_at(responseelements, 'queryId')", "eventname = 'StartQuery'"))
	require.Equal(t, []string{"main"}, f.recorded("element_at(requestparameters, 'name')", "eventname = 'CreateEventDataStore'"))
	require.Equal(t, []string{w.Header().Get("x-amzn-RequestId")}, f.recorded("requestid", "errorcode = 'AccessDeniedException'"))
}

// TestPollsAreFolded: asking for a query again and again is two events in a minute, its number in the second.
func TestPollsAreFolded(t *testing.T) {
	f := newRecordingFixture(t)
	id := f.get("StartQuery", of("QueryStatement", "SELECT 1 FROM "+idOf(f.newStore("main"))))["QueryId"].(string)
	for range 30 {
		f.get("DescribeQuery", of("QueryId", id))
	}
	f.refused("QueryIdNotFoundException", "DescribeQuery", of("QueryId", absentStore))
	const polls = "coalesce(element_at(additionaleventdata, 'polls'), 'first'), coalesce(errorcode, 'null')"
	require.Equal(t, []string{"first|QueryIdNotFoundException", "first|null"}, f.recorded(polls, "eventname = 'DescribeQuery'"))
	f.clock.Pass(time.Minute)
	require.Equal(t, []string{"29|null", "first|QueryIdNotFoundException", "first|null"}, f.recorded(polls, "eventname = 'DescribeQuery'"))
}

// TestStrangersAreActivity: who is not let in is counted by address and reason; what they sent is not kept.
func TestStrangersAreActivity(t *testing.T) {
	f := newRecordingFixture(t)
	for range 20 {
		f.serve(request("ListEventDataStores", "{}"))
		f.serve(f.sign(request("ListEventDataStores", "{}"), "cloudtrail", "{}", "AKIASECRETSECRET", "s3cret", ""))
	}
	f.clock.Pass(time.Minute)
	require.Equal(t, []string{
		"SignIn|Unknown|192.0.2.1|MissingAuthenticationTokenException|denied|19", "SignIn|Unknown|192.0.2.1|MissingAuthenticationTokenException|denied|first",
		"SignIn|Unknown|192.0.2.1|ThrottlingException|denied|9", "SignIn|Unknown|192.0.2.1|ThrottlingException|denied|first",
		"SignIn|Unknown|192.0.2.1|UnrecognizedClientException|denied|9", "SignIn|Unknown|192.0.2.1|UnrecognizedClientException|denied|first",
	}, f.recorded(`eventname, useridentity.type, sourceipaddress, errorcode, element_at(additionaleventdata, 'decision'), coalesce(element_at(additionaleventdata, 'polls'), 'first')`, "true"))
	require.Empty(t, f.recorded("eventid", "eventjson LIKE '%SECRET%'"))
}

// TestActivityAtTheAPI: the store is not listed, nothing of it changes, and a key reads it if a policy says so.
func TestActivityAtTheAPI(t *testing.T) {
	ctx, f := context.Background(), newRecordingFixture(t)
	main := f.newStore("main")
	activity, err := f.lake.Stores().Get(ctx, engine.ActivityStoreName)
	require.NoError(t, err)
	arn := activity.ARN()
	require.Equal(t, []any{of("EventDataStoreArn", main, "Name", "main")}, f.get("ListEventDataStores", of())["EventDataStores"])
	require.Equal(t, engine.ActivityStoreName, f.get("GetEventDataStore", of("EventDataStore", arn))["Name"])
	for operation, members := range map[string]map[string]any{
		"DeleteEventDataStore":         of("EventDataStore", arn),
		"UpdateEventDataStore":         of("EventDataStore", arn, "RetentionPeriod", 30),
		"RestoreEventDataStore":        of("EventDataStore", arn),
		"StopEventDataStoreIngestion":  of("EventDataStore", arn),
		"StartEventDataStoreIngestion": of("EventDataStore", arn),
		"AddTags":                      of("ResourceId", arn, "TagsList", []any{of("Key", "a")}),
		"RemoveTags":                   of("ResourceId", arn, "TagsList", []any{of("Key", "a")}),
		"PutResourcePolicy": of("ResourceArn", arn, "ResourcePolicy",
			`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"cloudtrail:StartQuery","Resource":"`+arn+`"}]}`),
	} {
		f.refused("OperationNotPermittedException", operation, members)
	}
	f.refused("InvalidParameterException", "CreateEventDataStore", of("Name", engine.ActivityStoreName))
	f.get("StartQuery", of("QueryStatement", "SELECT count(*) FROM "+idOf(arn)))
	require.Empty(t, f.get("LookupEvents", of())["Events"], "it is no event history")

	allowed := func(resource string) int {
		policy := engine.KeyPolicy{Name: "p", Document: `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["cloudtrail:StartQuery","cloudtrail:GetQueryResults"],"Resource":["` + resource + `"]}]}`}
		key, secrets, err := f.lake.Keys().Create(ctx, engine.KeyOptions{Policies: []engine.KeyPolicy{policy}})
		require.NoError(t, err)
		body := text(t, of("QueryStatement", "SELECT count(*) FROM "+idOf(arn)))
		return f.serve(f.sign(request("StartQuery", body), "cloudtrail", body, key.ID, secrets.Secret, "")).Code
	}
	require.Equal(t, http.StatusForbidden, allowed(main))
	require.Equal(t, http.StatusForbidden, allowed(strings.Replace(arn, idOf(arn), absentStore, 1)))
	require.Equal(t, http.StatusOK, allowed("*"))
}
