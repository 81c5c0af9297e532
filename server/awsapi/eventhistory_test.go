package awsapi_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine"
	"github.com/auditlake/auditlake/server/awsapi/model"
)

// lookUp asks for a page of the event history.
func (f *fixture) lookUp(pairs ...any) map[string]any {
	f.Helper()
	return f.get("LookupEvents", of(pairs...))
}

// eventIDs are the ids of the events of an answer.
func eventIDs(answer map[string]any) (ids []string) {
	for _, e := range answer["Events"].([]any) {
		ids = append(ids, e.(map[string]any)["EventId"].(string))
	}
	return ids
}

func attribute(key, value string) []any {
	return []any{of("AttributeKey", key, "AttributeValue", value)}
}

// TestLookupEvents: events are looked up by attribute and time, page by page, as the service describes them.
func TestLookupEvents(t *testing.T) {
	f := newFixture(t)
	arn := f.newStore("main")
	event := func(at time.Time, id, members string) []byte {
		return fmt.Appendf(nil, `{"eventVersion":"1.08", "eventTime":%q,"eventID":%q,"eventCategory":"Management"%s}`, at.Format(time.RFC3339), id, members)
	}
	first := event(start, "a", `,"eventName":"CreateBucket","eventSource":"s3.amazonaws.com","readOnly":false,"requestParameters":{"bucketName":"b"},`+
		`"userIdentity":{"type":"IAMUser","userName":"alice","accessKeyId":"AKIA1"},"resources":[{"ARN":"arn:aws:s3:::b"}]`)
	_, err := f.lake.Push(context.Background(), arn, [][]byte{
		first, first, event(start.Add(-time.Hour), "b", ""), event(start.Add(-89*24*time.Hour), "c", ""), event(start.Add(-91*24*time.Hour), "d", ""),
	})
	require.NoError(t, err)
	got := f.lookUp()
	require.Equal(t, []string{"a", "b", "c"}, eventIDs(got), "those of 90 days")
	require.NotContains(t, got, "NextToken")
	require.Equal(t, of("EventId", "a", "EventName", "CreateBucket", "ReadOnly", "false", "AccessKeyId", "AKIA1", "EventTime", float64(start.Unix()),
		"EventSource", "s3.amazonaws.com", "Username", "alice", "CloudTrailEvent", string(first),
		"Resources", []any{of("ResourceName", "arn:aws:s3:::b"), of("ResourceType", "AWS::S3::Bucket", "ResourceName", "b")}), got["Events"].([]any)[0])
	require.Equal(t, of("EventId", "b", "EventTime", float64(start.Add(-time.Hour).Unix()), "Resources", []any{}, "CloudTrailEvent", string(event(start.Add(-time.Hour), "b", ""))), got["Events"].([]any)[1])
	require.Equal(t, []string{"a"}, eventIDs(f.lookUp("LookupAttributes", attribute("ResourceType", "AWS::S3::Bucket"))))
	require.Equal(t, []string{"b"}, eventIDs(f.lookUp("StartTime", start.Add(-2*time.Hour).Unix(), "EndTime", start.Add(-time.Hour).Unix())))
	require.Empty(t, eventIDs(f.lookUp("EndTime", start.Add(-91*24*time.Hour).Unix())), "over")
	require.Equal(t, []string{"c"}, eventIDs(f.lookUp("EndTime", start.Add(-80*24*time.Hour).Unix(), "StartTime", start.Add(-100*24*time.Hour).Unix())))
	require.Empty(t, eventIDs(f.lookUp("EventCategory", "insight")))

	for age, want := range map[time.Duration][]string{-1: {"a", "b", "c", "d"}, 24 * time.Hour: {"a", "b"}} {
		f.close()
		f.eventHistoryAge = age
		f.open()
		require.Equal(t, want, eventIDs(f.lookUp()), "of an event history that is %s long", age)
	}
	f.close()
	f.eventHistoryAge = 0
	f.open()

	page := f.lookUp("MaxResults", 1)
	require.Equal(t, []string{"a"}, eventIDs(page))
	_, err = f.lake.Push(context.Background(), arn, [][]byte{event(start.Add(-time.Minute), "later", ""), event(start, "Z", "")})
	require.NoError(t, err)
	page = f.lookUp("MaxResults", 2, "NextToken", page["NextToken"])
	require.Equal(t, []string{"later", "b"}, eventIDs(page))
	page = f.lookUp("MaxResults", 2, "NextToken", page["NextToken"])
	require.Equal(t, []string{"c"}, eventIDs(page))
	require.NotContains(t, page, "NextToken")

	found, err := f.lake.Queries().List(context.Background(), engine.QueryFilter{})
	require.NoError(t, err)
	require.NotEmpty(t, found)
	for _, q := range found {
		require.Equal(t, []string{"aws-lookup", "arn:aws:iam::" + account + ":root"}, []string{q.Door, q.User})
	}
	require.Empty(t, f.get("ListQueries", of("EventDataStore", arn))["Queries"], "statements of lookups are no queries of a client")
	require.Contains(t, f.refused("QueryIdNotFoundException", "DescribeQuery", of("QueryId", found[0].ID)), found[0].ID)
}

