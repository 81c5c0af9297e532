package awsapi_test

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine"
	"github.com/auditlake/auditlake/internal/material"
)

// trailOperations are those on what a lake keeps and does nothing with.
var trailOperations = []string{
	"CreateTrail", "UpdateTrail", "GetTrail", "DescribeTrails", "ListTrails", "DeleteTrail", "StartLogging", "StopLogging", "GetTrailStatus",
	"PutEventSelectors", "GetEventSelectors", "PutInsightSelectors", "GetInsightSelectors", "PutEventConfiguration", "GetEventConfiguration",
	"EnableFederation", "DisableFederation", "ListInsightsData", "ListInsightsMetricData",
	"RegisterOrganizationDelegatedAdmin", "DeregisterOrganizationDelegatedAdmin",
}

const (
	ownErrors   = "each of its members has an error of its own"
	nothingDone = "there is no organization before anything is looked at"
	readsOnly   = "it reads"
)

func init() {
	maps.Copy(neverAnsweredBy, map[string]map[string]string{
		"CreateTrail":                          {"InvalidParameterException": ownErrors, "OrganizationsNotInUseException": "a lake is the management account"},
		"UpdateTrail":                          {"InvalidParameterException": ownErrors, "OrganizationsNotInUseException": "a lake is the management account", "InvalidEventSelectorsException": "it changes no selectors"},
		"GetTrail":                             {"OperationNotPermittedException": readsOnly},
		"DescribeTrails":                       {"OperationNotPermittedException": readsOnly},
		"ListTrails":                           {"OperationNotPermittedException": readsOnly},
		"GetTrailStatus":                       {"OperationNotPermittedException": readsOnly},
		"GetEventSelectors":                    {"OperationNotPermittedException": readsOnly},
		"GetInsightSelectors":                  {"OperationNotPermittedException": readsOnly},
		"GetEventConfiguration":                {"OperationNotPermittedException": readsOnly},
		"PutEventConfiguration":                {"InvalidEventDataStoreStatusException": "a store that is pending deletion is inactive"},
		"EnableFederation":                     {"OrganizationsNotInUseException": "a lake is the management account"},
		"DisableFederation":                    {"OrganizationsNotInUseException": "a lake is the management account", "InvalidParameterException": oneMember},
		"ListInsightsData":                     {"OperationNotPermittedException": "TestRightsOfLookups has it"},
		"ListInsightsMetricData":               {"OperationNotPermittedException": "TestRightsOfLookups has it"},
		"RegisterOrganizationDelegatedAdmin":   {"OperationNotPermittedException": nothingDone},
		"DeregisterOrganizationDelegatedAdmin": {"OperationNotPermittedException": nothingDone},
	})
}

