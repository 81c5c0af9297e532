package access_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine"
	"github.com/auditlake/auditlake/engine/enginetest/clock"
	"github.com/auditlake/auditlake/server/access"
)

// TestQueriesEndWithTheirKey: a query that has begun, and whose reader takes its time, ends when its key is revoked or expires.
func TestQueriesEndWithTheirKey(t *testing.T) {
	ctx, at := context.Background(), clock.New(begin)
	lake, err := engine.Open(ctx, t.TempDir(), engine.Options{Now: at.Now, Elapsed: at.Elapsed, AfterFunc: at.AfterFunc})
	require.NoError(t, err)
	defer func() { require.NoError(t, lake.Close()) }()
	gate := access.New(lake, true)
	for _, tt := range []struct {
		name string
		end  func(id string)
		want string
	}{
		{"revoked", func(id string) { require.NoError(t, lake.Keys().Revoke(ctx, id)) }, "was revoked"},
		{"expired", func(string) { at.Pass(time.Hour) }, "has expired"},
	} {
		key, secrets, err := lake.Keys().Create(ctx, engine.KeyOptions{Session: 30 * time.Minute})
		require.NoError(t, err)
		caller, err := gate.Enter(key.ID, secrets.Secret, secrets.Token, access.Origin{})
		require.NoError(t, err)
		query, err := lake.Queries().Submit(ctx, "SELECT * FROM UNNEST(sequence(1, 10000)) a(x), UNNEST(sequence(1, 10000)) b(y)",
			append(caller.QueryOptions(), engine.AskedBy(caller.Asker()))...)
		require.NoError(t, err)
		rows, err := query.Rows()
		require.NoError(t, err)
		require.True(t, rows.Next())
		tt.end(key.ID)
		for rows.Next() {
		}
		require.ErrorContains(t, rows.Err(), tt.want, tt.name)
		_ = rows.Close()
		require.Equal(t, engine.QueryCancelled, query.Info().State, tt.name)
	}
}
