package awsapi_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestSearchSampleQueries: samples come by falling relevance, in pages, and run once the store's id stands in them.
func TestSearchSampleQueries(t *testing.T) {
	f := newFixture(t)
	store := f.newStore("main")
	first := f.get("SearchSampleQueries", of("SearchPhrase", "errors of users"))
	results := first["SearchResults"].([]any)
	require.Len(t, results, 10)
	second := f.get("SearchSampleQueries", of("SearchPhrase", "errors of users", "NextToken", first["NextToken"]))
	results = append(results, second["SearchResults"].([]any)...)
	before, names := 1.0, map[string]bool{}
	for _, r := range results {
		sample := r.(map[string]any)
		require.LessOrEqual(t, sample["Relevance"], before)
		before = sample["Relevance"].(float64)
		require.False(t, names[sample["Name"].(string)])
		names[sample["Name"].(string)] = true
		require.NotEmpty(t, sample["Description"])
		require.Contains(t, sample["SQL"], "$EDS_ID")
	}
	id := f.start(strings.ReplaceAll(results[0].(map[string]any)["SQL"].(string), "$EDS_ID", idOf(store)))
	f.wait(id, "FINISHED")
	require.Empty(t, f.get("SearchSampleQueries", of("SearchPhrase", "zebra stripes"))["SearchResults"])
	require.Len(t, f.get("SearchSampleQueries", of("SearchPhrase", "console login", "MaxResults", 3))["SearchResults"], 3)
	f.refused("InvalidParameterException", "SearchSampleQueries", of("SearchPhrase", "x"))
	f.refused("InvalidParameterException", "SearchSampleQueries", of("SearchPhrase", "console login", "MaxResults", 51))
	f.refused("InvalidParameterException", "SearchSampleQueries", of("SearchPhrase", "other words", "NextToken", first["NextToken"]))
}

func init() {
	neverAnsweredBy["SearchSampleQueries"] = map[string]string{"OperationNotPermittedException": "it reads"}
}
