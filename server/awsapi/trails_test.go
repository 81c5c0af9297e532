package awsapi_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine"
)

const trailPrefix = "arn:aws:cloudtrail:us-east-1:" + account + ":trail/"

func (f *fixture) newTrail(name string, pairs ...any) map[string]any {
	f.Helper()
	return f.get("CreateTrail", of(append([]any{"Name", name, "S3BucketName", "logs.example-1"}, pairs...)...))
}

// TestTrails: what a trail is given is answered faithfully, also after a restart.
func TestTrails(t *testing.T) {
	f := newFixture(t)
	require.Equal(t, of("Name", "plain", "S3BucketName", "logs.example-1", "IncludeGlobalServiceEvents", true, "IsMultiRegionTrail", false,
		"TrailARN", trailPrefix+"plain", "LogFileValidationEnabled", false, "IsOrganizationTrail", false), f.newTrail("plain"))
	group, role := "arn:aws:logs:us-east-1:123456789012:log-group:CloudTrail/logs:*", "arn:aws:iam::123456789012:role/service-role/logs"
	whole := of("Name", "whole.trail_1", "S3BucketName", "logs.example-1", "S3KeyPrefix", "a/b", "SnsTopicName", "topic", "SnsTopicARN", "arn:aws:sns:us-east-1:123456789012:topic",
		"IncludeGlobalServiceEvents", true, "IsMultiRegionTrail", true, "TrailARN", trailPrefix+"whole.trail_1", "LogFileValidationEnabled", true,
		"CloudWatchLogsLogGroupArn", group, "CloudWatchLogsRoleArn", role, "KmsKeyId", "arn:aws:kms:us-east-1:123456789012:alias/mine", "IsOrganizationTrail", true, "RecursiveLogging", false)
	require.Equal(t, whole, f.newTrail("whole.trail_1", "S3KeyPrefix", "a/b", "SnsTopicName", "topic", "IsMultiRegionTrail", true, "EnableLogFileValidation", true,
		"CloudWatchLogsLogGroupArn", group, "CloudWatchLogsRoleArn", role, "KmsKeyId", "alias/mine", "IsOrganizationTrail", true, "RecursiveLogging", false,
		"TagsList", []any{of("Key", "team", "Value", "sec"), of("Key", "bare")}))
	described := func() map[string]any {
		out := of("HomeRegion", region, "HasCustomEventSelectors", false, "HasInsightSelectors", false)
		for name, value := range whole {
			out[name] = value
		}
		return out
	}
	f.close()
	f.open()
	require.Equal(t, of("Trail", described()), f.get("GetTrail", of("Name", "whole.trail_1")))
	require.Equal(t, of("Trail", described()), f.get("GetTrail", of("Name", trailPrefix+"whole.trail_1")))
	require.Len(t, f.get("DescribeTrails", of())["trailList"], 2)
	require.Equal(t, []any{described()}, f.get("DescribeTrails", of("trailNameList", []any{"whole.trail_1", "absent"}, "includeShadowTrails", false))["trailList"])
	require.Equal(t, []any{of("TrailARN", trailPrefix+"plain", "Name", "plain", "HomeRegion", region), of("TrailARN", trailPrefix+"whole.trail_1", "Name", "whole.trail_1", "HomeRegion", region)},
		f.get("ListTrails", of())["Trails"])

	f.get("UpdateTrail", of("Name", "whole.trail_1", "S3KeyPrefix", "", "SnsTopicName", "arn:aws:sns:eu-west-1:123456789012:other", "CloudWatchLogsLogGroupArn", "", "CloudWatchLogsRoleArn", "",
		"KmsKeyId", "", "EnableLogFileValidation", false))
	for _, name := range []string{"S3KeyPrefix", "CloudWatchLogsLogGroupArn", "CloudWatchLogsRoleArn", "KmsKeyId"} {
		delete(whole, name)
	}
	whole["SnsTopicName"], whole["SnsTopicARN"], whole["LogFileValidationEnabled"] = "arn:aws:sns:eu-west-1:123456789012:other", "arn:aws:sns:eu-west-1:123456789012:other", false
	require.Equal(t, of("Trail", described()), f.get("GetTrail", of("Name", "whole.trail_1")))

	status := func() map[string]any { return f.get("GetTrailStatus", of("Name", "plain")) }
	require.Equal(t, of("IsLogging", false, "TimeLoggingStarted", "", "TimeLoggingStopped", ""), status())
	f.get("StartLogging", of("Name", "plain"))
	f.clock.Pass(time.Minute)
	f.get("StartLogging", of("Name", trailPrefix+"plain"))
	require.Equal(t, of("IsLogging", true, "StartLoggingTime", float64(start.Unix()), "TimeLoggingStarted", "2026-11-20T07:00:00Z", "TimeLoggingStopped", ""), status())
	f.get("StopLogging", of("Name", "plain"))
	require.Equal(t, false, status()["IsLogging"])
	require.Equal(t, float64(start.Unix()+60), status()["StopLoggingTime"])

	tags := func() any {
		return f.get("ListTags", of("ResourceIdList", []any{trailPrefix + "whole.trail_1"}))["ResourceTagList"].([]any)[0].(map[string]any)["TagsList"]
	}
	require.Equal(t, []any{of("Key", "team", "Value", "sec"), of("Key", "bare")}, tags())
	f.get("AddTags", of("ResourceId", trailPrefix+"whole.trail_1", "TagsList", []any{of("Key", "team", "Value", "ops"), of("Key", "new", "Value", "1")}))
	f.get("RemoveTags", of("ResourceId", trailPrefix+"whole.trail_1", "TagsList", []any{of("Key", "bare"), of("Key", "none")}))
	require.Equal(t, []any{of("Key", "team", "Value", "ops"), of("Key", "new", "Value", "1")}, tags())
	f.refused("ResourceNotFoundException", "AddTags", of("ResourceId", trailPrefix+"absent", "TagsList", []any{of("Key", "a")}))
	var many []any
	for i := range 50 {
		many = append(many, of("Key", string(rune('a'+i%26))+string(rune('a'+i/26)), "Value", "x"))
	}
	f.refused("TagsLimitExceededException", "AddTags", of("ResourceId", trailPrefix+"whole.trail_1", "TagsList", many))
	f.refused("ResourceTypeNotSupportedException", "GetResourcePolicy", of("ResourceArn", trailPrefix+"plain"))

	f.get("DeleteTrail", of("Name", trailPrefix+"plain"))
	f.refused("TrailNotFoundException", "GetTrail", of("Name", "plain"))
}

