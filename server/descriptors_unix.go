//go:build unix

package server

import "syscall"

// defaultConnections returns the default limit of open connections, from the process's limit of open files. Go has
// raised that to the hard limit.
func defaultConnections() int {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return maxDefaultConnections
	}
	return connectionsFor(uint64(limit.Cur)) // signed on some systems
}
