package server

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestDeepHealth: a failing check is 503, and an answer is given again for five seconds.
func TestDeepHealth(t *testing.T) {
	now, asked := time.Date(2026, 1, 31, 0, 0, 0, 0, time.UTC), 0
	checks, err := []HealthCheck{{"disk", "ok"}, {"verify", "warning"}}, error(nil)
	h, newErr := NewHall(Options{Now: func() time.Time { return now }})
	require.NoError(t, newErr)
	defer h.Close()
	get := func(path string) (int, string) {
		w := httptest.NewRecorder()
		h.health(w, httptest.NewRequest(http.MethodGet, path, nil))
		return w.Code, w.Body.String()
	}
	status, _ := get("/health?deep=1")
	require.Equal(t, http.StatusOK, status, "nothing to ask but the server")
	h.CheckHealth(func(context.Context) ([]HealthCheck, error) { asked++; return checks, err })
	status, body := get("/health?deep=1")
	require.Equal(t, http.StatusOK, status)
	require.JSONEq(t, `{"status":"ok","checks":[{"name":"disk","state":"ok"},{"name":"verify","state":"warning"}]}`, body)
	checks = []HealthCheck{{"disk", "failing"}}
	status, _ = get("/health?deep=1")
	require.Equal(t, http.StatusOK, status, "the same answer")
	require.Equal(t, 1, asked)
	now = now.Add(deepHealthFor)
	status, body = get("/health?deep=1")
	require.Equal(t, http.StatusServiceUnavailable, status)
	require.Contains(t, body, `"status":"failing"`)
	status, _ = get("/health")
	require.Equal(t, http.StatusOK, status, "the server itself")
	checks, err, now = nil, errors.New("no catalog"), now.Add(deepHealthFor)
	status, body = get("/health?deep=1")
	require.Equal(t, http.StatusServiceUnavailable, status)
	require.NotContains(t, body, "no catalog")
}