// TestEventSelectorsOfTrails: either form of selectors takes the place of the other, and is answered as it was given.
func TestEventSelectorsOfTrails(t *testing.T) {
	f := newFixture(t)
	f.newTrail("main-trail")
	arn := trailPrefix + "main-trail"
	get := func() map[string]any { return f.get("GetEventSelectors", of("TrailName", "main-trail")) }
	custom := func() any {
		return f.get("GetTrail", of("Name", "main-trail"))["Trail"].(map[string]any)["HasCustomEventSelectors"]
	}
	basic := of("ReadWriteType", "All", "IncludeManagementEvents", true, "DataResources", []any{}, "ExcludeManagementEventSources", []any{})
	require.Equal(t, of("TrailARN", arn, "EventSelectors", []any{basic}), get())

	advanced := []any{
		of("Name", "all", "FieldSelectors", []any{of("Field", "eventCategory", "Equals", []any{"Management"})}),
		of("FieldSelectors", []any{of("Field", "eventCategory", "Equals", []any{"Data"}), of("Field", "resources.type", "Equals", []any{"AWS::S3::Object"})}),
	}
	for range 5 { // a trail may have more than a store
		advanced = append(advanced, advanced[1])
	}
	want := of("TrailARN", arn, "AdvancedEventSelectors", advanced)
	require.Equal(t, want, f.get("PutEventSelectors", of("TrailName", "main-trail", "AdvancedEventSelectors", advanced)))
	require.Equal(t, want, get())
	require.Equal(t, true, custom())

	f.get("PutEventSelectors", of("TrailName", arn, "EventSelectors", []any{
		of("ReadWriteType", "WriteOnly", "ExcludeManagementEventSources", []any{"kms.amazonaws.com"}),
		of("IncludeManagementEvents", false, "DataResources", []any{of("Type", "AWS::S3::Object", "Values", []any{"arn:aws:s3", "arn:aws:s3:::logs/x"})}),
	}))
	require.Equal(t, of("TrailARN", arn, "EventSelectors", []any{
		of("ReadWriteType", "WriteOnly", "IncludeManagementEvents", true, "DataResources", []any{}, "ExcludeManagementEventSources", []any{"kms.amazonaws.com"}),
		of("ReadWriteType", "All", "IncludeManagementEvents", false, "DataResources", []any{of("Type", "AWS::S3::Object", "Values", []any{"arn:aws:s3", "arn:aws:s3:::logs/x"})}, "ExcludeManagementEventSources", []any{}),
	}), get())
	require.Equal(t, true, custom())
	f.get("PutEventSelectors", of("TrailName", arn, "EventSelectors", []any{of()}))
	require.Equal(t, of("TrailARN", arn, "EventSelectors", []any{basic}), get())
	require.Equal(t, false, custom())

	values := func(count int) (out []any) {
		for range count {
			out = append(out, "arn:aws:s3:::logs/x")
		}
		return out
	}
	data := func(kind string, values ...any) any {
		return of("DataResources", []any{of("Type", kind, "Values", values)})
	}
	f.get("PutEventSelectors", of("TrailName", arn, "EventSelectors", []any{data("AWS::S3::Object", values(250)...)}))
	for name, selectors := range map[string][]any{
		"none": {}, "six": {of(), of(), of(), of(), of(), of()}, "nothing selected": {of("IncludeManagementEvents", false)},
		"251 resources": {data("AWS::S3::Object", values(125)...), data("AWS::S3::Object", values(126)...)}, "another type": {data("AWS::SQS::Queue", "arn:aws:sqs")},
		"another service's ARN": {data("AWS::S3::Object", "arn:aws:lambda")}, "no ARN": {data("AWS::S3::Object", "b")}, "no values": {data("AWS::S3::Object")},
		"an excluded source": {of("ExcludeManagementEventSources", []any{"s3.amazonaws.com"})}, "exclusion of none": {of("IncludeManagementEvents", false, "ExcludeManagementEventSources", []any{"kms.amazonaws.com"}, "DataResources", []any{of("Type", "AWS::S3::Object", "Values", []any{"arn:aws:s3"})})},
		"another kind of events": {of("ReadWriteType", "Some")},
	} {
		_, out := f.ask("PutEventSelectors", of("TrailName", arn, "EventSelectors", selectors))
		require.Equal(t, "InvalidEventSelectorsException", out["__type"], "%s: %v", name, out)
	}
	var many []any
	for range 501 {
		many = append(many, "x")
	}
	for name, selectors := range map[string][]any{
		"none": {}, "501 values": {of("FieldSelectors", []any{of("Field", "eventCategory", "Equals", []any{"Management"}), of("Field", "eventName", "Equals", many)})},
		"no category": {of("FieldSelectors", []any{of("Field", "eventName", "Equals", []any{"x"})})},
		"Insights":    {of("FieldSelectors", []any{of("Field", "eventCategory", "Equals", []any{"Insight"})})},
	} {
		_, out := f.ask("PutEventSelectors", of("TrailName", arn, "AdvancedEventSelectors", selectors))
		require.Equal(t, "InvalidEventSelectorsException", out["__type"], "%s: %v", name, out)
	}
}

