//go:build !unix

package server

// defaultConnections returns the default limit of open connections: the system has no limit of open files.
func defaultConnections() int { return maxDefaultConnections }
