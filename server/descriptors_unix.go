//go:build unix

package server

import "syscall"

// defaultConnections returns how many connections may be open by the process's limit of open files. Go has raised
// that to the hard limit.
func defaultConnections() int {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return maxDefaultConnections
	}
	return connectionsFor(uint64(limit.Cur)) // some systems have signed ones
}
