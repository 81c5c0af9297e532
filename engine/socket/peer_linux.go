package socket

import (
	"fmt"
	"net"
	"os"

	"golang.org/x/sys/unix"
)

// CheckPeer refuses the other side of a connection if it is another user's.
func CheckPeer(conn *net.UnixConn) error {
	peer, err := peerOf(conn)
	if err != nil {
		return err
	}
	if int(peer.Uid) != os.Geteuid() {
		return ErrOtherUser
	}
	return nil
}

// PeerPID returns the process on the other side of a connection, for a listener the process that made it; 0 if it
// is not known.
func PeerPID(conn *net.UnixConn) int {
	peer, err := peerOf(conn)
	if err != nil {
		return 0
	}
	return int(peer.Pid)
}

func peerOf(conn *net.UnixConn) (peer *unix.Ucred, err error) {
	raw, err := conn.SyscallConn()
	if err != nil {
		return nil, err
	}
	var peerErr error
	if err := raw.Control(func(fd uintptr) {
		peer, peerErr = unix.GetsockoptUcred(int(fd), unix.SOL_SOCKET, unix.SO_PEERCRED)
	}); err != nil {
		return nil, err
	}
	if peerErr != nil {
		return nil, fmt.Errorf("user of the other process: %w", peerErr)
	}
	return peer, nil
}
