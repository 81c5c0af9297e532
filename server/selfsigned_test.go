package server_test

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/server"
)

// TestSelfSigned: a client that trusts the certificate that was printed reaches the server by its names, one that does not is refused.
func TestSelfSigned(t *testing.T) {
	hall, err := server.NewHall(server.Options{SelfSigned: true, SelfSignedHosts: []string{"lake.test", "192.0.2.1", "0.0.0.0", ""}})
	require.NoError(t, err)
	ctx, stop := context.WithCancel(context.Background())
	at, err := hall.Listen(ctx, "127.0.0.1:0")
	require.NoError(t, err)
	done := make(chan error, 1)
	go func() { done <- hall.Serve(ctx) }()
	defer func() {
		stop()
		require.NoError(t, <-done)
	}()
	made := hall.SelfSigned()
	roots := x509.NewCertPool()
	require.True(t, roots.AppendCertsFromPEM(made.PEM))
	for _, name := range []string{"127.0.0.1", "localhost", "lake.test", "192.0.2.1"} {
		connection, err := tls.Dial("tcp", at.String(), &tls.Config{RootCAs: roots, ServerName: name})
		require.NoError(t, err, name)
		sum := sha256.Sum256(connection.ConnectionState().PeerCertificates[0].Raw)
		require.Equal(t, hex.EncodeToString(sum[:]), made.Fingerprint)
		require.NoError(t, connection.Close())
	}
	_, err = tls.Dial("tcp", at.String(), &tls.Config{RootCAs: roots, ServerName: "other.test"})
	require.Error(t, err)
	stranger := &http.Client{Transport: &http.Transport{}}
	_, err = stranger.Get(hall.URL(at) + "/health")
	require.ErrorContains(t, err, "certificate")

	_, err = server.NewHall(server.Options{SelfSigned: true, TLSCert: "x"})
	require.ErrorContains(t, err, "give one of them")
}
