package vfs

// ReadOnly returns a file system with the files of another one. Every operation that would change something fails
// with reason.
func ReadOnly(fs FS, reason error) FS { return readOnlyFS{FS: fs, reason: reason} }

type readOnlyFS struct {
	FS
	reason error
}

// OpensExpecters implements the check of CanExpect.
func (f readOnlyFS) OpensExpecters() bool { return CanExpect(f.FS) }

// Create implements FS.
func (f readOnlyFS) Create(string) (File, error) { return nil, f.reason }

// Reopen implements FS.
func (f readOnlyFS) Reopen(string) (File, error) { return nil, f.reason }

// Rename implements FS.
func (f readOnlyFS) Rename(string, string) error { return f.reason }

// Remove implements FS.
func (f readOnlyFS) Remove(string) error { return f.reason }

// MkdirAll implements FS.
func (f readOnlyFS) MkdirAll(string) error { return f.reason }

// SyncDir implements FS.
func (f readOnlyFS) SyncDir(string) error { return f.reason }
