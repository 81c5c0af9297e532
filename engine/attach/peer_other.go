//go:build !linux && !darwin

package attach

import "net"

// checkPeer has no portable means here: the socket's mode keeps other users out.
func checkPeer(*net.UnixConn) error { return nil }
