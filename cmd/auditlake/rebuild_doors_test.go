package main

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestRebuildKeepsDoorsClosed: a lake that had a key asks for keys after its catalog was lost and rebuilt, until its owner reopens it.
func TestRebuildKeepsDoorsClosed(t *testing.T) {
	lake := sampleLake(t)
	auditlake := func(args ...string) string {
		t.Helper()
		code, out, log := runHere(append([]string{"--lake", lake}, args...)...)
		require.Equal(t, exitDone, code, log)
		return out
	}
	status := func() int {
		t.Helper()
		address, stop := serveLake(t, lake)
		defer stop()
		request, err := http.NewRequest(http.MethodPost, "http://"+address+"/v1/statement", strings.NewReader("SELECT 1"))
		require.NoError(t, err)
		request.Header.Set("X-Trino-User", "anybody")
		response, err := http.DefaultClient.Do(request)
		require.NoError(t, err)
		require.NoError(t, response.Body.Close())
		return response.StatusCode
	}
	loseCatalog := func() { require.NoError(t, os.RemoveAll(filepath.Join(lake, "catalog"))) }

	require.NotContains(t, auditlake("rebuild"), "access   keys", "it never had a key")
	auditlake("keys", "create")
	out := auditlake("rebuild") // of a catalog that can be read
	require.Contains(t, out, "missing  1 access keys and their policies: AKIA")
	require.Contains(t, out, "access   keys required, as before")
	loseCatalog()
	out = auditlake("rebuild")
	for _, kind := range []string{"trails", "channels", "dashboards", "access keys and their policies", "saved questions", "resource policies", "reference tables"} {
		require.Contains(t, out, "missing  "+kind)
	}
	require.Contains(t, out, "access   keys required, as before: the lake had access keys")
	require.Contains(t, out, "auditlake keys reopen")
	require.Equal(t, http.StatusUnauthorized, status())

	require.NoError(t, os.Remove(filepath.Join(lake, "keys-required")), "as a lake of an earlier version")
	loseCatalog()
	require.Contains(t, auditlake("rebuild"), "access   keys required: it is unknown whether the lake had access keys")
	require.Equal(t, http.StatusUnauthorized, status())

	auditlake("keys", "reopen")
	require.Equal(t, http.StatusOK, status())
}
