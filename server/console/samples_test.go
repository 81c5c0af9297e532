package console

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine"
)

// TestSamples: the library by theme, the search with the ranking of the command, and a statement over a store whose name needs quotes.
func TestSamples(t *testing.T) {
	s := newSite(t)
	v := s.signedInAsRoot()
	all := ask[[]sampleView](v, http.MethodGet, "samples", nil)
	require.Len(t, all, len(engine.Samples()))
	const phrase = "console login without mfa"
	found := ask[[]sampleView](v, http.MethodGet, "samples?phrase="+url.QueryEscape(phrase), nil)
	require.NotEmpty(t, found)
	for i, f := range engine.SearchSamples(phrase) {
		require.Equal(t, f.Name, found[i].Name)
	}
	require.Empty(t, ask[[]sampleView](v, http.MethodGet, "samples?phrase=xyzzy", nil))
	status, _ := v.refused(http.MethodGet, "samples?phrase="+strings.Repeat("a", 1001), nil)
	require.Equal(t, http.StatusBadRequest, status)

	named := map[string]string{} // a store whose name needs quotes, by category
	for _, sample := range all {
		if named[sample.Category] == "" {
			named[sample.Category] = "two.words-" + strings.ToLower(sample.Category)
			_, err := s.lake.Stores().Create(context.Background(), engine.StoreOptions{Name: named[sample.Category], Category: sample.Category, RetentionDays: 90})
			require.NoError(t, err)
		}
	}
	of := func(name, store string) string {
		return "samples/statement?name=" + url.QueryEscape(name) + "&store=" + url.QueryEscape(store)
	}
	for _, sample := range all {
		store := named[sample.Category]
		made := ask[statementView](v, http.MethodGet, of(sample.Name, store), nil)
		require.Contains(t, made.SQL, `"`+store+`"`)
		check := ask[checkView](v, http.MethodPost, "check", statementInput{SQL: made.SQL})
		require.Nil(t, check.Problem, sample.Name)
	}
	status, _ = v.refused(http.MethodGet, of("no such sample", "main"), nil)
	require.Equal(t, http.StatusNotFound, status)
	status, _ = v.refused(http.MethodGet, of(all[0].Name, ""), nil)
	require.Equal(t, http.StatusBadRequest, status)
}

// TestQuestionsInWords: a question becomes a statement that runs; what is none is refused in words.
func TestQuestionsInWords(t *testing.T) {
	s := newSite(t)
	v := s.signedInAsRoot()
	asked := func(words, store string) map[string]string { return map[string]string{"words": words, "store": store} }
	made := ask[statementView](v, http.MethodPost, "words", asked("How many events has each service?", "main"))
	require.Contains(t, made.SQL, "FROM main")
	require.Equal(t, "FINISHED", v.run(made.SQL).State)

	for _, refused := range []struct {
		name, words, store string
		status             int
		says               string
	}{
		{"no question", "What is the weather in Paris?", "main", http.StatusUnprocessableEntity, "not a question about the events"},
		{"too short", "ab", "main", http.StatusBadRequest, "3 to 500 characters"},
		{"too long", strings.Repeat("a", 501), "main", http.StatusBadRequest, "3 to 500 characters"},
		{"no store", "How many events has each service?", "elsewhere", http.StatusNotFound, "elsewhere"},
		{"a store of other events", "events with outdated TLS", "insights", http.StatusUnprocessableEntity, "no events that answer"},
	} {
		t.Run(refused.name, func(t *testing.T) {
			if refused.store == "insights" {
				_, err := s.lake.Stores().Create(context.Background(), engine.StoreOptions{Name: "insights", RetentionDays: 90, Category: "Insight"})
				require.NoError(t, err)
			}
			status, why := v.refused(http.MethodPost, "words", asked(refused.words, refused.store))
			require.Equal(t, refused.status, status, why.Message)
			require.Contains(t, why.Message, refused.says)
		})
	}
}

// TestRightsOfSamplesAndWords: they take what the API's actions take.
func TestRightsOfSamplesAndWords(t *testing.T) {
	s := newSite(t)
	nobody := s.signedIn(s.key("", engine.KeyOptions{Principal: "arn:aws:iam::000000000000:user/nobody"}))
	for _, refused := range [][3]string{
		{http.MethodGet, "samples", "cloudtrail:SearchSampleQueries"}, {http.MethodGet, "samples/statement?name=x&store=main", "cloudtrail:SearchSampleQueries"},
		{http.MethodPost, "words", "main"}, {http.MethodPost, "words", "elsewhere"},
	} {
		var body any
		if refused[0] == http.MethodPost {
			body = map[string]string{"words": "How many events has each service?", "store": refused[2]}
			refused[2] = "cloudtrail:GenerateQuery"
		}
		status, why := nobody.refused(refused[0], refused[1], body)
		require.Equal(t, http.StatusForbidden, status, refused)
		require.Contains(t, why.Message, refused[2])
	}
}
