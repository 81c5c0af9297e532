package storage

// FreeBytes returns how much space the disk of the lake has left.
func (l *Lake) FreeBytes() (int64, error) { return l.fs.FreeBytes(l.dir) }
