// Package socket is the Unix socket of a lake: where it lies, who may use it, and
// what the process that holds the lake says first. Which of two protocols follows,
// command lines or HTTP, is the client's choice.
package socket

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
)

const (
	// Name is the name in the lake's folder of the socket, or of a link to it.
	Name    = "attach.sock"
	newName = "attach.new" // while it is set up
	// maxSocketPathBytes leaves room below what systems allow, 104 and 108.
	maxSocketPathBytes = 100
)

// Listen makes the socket of a lake, and replaces one that an ended holder left. The socket appears under its name
// once it listens and only its user may use it. If the lake's folder cannot hold it, it lies in the user's runtime
// folder, and a link in the lake's folder leads to it: both sides find it whatever their environment says. remove
// removes both.
//
// Listen takes away the rights of other users on an earlier holder's socket or runtime folder; wider has a sentence
// about each.
func Listen(lakeDir string) (listener *net.UnixListener, remove func(), wider []string, err error) {
	path := filepath.Join(lakeDir, Name)
	if info, err := os.Lstat(path); err == nil && info.Mode()&fs.ModeSocket != 0 && info.Mode().Perm()&0o077 != 0 {
		wider = append(wider, openToOthers(path, info))
	}
	var first error
	if len(path) <= maxSocketPathBytes {
		if listener, first = listenAt(lakeDir, Name, newName); first == nil {
			return listener, func() { os.Remove(path) }, wider, nil
		}
	}
	for _, dir := range runtimeFolders() {
		name := hashName(lakeDir)
		var warning string
		if warning, err = makePrivate(dir); err != nil {
			continue
		}
		if listener, err = listenAt(dir, name, name+".new"); err != nil {
			continue
		}
		target := filepath.Join(dir, name)
		if err = link(target, path); err == nil {
			if warning != "" {
				wider = append(wider, warning)
			}
			return listener, func() { os.Remove(path); os.Remove(target) }, wider, nil
		}
		listener.Close()
		os.Remove(target)
	}
	return nil, nil, nil, errors.Join(first, err)
}

func openToOthers(path string, info fs.FileInfo) string {
	return fmt.Sprintf("%s was open to other users (mode %#o); now only its owner can use it", path, info.Mode().Perm())
}

func listenAt(dir, name, temporary string) (*net.UnixListener, error) {
	path, setUp := filepath.Join(dir, name), filepath.Join(dir, temporary)
	if err := os.Remove(setUp); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	listener, err := net.ListenUnix("unix", &net.UnixAddr{Name: setUp, Net: "unix"})
	if err != nil {
		return nil, err
	}
	listener.SetUnlinkOnClose(false)
	err = os.Chmod(setUp, 0o600)
	if err == nil {
		err = os.Rename(setUp, path)
	}
	if err != nil {
		listener.Close()
		os.Remove(setUp)
		return nil, err
	}
	return listener, nil
}

// link puts a symbolic link at path, in place of what is there.
func link(target, path string) error {
	setUp := filepath.Join(filepath.Dir(path), newName)
	if err := os.Remove(setUp); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := os.Symlink(target, setUp); err != nil {
		return err
	}
	if err := os.Rename(setUp, path); err != nil {
		os.Remove(setUp)
		return err
	}
	return nil
}

var (
	// ErrNoHolder means that no process answered: the lake is free, or its owner does not listen, not yet, or not
	// any more. Nothing was executed.
	ErrNoHolder = errors.New("no process serves the lake")
	// ErrHolderBusy means that more clients wait for the holder than the system allows. Nothing was executed.
	ErrHolderBusy = errors.New("too many commands wait for the process that holds the lake")
	// ErrOtherUser means that the lake is held by a process of another user.
	ErrOtherUser = errors.New("a process of another user holds the lake; only processes of one user share it")
)

// runtimeFolders are the folders for sockets of long lake paths, best first.
func runtimeFolders() []string {
	var out []string
	if dir := os.Getenv("XDG_RUNTIME_DIR"); filepath.IsAbs(dir) {
		out = append(out, filepath.Join(dir, "auditlake"))
	}
	return append(out, filepath.Join(os.TempDir(), "auditlake-"+strconv.Itoa(os.Getuid())))
}

// hashName is a short name of its own for every lake.
func hashName(lakeDir string) string {
	sum := sha256.Sum256([]byte(lakeDir))
	return hex.EncodeToString(sum[:8]) + ".sock"
}

// makePrivate makes a folder that only its user can enter. If this user's folder is open to others, makePrivate
// narrows it and returns a warning. It refuses another user's folder, unless that is private: such a folder cannot
// be entered, and peers' users are checked.
func makePrivate(dir string) (warning string, err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	info, err := os.Lstat(dir)
	if err != nil {
		return "", err
	}
	private := info.Mode().Perm()&0o077 == 0
	if !info.IsDir() || !private && !isOwn(info) {
		return "", fmt.Errorf("%s is not a private folder", dir)
	}
	if private {
		return "", nil
	}
	return openToOthers(dir, info), os.Chmod(dir, 0o700)
}

// Dial connects to the holder of a lake: ErrNoHolder if no process listens.
func Dial(ctx context.Context, lakeDir string) (*net.UnixConn, error) {
	path := filepath.Join(lakeDir, Name)
	if target, err := os.Readlink(path); err == nil {
		path = target
	}
	if len(path) > maxSocketPathBytes {
		return nil, ErrNoHolder
	}
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "unix", path)
	switch {
	case err == nil:
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case errors.Is(err, fs.ErrPermission):
		return nil, fmt.Errorf("%w (%w)", ErrOtherUser, err)
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ECONNREFUSED), errors.Is(err, syscall.ENOTSOCK):
		return nil, ErrNoHolder
	case errors.Is(err, syscall.EAGAIN):
		return nil, ErrHolderBusy
	default:
		return nil, fmt.Errorf("reach the holder of the lake: %w", err)
	}
	unix := conn.(*net.UnixConn)
	if err := CheckPeer(unix); err != nil {
		unix.Close()
		return nil, err
	}
	return unix, nil
}
