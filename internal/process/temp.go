package process

import "os"

const (
	memoryFolder    = "/dev/shm" // on Linux, as a rule
	minMemoryFolder = 2 << 30    // bytes free
)

// TempInMemory puts the temporary folders of a test process in memory, if the system has such a file system with
// enough room and TMPDIR is not set. A sync costs nothing there; on a disk, tests that make small lakes spend most
// of their time on syncs. It is for the TestMain of packages that test the content of lakes; storage/vfs tests the
// disk itself.
func TempInMemory() {
	if os.Getenv("TMPDIR") != "" || freeInMemory(memoryFolder) < minMemoryFolder {
		return
	}
	os.Setenv("TMPDIR", memoryFolder) // fails only for other names
}
