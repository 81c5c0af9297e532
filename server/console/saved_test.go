package console

import (
	"context"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine"
)

type shownSaved struct {
	Question savedView
	Version  savedVersionView
}

func aQuestion(name string, isShared bool) savedInput {
	return savedInput{Folder: "team", Name: name, Description: "why", Statement: "SELECT :who", Parameters: map[string]string{"who": "ann"}, IsShared: isShared}
}

// TestSavedQuestions: saved, changed by a colleague, looked at as it was, and deleted; what happened stands in the activity.
func TestSavedQuestions(t *testing.T) {
	s := newSite(t)
	v := s.signedInAsRoot()
	made := ask[savedView](v, http.MethodPost, "saved", aQuestion("<b>keys</b>", true))
	require.Equal(t, "<b>keys</b>", made.Name)
	require.True(t, made.IsMine)
	changed := aQuestion("keys", true)
	changed.Base, changed.Statement = 1, "SELECT 2"
	require.Equal(t, 2, ask[savedView](v, http.MethodPut, "saved/"+made.ID, changed).Version)
	status, why := v.refused(http.MethodPut, "saved/"+made.ID, changed)
	require.Equal(t, http.StatusConflict, status)
	require.Equal(t, "CHANGED", why.Code)

	newest := ask[shownSaved](v, http.MethodGet, "saved/"+made.ID, nil)
	require.Equal(t, "SELECT 2", newest.Version.Statement)
	first := ask[shownSaved](v, http.MethodGet, "saved/"+made.ID+"?version=1", nil)
	require.Equal(t, "SELECT :who", first.Version.Statement)
	require.Equal(t, map[string]string{"who": "ann"}, first.Version.Parameters)
	versions := ask[[]savedVersionView](v, http.MethodGet, "saved/"+made.ID+"/versions", nil)
	require.Len(t, versions, 2)
	require.Equal(t, 2, versions[0].Number)
	require.Len(t, ask[[]savedView](v, http.MethodGet, "saved", nil), 1)

	status, why = v.refused(http.MethodPost, "saved", aQuestion("keys", true))
	require.Equal(t, http.StatusConflict, status)
	require.Equal(t, "EXISTS", why.Code)
	status, _ = v.refused(http.MethodPost, "saved", aQuestion("", true))
	require.Equal(t, http.StatusBadRequest, status)
	for _, path := range []string{"saved/x", "saved/x/versions", "saved/" + made.ID + "?version=9"} {
		status, _ = v.refused(http.MethodGet, path, nil)
		require.Equal(t, http.StatusNotFound, status, path)
	}
	ask[struct{}](v, http.MethodDelete, "saved/"+made.ID, nil)
	require.Empty(t, ask[[]savedView](v, http.MethodGet, "saved", nil))

	require.NoError(t, s.lake.Activity().Flush(context.Background()))
	q := v.run(`SELECT eventname, json_extract_scalar(eventjson, '$.requestParameters.name') FROM auditlake_activity WHERE eventname LIKE '%Question' ORDER BY eventtime, eventname`)
	rows := rowsOf(v, q, 0, 10).Rows
	require.ElementsMatch(t, []any{"SaveQuestion", "ChangeSavedQuestion", "DeleteSavedQuestion"}, []any{rows[0][0], rows[1][0], rows[2][0]})
}

// TestWhoReadsSavedQuestions: reading and changing them take a right each, and what is not shared is not there for others.
func TestWhoReadsSavedQuestions(t *testing.T) {
	s := newSite(t)
	root := s.signedInAsRoot()
	private := ask[savedView](root, http.MethodPost, "saved", aQuestion("private", false))
	shared := ask[savedView](root, http.MethodPost, "saved", aQuestion("shared", true))

	reader := s.signedIn(s.key(`{"Effect": "Allow", "Action": "auditlake:ReadSavedQuestions", "Resource": "*"}`, engine.KeyOptions{Principal: "arn:aws:iam::000000000000:user/reader"}))
	seen := ask[[]savedView](reader, http.MethodGet, "saved", nil)
	require.Len(t, seen, 1)
	require.Equal(t, "shared", seen[0].Name)
	require.False(t, seen[0].IsMine)
	status, _ := reader.refused(http.MethodGet, "saved/"+private.ID, nil)
	require.Equal(t, http.StatusNotFound, status)
	for _, refused := range [][2]string{{http.MethodPost, "saved"}, {http.MethodPut, "saved/" + shared.ID}, {http.MethodDelete, "saved/" + shared.ID}} {
		status, why := reader.refused(refused[0], refused[1], aQuestion("x", true))
		require.Equal(t, http.StatusForbidden, status, refused)
		require.Contains(t, why.Message, "auditlake:ChangeSavedQuestions")
	}

	writer := s.signedIn(s.key(`{"Effect": "Allow", "Action": "auditlake:*SavedQuestions", "Resource": "*"}`, engine.KeyOptions{Principal: "arn:aws:iam::000000000000:user/writer"}))
	changed := aQuestion("shared", true)
	changed.Base = 1
	require.Equal(t, "writer", lastOf(ask[savedView](writer, http.MethodPut, "saved/"+shared.ID, changed).ChangedBy))
	status, _ = writer.refused(http.MethodDelete, "saved/"+shared.ID, nil)
	require.Equal(t, http.StatusForbidden, status, "it is not theirs")

	nobody := s.signedIn(s.key("", engine.KeyOptions{Principal: "arn:aws:iam::000000000000:user/nobody"}))
	for _, path := range []string{"saved", "saved/" + shared.ID, "saved/" + shared.ID + "/versions"} {
		status, why := nobody.refused(http.MethodGet, path, nil)
		require.Equal(t, http.StatusForbidden, status, path)
		require.Contains(t, why.Message, "auditlake:ReadSavedQuestions")
	}
}

// lastOf is the end of a principal's ARN.
func lastOf(arn string) string {
	for i := len(arn) - 1; i >= 0; i-- {
		if arn[i] == '/' || arn[i] == ':' {
			return arn[i+1:]
		}
	}
	return arn
}
