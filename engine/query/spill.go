package query

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/google/uuid"

	"github.com/auditlake/auditlake/engine/spill"
	"github.com/auditlake/auditlake/storage/vfs"
)

// openSpills opens the folder that queries spill to: the lake's or, if the lake is read-only, a temporary folder of
// this process. Without it queries run in memory, and fail if that does not suffice.
func (q *Queries) openSpills() {
	if q.options.SpillLimitBytes < 0 {
		return
	}
	files, dir := q.options.Storage.SpillFolder()
	if q.options.ReadOnly {
		files, dir = vfs.OS, filepath.Join(os.TempDir(), fmt.Sprintf("auditlake-spill-%d-%s", os.Getpid(), uuid.NewString()))
	}
	if q.options.SpillFiles != nil {
		files = q.options.SpillFiles
	}
	space, err := spill.Open(spill.Options{FS: files, Dir: dir, LimitBytes: q.options.SpillLimitBytes})
	if err != nil {
		q.options.Log.Error("queries cannot spill", "error", err)
		return
	}
	q.spills = space
}
