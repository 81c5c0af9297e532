package record

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestInsightsOfTrails: an Insights event in the form of log files becomes the
// row that the form of event data stores becomes.
func TestInsightsOfTrails(t *testing.T) {
	const attributions = `"attributions":[{"attribute":"userIdentityArn","insight":[{"value":"arn:1","average":0.2}],"baseline":[{"value":"arn:1","average":0.01}]},{"attribute":"errorCode","insight":[{"value":"null","average":0.6}]}]`
	const flat = `"eventCategory":"Insight","insightState":"Start","insightEventSource":"autoscaling.amazonaws.com","insightEventName":"CompleteLifecycleAction",
		"insightErrorCode":"Throttling","insightType":"ApiErrorRateInsight","insightContext":{"baselineAverage":0.0000882145,"insightAverage":0.6,"insightDuration":5,"baselineDuration":11336,` + attributions + `}`
	const nested = `"eventCategory":"Insight","insightDetails":{"state":"Start","eventSource":"autoscaling.amazonaws.com","eventName":"CompleteLifecycleAction",
		"errorCode":"Throttling","insightType":"ApiErrorRateInsight","insightContext":{"statistics":{"baseline":{"average":0.0000882145},"insight":{"average":0.6},"insightDuration":5,"baselineDuration":11336},` + attributions + `}}`
	want, _ := rowOf(t, "Insight", event(flat))
	got, row := rowOf(t, "Insight", event(nested))
	require.Equal(t, "Insight", string(row.Category))
	require.Zero(t, row.RepeatedKeys)
	delete(want, "eventjson")
	delete(got, "eventjson")
	require.Equal(t, want, got)
	require.Contains(t, want, "insightcontext")

	for name, members := range map[string]string{
		"not an object":        `"insightDetails":["x"]`,
		"null":                 `"insightDetails":null`,
		"context is a text":    `"insightDetails":{"state":"End","insightContext":"x"}`,
		"statistics are words": `"insightDetails":{"insightContext":{"statistics":{"baseline":true,"insight":{"average":"much"}}}}`,
	} {
		t.Run(name, func(t *testing.T) {
			got, _ := rowOf(t, "Insight", event(members))
			require.Contains(t, got, "eventtime")
		})
	}
	got, _ = rowOf(t, "Management", event(nested))
	require.Contains(t, got, "insightdetails", "stores of other categories keep the block as it is")
}

func TestCategory(t *testing.T) {
	for members, want := range map[string]string{
		`"eventCategory":"Data"`:                           "Data",
		`"eventCategory":"D\u0061ta"`:                      "Data",
		`"eventCategory":"Data","eventCategory":"Insight"`: "Insight",
		`"eventCategory":7`:                                "",
		`"eventCategory":null`:                             "",
		``:                                                 "",
	} {
		_, row := rowOf(t, "Management", event(members))
		require.Equal(t, want, string(row.Category), members)
	}
}
