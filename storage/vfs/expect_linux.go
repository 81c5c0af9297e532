package vfs

import "golang.org/x/sys/unix"

// Expect implements Expecter. Its effect shows only in the duration of reads.
func (f osReadFile) Expect(offset, bytes int64) {
	_ = unix.Fadvise(int(f.Fd()), offset, bytes, unix.FADV_WILLNEED)
}