// TestLookupEventsIsRefused: each documented error of the operation is provoked, or cannot be.
func TestLookupEventsIsRefused(t *testing.T) {
	f := newFixture(t)
	arn := f.newStore("main")
	f.push(arn, 3)
	token := f.lookUp("MaxResults", 1)["NextToken"].(string)
	provoked := provokedErrors{}
	refused := func(code string, pairs ...any) {
		t.Helper()
		f.clock.Pass(time.Second)
		provoked.refused(f, code, "LookupEvents", of(pairs...))
	}
	refused("InvalidTimeRangeException", "StartTime", start.Unix(), "EndTime", start.Unix()-1)
	refused("InvalidLookupAttributesException", "LookupAttributes", append(attribute("EventId", "a"), attribute("EventName", "b")...))
	refused("InvalidLookupAttributesException", "LookupAttributes", attribute("Region", "a"))
	refused("InvalidLookupAttributesException", "LookupAttributes", attribute("EventId", ""))
	refused("InvalidLookupAttributesException", "LookupAttributes", attribute("EventId", strings.Repeat("x", 2001)))
	refused("InvalidLookupAttributesException", "LookupAttributes", attribute("ReadOnly", "no"))
	refused("InvalidLookupAttributesException", "LookupAttributes", attribute("Username", "a"), "EventCategory", "insight")
	refused("InvalidMaxResultsException", "MaxResults", 0)
	refused("InvalidMaxResultsException", "MaxResults", 51)
	refused("InvalidNextTokenException", "NextToken", "none")
	refused("InvalidNextTokenException", "NextToken", token[:len(token)-1]+"A")
	refused("InvalidNextTokenException", "NextToken", token, "EventCategory", "insight")
	refused("InvalidNextTokenException", "NextToken", token, "LookupAttributes", attribute("EventId", "a"))
	refused("InvalidEventCategoryException", "EventCategory", "management")
	requireEveryError(t, provoked, []string{"LookupEvents"}, map[string]string{
		"OperationNotPermittedException": "TestRightsOfLookups has it", "UnsupportedOperationException": "the operation is there",
	})
}

// TestRateOfLookups: lookups have no rate unless the server is given one; then a client that makes too many of them at the
// same time is refused as by the service.
func TestRateOfLookups(t *testing.T) {
	f := newFixture(t)
	arn := f.newStore("main")
	f.push(arn, 12)
	pages, token := 0, any(nil)
	for {
		in := of("MaxResults", 1)
		if token != nil {
			in["NextToken"] = token
		}
		out := f.get("LookupEvents", in)
		pages++
		if token = out["NextToken"]; token == nil {
			break
		}
	}
	require.Equal(t, 12, pages, "one after the other, in no time")

	f.close()
	f.lookupsPerSecond = 2
	f.open()
	f.get("LookupEvents", of())
	f.get("LookupEvents", of())
	ctx, cancel := context.WithCancel(t.Context())
	waiting := make(chan *httptest.ResponseRecorder, 5)
	for range cap(waiting) {
		r := f.sign(request("LookupEvents", "{}"), "cloudtrail", "{}", rootID, secret, "")
		go func() { waiting <- f.serve(r.WithContext(ctx)) }()
	}
	refused := <-waiting // the others wait for the clock, which stands still
	require.Equal(t, http.StatusTooManyRequests, refused.Code)
	f.checkAnswer(model.CloudTrail, "LookupEvents", refused)
	require.Contains(t, refused.Body.String(), "ThrottlingException")
	cancel()
	for range cap(waiting) - 1 {
		<-waiting
	}
}

