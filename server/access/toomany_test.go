package access_test

import (
	"net/netip"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine"
	"github.com/auditlake/auditlake/server/access"
)

// TestTooManyWrongSecrets: guessing at one door slows guessing at the others, and keys that do not exist look like others.
func TestTooManyWrongSecrets(t *testing.T) {
	f := newFixture(t)
	gate := access.New(f.lake, true)
	aws := gate.RequiringKeys()
	key, secret, _ := f.key(engine.KeyOptions{})
	here, elsewhere := access.Origin{IP: netip.MustParseAddr("127.0.0.1")}, access.Origin{IP: netip.MustParseAddr("192.0.2.1")}
	for _, id := range []string{key.ID, "AKIAZZZZZZZZZZZZZZZZ"} {
		for range 10 {
			_, err := gate.Enter(id, "wrong", "", here)
			require.Equal(t, access.ErrRefused, err)
		}
		_, err := gate.Enter(id, secret, "", here)
		require.ErrorIs(t, err, access.ErrTooManyAttempts)
	}
	require.ErrorIs(t, aws.CheckAttempt(key.ID, here), access.ErrTooManyAttempts)
	_, err := gate.Enter(key.ID, secret, "", elsewhere)
	require.NoError(t, err)
	f.passed.Add(int64(time.Second))
	_, err = gate.Enter(key.ID, secret, "", here)
	require.NoError(t, err)
}
