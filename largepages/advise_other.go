//go:build !linux

package largepages

// advise does nothing: other systems choose the size of pages themselves.
func advise(_, _ uintptr) {}
