package storage

// FreeBytes returns the free space of the lake's disk.
func (l *Lake) FreeBytes() (int64, error) { return l.fs.FreeBytes(l.dir) }
