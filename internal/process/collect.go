package process

import "runtime/debug"

const (
	rareCollectPercent = 400
	maxRareBytes       = 2 << 30
)

// CollectRarely lets the heap of a test process grow to five times its live size, up to 2 GiB, before the garbage
// collector runs. Tests that make many small lakes, or that query within a few kilobytes, otherwise spend up to a
// third of their time on collections. It is for the TestMain of packages that do not measure the process's memory.
func CollectRarely() {
	debug.SetGCPercent(rareCollectPercent)
	debug.SetMemoryLimit(maxRareBytes)
}
