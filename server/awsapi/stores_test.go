package awsapi_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const absentStore = "6a2f0b4e-11d7-4f0a-9a5e-2c8d7e1f3b90"

// newStore creates a store and returns its ARN.
func (f *fixture) newStore(name string, pairs ...any) string {
	f.Helper()
	return f.get("CreateEventDataStore", of(append([]any{"Name", name}, pairs...)...))["EventDataStoreArn"].(string)
}

func idOf(arn string) string { return arn[strings.LastIndexByte(arn, '/')+1:] }

// TestStoreLife: a store is created with the service's defaults, changed, stopped, deleted and restored.
func TestStoreLife(t *testing.T) {
	f := newFixture(t)
	made := f.get("CreateEventDataStore", of("Name", "main", "TagsList", []any{of("Key", "team", "Value", "sec"), of("Key", "bare")}))
	arn := made["EventDataStoreArn"].(string)
	require.Regexp(t, "^arn:aws:cloudtrail:us-east-1:123456789012:eventdatastore/[a-f0-9-]{36}$", arn)
	defaults := []any{of("Name", "Default management events", "FieldSelectors", []any{of("Field", "eventCategory", "Equals", []any{"Management"})})}
	require.Equal(t, of("EventDataStoreArn", arn, "Name", "main", "Status", "CREATED", "AdvancedEventSelectors", defaults, "MultiRegionEnabled", true,
		"OrganizationEnabled", false, "BillingMode", "EXTENDABLE_RETENTION_PRICING", "RetentionPeriod", 366.0, "TerminationProtectionEnabled", true,
		"CreatedTimestamp", float64(start.Unix()), "UpdatedTimestamp", float64(start.Unix()),
		"TagsList", []any{of("Key", "team", "Value", "sec"), of("Key", "bare")}), made)

	got := f.get("GetEventDataStore", of("EventDataStore", idOf(arn)))
	require.Equal(t, "ENABLED", got["Status"])
	require.Equal(t, "DISABLED", got["FederationStatus"])
	require.NotContains(t, got, "TagsList")

	f.clock.Pass(1500 * time.Millisecond)
	got = f.get("UpdateEventDataStore", of("EventDataStore", arn, "Name", "renamed", "RetentionPeriod", 90, "MultiRegionEnabled", false,
		"OrganizationEnabled", true, "KmsKeyId", "alias/mine", "AdvancedEventSelectors",
		[]any{of("FieldSelectors", []any{of("Field", "eventCategory", "Equals", []any{"Management"}), of("Field", "readOnly", "Equals", []any{"false"})})}))
	require.Equal(t, "renamed", got["Name"])
	require.Equal(t, 90.0, got["RetentionPeriod"])
	require.Equal(t, false, got["MultiRegionEnabled"])
	require.Equal(t, true, got["OrganizationEnabled"])
	require.Equal(t, "arn:aws:kms:us-east-1:123456789012:alias/mine", got["KmsKeyId"])
	require.Equal(t, float64(start.Unix())+1.5, got["UpdatedTimestamp"])
	require.Len(t, got["AdvancedEventSelectors"].([]any)[0].(map[string]any)["FieldSelectors"], 2)

	require.Empty(t, f.get("StopEventDataStoreIngestion", of("EventDataStore", arn)))
	f.refused("InvalidEventDataStoreStatusException", "StopEventDataStoreIngestion", of("EventDataStore", arn))
	require.Equal(t, "STOPPED_INGESTION", f.get("GetEventDataStore", of("EventDataStore", arn))["Status"])
	require.Empty(t, f.get("StartEventDataStoreIngestion", of("EventDataStore", arn)))
	f.refused("InvalidEventDataStoreStatusException", "StartEventDataStoreIngestion", of("EventDataStore", arn))

	f.refused("InvalidEventDataStoreStatusException", "RestoreEventDataStore", of("EventDataStore", arn))
	f.refused("EventDataStoreTerminationProtectedException", "DeleteEventDataStore", of("EventDataStore", arn))
	f.get("UpdateEventDataStore", of("EventDataStore", arn, "TerminationProtectionEnabled", false))
	require.Empty(t, f.get("DeleteEventDataStore", of("EventDataStore", arn)))
	require.Equal(t, "PENDING_DELETION", f.get("GetEventDataStore", of("EventDataStore", arn))["Status"])
	f.refused("EventDataStoreAlreadyExistsException", "CreateEventDataStore", of("Name", "renamed"))
	f.refused("InactiveEventDataStoreException", "DeleteEventDataStore", of("EventDataStore", arn))
	f.refused("InactiveEventDataStoreException", "UpdateEventDataStore", of("EventDataStore", arn, "Name", "other"))
	f.refused("InvalidEventDataStoreStatusException", "StopEventDataStoreIngestion", of("EventDataStore", arn))
	f.refused("InactiveEventDataStoreException", "AddTags", of("ResourceId", arn, "TagsList", []any{of("Key", "a")}))
	f.refused("InactiveEventDataStoreException", "ListQueries", of("EventDataStore", arn))
	f.refused("InactiveEventDataStoreException", "StartQuery", of("QueryStatement", "SELECT 1 FROM "+idOf(arn)))
	got = f.get("RestoreEventDataStore", of("EventDataStore", arn))
	require.Equal(t, "ENABLED", got["Status"])
	require.Equal(t, false, got["TerminationProtectionEnabled"])

	f.get("DeleteEventDataStore", of("EventDataStore", arn))
	f.clock.Pass(7 * 24 * time.Hour)
	f.refused("EventDataStoreNotFoundException", "GetEventDataStore", of("EventDataStore", arn))
	f.refused("EventDataStoreNotFoundException", "RestoreEventDataStore", of("EventDataStore", arn))
}

