//go:build !race

package largepages

// isFilled: memory that is not cleared is filled, so that tests come upon values that nobody writes.
const isFilled = false
