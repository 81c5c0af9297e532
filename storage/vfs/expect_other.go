//go:build !linux

package vfs

// Expect implements Expecter: this system is not told.
func (f osReadFile) Expect(int64, int64) {}