// TestStoreErrors: each wrong input has the error that the service gives.
func TestStoreErrors(t *testing.T) {
	f := newFixture(t)
	arn := f.newStore("main")
	activity := f.newStore("activity", "MultiRegionEnabled", false,
		"AdvancedEventSelectors", []any{of("FieldSelectors", []any{of("Field", "eventCategory", "Equals", []any{"ActivityAuditLog"})})})
	f.newStore("keyed", "KmsKeyId", "1234abcd-12ab-34cd-56ef-1234567890ab", "BillingMode", "FIXED_RETENTION_PRICING")
	selectors := func(field string, values ...any) []any {
		return []any{of("FieldSelectors", []any{of("Field", field, "Equals", values)})}
	}
	equals := func(category, value, field, other string) []any {
		return []any{of("FieldSelectors", []any{of("Field", category, "Equals", []any{value}), of("Field", field, "Equals", []any{other})})}
	}
	for _, tt := range []struct {
		name, operation string
		members         map[string]any
		code            string
	}{
		{"no name", "CreateEventDataStore", of(), "InvalidParameterException"},
		{"a name of two letters", "CreateEventDataStore", of("Name", "ab"), "InvalidParameterException"},
		{"a name with spaces", "CreateEventDataStore", of("Name", "a b"), "InvalidParameterException"},
		{"the same name", "CreateEventDataStore", of("Name", "MAIN"), "EventDataStoreAlreadyExistsException"},
		{"six days", "CreateEventDataStore", of("Name", "new", "RetentionPeriod", 6), "InvalidParameterException"},
		{"too long", "CreateEventDataStore", of("Name", "new", "RetentionPeriod", 3654), "InvalidParameterException"},
		{"too long for AWS clients", "UpdateEventDataStore", of("EventDataStore", arn, "RetentionPeriod", 3654), "InvalidParameterException"},
		{"too long for the fixed mode", "CreateEventDataStore", of("Name", "new", "RetentionPeriod", 2558, "BillingMode", "FIXED_RETENTION_PRICING"), "InvalidParameterException"},
		{"another mode", "CreateEventDataStore", of("Name", "new", "BillingMode", "FREE"), "InvalidParameterException"},
		{"a category that there is not", "CreateEventDataStore", of("Name", "new", "AdvancedEventSelectors", selectors("eventCategory", "Nothing")), "InvalidEventSelectorsException"},
		{"no category", "CreateEventDataStore", of("Name", "new", "AdvancedEventSelectors", selectors("eventName", "x")), "InvalidEventSelectorsException"},
		{"an unknown source of network activity", "CreateEventDataStore", of("Name", "new", "AdvancedEventSelectors", equals("eventCategory", "NetworkActivity", "eventSource", "iam.amazonaws.com")), "InvalidEventSelectorsException"},
		{"a type of no data events", "CreateEventDataStore", of("Name", "new", "AdvancedEventSelectors", equals("eventCategory", "Data", "resources.type", "AWS::S3::Bucket")), "InvalidEventSelectorsException"},
		{"a selector without conditions", "CreateEventDataStore", of("Name", "new", "AdvancedEventSelectors", []any{of("FieldSelectors", []any{})}), "InvalidEventSelectorsException"},
		{"a tag twice", "CreateEventDataStore", of("Name", "new", "TagsList", []any{of("Key", "a"), of("Key", "a")}), "InvalidTagParameterException"},
		{"a tag without key", "CreateEventDataStore", of("Name", "new", "TagsList", []any{of("Value", "a")}), "InvalidTagParameterException"},
		{"a wrong type", "CreateEventDataStore", of("Name", 7), "SerializationException"},
		{"no KMS key", "CreateEventDataStore", of("Name", "new", "KmsKeyId", "mine"), "InvalidKmsKeyIdException"},
		{"a store by its name", "GetEventDataStore", of("EventDataStore", "main"), "EventDataStoreARNInvalidException"},
		{"another account's", "GetEventDataStore", of("EventDataStore", strings.Replace(arn, account, "999999999999", 1)), "EventDataStoreARNInvalidException"},
		{"another region's", "GetEventDataStore", of("EventDataStore", strings.Replace(arn, region, "eu-west-1", 1)), "EventDataStoreARNInvalidException"},
		{"an ARN of something else", "GetEventDataStore", of("EventDataStore", "arn:aws:cloudtrail:us-east-1:123456789012:trail/main"), "EventDataStoreARNInvalidException"},
		{"characters that none has", "GetEventDataStore", of("EventDataStore", "a b"), "EventDataStoreARNInvalidException"},
		{"none", "GetEventDataStore", of("EventDataStore", absentStore), "EventDataStoreNotFoundException"},
		{"none to update", "UpdateEventDataStore", of("EventDataStore", absentStore, "Name", "new"), "EventDataStoreNotFoundException"},
		{"nothing to update", "UpdateEventDataStore", of("EventDataStore", arn), "InvalidParameterException"},
		{"to a name that is taken", "UpdateEventDataStore", of("EventDataStore", arn, "Name", "activity"), "EventDataStoreAlreadyExistsException"},
		{"to the fixed mode", "UpdateEventDataStore", of("EventDataStore", arn, "BillingMode", "FIXED_RETENTION_PRICING"), "InvalidParameterException"},
		{"to another category", "UpdateEventDataStore", of("EventDataStore", arn, "AdvancedEventSelectors", selectors("eventCategory", "ActivityAuditLog")), "InvalidEventSelectorsException"},
		{"ingestion of another category", "StopEventDataStoreIngestion", of("EventDataStore", activity), "InvalidEventDataStoreCategoryException"},
		{"none to delete", "DeleteEventDataStore", of("EventDataStore", absentStore), "EventDataStoreNotFoundException"},
		{"a page of none", "ListEventDataStores", of("MaxResults", 0), "InvalidMaxResultsException"},
		{"a long page", "ListEventDataStores", of("MaxResults", 1001), "InvalidMaxResultsException"},
		{"a token of nobody", "ListEventDataStores", of("NextToken", "abcdefgh"), "InvalidNextTokenException"},
		{"a short token", "ListEventDataStores", of("NextToken", "abc"), "InvalidNextTokenException"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			g := *f
			g.T = t
			g.refused(tt.code, tt.operation, tt.members)
		})
	}
	for i := range 7 {
		f.newStore(fmt.Sprint("more-", i))
	}
	f.refused("EventDataStoreMaxLimitExceededException", "CreateEventDataStore", of("Name", "eleventh"))
}

