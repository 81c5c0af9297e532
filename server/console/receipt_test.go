package console

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine"
)

// TestReceipts: a result has a receipt, for those who may read it; a receipt is checked for everybody, with the rows for those who may read them.
func TestReceipts(t *testing.T) {
	s := newSite(t)
	v := s.signedInAsRoot()
	q := v.run("SELECT eventname FROM main ORDER BY 1")
	response := v.send(http.MethodGet, "/console/api/queries/"+q.ID+"/receipt", "", nil)
	require.Equal(t, http.StatusOK, response.StatusCode)
	require.Contains(t, response.Header.Get("Content-Disposition"), q.ID+".receipt.json")
	text, err := io.ReadAll(response.Body)
	require.NoError(t, err)

	check := func(by *visitor, text string) (int, string) {
		response := by.send(http.MethodPost, "/console/api/receipt", text, nil)
		body, err := io.ReadAll(response.Body)
		require.NoError(t, err)
		return response.StatusCode, string(body)
	}
	status, said := check(v, string(text))
	require.Equal(t, http.StatusOK, status, said)
	require.Contains(t, said, `"rows":"SAME","isSound":true`)
	_, said = check(v, strings.Replace(string(text), "FROM main", "FROM mayn", 1))
	require.Contains(t, said, `"isSigned":false`)
	require.Contains(t, said, `"isSound":false`)
	for _, bad := range []string{"{}", "x", strings.Repeat(" ", engine.MaxReceiptBytes+1)} {
		status, _ = check(v, bad)
		require.Equal(t, http.StatusBadRequest, status)
	}

	nobody := s.signedIn(s.key("", engine.KeyOptions{Principal: "arn:aws:iam::000000000000:user/nobody"}))
	status, _ = nobody.refused(http.MethodGet, "queries/"+q.ID+"/receipt", nil)
	require.Equal(t, http.StatusForbidden, status)
	_, said = check(nobody, string(text))
	require.Contains(t, said, `"rows":"UNCHECKED","isSound":true`)
	status, _ = v.refused(http.MethodGet, "queries/00000000-0000-0000-0000-000000000000/receipt", nil)
	require.Equal(t, http.StatusNotFound, status)
}
