package awsapi_test

import "testing"

// queryOperations are those about queries and their results.
var queryOperations = []string{"StartQuery", "DescribeQuery", "GetQueryResults", "CancelQuery", "ListQueries", "ListPublicKeys"}

// TestEveryErrorOfQueries: each documented error of the operations of queries is provoked, or cannot be.
func TestEveryErrorOfQueries(t *testing.T) {
	f := newFixture(t)
	f.serveBuckets("results")
	arn := f.newStore("main")
	gone := f.newStore("gone", "TerminationProtectionEnabled", false)
	ended, orphan := f.start("SELECT count(*) FROM "+idOf(arn)), f.start("SELECT count(*) FROM "+idOf(gone))
	f.wait(ended, "FINISHED")
	f.wait(orphan, "FINISHED")
	f.get("DeleteEventDataStore", of("EventDataStore", gone))
	provoked := provokedErrors{}
	refused := func(code, operation string, pairs ...any) {
		t.Helper()
		provoked.refused(f, code, operation, of(pairs...))
	}

	const one = "SELECT 1"
	refused("EventDataStoreNotFoundException", "StartQuery", "QueryStatement", "SELECT 1 FROM "+absentStore)
	refused("EventDataStoreNotFoundException", "StartQuery", "QueryStatement", one, "EventDataStoreOwnerAccountId", "999999999999")
	refused("InactiveEventDataStoreException", "StartQuery", "QueryStatement", "SELECT 1 FROM "+idOf(gone))
	refused("InvalidQueryStatementException", "StartQuery", "QueryStatement", "SELECT 1 FROM "+arn)
	refused("InvalidParameterException", "StartQuery", "QueryStatement", one, "QueryParameters", []any{"1"})
	refused("InvalidParameterException", "StartQuery", "QueryAlias", "nothing")
	refused("InvalidS3BucketNameException", "StartQuery", "QueryStatement", one, "DeliveryS3Uri", "s3://a..b")
	refused("InvalidS3PrefixException", "StartQuery", "QueryStatement", one, "DeliveryS3Uri", "s3://results/a//b")
	refused("S3BucketDoesNotExistException", "StartQuery", "QueryStatement", one, "DeliveryS3Uri", "s3://nothing")
	refused("InsufficientS3BucketPolicyException", "StartQuery", "QueryStatement", one, "DeliveryS3Uri", "s3://local-readonly")

	refused("InvalidParameterException", "DescribeQuery")
	refused("InvalidParameterException", "DescribeQuery", "QueryId", ended, "QueryAlias", "a")
	refused("InvalidParameterException", "GetQueryResults", "QueryId", "x")
	refused("InvalidMaxResultsException", "GetQueryResults", "QueryId", ended, "MaxQueryResults", 1001)
	refused("InvalidNextTokenException", "GetQueryResults", "QueryId", ended, "NextToken", "abcdef")
	refused("InvalidParameterException", "CancelQuery", "QueryId", "x")
	refused("InactiveQueryException", "CancelQuery", "QueryId", ended)
	for _, operation := range []string{"DescribeQuery", "GetQueryResults", "CancelQuery"} {
		refused("EventDataStoreARNInvalidException", operation, "QueryId", ended, "EventDataStore", "main")
		refused("EventDataStoreNotFoundException", operation, "QueryId", ended, "EventDataStore", absentStore)
		refused("InactiveEventDataStoreException", operation, "QueryId", orphan)
		refused("QueryIdNotFoundException", operation, "QueryId", absentStore)
	}

	refused("EventDataStoreARNInvalidException", "ListQueries", "EventDataStore", "main")
	refused("EventDataStoreNotFoundException", "ListQueries", "EventDataStore", absentStore)
	refused("InactiveEventDataStoreException", "ListQueries", "EventDataStore", gone)
	refused("InvalidDateRangeException", "ListQueries", "EventDataStore", arn, "StartTime", 2, "EndTime", 1)
	refused("InvalidMaxResultsException", "ListQueries", "EventDataStore", arn, "MaxResults", 1001)
	refused("InvalidNextTokenException", "ListQueries", "EventDataStore", arn, "NextToken", "abcdef")
	refused("InvalidQueryStatusException", "ListQueries", "EventDataStore", arn, "QueryStatus", "DONE")
	refused("InvalidTimeRangeException", "ListPublicKeys", "StartTime", 2, "EndTime", 1)
	refused("InvalidTokenException", "ListPublicKeys", "NextToken", "abcdef")

	release := f.takeTurns()
	for range 10 {
		f.start(one)
	}
	refused("MaxConcurrentQueriesException", "StartQuery", "QueryStatement", one)
	release()
	f.close()
	f.isReadOnly = true
	f.open()
	refused("OperationNotPermittedException", "StartQuery", "QueryStatement", one)
	requireEveryError(t, provoked, queryOperations, neverAnswered)
}