// TestListEventDataStores: pages of one, while stores come and go.
func TestListEventDataStores(t *testing.T) {
	f := newFixture(t)
	var want []any
	for i := range 4 {
		want = append(want, f.newStore(fmt.Sprint("store-", i)))
		f.clock.Pass(time.Second)
	}
	var got []any
	token := ""
	for page := 0; ; page++ {
		members := of("MaxResults", 1)
		if token != "" {
			members["NextToken"] = token
		}
		out := f.get("ListEventDataStores", members)
		require.Len(t, out["EventDataStores"], 1)
		got = append(got, out["EventDataStores"].([]any)[0].(map[string]any)["EventDataStoreArn"])
		if out["NextToken"] == nil {
			break
		}
		token = out["NextToken"].(string)
		f.get("UpdateEventDataStore", of("EventDataStore", want[3-page%4], "Name", fmt.Sprint("renamed-", page)))
	}
	require.Equal(t, want, got)
	require.NotContains(t, f.get("ListEventDataStores", of()), "NextToken")
	f.close()
	f.open()
	require.Len(t, f.get("ListEventDataStores", of("NextToken", token, "MaxResults", 3))["EventDataStores"], 1, "a token works after a restart")
}

func TestTags(t *testing.T) {
	f := newFixture(t)
	arn, other := f.newStore("main"), f.newStore("other")
	require.Empty(t, f.get("AddTags", of("ResourceId", arn, "TagsList", []any{of("Key", "a", "Value", "1"), of("Key", "b")})))
	f.get("AddTags", of("ResourceId", arn, "TagsList", []any{of("Key", "a", "Value", "2"), of("Key", "c", "Value", "3")}))
	f.get("RemoveTags", of("ResourceId", arn, "TagsList", []any{of("Key", "c", "Value", "ignored"), of("Key", "none")}))
	require.Equal(t, of("ResourceTagList", []any{
		of("ResourceId", arn, "TagsList", []any{of("Key", "a", "Value", "2"), of("Key", "b")}), of("ResourceId", other, "TagsList", []any{}),
	}), f.get("ListTags", of("ResourceIdList", []any{arn, other})))

	many := func(count int) (tags []any) {
		for i := range count {
			tags = append(tags, of("Key", fmt.Sprint(i)))
		}
		return tags
	}
	f.get("AddTags", of("ResourceId", arn, "TagsList", many(48)))
	f.refused("TagsLimitExceededException", "AddTags", of("ResourceId", arn, "TagsList", []any{of("Key", "one more")}))
	f.refused("InvalidTagParameterException", "AddTags", of("ResourceId", arn, "TagsList", []any{of("Key", "x"), of("Key", "x")}))
	f.refused("InvalidTagParameterException", "AddTags", of("ResourceId", arn, "TagsList", many(201)))
	f.refused("InvalidTagParameterException", "AddTags", of("ResourceId", arn, "TagsList", []any{of("Key", "")}))
	f.refused("EventDataStoreNotFoundException", "AddTags", of("ResourceId", strings.Replace(arn, idOf(arn), absentStore, 1), "TagsList", many(1)))
	f.refused("CloudTrailARNInvalidException", "AddTags", of("ResourceId", idOf(arn), "TagsList", many(1)))
	f.refused("ResourceNotFoundException", "ListTags", of("ResourceIdList", []any{"arn:aws:cloudtrail:us-east-1:123456789012:trail/main"}))
	f.refused("InvalidTokenException", "ListTags", of("ResourceIdList", []any{arn}, "NextToken", "abcdef"))
	var arns []any
	for range 21 {
		arns = append(arns, arn)
	}
	f.refused("ValidationException", "ListTags", of("ResourceIdList", arns))
}