// TestHomeRegion: a trail of the region that the lake had before can be read, and not changed.
func TestHomeRegion(t *testing.T) {
	f := newFixture(t)
	f.newTrail("main-trail")
	f.close()
	moved, err := engine.Open(t.Context(), f.dir, engine.Options{Now: f.clock.Now, Elapsed: f.clock.Elapsed, AccountID: account, Region: "eu-west-1"})
	require.NoError(t, err)
	_, err = moved.Trails().Get(t.Context(), trailPrefix+"main-trail")
	require.NoError(t, err)
	for _, reference := range []string{"main-trail", trailPrefix + "main-trail"} {
		require.ErrorIs(t, moved.Trails().Delete(t.Context(), reference), engine.ErrTrailHomeRegion)
		require.ErrorIs(t, moved.Trails().SetLogging(t.Context(), reference, true), engine.ErrTrailHomeRegion)
	}
	require.NoError(t, moved.Close())
	f.open()
	f.get("DeleteTrail", of("Name", "main-trail"))
}

// TestInsightSelectors: Insights of stores and trails are kept, for what logs the events that they are computed of.
func TestInsightSelectors(t *testing.T) {
	f := newFixture(t)
	category := func(name string, more ...any) []any {
		return []any{of("FieldSelectors", append([]any{of("Field", "eventCategory", "Equals", []any{name})}, more...))}
	}
	arn := f.newStore("main")
	reads := f.newStore("reads", "AdvancedEventSelectors", category("Management", of("Field", "readOnly", "Equals", []any{"true"})))
	insights := f.newStore("insights", "AdvancedEventSelectors", category("Insight"), "TerminationProtectionEnabled", false)
	calls, failures := of("InsightType", "ApiCallRateInsight"), of("InsightType", "ApiErrorRateInsight")
	put := func(store string, selectors ...any) map[string]any {
		return of("EventDataStore", store, "InsightsDestination", insights, "InsightSelectors", append([]any{}, selectors...))
	}
	f.refused("InsightNotEnabledException", "GetInsightSelectors", of("EventDataStore", arn))
	want := of("EventDataStoreArn", arn, "InsightsDestination", insights, "InsightSelectors", []any{calls, failures})
	require.Equal(t, want, f.get("PutInsightSelectors", of("EventDataStore", idOf(arn), "InsightsDestination", idOf(insights), "InsightSelectors", []any{calls, failures})))
	f.close()
	f.open()
	require.Equal(t, want, f.get("GetInsightSelectors", of("EventDataStore", arn)))
	f.refused("InvalidInsightSelectorsException", "UpdateEventDataStore", of("EventDataStore", arn, "AdvancedEventSelectors", category("Management", of("Field", "readOnly", "Equals", []any{"true"}))))
	f.get("PutInsightSelectors", put(reads, failures))
	f.refused("InvalidInsightSelectorsException", "PutInsightSelectors", put(reads, calls))
	f.refused("InvalidInsightSelectorsException", "PutInsightSelectors", put(insights, calls))
	f.refused("InvalidInsightSelectorsException", "PutInsightSelectors", put(arn, of("InsightType", "ApiCallRateInsight", "EventCategories", []any{"Data"})))
	f.refused("InvalidInsightSelectorsException", "PutInsightSelectors", put(arn, calls, calls))
	f.refused("InvalidInsightSelectorsException", "PutInsightSelectors", put(arn, of()))
	f.refused("InvalidParameterException", "PutInsightSelectors", of("EventDataStore", arn, "InsightSelectors", []any{calls}))
	f.refused("InvalidParameterException", "PutInsightSelectors", of("EventDataStore", arn, "InsightsDestination", reads, "InsightSelectors", []any{calls}))
	f.refused("InvalidParameterException", "PutInsightSelectors", of("EventDataStore", arn, "InsightsDestination", absentStore, "InsightSelectors", []any{calls}))
	require.Equal(t, of("EventDataStoreArn", arn, "InsightSelectors", []any{}), f.get("PutInsightSelectors", of("EventDataStore", arn, "InsightSelectors", []any{})))
	f.refused("InsightNotEnabledException", "GetInsightSelectors", of("EventDataStore", arn))

	f.newTrail("main-trail")
	ofTrail := of("TrailARN", trailPrefix+"main-trail", "InsightSelectors", []any{of("InsightType", "ApiErrorRateInsight", "EventCategories", []any{"Management", "Data"})})
	require.Equal(t, ofTrail, f.get("PutInsightSelectors", of("TrailName", "main-trail", "InsightSelectors", ofTrail["InsightSelectors"])))
	require.Equal(t, ofTrail, f.get("GetInsightSelectors", of("TrailName", trailPrefix+"main-trail")))
	require.Equal(t, true, f.get("GetTrail", of("Name", "main-trail"))["Trail"].(map[string]any)["HasInsightSelectors"])
	f.get("PutEventSelectors", of("TrailName", "main-trail", "EventSelectors", []any{of("ReadWriteType", "ReadOnly")}))
	f.refused("InvalidInsightSelectorsException", "PutInsightSelectors", of("TrailName", "main-trail", "InsightSelectors", []any{calls}))
	f.get("PutInsightSelectors", of("TrailName", "main-trail", "InsightSelectors", []any{}))
	f.refused("InsightNotEnabledException", "GetInsightSelectors", of("TrailName", "main-trail"))
}

