package console

import (
	"context"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine"
)

// TestUsageByUser: queries, bytes and prices of each user in a month; what the page asks for itself does not count.
func TestUsageByUser(t *testing.T) {
	s := newSite(t)
	ann := s.signedIn(s.key(`{"Effect": "Allow", "Action": "*", "Resource": "*"}`, engine.KeyOptions{Principal: "arn:aws:iam::000000000000:user/ann"}))
	bob := s.signedIn(s.key(`{"Effect": "Allow", "Action": "cloudtrail:*", "Resource": "*"}`, engine.KeyOptions{Principal: "arn:aws:iam::000000000000:user/bob"}))
	first, second := ann.run("SELECT eventname FROM main"), ann.run("SELECT eventjson FROM main")
	third := bob.run("SELECT eventname FROM main")
	sortedBy(ann, first.ID, 0, false)
	ask[[]userUsageRow](ann, http.MethodGet, "usage/users", nil)
	require.NoError(t, s.lake.Activity().Flush(context.Background()))
	users := ask[[]userUsageRow](ann, http.MethodGet, "usage/users", nil)
	require.Equal(t, []userUsageRow{
		{"arn:aws:iam::000000000000:user/ann", 2, first.BytesScanned + second.BytesScanned, first.Price + second.Price},
		{"arn:aws:iam::000000000000:user/bob", 1, third.BytesScanned, third.Price},
	}, users)
	require.Positive(t, users[0].QueryPrice)
	require.Len(t, ask[[]userUsageRow](ann, http.MethodGet, "usage/users?month=2026-03", nil), 2)
	require.Empty(t, ask[[]userUsageRow](ann, http.MethodGet, "usage/users?month=2026-02", nil))
	status, _ := ann.refused(http.MethodGet, "usage/users?month='", nil)
	require.Equal(t, http.StatusBadRequest, status)
	status, why := bob.refused(http.MethodGet, "usage/users", nil)
	require.Equal(t, http.StatusForbidden, status)
	require.Contains(t, why.Message, usageAction)
}
