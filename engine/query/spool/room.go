package spool

import (
	"fmt"

	"github.com/auditlake/auditlake/engine/memory"
)

// Room is the disk space of a file that lies beside the results for a while. It counts against what all results may
// take. One goroutine uses it.
type Room struct {
	folder     *Folder
	limitBytes int64
	bytes      int64 // taken
}

// NewRoom returns an empty room.
func (f *Folder) NewRoom() (*Room, error) {
	limit, err := f.limitBytes()
	if err != nil {
		return nil, err
	}
	return &Room{folder: f, limitBytes: limit}, nil
}

// Take takes bytes of the limit of all results before they are written. After an error it has taken none of them.
func (r *Room) Take(bytes int64) error {
	if used, ok := r.folder.takeRoom(bytes, r.limitBytes); !ok {
		return fmt.Errorf("the lake keeps %s of results already and may keep %s", memory.FormatBytes(used), memory.FormatBytes(r.limitBytes))
	}
	r.bytes += bytes
	return nil
}

// GiveBack gives back all that was taken, once the file is gone.
func (r *Room) GiveBack() {
	r.folder.release(r.bytes)
	r.bytes = 0
}
