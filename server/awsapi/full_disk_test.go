package awsapi_test

import (
	"net/http"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/enginetest/clock"
)

// TestFullDisk: what writes is unavailable for a while where the disk is full, and clients are told when to ask again.
func TestFullDisk(t *testing.T) {
	var free atomic.Int64
	free.Store(1 << 40)
	f := &fixture{T: t, dir: t.TempDir(), clock: clock.New(start), freeBytes: func() (int64, error) { return free.Load(), nil }}
	f.open()
	t.Cleanup(f.close)
	store := f.newActivityStore("app")
	channel := f.newChannel(store)
	signed := func(operation string, members map[string]any) *http.Request {
		body := text(t, members)
		return f.sign(request(operation, body), "cloudtrail", body, rootID, secret, "")
	}
	put := func() *http.Request { return f.putRequest(rootID, secret, channel, "", f.auditEvent("1", nil)) }
	free.Store(0)
	for name, request := range map[string]*http.Request{
		"PutAuditEvents":       put(),
		"CreateEventDataStore": signed("CreateEventDataStore", of("Name", "other")),
		"StartQuery":           signed("StartQuery", of("QueryStatement", "SELECT 1")),
	} {
		w := f.serve(request)
		require.Equal(t, http.StatusServiceUnavailable, w.Code, "%s: %s", name, w.Body)
		require.Equal(t, "ServiceUnavailable", w.Header().Get("x-amzn-ErrorType"), name)
		require.Equal(t, "30", w.Header().Get("Retry-After"), name)
		require.Contains(t, w.Body.String(), "The lake's disk is full", name)
	}
	free.Store(1 << 40)
	w := f.serve(put())
	require.Equal(t, http.StatusOK, w.Code, w.Body)
}
