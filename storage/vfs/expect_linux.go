package vfs

import "golang.org/x/sys/unix"

// Expect implements Expecter. What the system makes of it shows only in how long reads take.
func (f osReadFile) Expect(offset, bytes int64) {
	_ = unix.Fadvise(int(f.Fd()), offset, bytes, unix.FADV_WILLNEED)
}
