package console

import (
	"context"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine"
)

type summaryView struct{ Sentences []string }

// TestSummaries: sentences about each column, made of what is counted.
func TestSummaries(t *testing.T) {
	v := newSite(t).signedInAsRoot()
	for _, c := range []struct {
		name, sql string
		want      []string
	}{
		{"columns of all kinds", `SELECT * FROM (VALUES (1, 'a', '', 'x', NULL, TIMESTAMP '2026-01-02 00:00:00', 'p'), (10, 'b', '', 'x', NULL, TIMESTAMP '2026-01-01 00:00:00', 'q'), (2, 'a', '', NULL, NULL, NULL, 'r'))
			AS t (n, word, same, most, nothing, at, id)`, []string{
			"The result has 3 rows in 7 columns.", "n ranges from 1 to 10.", "word has 2 values; the most frequent are a (2 rows), b (1 row).",
			"same is the empty string in every row.", "most is x in 2 of 3 rows, and NULL in the others.", "nothing is NULL in every row.",
			"at ranges from 2026-01-01 00:00:00 to 2026-01-02 00:00:00; it is NULL in 1 row.", "id has a different value in each row, such as p.",
		}},
		{"one row", "SELECT 5 AS n", []string{"The result has 1 row in 1 column.", "n is 5."}},
		{"no row", "SELECT 5 AS n WHERE false", []string{"The result has 0 rows in 1 column."}},
		{"a long value", "SELECT rpad('é', 200, 'é') AS x", []string{"The result has 1 row in 1 column.", "x is éééééééééééééééééééééééééééééééééééééééééééééééééé…."}},
		{"many columns", "SELECT 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			q := v.run(c.sql)
			got := ask[summaryView](v, http.MethodPost, "queries/"+q.ID+"/summary", nil).Sentences
			if c.want == nil {
				require.Len(t, got, maxSummaryColumns+2)
				require.Equal(t, "Columns not described here: 1.", got[maxSummaryColumns+1])
				return
			}
			require.Equal(t, c.want, got)
		})
	}
}

// TestRefusedSummaries: long results, stores of other events, and who has not the right; the activity says who had one made.
func TestRefusedSummaries(t *testing.T) {
	s := newSite(t)
	v := s.signedInAsRoot()
	long := v.run("SELECT rpad('x', 1000, 'y') AS x FROM UNNEST(sequence(1, 300))")
	status, why := v.refused(http.MethodPost, "queries/"+long.ID+"/summary", nil)
	require.Equal(t, http.StatusRequestEntityTooLarge, status)
	require.Contains(t, why.Message, "at most 250000 bytes")
	_, err := s.lake.Stores().Create(context.Background(), engine.StoreOptions{Name: "insights", RetentionDays: 90, Category: "Insight"})
	require.NoError(t, err)
	other := v.run("SELECT eventid FROM insights")
	status, why = v.refused(http.MethodPost, "queries/"+other.ID+"/summary", nil)
	require.Equal(t, http.StatusBadRequest, status)
	require.Contains(t, why.Message, "insights has other events")

	q := v.run("SELECT eventname FROM main LIMIT 5")
	reader := s.signedIn(s.key(`{"Effect": "Allow", "Action": ["cloudtrail:StartQuery", "cloudtrail:GetQueryResults", "auditlake:ReadTable"], "Resource": "*"}`,
		engine.KeyOptions{Principal: "arn:aws:iam::000000000000:user/reader"}))
	status, why = reader.refused(http.MethodPost, "queries/"+q.ID+"/summary", nil)
	require.Equal(t, http.StatusForbidden, status)
	require.Contains(t, why.Message, summaryAction)

	ask[summaryView](v, http.MethodPost, "queries/"+q.ID+"/summary", nil)
	require.NoError(t, s.lake.Activity().Flush(context.Background()))
	noted := v.run("SELECT count(*) FROM auditlake_activity WHERE eventname = 'GenerateQueryResultsSummary'")
	require.Equal(t, "1", rowsOf(v, noted, 0, 1).Rows[0][0])
}
