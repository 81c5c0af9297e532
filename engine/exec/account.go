package exec

// MemoryPool is what operators ask before they keep rows.
type MemoryPool interface {
	// Reserve takes bytes from the budget, or fails with a *types.Error
	// EXCEEDED_LOCAL_MEMORY_LIMIT and takes nothing.
	Reserve(bytes int64) error
	// Release gives bytes back.
	Release(bytes int64)
}

// account is the memory one operator holds.
type account struct {
	pool MemoryPool // nil: without limit
	held int64
}

// set makes the account hold bytes.
func (a *account) set(bytes int64) error {
	if a.pool == nil {
		return nil
	}
	if bytes <= a.held {
		a.pool.Release(a.held - bytes)
		a.held = bytes
		return nil
	}
	if err := a.pool.Reserve(bytes - a.held); err != nil {
		return err
	}
	a.held = bytes
	return nil
}

// add makes the account hold bytes more.
func (a *account) add(bytes int64) error { return a.set(a.held + bytes) }

// close gives everything back.
func (a *account) close() {
	if a.pool != nil {
		a.pool.Release(a.held)
	}
	a.held = 0
}
