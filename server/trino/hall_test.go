package trino_test

import (
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine"
	"github.com/auditlake/auditlake/server"
	"github.com/auditlake/auditlake/server/servertest"
	"github.com/auditlake/auditlake/server/trino"
)

// hallAt serves an empty lake through a hallway until the test ends.
func hallAt(t *testing.T, options server.Options) (address string) {
	t.Helper()
	lake, err := engine.Open(context.Background(), t.TempDir(), engine.Options{})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, lake.Close()) })
	hall, err := server.NewHall(options)
	require.NoError(t, err)
	ctx, stop := context.WithCancel(context.Background())
	at, err := hall.Listen(ctx, "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, trino.CheckAddress(at))
	done := make(chan error, 1)
	go func() { done <- hall.Serve(ctx, trino.New(lake, trino.Options{})) }()
	t.Cleanup(func() {
		stop()
		require.NoError(t, <-done)
	})
	return at.String()
}

// TestLinks: every link of an answer leads to where the client reached the server.
func TestLinks(t *testing.T) {
	cert, key, overTLS := servertest.Certificate(t)
	for _, tt := range []struct {
		name    string
		client  *http.Client
		options server.Options
		header  http.Header
		scheme  string // of the address
		want    string // "" for the address itself
	}{
		{name: "over HTTP", client: http.DefaultClient, scheme: "http://"},
		{name: "over TLS", client: overTLS, options: server.Options{TLSCert: cert, TLSKey: key}, scheme: "https://"},
		{name: "of a base URL", client: http.DefaultClient, options: server.Options{BaseURL: "https://lake.test/audit"}, scheme: "http://",
			want: "https://lake.test/audit"},
		{name: "of a proxy", client: http.DefaultClient, options: server.Options{TrustForwarded: true}, scheme: "http://",
			header: http.Header{"X-Forwarded-Proto": {"https"}, "X-Forwarded-Host": {"lake.test"}}, want: "https://lake.test"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			address := tt.scheme + hallAt(t, tt.options)
			if tt.want == "" {
				tt.want = address
			}
			ask := func(method, path, sql string, answer any) {
				r, err := http.NewRequest(method, address+path, strings.NewReader(sql))
				require.NoError(t, err)
				r.Header = tt.header.Clone()
				if r.Header == nil {
					r.Header = http.Header{}
				}
				r.Header.Set("X-Trino-User", "ann")
				response, err := tt.client.Do(r)
				require.NoError(t, err)
				defer response.Body.Close()
				text, err := io.ReadAll(response.Body)
				require.NoError(t, err)
				require.Equal(t, http.StatusOK, response.StatusCode, string(text))
				require.NoError(t, json.Unmarshal(text, answer))
			}
			var first struct{ ID, NextURI, InfoURI string }
			ask(http.MethodPost, "/v1/statement", "SELECT http_uri FROM system.runtime.nodes", &first)
			var list []struct{ QueryID, Self string }
			ask(http.MethodGet, "/v1/query", "", &list)
			require.Len(t, list, 1)
			for _, uri := range []string{first.NextURI, first.InfoURI, list[0].Self} {
				require.True(t, strings.HasPrefix(uri, tt.want+"/v1/"), uri)
			}
			var answer struct{ Data [][]any }
			for path := strings.TrimPrefix(first.NextURI, tt.want); path != ""; { // a proxy leads there
				var next struct {
					NextURI string
					Data    [][]any
				}
				ask(http.MethodGet, path, "", &next)
				answer.Data = append(answer.Data, next.Data...)
				path = strings.TrimPrefix(next.NextURI, tt.want)
			}
			require.Equal(t, [][]any{{tt.want}}, answer.Data)
		})
	}
}

// TestAddressesThatOthersReach: without keys the door takes this machine alone.
func TestAddressesThatOthersReach(t *testing.T) {
	for address, refused := range map[string]bool{"127.0.0.1": false, "::1": false, "0.0.0.0": true, "::": true, "192.0.2.1": true} {
		t.Run(address, func(t *testing.T) {
			err := trino.CheckAddress(&net.TCPAddr{IP: net.ParseIP(address), Port: 8585})
			if !refused {
				require.NoError(t, err)
				return
			}
			require.ErrorIs(t, err, server.ErrNotLoopback)
			require.ErrorContains(t, err, "without access keys it accepts any user")
			require.ErrorContains(t, err, address)
		})
	}
}
