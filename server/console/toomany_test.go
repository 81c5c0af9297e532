package console

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine"
)

// TestSignInSlowsDown: after ten wrong secrets the form says when to come back.
func TestSignInSlowsDown(t *testing.T) {
	s := newSite(t)
	id, secret, _ := s.key("", engine.KeyOptions{})
	v := &visitor{site: s}
	for range 10 {
		require.Equal(t, http.StatusUnauthorized, v.signIn(id, "wrong", "").StatusCode)
	}
	response := v.signIn(id, secret, "")
	require.Equal(t, http.StatusTooManyRequests, response.StatusCode)
	require.Equal(t, "1", response.Header.Get("Retry-After"))
}
