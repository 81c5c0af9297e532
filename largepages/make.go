package largepages

// Make is make for much memory: it tells Made of it.
func Make[T any](n int) []T {
	memory := make([]T, n)
	Made(memory)
	return memory
}
