//go:build !linux

package largepages

// advise does nothing: elsewhere the system chooses the size of pages.
func advise(_, _ uintptr) {}
