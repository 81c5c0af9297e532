package socket

import (
	"fmt"
	"net"
	"os"

	"golang.org/x/sys/unix"
)

// CheckPeer refuses the other side of a connection if it is another user's.
func CheckPeer(conn *net.UnixConn) error {
	raw, err := conn.SyscallConn()
	if err != nil {
		return err
	}
	var peer *unix.Xucred
	var peerErr error
	if err := raw.Control(func(fd uintptr) {
		peer, peerErr = unix.GetsockoptXucred(int(fd), unix.SOL_LOCAL, unix.LOCAL_PEERCRED)
	}); err != nil {
		return err
	}
	if peerErr != nil {
		return fmt.Errorf("user of the other process: %w", peerErr)
	}
	if int(peer.Uid) != os.Geteuid() {
		return ErrOtherUser
	}
	return nil
}

// PeerPID is 0: the process on the other side is not known here.
func PeerPID(*net.UnixConn) int { return 0 }
