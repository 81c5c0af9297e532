package largepages

// Make is make for a large slice; it calls Made.
func Make[T any](n int) []T {
	memory := make([]T, n)
	Made(memory)
	return memory
}
