package server

const (
	maxDefaultConnections = 1000
	// minDefaultConnections is how many there may be under any limit of open files.
	minDefaultConnections = 8
	// connectionsShare is the part of the process's open files that connections may be, as a divisor.
	connectionsShare = 4
)

// connectionsFor returns how many connections may be open in a process that may have so many files open.
func connectionsFor(openFiles uint64) int {
	return int(min(max(openFiles/connectionsShare, minDefaultConnections), maxDefaultConnections))
}
