package samples_test

import (
	"bufio"
	"context"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine"
	"github.com/auditlake/auditlake/engine/dashboards"
	"github.com/auditlake/auditlake/engine/samples"
)

// TestLibrary: there are enough questions, each is planned over a store of its category, and no two are the same question: their plans differ.
func TestLibrary(t *testing.T) {
	ctx := context.Background()
	lake, err := engine.Open(ctx, t.TempDir(), engine.Options{})
	require.NoError(t, err)
	defer lake.Close()
	_, err = lake.Stores().Create(ctx, engine.StoreOptions{Name: "events"})
	require.NoError(t, err)
	stores := map[string]string{"Management": "events", "Data": "events"}
	for _, category := range []string{"Insight", "ConfigurationItem", "Evidence", "ActivityAuditLog"} {
		stores[category] = strings.ToLower(category)
		_, err = lake.Stores().Create(ctx, engine.StoreOptions{Name: stores[category], Category: category})
		require.NoError(t, err)
	}
	ofDashboards := 0
	for _, m := range dashboards.ManagedDashboards() {
		ofDashboards += len(m.Widgets)
	}
	require.GreaterOrEqual(t, len(samples.All())-ofDashboards, 120, "questions that no managed dashboard asks")
	names, plans, themes := map[string]bool{}, map[string]string{}, map[string]int{}
	for _, s := range samples.All() {
		require.False(t, names[s.Name], s.Name)
		names[s.Name] = true
		themes[s.Theme]++
		require.Regexp(t, `^[A-Z].*\.$`, s.Description, s.Name)
		require.Contains(t, stores, s.Category, s.Name)
		sql := s.SQL(stores[s.Category])
		require.NotRegexp(t, `\$[A-Za-z]`, sql, s.Name)
		plan, err := lake.Explain(ctx, sql, false)
		require.NoError(t, err, "%s: %s", s.Name, sql)
		plan = numbers.ReplaceAllString(plan, "")
		require.Empty(t, plans[plan], "%s has the plan of another question", s.Name)
		plans[plan] = s.Name
	}
	require.GreaterOrEqual(t, len(themes), 15)
}

// numbers are those of a plan that say when it was made.
var numbers = regexp.MustCompile(`[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9:.]+`)

// TestSearch: the three samples that each phrase of testdata/phrases.txt finds first.
func TestSearch(t *testing.T) {
	in, err := os.Open("testdata/phrases.txt")
	require.NoError(t, err)
	defer in.Close()
	count := 0
	for lines := bufio.NewScanner(in); lines.Scan(); count++ {
		phrase, want, found := strings.Cut(lines.Text(), " | ")
		require.True(t, found, lines.Text())
		var got []string
		hits := samples.Search(phrase)
		for i, hit := range hits {
			require.True(t, hit.Relevance > 0 && hit.Relevance <= 1, "%s: %v", phrase, hit.Relevance)
			if i < 3 {
				got = append(got, hit.Name)
			}
		}
		require.Equal(t, want, strings.Join(got, " | "), phrase)
	}
	require.GreaterOrEqual(t, count, 40)
	require.Empty(t, samples.Search("zebra stripes"))
	require.Empty(t, samples.Search("the of and"))
	require.Empty(t, samples.Search(""))
}

// FuzzSearch: whatever somebody types, a search ends, and finds the most relevant first.
func FuzzSearch(f *testing.F) {
	f.Add("console login")
	f.Add("who deleted S3 buckets?")
	f.Add("İ\xff'\"")
	f.Fuzz(func(t *testing.T, phrase string) {
		before := 1.0
		for _, hit := range samples.Search(phrase) {
			require.LessOrEqual(t, hit.Relevance, before)
			before = hit.Relevance
		}
	})
}