// TestRightsOfLookups: whoever may look up events sees those of all stores but the ones that a policy denies them, and a
// cap of a key ends its lookups.
func TestRightsOfLookups(t *testing.T) {
	f := newFixture(t)
	open, closed := f.newStore("open"), f.newStore("closed")
	f.push(open, 1)
	_, err := f.lake.Push(context.Background(), closed, [][]byte{fmt.Appendf(nil, `{"eventTime":%q,"eventID":"hidden","eventCategory":"Management"}`, start.Format(time.RFC3339))})
	require.NoError(t, err)
	statement := func(effect, action, resource string) string {
		return `{"Effect":"` + effect + `","Action":"` + action + `","Resource":"` + resource + `"}`
	}
	lookup := statement("Allow", "cloudtrail:LookupEvents", "*")
	for _, tt := range []struct {
		name, statements string
		cap              int64
		want             string // ids, or the error
	}{
		{"none", statement("Allow", "cloudtrail:Get*", "*"), 0, "AccessDeniedException"},
		{"of a store", statement("Allow", "cloudtrail:*", open), 0, "AccessDeniedException"},
		{"of lookups", lookup, 0, "[e000 hidden]"},
		{"a store denied", lookup + "," + statement("Deny", "cloudtrail:LookupEvents", closed), 0, "[e000]"},
		{"queries of a store denied", lookup + "," + statement("Deny", "cloudtrail:StartQuery", closed), 0, "[e000]"},
		{"all of a store denied", lookup + "," + statement("Deny", "cloudtrail:*", closed), 0, "[e000]"},
		{"creating stores denied", lookup + "," + statement("Deny", "cloudtrail:CreateEventDataStore", "*"), 0, "[e000 hidden]"},
		{"a cap", lookup, 1, "OperationNotPermittedException"},
	} {
		f.clock.Pass(time.Second)
		document := `{"Version":"2012-10-17","Statement":[` + tt.statements + `]}`
		w := f.askAs(engine.KeyOptions{MaxBytesPerQuery: tt.cap, Policies: []engine.KeyPolicy{{Name: "p", Document: document}}}, "LookupEvents", of())
		if code := w.Header().Get("x-amzn-ErrorType"); code != "" {
			require.Equal(t, tt.want, code, "%s: %s", tt.name, w.Body)
			continue
		}
		var out map[string]any
		require.NoError(t, json.Unmarshal(w.Body.Bytes(), &out))
		require.Equal(t, tt.want, fmt.Sprint(eventIDs(out)), tt.name)
	}
	f.newTrail("main-trail")
	for operation, members := range map[string]map[string]any{
		"ListInsightsData":       of("InsightSource", trailPrefix+"main-trail", "DataType", "InsightsEvents"),
		"ListInsightsMetricData": of("EventSource", "s3.amazonaws.com", "EventName", "PutObject", "InsightType", "ApiCallRateInsight"),
	} {
		document := `{"Version":"2012-10-17","Statement":[` + statement("Allow", "cloudtrail:List*", "*") + `]}`
		w := f.askAs(engine.KeyOptions{MaxBytesPerQuery: 1, Policies: []engine.KeyPolicy{{Name: "p", Document: document}}}, operation, members)
		require.Equal(t, "OperationNotPermittedException", w.Header().Get("x-amzn-ErrorType"), "%s: %s", operation, w.Body)
	}
}
