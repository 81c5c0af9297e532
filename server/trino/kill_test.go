package trino_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine"
	"github.com/auditlake/auditlake/server/trino"
)

// TestKill: a query ends by the statement of its user, with the message; nobody else's statement finds it.
func TestKill(t *testing.T) {
	c := newClientOf(t, engine.Options{}, trino.Options{MaxWait: 10 * time.Millisecond})
	running := c.post(endless)
	stranger := *c
	stranger.header = http.Header{"X-Trino-User": {"ben"}}
	stranger.fails("CALL system.runtime.kill_query('"+running.ID+"')", "NOT_FOUND", "Target query not found: "+running.ID)
	c.fails("CALL system.runtime.kill_query('20260101_000000_00000_aaaaa')", "NOT_FOUND", "Target query not found")
	require.False(t, c.hasEnded(running.ID))

	killed := c.ask("CALL system.runtime.kill_query(query_id => '" + running.ID + "', message => 'too dear')")
	require.Nil(t, killed.Error)
	require.Equal(t, "CALL", killed.UpdateType)
	running = c.follow(running)
	require.Equal(t, "ADMINISTRATIVELY_KILLED", running.Error.ErrorName)
	require.Equal(t, 38, running.Error.ErrorCode)
	require.Equal(t, "Query killed. Message: too dear", running.Error.Message)
	c.fails("CALL system.runtime.kill_query('"+running.ID+"')", "NOT_SUPPORTED", "Target query is not running: "+running.ID)

	running = c.post(endless)
	require.Nil(t, c.ask("CALL system.runtime.kill_query('"+running.ID+"')").Error)
	require.Equal(t, "Query killed. No message provided.", c.follow(running).Error.Message)
}

// TestKillByKeys: of two keys with the same user name each ends its own queries alone.
func TestKillByKeys(t *testing.T) {
	c := doorOf(t, true)
	one, _ := c.as(engine.KeyOptions{Policies: policyOf(readsAll)})
	two, _ := c.as(engine.KeyOptions{Policies: policyOf(readsAll)})
	running := one.post(endless)
	two.fails("CALL system.runtime.kill_query('"+running.ID+"')", "NOT_FOUND", "Target query not found")
	require.Nil(t, one.ask("CALL system.runtime.kill_query('"+running.ID+"')").Error)
	require.Equal(t, "ADMINISTRATIVELY_KILLED", one.follow(running).Error.ErrorName)
}
