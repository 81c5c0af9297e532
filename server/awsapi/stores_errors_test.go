package awsapi_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine"
	"github.com/auditlake/auditlake/server/awsapi/model"
)

// neverAnswered are errors that operations of stores and queries document and a lake cannot have, with the reason.
var neverAnswered = map[string]string{
	"CloudTrailAccessNotEnabledException":                    "no organization has to trust a lake",
	"ConflictException":                                      "changes of a store, or a query, wait for each other",
	"InsufficientDependencyServiceAccessPermissionException": "a lake needs no other service",
	"InsufficientEncryptionPolicyException":                  "nothing is encrypted with keys of KMS",
	"KmsException":                                           "nothing is encrypted with keys of KMS",
	"KmsKeyNotFoundException":                                "nothing is encrypted with keys of KMS",
	"NoManagementAccountSLRExistsException":                  "a lake has no service-linked roles",
	"NotOrganizationMasterAccountException":                  "a lake is the management account",
	"OrganizationNotInAllFeaturesModeException":              "a lake has no modes of organizations",
	"OrganizationsNotInUseException":                         "a lake is the management account",
	"ThrottlingException":                                    "these operations have no rate",
	"UnsupportedOperationException":                          "all these operations are there",
}

// oneMember is why operations with nothing but a store in their requests have no InvalidParameterException.
const oneMember = "what is wrong with its one member is EventDataStoreARNInvalidException"

// neverAnsweredBy are those that an operation cannot have, or has in another test, while others have it here.
var neverAnsweredBy = map[string]map[string]string{
	"DeleteEventDataStore": {
		"ChannelExistsForEDSException": "TestChannelLife has it",
		"InvalidParameterException":    oneMember,
	},
	"GetEventDataStore":   {"OperationNotPermittedException": "it reads", "InvalidParameterException": oneMember},
	"ListEventDataStores": {"OperationNotPermittedException": "it reads"},
	"RestoreEventDataStore": {
		"EventDataStoreMaxLimitExceededException": "stores that can be restored are within the limit already",
		"InvalidParameterException":               oneMember,
	},
	"StartEventDataStoreIngestion": {"InvalidParameterException": oneMember},
	"StopEventDataStoreIngestion":  {"InvalidParameterException": oneMember},

	"CancelQuery":     {"OperationNotPermittedException": "in a lake that is only read nothing runs"},
	"DescribeQuery":   {"OperationNotPermittedException": "it reads"},
	"GetQueryResults": {"OperationNotPermittedException": "it reads"},
	"ListPublicKeys":  {"OperationNotPermittedException": "it reads"},
	"ListQueries":     {"OperationNotPermittedException": "it reads", "InvalidParameterException": "each of its members has an error of its own"},
	"StartQuery":      {"EventDataStoreARNInvalidException": "an ARN in a statement is InvalidQueryStatementException"},
}

// provokedErrors collects which errors were provoked, by operation.
type provokedErrors map[string][]string

func (p provokedErrors) refused(f *fixture, code, operation string, members map[string]any) {
	f.Helper()
	f.refused(code, operation, members)
	p[operation] = append(p[operation], code)
}

