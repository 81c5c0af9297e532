package awsapi_test

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestGenerateQuery: a prompt becomes a statement that can be started by its alias, and the query says what it was made of.
func TestGenerateQuery(t *testing.T) {
	f := newFixture(t)
	arn := f.newStore("main")
	f.push(arn, 3)
	const prompt = "How many events has each service?"
	made := f.get("GenerateQuery", of("EventDataStores", []any{arn}, "Prompt", prompt))
	require.Contains(t, made["QueryStatement"], "FROM "+idOf(arn))
	query := f.get("StartQuery", of("QueryAlias", made["QueryAlias"]))["QueryId"].(string)
	require.Equal(t, prompt, f.wait(query, "FINISHED")["Prompt"])
	require.Equal(t, []any{[]any{of("eventSource", "iam.amazonaws.com"), of("eventCount", "3")}}, f.get("GetQueryResults", of("QueryId", query))["QueryResultRows"])

	ask := func(store any, prompt string) map[string]any {
		return of("EventDataStores", []any{store}, "Prompt", prompt)
	}
	f.refused("GenerateResponseException", "GenerateQuery", ask(arn, "What is the weather in Paris?"))
	activity := f.newActivityStore("activity")
	f.refused("GenerateResponseException", "GenerateQuery", ask(activity, "events with outdated TLS"))
	f.refused("EventDataStoreNotFoundException", "GenerateQuery", ask(absentStore, prompt))
	f.refused("EventDataStoreARNInvalidException", "GenerateQuery", ask("main", prompt))
	f.refused("InvalidParameterException", "GenerateQuery", ask(arn, "ab"))
	f.refused("InvalidParameterException", "GenerateQuery", of("EventDataStores", []any{arn, activity}, "Prompt", prompt))
	f.refused("InvalidParameterException", "GenerateQuery", of("EventDataStores", []any{}, "Prompt", prompt))
	gone := f.newStore("gone", "TerminationProtectionEnabled", false)
	f.get("DeleteEventDataStore", of("EventDataStore", gone))
	f.refused("InactiveEventDataStoreException", "GenerateQuery", ask(gone, prompt))
	f.close()
	f.isReadOnly = true
	f.open()
	f.refused("OperationNotPermittedException", "GenerateQuery", ask(arn, prompt))
}
