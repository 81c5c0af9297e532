package engine

import (
	"time"

	"github.com/auditlake/auditlake/engine/generate"
)

// ErrPromptNotUnderstood is the error of a prompt that is not about the events of a store.
var ErrPromptNotUnderstood = generate.ErrNotUnderstood

// GenerateStatement translates an English question into a statement over store, which is given as statements name
// it. Relative times count from now. The caller should plan the statement before showing it, because the store may
// have events of another category.
func GenerateStatement(prompt, store string, now time.Time) (string, error) {
	return generate.Statement(prompt, store, now)
}
