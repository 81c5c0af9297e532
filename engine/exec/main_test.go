package exec

import (
	"testing"

	"go.uber.org/goleak"

	"github.com/auditlake/auditlake/internal/process"
)

// No test leaves a goroutine: whoever starts one waits for it. What may be done beside each other is, however little time it saves.
func TestMain(m *testing.M) {
	minSavedBeside = 0
	process.CollectRarely()
	goleak.VerifyTestMain(m)
}
