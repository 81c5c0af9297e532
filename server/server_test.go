package server_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine"
	"github.com/auditlake/auditlake/server"
)

func TestListenOnLoopbackOnly(t *testing.T) {
	for _, address := range []string{"0.0.0.0:0", ":0", "[::]:0", "192.0.2.1:0", "example.org:0"} {
		t.Run(address, func(t *testing.T) {
			_, err := server.Listen(context.Background(), address)
			require.ErrorIs(t, err, server.ErrNotLoopback)
			require.ErrorContains(t, err, address)
		})
	}
	_, err := server.Listen(context.Background(), "127.0.0.1")
	require.ErrorContains(t, err, "want host:port")
	for _, address := range []string{"127.0.0.1:0", "localhost:0"} {
		listener, err := server.Listen(context.Background(), address)
		require.NoError(t, err)
		require.NoError(t, listener.Close())
	}
}

func TestServe(t *testing.T) {
	ctx, stop := context.WithCancel(context.Background())
	lake, err := engine.Open(ctx, t.TempDir(), engine.Options{})
	require.NoError(t, err)
	defer lake.Close()
	listener, err := server.Listen(ctx, "127.0.0.1:0")
	require.NoError(t, err)
	done := make(chan error, 1)
	go func() { done <- server.Serve(ctx, lake, listener) }()

	ask := func(host, origin string) int {
		r, err := http.NewRequest(http.MethodPost, "http://"+listener.Addr().String()+"/v1/statement", strings.NewReader("SELECT 1"))
		require.NoError(t, err)
		if host != "" {
			r.Host = host
		}
		if origin != "" {
			r.Header.Set("Origin", origin)
		}
		response, err := http.DefaultClient.Do(r)
		require.NoError(t, err)
		defer response.Body.Close()
		_, err = io.Copy(io.Discard, response.Body)
		require.NoError(t, err)
		return response.StatusCode
	}
	require.Equal(t, http.StatusOK, ask("", ""))
	require.Equal(t, http.StatusOK, ask("localhost:8585", "http://localhost:8585"))
	require.Equal(t, http.StatusForbidden, ask("lake.example.org", ""))
	require.Equal(t, http.StatusForbidden, ask("", "http://example.org"))
	require.Equal(t, http.StatusForbidden, ask("", "null"))

	stop()
	require.NoError(t, <-done)
	_, err = http.Get("http://" + listener.Addr().String() + "/v1/info")
	require.Error(t, err)
}
