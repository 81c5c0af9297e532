package server_test

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

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
	made, err := hall.SelfSigned()
	require.NoError(t, err)
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
	require.ErrorContains(t, err, "not both")
}

// TestSelfSignedIsKept: every hall over the same files has the same certificate, until it expires, must hold another name or cannot be read.
func TestSelfSignedIsKept(t *testing.T) {
	dir := t.TempDir()
	certFile, keyFile := filepath.Join(dir, "tls.pem"), filepath.Join(dir, "tls-key.pem")
	now := time.Now()
	clock := func() time.Time { return now }
	start := func(hosts ...string) *server.SelfSigned {
		t.Helper()
		hall, err := server.NewHall(server.Options{SelfSigned: true, SelfSignedHosts: hosts, Now: clock})
		require.NoError(t, err)
		require.NoError(t, hall.KeepSelfSigned(certFile, keyFile))
		made, err := hall.SelfSigned()
		require.NoError(t, err)
		require.Equal(t, certFile, made.File)
		written, err := os.ReadFile(certFile)
		require.NoError(t, err)
		require.Equal(t, string(written), string(made.PEM))
		return made
	}
	first := start("127.0.0.1")
	require.Empty(t, first.Reason)
	info, err := os.Stat(keyFile)
	require.NoError(t, err)
	require.Equal(t, fs.FileMode(0o600), info.Mode().Perm())
	require.NotContains(t, string(first.PEM), "PRIVATE")
	require.Equal(t, first, start("127.0.0.1"))

	named := start("lake.test")
	require.Contains(t, named.Reason, "does not name lake.test")
	require.NotEqual(t, first.Fingerprint, named.Fingerprint)
	again := start()
	require.Equal(t, named.Fingerprint, again.Fingerprint, "a name more does no harm")
	require.Empty(t, again.Reason)

	now = now.AddDate(0, 11, 15)
	renewed := start("lake.test")
	require.Contains(t, renewed.Reason, "expires on "+named.NotAfter.Format(time.DateOnly))
	require.True(t, renewed.NotAfter.After(named.NotAfter))

	require.NoError(t, os.WriteFile(keyFile, []byte("no key"), 0o600))
	require.Contains(t, start("lake.test").Reason, "cannot be read")
	require.NoError(t, os.Remove(keyFile))
	require.Contains(t, start("lake.test").Reason, "cannot be read")
}

// TestSelfSignedIsRenewed: a hall that runs for a year shows its clients another certificate before the first one expires.
func TestSelfSignedIsRenewed(t *testing.T) {
	dir := t.TempDir()
	now := time.Now()
	hall, err := server.NewHall(server.Options{SelfSigned: true, Now: func() time.Time { return now }})
	require.NoError(t, err)
	require.NoError(t, hall.KeepSelfSigned(filepath.Join(dir, "tls.pem"), filepath.Join(dir, "tls-key.pem")))
	first, err := hall.SelfSigned()
	require.NoError(t, err)
	now = first.NotAfter.AddDate(0, 0, -1)
	second, err := hall.SelfSigned()
	require.NoError(t, err)
	require.NotEqual(t, first.Fingerprint, second.Fingerprint)
	require.True(t, second.NotAfter.After(first.NotAfter))
	require.NoError(t, os.RemoveAll(dir))
	now = second.NotAfter.AddDate(0, 0, -1)
	kept, err := hall.SelfSigned()
	require.NoError(t, err, "a folder that cannot be written to does not end the server")
	require.Equal(t, second.Fingerprint, kept.Fingerprint)
}
