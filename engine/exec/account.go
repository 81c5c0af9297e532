package exec

import "github.com/auditlake/auditlake/engine/memory"

// MemoryPool gives operators accounts of a statement's memory budget.
type MemoryPool interface {
	Account(operator string) *memory.Account
}

// Accounted is the budget of a pool; nil is one without limit.
func Accounted(pool *memory.Pool) MemoryPool {
	if pool == nil {
		pool = memory.NewPool(0)
	}
	return pool
}

// account is the memory one operator holds.
type account struct{ *memory.Account }

// set makes the account hold bytes in all. It fails with
// EXCEEDED_LOCAL_MEMORY_LIMIT and then holds what it held.
func (a *account) set(bytes int64) error { return a.Resize(bytes) }

// add makes the account hold bytes more.
func (a *account) add(bytes int64) error { return a.Reserve(bytes) }

// close gives everything back.
func (a *account) close() { a.Account.Close() }