// TestEventConfigurations: of stores and trails, what is not given stays, and what is given is checked.
func TestEventConfigurations(t *testing.T) {
	f := newFixture(t)
	arn := f.newStore("main")
	f.newTrail("main-trail")
	get := func(name string) map[string]any { return f.get("GetEventConfiguration", of("EventDataStore", name)) }
	require.Equal(t, of("EventDataStoreArn", arn, "MaxEventSize", "Standard", "ContextKeySelectors", []any{}), get(idOf(arn)))
	keys := []any{of("Type", "TagContext", "Equals", []any{"env", "team"}), of("Type", "RequestContext", "Equals", []any{"aws:PrincipalOrgID"})}
	put := func(pairs ...any) map[string]any { return of(append([]any{"EventDataStore", arn}, pairs...)...) }
	f.refused("InvalidParameterException", "PutEventConfiguration", put("ContextKeySelectors", keys))
	want := of("EventDataStoreArn", arn, "MaxEventSize", "Large", "ContextKeySelectors", keys)
	require.Equal(t, want, f.get("PutEventConfiguration", put("MaxEventSize", "Large", "ContextKeySelectors", keys)))
	require.Equal(t, want, f.get("PutEventConfiguration", put()))
	f.close()
	f.open()
	require.Equal(t, want, get(arn))
	for _, bad := range [][]any{
		{of("Type", "RequestContext", "Equals", []any{"aws:SourceIp"})}, {keys[0], keys[0]}, {of("Type", "TagContext", "Equals", []any{"a", "a"})},
		{of("Type", "TagContext", "Equals", []any{})}, {of("Type", "None", "Equals", []any{"a"})},
	} {
		f.refused("InvalidParameterException", "PutEventConfiguration", put("ContextKeySelectors", bad))
	}
	f.refused("InvalidParameterException", "PutEventConfiguration", put("MaxEventSize", "Standard"))
	require.Equal(t, of("EventDataStoreArn", arn, "MaxEventSize", "Standard", "ContextKeySelectors", []any{}),
		f.get("PutEventConfiguration", put("MaxEventSize", "Standard", "ContextKeySelectors", []any{})))

	aggregations := []any{of("EventCategory", "Data", "Templates", []any{"API_ACTIVITY", "USER_ACTIONS"})}
	require.Equal(t, of("TrailARN", trailPrefix+"main-trail", "AggregationConfigurations", aggregations),
		f.get("PutEventConfiguration", of("TrailName", "main-trail", "AggregationConfigurations", aggregations)))
	require.Equal(t, aggregations, f.get("GetEventConfiguration", of("TrailName", "main-trail"))["AggregationConfigurations"])
	require.Empty(t, f.get("PutEventConfiguration", of("TrailName", "main-trail", "AggregationConfigurations", []any{}))["AggregationConfigurations"])
}

