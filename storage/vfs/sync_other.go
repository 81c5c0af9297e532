//go:build !linux

package vfs

import "os"

func syncData(file *os.File) error { return file.Sync() }
