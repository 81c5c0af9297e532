//go:build !unix

package server

// defaultConnections returns how many connections may be open: the system sets no limit of open files.
func defaultConnections() int { return maxDefaultConnections }