// TestFederation: a store shows that it is federated, and by which role, and cannot be deleted then.
func TestFederation(t *testing.T) {
	f := newFixture(t)
	arn, role := f.newStore("main", "TerminationProtectionEnabled", false), "arn:aws:iam::123456789012:role/fed"
	require.Equal(t, of("EventDataStoreArn", arn, "FederationStatus", "ENABLING", "FederationRoleArn", role),
		f.get("EnableFederation", of("EventDataStore", idOf(arn), "FederationRoleArn", role)))
	f.close()
	f.open()
	store := f.get("GetEventDataStore", of("EventDataStore", arn))
	require.Equal(t, []any{"ENABLED", role}, []any{store["FederationStatus"], store["FederationRoleArn"]})
	f.refused("EventDataStoreFederationEnabledException", "EnableFederation", of("EventDataStore", arn, "FederationRoleArn", role))
	f.refused("EventDataStoreFederationEnabledException", "DeleteEventDataStore", of("EventDataStore", arn))
	require.Equal(t, of("EventDataStoreArn", arn, "FederationStatus", "DISABLING"), f.get("DisableFederation", of("EventDataStore", arn)))
	store = f.get("GetEventDataStore", of("EventDataStore", arn))
	require.Equal(t, "DISABLED", store["FederationStatus"])
	require.NotContains(t, store, "FederationRoleArn")
	f.get("DisableFederation", of("EventDataStore", arn))
	f.get("DeleteEventDataStore", of("EventDataStore", arn))
}

