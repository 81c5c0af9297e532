package main

import (
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestKeysCloseAndReopen: the first key says what it changes for clients, the end of the last one that nothing is opened by it, and reopening
// lets programs of this machine in without a key, at the server that runs.
func TestKeysCloseAndReopen(t *testing.T) {
	lake := filepath.Join(t.TempDir(), "lake")
	keys := func(args ...string) outcome {
		t.Helper()
		return command(t, append([]string{"--lake", lake, "keys"}, args...)...)
	}
	require.Contains(t, keys("create").err, "From now on the server requires a key from every client")
	id := createdKey.FindStringSubmatch(keys("create").out)[1]
	got := keys("create", "--session", "1h")
	require.NotContains(t, got.err, "From now on", "it was so before")

	address, stop := serveLake(t, lake)
	status := func() int {
		t.Helper()
		r, err := http.NewRequest(http.MethodPost, "http://"+address+"/v1/statement", strings.NewReader("SELECT 1"))
		require.NoError(t, err)
		r.Header.Set("X-Trino-User", "me")
		answer, err := http.DefaultClient.Do(r)
		require.NoError(t, err)
		require.NoError(t, answer.Body.Close())
		return answer.StatusCode
	}
	require.Equal(t, http.StatusUnauthorized, status())
	got = keys("reopen")
	require.Equal(t, exitFailed, got.code)
	require.Contains(t, got.err, "cannot reopen the lake: access keys still work; revoke them first: ")
	require.Contains(t, got.err, id)
	for _, line := range strings.Split(keys("list").out, "\n") {
		if key := strings.Fields(line); len(key) > 2 && key[1] == "active" && !strings.HasSuffix(key[2], ":root") {
			require.NotContains(t, got.out, "reopen")
			got = keys("revoke", key[0])
			require.Equal(t, exitDone, got.code, got.err)
		}
	}
	require.Contains(t, got.err, "The server still requires a key from every client", "of the last")
	require.Contains(t, got.err, "auditlake keys reopen")
	require.Equal(t, http.StatusUnauthorized, status())
	require.Equal(t, "local programs can connect without a key again\n", keys("reopen").out)
	require.Equal(t, http.StatusOK, status())
	require.Contains(t, keys("reopen").out, "nothing to do")
	require.Regexp(t, `(?m)^`+id+` +revoked`, keys("list").out, "the keys that ended are still listed")

	got = keys("create")
	require.Contains(t, got.err, "To connect to the running server:")
	require.Contains(t, got.err, "http_session=session")
	require.Equal(t, http.StatusUnauthorized, status())
	stop()
	require.Equal(t, exitUsage, command(t, "--lake", lake, "--read-only", "keys", "reopen").code)
}
