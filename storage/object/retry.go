package object

import (
	"errors"
	"syscall"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
)

// maxAttempts is how often a request is tried. With the SDK's growing waits that takes about half a minute.
const maxAttempts = 6

// newRetryer returns the SDK's usual retryer, except that a refused connection is not retried: no server listens
// there, and the caller learns that at once.
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
