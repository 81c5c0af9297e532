package object

import (
	"errors"
	"syscall"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
)

// maxAttempts is how often a request is tried: with the SDK's growing waits that is for about half a minute.
const maxAttempts = 6

// newRetryer returns the SDK's usual retryer, but for a connection that is refused: no server listens there, and the
// caller learns that at once.
func newRetryer() aws.Retryer {
	return retry.NewStandard(func(o *retry.StandardOptions) {
		o.MaxAttempts = maxAttempts
		o.Retryables = append([]retry.IsErrorRetryable{retry.IsErrorRetryableFunc(isRefused)}, o.Retryables...)
	})
}

// isRefused returns false for a refused connection, and otherwise leaves the decision to others.
func isRefused(err error) aws.Ternary {
	if errors.Is(err, syscall.ECONNREFUSED) {
		return aws.FalseTernary
	}
	return aws.UnknownTernary
}