// TestEveryErrorOfTrails: each documented error of the operations is provoked, or cannot be.
func TestEveryErrorOfTrails(t *testing.T) {
	f := newFixture(t)
	arn, gone := f.newStore("main"), f.newStore("gone", "TerminationProtectionEnabled", false)
	f.get("DeleteEventDataStore", of("EventDataStore", gone))
	activity := f.newStore("activity", "AdvancedEventSelectors", []any{of("FieldSelectors", []any{of("Field", "eventCategory", "Equals", []any{"ActivityAuditLog"})})})
	f.newTrail("main-trail")
	provoked := provokedErrors{}
	refused := func(code, operation string, pairs ...any) {
		t.Helper()
		provoked.refused(f, code, operation, of(pairs...))
	}
	provokeSettings(f, provoked)
	f.get("UpdateTrail", of("Name", "main-trail", "S3KeyPrefix", "kept"))

	provokeReferences(f, provoked)
	refused("CloudTrailARNInvalidException", "DescribeTrails", "trailNameList", []any{"arn:aws:cloudtrail:x"})
	refused("InvalidTrailNameException", "DescribeTrails", "trailNameList", []any{"a"})
	refused("InvalidEventSelectorsException", "PutEventSelectors", "TrailName", "main-trail")
	refused("InvalidParameterException", "PutInsightSelectors", "InsightSelectors", []any{})
	refused("InvalidParameterException", "GetInsightSelectors")
	refused("InvalidParameterException", "GetInsightSelectors", "EventDataStore", absentStore)
	refused("InvalidParameterException", "GetInsightSelectors", "EventDataStore", "none")
	refused("InvalidParameterException", "PutInsightSelectors", "EventDataStore", gone, "InsightSelectors", []any{})
	refused("InvalidParameterCombinationException", "PutInsightSelectors", "TrailName", "main-trail", "EventDataStore", arn, "InsightSelectors", []any{})
	refused("InvalidParameterCombinationException", "GetInsightSelectors", "TrailName", "main-trail", "EventDataStore", arn)
	refused("InvalidInsightSelectorsException", "PutInsightSelectors", "TrailName", "main-trail", "InsightSelectors", []any{of("InsightType", "None")})
	refused("InsightNotEnabledException", "GetInsightSelectors", "TrailName", "main-trail")
	for _, operation := range []string{"PutEventConfiguration", "GetEventConfiguration"} {
		refused("InvalidParameterException", operation)
		refused("InvalidParameterCombinationException", operation, "TrailName", "main-trail", "EventDataStore", arn)
		refused("EventDataStoreARNInvalidException", operation, "EventDataStore", "none")
		refused("EventDataStoreNotFoundException", operation, "EventDataStore", absentStore)
		refused("InvalidEventDataStoreCategoryException", operation, "EventDataStore", activity)
	}
	refused("InvalidParameterCombinationException", "PutEventConfiguration", "TrailName", "main-trail", "MaxEventSize", "Large")
	refused("InvalidParameterCombinationException", "PutEventConfiguration", "EventDataStore", arn, "AggregationConfigurations", []any{})
	refused("InactiveEventDataStoreException", "PutEventConfiguration", "EventDataStore", gone)
	refused("InvalidEventDataStoreStatusException", "GetEventConfiguration", "EventDataStore", gone)

	role := "arn:aws:iam::123456789012:role/fed"
	for operation, more := range map[string][]any{"EnableFederation": {"FederationRoleArn", role}, "DisableFederation": nil} {
		refused("EventDataStoreARNInvalidException", operation, append(more, "EventDataStore", "none")...)
		refused("EventDataStoreNotFoundException", operation, append(more, "EventDataStore", absentStore)...)
		refused("InactiveEventDataStoreException", operation, append(more, "EventDataStore", gone)...)
		w := f.askAs(engine.KeyOptions{}, operation, of(append(more, "EventDataStore", arn)...))
		require.Equal(t, accessDenied, w.Header().Get("x-amzn-ErrorType"))
		provoked[operation] = append(provoked[operation], accessDenied)
	}
	refused("InvalidParameterException", "EnableFederation", "EventDataStore", arn, "FederationRoleArn", "fed")
	f.get("EnableFederation", of("EventDataStore", arn, "FederationRoleArn", role))
	refused("EventDataStoreFederationEnabledException", "EnableFederation", "EventDataStore", arn, "FederationRoleArn", role)

	provokeInsightsData(f, provoked)
	for _, operation := range []string{"RegisterOrganizationDelegatedAdmin", "DeregisterOrganizationDelegatedAdmin"} {
		member := "MemberAccountId"
		if strings.HasPrefix(operation, "De") {
			member = "DelegatedAdminAccountId"
		}
		refused("OrganizationsNotInUseException", operation, member, "111122223333")
		refused("InvalidParameterException", operation, member, "1")
	}
	provokeTrailsReadOnly(f, provoked)
	requireEveryError(t, provoked, trailOperations, neverOfTrails)
}

const accessDenied = "AccessDeniedException"

