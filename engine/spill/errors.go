package spill

import (
	"errors"
	"syscall"

	"github.com/auditlake/auditlake/engine/memory"
	"github.com/auditlake/auditlake/planner/types"
)

var (
	errEnded   = types.Errorf(types.GenericInternalError, types.Pos{}, "rows are spilled of a query that has ended")
	errTooLong = types.Errorf(types.ExceededMemoryLimit, types.Pos{}, memory.Exhausted+"Query exceeded its memory limit: a row of more than 2 GiB cannot be spilled")
)

// writeError says in a user's terms why rows cannot be written.
func (s *Space) writeError(err error) error {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		return types.Errorf(types.InsufficientResources, types.Pos{},
			memory.Exhausted+"The query needs more memory than it may have, and cannot spill rows: no space is left on the disk of %s; free some, or raise the limit with --memory", s.dir)
	}
	return types.Errorf(types.GenericInternalError, types.Pos{}, "Failed to spill rows: %s", err)
}

func (r *Run) readError(err error) error {
	return types.Errorf(types.GenericInternalError, types.Pos{}, "Failed to read spilled rows of %s: %s; run the query again", r.path, err)
}
