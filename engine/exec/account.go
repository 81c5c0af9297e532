package exec

import (
	"github.com/auditlake/auditlake/engine/memory"
	"github.com/auditlake/auditlake/engine/spill"
	"github.com/auditlake/auditlake/planner/plan"
)

// MemoryPool gives operators accounts of a statement's memory budget.
type MemoryPool interface {
	Account(operator string) *memory.Account
}

// Accounted returns pool as a MemoryPool; a nil pool becomes one without a limit.
func Accounted(pool *memory.Pool) MemoryPool {
	if pool == nil {
		pool = memory.NewPool(0)
	}
	return pool
}

// nodePool gives accounts that count towards the peak of one operator.
type nodePool struct {
	MemoryPool
	peak *memory.Peak
}

func (p nodePool) Account(operator string) *memory.Account {
	a := p.MemoryPool.Account(operator)
	a.CountIn(p.peak)
	return a
}

// account is the memory that one operator holds. A nil account counts nothing.
type account struct{ *memory.Account }

// set makes the account hold bytes in total. If that is too much, set fails with EXCEEDED_LOCAL_MEMORY_LIMIT and
// changes nothing.
func (a *account) set(bytes int64) error {
	if a == nil {
		return nil
	}
	return a.Resize(bytes)
}

// add reserves bytes more.
func (a *account) add(bytes int64) error {
	if a == nil {
		return nil
	}
	return a.Reserve(bytes)
}

// atMost returns bytes or, if that is less, the query's memory limit divided by share.
func (a *account) atMost(bytes, share int64) int64 {
	if limit := a.LimitBytes(); limit > 0 {
		return min(bytes, limit/share)
	}
	return bytes
}

// release gives bytes back.
func (a *account) release(bytes int64) {
	if a != nil {
		a.Release(bytes)
	}
}

// during reserves bytes more until the returned function is called.
func (a *account) during(bytes int64) (done func(), err error) {
	if a == nil || bytes <= 0 {
		return func() {}, nil
	}
	if err := a.Reserve(bytes); err != nil {
		return nil, err
	}
	return func() { a.Release(bytes) }, nil
}

// close gives everything back.
func (a *account) close() {
	if a != nil {
		a.Account.Close()
	}
}

// spiller returns the spiller of a node's operator; nil: nothing can be spilled. It reserves memory in a, and
// counts what it writes in the node's statistics.
func (b *builder) spiller(node plan.Node, a *account) *spill.Spiller {
	s := b.env.Spill.NewSpiller(a.Account)
	b.env.Stats.spills(node, s)
	return s
}