// provokeSettings makes and changes trails to what they cannot be.
func provokeSettings(f *fixture, provoked provokedErrors) {
	group, role := "arn:aws:logs:us-east-1:123456789012:log-group:logs:*", "arn:aws:iam::123456789012:role/logs"
	for _, bad := range []struct {
		code  string
		pairs []any
	}{
		{"InvalidS3BucketNameException", []any{"S3BucketName", "A_b"}}, {"InvalidS3BucketNameException", []any{"S3BucketName", "192.0.2.1"}},
		{"InvalidS3BucketNameException", []any{"S3BucketName", "a..b"}}, {"InvalidS3BucketNameException", []any{"S3BucketName", "ab"}},
		{"InvalidS3BucketNameException", []any{"S3BucketName", "a-.b"}}, {"InvalidS3BucketNameException", []any{"S3BucketName", strings.Repeat("a", 64)}},
		{"InvalidS3PrefixException", []any{"S3KeyPrefix", strings.Repeat("x", 201)}}, {"InvalidSnsTopicNameException", []any{"SnsTopicName", "a b"}},
		{"InvalidKmsKeyIdException", []any{"KmsKeyId", "mine"}},
		{"InvalidCloudWatchLogsLogGroupArnException", []any{"CloudWatchLogsLogGroupArn", "logs", "CloudWatchLogsRoleArn", role}},
		{"InvalidCloudWatchLogsLogGroupArnException", []any{"CloudWatchLogsRoleArn", role}},
		{"InvalidCloudWatchLogsRoleArnException", []any{"CloudWatchLogsLogGroupArn", group, "CloudWatchLogsRoleArn", "logs"}},
		{"InvalidCloudWatchLogsRoleArnException", []any{"CloudWatchLogsLogGroupArn", group}},
		{"InvalidParameterCombinationException", []any{"IsMultiRegionTrail", true, "IncludeGlobalServiceEvents", false}},
	} {
		provoked.refused(f, bad.code, "UpdateTrail", of(append([]any{"Name", "main-trail"}, bad.pairs...)...))
		provoked.refused(f, bad.code, "CreateTrail", of(append([]any{"Name", "new-trail", "S3BucketName", "logs"}, bad.pairs...)...))
	}
	create := func(code, name string, pairs ...any) {
		f.Helper()
		provoked.refused(f, code, "CreateTrail", of(append([]any{"Name", name, "S3BucketName", "logs"}, pairs...)...))
	}
	for _, name := range []string{"ab", strings.Repeat("a", 129), "-abc", "abc.", "my-_trail", "my--trail", "192.168.5.4", "a b c", "täil"} {
		create("InvalidTrailNameException", name)
	}
	create("TrailAlreadyExistsException", "main-trail")
	create("InvalidTagParameterException", "new-trail", "TagsList", []any{of("Key", "a"), of("Key", "a")})
	var tags []any
	for i := range 51 {
		tags = append(tags, of("Key", strings.Repeat("k", i+1)))
	}
	create("TagsLimitExceededException", "new-trail", "TagsList", tags)
	for _, name := range []string{"t-2", "t-3", "t-4", "t-5"} {
		f.newTrail(name)
	}
	create("MaximumNumberOfTrailsExceededException", "t-6")
}

// provokeReferences asks about trails that are not there.
func provokeReferences(f *fixture, provoked provokedErrors) {
	for operation, more := range map[string][]any{
		"UpdateTrail": nil, "GetTrail": nil, "DeleteTrail": nil, "StartLogging": nil, "StopLogging": nil, "GetTrailStatus": nil,
		"PutEventSelectors": {"EventSelectors", []any{of()}}, "GetEventSelectors": nil, "PutInsightSelectors": {"InsightSelectors", []any{}}, "GetInsightSelectors": nil,
		"PutEventConfiguration": nil, "GetEventConfiguration": nil,
	} {
		member := "Name"
		if strings.HasSuffix(operation, "Selectors") || strings.HasSuffix(operation, "Configuration") {
			member = "TrailName"
		}
		for reference, code := range map[string]string{
			"absent": "TrailNotFoundException", trailPrefix + "absent": "TrailNotFoundException",
			strings.Replace(trailPrefix, account, "999999999999", 1) + "main-trail": "TrailNotFoundException",
			"a": "InvalidTrailNameException", "arn:aws:cloudtrail:us-east-1:1:trail/x": "CloudTrailARNInvalidException", trailPrefix + "a--b": "CloudTrailARNInvalidException",
			strings.Replace(trailPrefix, region, "eu-west-1", 1) + "main-trail": "InvalidHomeRegionException",
		} {
			if code == "InvalidHomeRegionException" && strings.HasPrefix(operation, "Get") {
				code = "TrailNotFoundException" // those that read have no other name for it
			}
			provoked.refused(f, code, operation, of(append(more, member, reference)...))
		}
	}
}

