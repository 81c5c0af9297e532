package process

import "runtime/debug"

const (
	rareCollectPercent = 400
	maxRareBytes       = 2 << 30
)

// CollectRarely lets the heap of a test's process grow to five times what is in use, up to 2 GiB, before garbage is
// collected: tests that make one small lake after the other, or ask within a few kilobytes, spend up to a third of
// their time on collections otherwise. It is for TestMain of packages that do not measure the memory of the process.
func CollectRarely() {
	debug.SetGCPercent(rareCollectPercent)
	debug.SetMemoryLimit(maxRareBytes)
}