// TestEveryErrorOfStores: each documented error of the operations of stores is provoked, or cannot be.
func TestEveryErrorOfStores(t *testing.T) {
	f := newFixture(t)
	arn := f.newStore("main", "TerminationProtectionEnabled", false)
	selectors := func(field string, values ...any) []any {
		return []any{of("FieldSelectors", []any{of("Field", field, "Equals", values)})}
	}
	activity := f.newStore("activity", "AdvancedEventSelectors", selectors("eventCategory", "ActivityAuditLog"))
	protected := f.newStore("protected")
	gone := f.newStore("gone", "TerminationProtectionEnabled", false)
	f.get("DeleteEventDataStore", of("EventDataStore", gone))
	provoked := provokedErrors{}
	refused := func(code, operation string, pairs ...any) {
		t.Helper()
		provoked.refused(f, code, operation, of(pairs...))
	}

	refused("EventDataStoreAlreadyExistsException", "CreateEventDataStore", "Name", "main")
	refused("InvalidEventSelectorsException", "CreateEventDataStore", "Name", "new", "AdvancedEventSelectors", selectors("eventCategory", "None"))
	refused("InvalidParameterException", "CreateEventDataStore", "Name", "a b")
	refused("InvalidParameterException", "CreateEventDataStore", "Name", "new", "AdvancedEventSelectors", selectors("eventCategory", "ActivityAuditLog"), "OrganizationEnabled", true)
	refused("InvalidTagParameterException", "CreateEventDataStore", "Name", "new", "TagsList", []any{of("Key", "a"), of("Key", "a")})
	refused("InvalidKmsKeyIdException", "CreateEventDataStore", "Name", "new", "KmsKeyId", "mine")
	refused("InvalidParameterException", "UpdateEventDataStore", "EventDataStore", arn)
	refused("EventDataStoreAlreadyExistsException", "UpdateEventDataStore", "EventDataStore", arn, "Name", "ACTIVITY")
	refused("InvalidEventSelectorsException", "UpdateEventDataStore", "EventDataStore", arn, "AdvancedEventSelectors", selectors("eventName", "x"))
	refused("InvalidKmsKeyIdException", "UpdateEventDataStore", "EventDataStore", arn, "KmsKeyId", "mine")
	refused("InactiveEventDataStoreException", "UpdateEventDataStore", "EventDataStore", gone, "Name", "new")
	refused("InactiveEventDataStoreException", "DeleteEventDataStore", "EventDataStore", gone)
	refused("EventDataStoreTerminationProtectedException", "DeleteEventDataStore", "EventDataStore", protected)
	refused("InvalidMaxResultsException", "ListEventDataStores", "MaxResults", 0)
	refused("InvalidNextTokenException", "ListEventDataStores", "NextToken", "abcdefgh")
	refused("InvalidEventDataStoreStatusException", "RestoreEventDataStore", "EventDataStore", arn)
	refused("InvalidEventDataStoreStatusException", "StartEventDataStoreIngestion", "EventDataStore", arn)
	refused("InvalidEventDataStoreStatusException", "StopEventDataStoreIngestion", "EventDataStore", gone)
	refused("InvalidEventDataStoreCategoryException", "StartEventDataStoreIngestion", "EventDataStore", activity)
	refused("InvalidEventDataStoreCategoryException", "StopEventDataStoreIngestion", "EventDataStore", activity)
	for _, operation := range storeOperations {
		if slices.Contains([]string{"CreateEventDataStore", "ListEventDataStores"}, operation) {
			continue
		}
		more := []any{}
		if operation == "UpdateEventDataStore" {
			more = []any{"RetentionPeriod", 30}
		}
		refused("EventDataStoreARNInvalidException", operation, append(more, "EventDataStore", "main")...)
		refused("EventDataStoreNotFoundException", operation, append(more, "EventDataStore", absentStore)...)
	}
	f.get("EnableFederation", of("EventDataStore", arn, "FederationRoleArn", "arn:aws:iam::123456789012:role/federation"))
	refused("EventDataStoreFederationEnabledException", "DeleteEventDataStore", "EventDataStore", arn)
	f.get("DisableFederation", of("EventDataStore", arn))
	insights := f.newStore("insights", "AdvancedEventSelectors", selectors("eventCategory", "Insight"))
	f.get("PutInsightSelectors", of("EventDataStore", arn, "InsightsDestination", insights, "InsightSelectors", []any{of("InsightType", "ApiErrorRateInsight")}))
	refused("InvalidInsightSelectorsException", "UpdateEventDataStore", "EventDataStore", arn, "AdvancedEventSelectors",
		[]any{of("FieldSelectors", []any{of("Field", "eventCategory", "Equals", []any{"Data"}), of("Field", "resources.type", "Equals", []any{"AWS::S3::Object"})})})
	provokeWhileImporting(f, provoked, arn)
	for i := range 5 {
		f.newStore(fmt.Sprint("more-", i))
	}
	refused("EventDataStoreMaxLimitExceededException", "CreateEventDataStore", "Name", "eleventh")
	provokeReadOnly(f, provoked, arn)
	requireEveryError(t, provoked, storeOperations, neverAnswered)
}

// storeOperations are those about event data stores themselves.
var storeOperations = []string{"CreateEventDataStore", "DeleteEventDataStore", "GetEventDataStore", "ListEventDataStores", "RestoreEventDataStore",
	"StartEventDataStoreIngestion", "StopEventDataStoreIngestion", "UpdateEventDataStore"}

func requireEveryError(t *testing.T, provoked provokedErrors, operations []string, neverOf map[string]string) {
	for _, operation := range operations {
		for _, code := range model.Services()[model.CloudTrail].Operations[operation].Errors {
			never := neverOf[code] != "" || neverAnsweredBy[operation][code] != ""
			require.NotEqual(t, never, slices.Contains(provoked[operation], code), "%s of %s: either it is provoked, or there is a reason why not", code, operation)
		}
	}
}

// provokeWhileImporting asks in the middle of an import into a store.
func provokeWhileImporting(f *fixture, provoked provokedErrors, arn string) {
	logs := f.TempDir()
	event := `{"Records":[{"eventTime":"` + start.Add(-time.Hour).Format(time.RFC3339) + `","eventID":"a"}]}`
	require.NoError(f, os.WriteFile(filepath.Join(logs, "a.json"), []byte(event), 0o600))
	asked := false
	_, err := f.lake.Imports().Run(context.Background(), engine.ImportOptions{Store: arn, Paths: []string{logs}, FileDone: func(engine.ImportedFile) {
		asked = true
		provoked.refused(f, "EventDataStoreHasOngoingImportException", "DeleteEventDataStore", of("EventDataStore", arn))
		provoked.refused(f, "EventDataStoreHasOngoingImportException", "UpdateEventDataStore", of("EventDataStore", arn, "RetentionPeriod", 30))
	}})
	require.NoError(f, err)
	require.True(f, asked)
}

// provokeReadOnly asks while the lake is open for reading alone.
func provokeReadOnly(f *fixture, provoked provokedErrors, arn string) {
	f.close()
	f.isReadOnly = true
	f.open()
	members := map[string]map[string]any{
		"CreateEventDataStore": of("Name", "new"), "UpdateEventDataStore": of("EventDataStore", arn, "RetentionPeriod", 30),
	}
	for _, operation := range storeOperations {
		if neverAnsweredBy[operation]["OperationNotPermittedException"] != "" {
			continue
		}
		in := members[operation]
		if in == nil {
			in = of("EventDataStore", arn)
		}
		provoked.refused(f, "OperationNotPermittedException", operation, in)
	}
}
