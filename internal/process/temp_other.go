//go:build !linux

package process

// freeInMemory returns 0: other systems have no folder in memory that every process may write to.
func freeInMemory(string) int64 { return 0 }
