package awsapi_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine"
)

// TestRevokedKeysQueries: revoking a key cancels the queries that it has started, and leaves those of others.
func TestRevokedKeysQueries(t *testing.T) {
	f := newFixture(t)
	all := []engine.KeyPolicy{{Name: "all", Document: `{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}`}}
	key := f.keyFor(engine.KeyOptions{Policies: all})
	release := f.takeTurns()
	defer release()
	code, body := f.askBy(key, "StartQuery", of("QueryStatement", "SELECT 1"))
	require.Empty(t, code, body)
	other := f.start("SELECT 2")
	require.NoError(t, f.lake.Keys().Revoke(context.Background(), key.id))
	open := f.lake.Queries().Open()
	for _, info := range open {
		require.NotContains(t, body, info.ID)
	}
	found, err := f.lake.Queries().List(context.Background(), engine.QueryFilter{States: []engine.QueryState{engine.QueryCancelled}})
	require.NoError(t, err)
	require.Len(t, found, 1)
	require.Contains(t, body, found[0].ID)
	require.Contains(t, found[0].ErrorMessage, "the access key "+key.id+" was revoked")
	require.Equal(t, "QUEUED", f.get("DescribeQuery", of("QueryId", other))["QueryStatus"])
}