// TestInsightsData: Insights events are listed, and rates are those of the events in the stores.
func TestInsightsData(t *testing.T) {
	f := newFixture(t)
	arn := f.newStore("main")
	f.newTrail("main-trail")
	logs := filepath.Join(t.TempDir(), "events.ndjson")
	event := func(at time.Time, id, more string) string {
		return `{"eventTime":"` + at.Format(time.RFC3339) + `","eventID":"` + id + `","eventSource":"s3.amazonaws.com","eventName":"PutObject"` + more + "}\n"
	}
	text := event(start.Add(-time.Minute), "a", "") + event(start.Add(-time.Minute), "a", "") + event(start.Add(-2*time.Minute), "b", `,"errorCode":"AccessDenied"`) +
		event(start.Add(-30*time.Minute), "c", "") + event(start.Add(-2*time.Hour), "d", "") +
		event(start.Add(-3*time.Minute), "i", `,"eventCategory":"Insight","insightDetails":{"eventName":"PutObject","eventSource":"s3.amazonaws.com"}`)
	require.NoError(t, os.WriteFile(logs, []byte(text), 0o600))
	_, err := f.lake.Imports().Run(t.Context(), engine.ImportOptions{Store: arn, Paths: []string{logs}})
	require.NoError(t, err)

	data := func(pairs ...any) map[string]any {
		return of(append([]any{"InsightSource", trailPrefix + "main-trail", "DataType", "InsightsEvents"}, pairs...)...)
	}
	require.Equal(t, []string{"i"}, eventIDs(f.get("ListInsightsData", data())))
	require.Equal(t, []string{"i"}, eventIDs(f.get("ListInsightsData", data("Dimensions", of("EventName", "PutObject")))))
	require.Empty(t, eventIDs(f.get("ListInsightsData", data("Dimensions", of("EventId", "a")))))

	metric := func(pairs ...any) map[string]any {
		return of(append([]any{"EventSource", "s3.amazonaws.com", "EventName", "PutObject", "InsightType", "ApiCallRateInsight"}, pairs...)...)
	}
	at := func(ago time.Duration) float64 { return float64(start.Add(-ago).Unix()) }
	got := f.get("ListInsightsMetricData", metric("TrailName", "main-trail"))
	require.Equal(t, trailPrefix+"main-trail", got["TrailARN"])
	require.Equal(t, []any{at(2 * time.Hour), at(time.Hour)}, got["Timestamps"])
	require.InDeltaSlice(t, []any{1 / 60.0, 3 / 60.0}, got["Values"], 1e-9)
	got = f.get("ListInsightsMetricData", metric("Period", 60, "DataType", "FillWithZeros", "StartTime", start.Add(-3*time.Minute).Unix(), "MaxResults", 2))
	require.Equal(t, []any{at(3 * time.Minute), at(2 * time.Minute)}, got["Timestamps"])
	require.Equal(t, []any{0.0, 1.0}, got["Values"])
	more := f.get("ListInsightsMetricData", metric("Period", 60, "DataType", "FillWithZeros", "StartTime", start.Add(-3*time.Minute).Unix(), "MaxResults", 2, "NextToken", got["NextToken"]))
	require.Equal(t, []any{at(time.Minute)}, more["Timestamps"])
	require.Equal(t, []any{1.0}, more["Values"])
	require.NotContains(t, more, "NextToken")
	got = f.get("ListInsightsMetricData", metric("Period", 60, "MaxResults", 3))
	require.Equal(t, []any{at(2 * time.Hour), at(30 * time.Minute), at(2 * time.Minute)}, got["Timestamps"])
	more = f.get("ListInsightsMetricData", metric("Period", 60, "MaxResults", 3, "NextToken", got["NextToken"]))
	require.Equal(t, []any{at(time.Minute)}, more["Timestamps"])
	failed := metric("Period", 300, "ErrorCode", "AccessDenied")
	failed["InsightType"] = "ApiErrorRateInsight"
	require.Equal(t, []any{at(5 * time.Minute)}, f.get("ListInsightsMetricData", failed)["Timestamps"])
	require.Empty(t, f.get("ListInsightsMetricData", metric("EndTime", start.Add(-91*24*time.Hour).Unix()))["Values"])
}

