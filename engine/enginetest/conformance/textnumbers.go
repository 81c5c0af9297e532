package conformance

import (
	"sync"

	"github.com/auditlake/auditlake/engine/batch"
)

// TextNumbers returns numbers of dictionaries like a lake's, but each dictionary is numbered from its first use.
func TextNumbers() *batch.TextNumbers {
	return batch.NewTextNumbers(&keeper{values: map[any]any{}}, 1<<20)
}

// maxKept is how many values a keeper has before it lets all go.
const maxKept = 1 << 10

type keeper struct {
	mu     sync.Mutex
	values map[any]any // mu
}

func (k *keeper) Get(key any) (value any, ok bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	value, ok = k.values[key]
	return value, ok
}

func (k *keeper) AskedBefore(any) bool { return true }

func (k *keeper) Put(key, value any, _ int64) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.values) >= maxKept {
		clear(k.values)
	}
	k.values[key] = value
}

func (k *keeper) Forget(key any) {
	k.mu.Lock()
	defer k.mu.Unlock()
	delete(k.values, key)
}
