package process

import "os"

const (
	memoryFolder    = "/dev/shm" // on Linux, as a rule
	minMemoryFolder = 2 << 30    // bytes free
)

// TempInMemory makes the temporary folders of a test's process lie in memory if the system has a file system there
// with room, and TMPDIR is not set. A sync costs nothing there; on a disk, tests that make small lakes wait for syncs
// most of their time. It is for TestMain of packages that test what lakes hold; storage/vfs tests the disk itself.
func TempInMemory() {
	if os.Getenv("TMPDIR") != "" || freeInMemory(memoryFolder) < minMemoryFolder {
		return
	}
	os.Setenv("TMPDIR", memoryFolder) // fails for other names alone
}
