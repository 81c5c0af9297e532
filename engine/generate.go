package engine

import (
	"time"

	"github.com/auditlake/auditlake/engine/generate"
)

// ErrPromptNotUnderstood is that of a prompt which is not about the events of a store.
var ErrPromptNotUnderstood = generate.ErrNotUnderstood

// GenerateStatement makes a statement over a store, given as statements name it, of a question in English. now is the
// instant from which its times count. The statement is to be planned before somebody is given it: the store may have
// events of another category.
func GenerateStatement(prompt, store string, now time.Time) (string, error) {
	return generate.Statement(prompt, store, now)
}
