package batch

import (
	"errors"

	"github.com/auditlake/auditlake/planner/types"
)

// Recover, deferred, turns a panic with a *types.Error (a column past 2 GiB, a
// NULL where an order is needed) into an error. Other panics go on.
func Recover(err *error) {
	switch r := recover().(type) {
	case nil:
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