// neverOfTrails are errors that operations on trails, Insights, event configurations, federation and organizations document
// and a lake cannot have, with the reason. docs/aws-api.md has them, too.
var neverOfTrails = map[string]string{
	"AccountNotFoundException":                               "a lake has no member accounts",
	"AccountNotRegisteredException":                          "a lake has no member accounts",
	"AccountRegisteredException":                             "a lake has no member accounts",
	"CannotDelegateManagementAccountException":               "a lake has no member accounts",
	"CloudTrailAccessNotEnabledException":                    "no organization has to trust a lake",
	"CloudTrailInvalidClientTokenIdException":                "a key that is not valid is refused before, with UnrecognizedClientException",
	"CloudWatchLogsDeliveryUnavailableException":             "trails deliver nothing",
	"ConcurrentModificationException":                        "changes of a store or trail wait for each other",
	"ConflictException":                                      "changes of a store or trail wait for each other",
	"DelegatedAdminAccountLimitExceededException":            "a lake has no member accounts",
	"InsufficientDependencyServiceAccessPermissionException": "a lake needs no other service",
	"InsufficientEncryptionPolicyException":                  "nothing is encrypted with keys of KMS",
	"InsufficientIAMAccessPermissionException":               "a lake makes no roles",
	"InsufficientS3BucketPolicyException":                    "trails deliver nothing, so their buckets are not looked at",
	"InsufficientSnsTopicPolicyException":                    "trails deliver nothing, so their topics are not looked at",
	"KmsException":                                           "nothing is encrypted with keys of KMS",
	"KmsKeyDisabledException":                                "nothing is encrypted with keys of KMS",
	"KmsKeyNotFoundException":                                "nothing is encrypted with keys of KMS",
	"NoManagementAccountSLRExistsException":                  "a lake has no service-linked roles",
	"NotOrganizationManagementAccountException":              "a lake is the management account",
	"NotOrganizationMasterAccountException":                  "a lake is the management account",
	"OrganizationNotInAllFeaturesModeException":              "a lake has no modes of organizations",
	"S3BucketDoesNotExistException":                          "trails deliver nothing, so their buckets are not looked at",
	"ThrottlingException":                                    "only lookups of events can have a rate",
	"TrailNotProvidedException":                              "a request without a trail is refused by its shape",
	"UnsupportedOperationException":                          "all operations on trails are there",
}
