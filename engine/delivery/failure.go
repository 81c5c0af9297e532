package delivery

import (
	"context"
	"errors"

	"github.com/auditlake/auditlake/storage/catalog"
	"github.com/auditlake/auditlake/storage/object"
)

// failure is why a delivery was not made.
type failure struct {
	status catalog.DeliveryStatus // if it is final
	// mayPass: a later try may succeed.
	mayPass bool
	err     error
}

// Error implements error.
func (f *failure) Error() string { return f.err.Error() }

// resultError is an error of the kept result itself.
type resultError struct{ err error }

// Error implements error.
func (e *resultError) Error() string { return e.err.Error() }

// Unwrap returns the cause.
func (e *resultError) Unwrap() error { return e.err }

// partFailure is what an error before the sign file means.
func partFailure(err error) *failure {
	var ofResult *resultError
	switch {
	case errors.As(err, &ofResult):
		return &failure{status: catalog.DeliveryFailed, err: err}
	case errors.Is(err, object.ErrNoSuchBucket), errors.Is(err, object.ErrNoSuchKey):
		return &failure{status: catalog.DeliveryNotFound, err: err}
	case errors.Is(err, object.ErrAccessDenied):
		return &failure{status: catalog.DeliveryDenied, err: err}
	}
	return &failure{status: catalog.DeliveryFailed, mayPass: true, err: err}
}

// signFileFailure returns the failure that an error of writing the sign file means. If the server did not answer,
// it is unknown whether the file exists.
func signFileFailure(err error) *failure {
	switch {
	case errors.Is(err, object.ErrAccessDenied):
		return &failure{status: catalog.DeliveryDeniedSigningFile, err: err}
	case errors.Is(err, object.ErrNoSuchBucket), errors.Is(err, object.ErrNoSuchKey):
		return &failure{status: catalog.DeliveryFailedSigningFile, err: err}
	case errors.Is(err, object.ErrUnreachable), errors.Is(err, context.DeadlineExceeded):
		return &failure{status: catalog.DeliveryUnknown, mayPass: true, err: err}
	}
	return &failure{status: catalog.DeliveryFailedSigningFile, mayPass: true, err: err}
}
