package server

const (
	maxDefaultConnections = 1000
	// minDefaultConnections is the least default, whatever the limit of open files.
	minDefaultConnections = 8
	// Connections may be 1/connectionsShare of the process's open files.
	connectionsShare = 4
)

// connectionsFor returns the default limit of connections for a process that may open openFiles files.
func connectionsFor(openFiles uint64) int {
	return int(min(max(openFiles/connectionsShare, minDefaultConnections), maxDefaultConnections))
}
