package batch

import (
	"errors"

	"github.com/auditlake/auditlake/planner/types"
)

// failure is the panic of Fail.
type failure struct{ error }

// Fail ends an evaluation with err where no error can be returned: it panics, and Recover returns err.
func Fail(err error) { panic(failure{err}) }

// Recover, deferred, turns the panic of Fail into an error, and also a panic with a *types.Error: a column past 2
// GiB, a NULL where an order is needed. Other panics continue.
func Recover(err *error) {
	switch r := recover().(type) {
	case nil:
	case failure:
		*err = r.error
	case error:
		var user *types.Error
		if !errors.As(r, &user) {
			panic(r)
		}
		*err = user
	default:
		panic(r)
	}
}
