package schema

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestCategoryFacts(t *testing.T) {
	tests := []struct {
		category                                      Category
		trails, ingestion, eventJSON, defaultSelector bool
	}{
		{Management, true, true, true, true},
		{Data, true, true, true, false},
		{NetworkActivity, true, true, true, false},
		{Insight, false, false, false, true},
		{ConfigurationItem, false, true, true, true},
		{Evidence, false, false, false, true},
		{ActivityAuditLog, false, false, true, true},
	}
	require.Len(t, tests, len(Categories()), "a category without a row")
	for _, test := range tests {
		t.Run(string(test.category), func(t *testing.T) {
			require.Equal(t, test.trails, test.category.IsOfTrails())
			require.Equal(t, test.ingestion, test.category.HasIngestion())
			require.Equal(t, test.eventJSON, test.category.HasEventJSON())
			require.Equal(t, test.defaultSelector, test.category.HasDefaultSelector())
		})
	}
	require.False(t, Category("Unheard").HasEventJSON())
}

func TestCategoryTakes(t *testing.T) {
	trails := []Category{Management, Data, NetworkActivity}
	tests := []struct {
		name        string
		event       Category
		ofTrails    bool // stores of trails take it
		alsoTakenBy Category
	}{
		{"management", Management, true, ""},
		{"network activity", NetworkActivity, true, ""},
		{"insight", Insight, true, Insight},
		{"not said", "", true, ""},
		{"unheard of", "Unheard", true, ""},
		{"configuration item", ConfigurationItem, false, ConfigurationItem},
		{"evidence", Evidence, false, Evidence},
		{"activity of elsewhere", ActivityAuditLog, false, ActivityAuditLog},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			for _, store := range trails {
				require.Equal(t, test.ofTrails, store.Takes(test.event), store)
			}
			for _, store := range []Category{Insight, ConfigurationItem, Evidence, ActivityAuditLog} {
				require.Equal(t, store == test.alsoTakenBy, store.Takes(test.event), store)
			}
		})
	}
}
