package object

import (
	"fmt"
	"net"
	"syscall"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/stretchr/testify/require"
)

// TestRefusedConnectionIsTriedOnce: where no server listens the first attempt is the last one, and its error says so.
func TestRefusedConnectionIsTriedOnce(t *testing.T) {
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	at := closed.Addr().String()
	require.NoError(t, closed.Close())
	client, err := NewClient(t.Context(), Options{
		EndpointURL: "http://" + at, Credentials: &Credentials{AccessKeyID: "AKIDEXAMPLE", SecretAccessKey: "not-a-secret-example-key"},
	})
	require.NoError(t, err)
	for _, failed := range client.List(t.Context(), Place{Bucket: "trail"}) {
		err = failed
	}
	require.ErrorIs(t, err, ErrUnreachable)
	require.ErrorIs(t, err, syscall.ECONNREFUSED)
	require.EqualError(t, err, "list s3://trail/: the server does not respond: dial tcp "+at+": connect: connection refused")
	var again *retry.MaxAttemptsError
	require.NotErrorAs(t, err, &again, "no attempt follows the first one")
}

// TestOtherFailuresAreTriedAgain: a server that cuts a connection is asked again.
func TestOtherFailuresAreTriedAgain(t *testing.T) {
	r := newRetryer()
	require.Equal(t, maxAttempts, r.MaxAttempts())
	require.False(t, r.IsErrorRetryable(fmt.Errorf("dial: %w", &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED})))
	require.True(t, r.IsErrorRetryable(fmt.Errorf("read: %w", &net.OpError{Op: "read", Err: syscall.ECONNRESET})))
}