// provokeInsightsData asks for what no Insights are of.
func provokeInsightsData(f *fixture, provoked provokedErrors) {
	data := []any{"InsightSource", trailPrefix + "main-trail", "DataType", "InsightsEvents"}
	for _, pairs := range [][]any{
		{"InsightSource", trailPrefix + "absent", "DataType", "InsightsEvents"}, {"InsightSource", "main-trail", "DataType", "InsightsEvents"},
		append(data, "StartTime", 2, "EndTime", 1), append(data, "NextToken", "none"), append(data, "MaxResults", 51),
		append(data, "Dimensions", of("Username", "x")), append(data, "Dimensions", of("EventId", "x", "EventName", "y")), append(data, "Dimensions", of()),
	} {
		provoked.refused(f, "InvalidParameterException", "ListInsightsData", of(pairs...))
	}
	metric := []any{"EventSource", "s3.amazonaws.com", "EventName", "PutObject", "InsightType", "ApiCallRateInsight"}
	for _, pairs := range [][]any{
		append(metric, "TrailName", "absent"), append(metric, "TrailName", "arn:x"), append(metric, "Period", 120), append(metric, "ErrorCode", "x"), append(metric, "InsightType", "ApiErrorRateInsight"),
		append(metric, "StartTime", 2, "EndTime", 1), append(metric, "NextToken", "none"), append(metric, "MaxResults", 21_601), append(metric, "EventSource", "s3"),
	} {
		provoked.refused(f, "InvalidParameterException", "ListInsightsMetricData", of(pairs...))
	}
	provoked.refused(f, "InvalidTrailNameException", "ListInsightsMetricData", of(append(metric, "TrailName", "a")...))
}

// provokeTrailsReadOnly asks for changes while the lake is open for reading alone.
func provokeTrailsReadOnly(f *fixture, provoked provokedErrors) {
	f.get("DeleteTrail", of("Name", "t-5"))
	arn := f.get("ListEventDataStores", of())["EventDataStores"].([]any)[0].(map[string]any)["EventDataStoreArn"]
	f.close()
	f.isReadOnly = true
	f.open()
	for operation, members := range map[string]map[string]any{
		"CreateTrail": of("Name", "t-6", "S3BucketName", "logs"), "UpdateTrail": of("Name", "main-trail"), "DeleteTrail": of("Name", "main-trail"),
		"StartLogging": of("Name", "main-trail"), "StopLogging": of("Name", "main-trail"),
		"PutEventSelectors": of("TrailName", "main-trail", "EventSelectors", []any{of()}), "PutInsightSelectors": of("TrailName", "main-trail", "InsightSelectors", []any{}),
		"PutEventConfiguration": of("TrailName", "main-trail"),
		"EnableFederation":      of("EventDataStore", arn, "FederationRoleArn", "arn:aws:iam::123456789012:role/fed"), "DisableFederation": of("EventDataStore", arn),
	} {
		provoked.refused(f, "OperationNotPermittedException", operation, members)
	}
}

// TestNeverAnsweredErrorsAreDocumented: the table of docs/aws-api.md has the errors that cannot be, with the same reasons.
func TestNeverAnsweredErrorsAreDocumented(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(material.Module(t), "docs", "aws-api.md"))
	require.NoError(t, err)
	documented := map[string]string{}
	for _, row := range regexp.MustCompile(`(?m)^\| (\w+Exception) \| (.+) \|$`).FindAllStringSubmatch(string(text), -1) {
		documented[row[1]] = row[2]
	}
	for _, code := range slices.Sorted(maps.Keys(neverOfTrails)) {
		require.Equal(t, neverOfTrails[code], documented[code], code)
	}
}
