package process

import "golang.org/x/sys/unix"

// freeInMemory returns the free bytes of a folder in memory, 0 if the folder is not in memory.
func freeInMemory(folder string) int64 {
	var system unix.Statfs_t
	if unix.Statfs(folder, &system) != nil || int64(system.Type) != unix.TMPFS_MAGIC {
		return 0
	}
	return int64(system.Bavail) * int64(system.Bsize)
}
