package remote_test

import (
	"testing"

	"go.uber.org/goleak"

	"github.com/auditlake/auditlake/internal/process"
)

// No test leaves a goroutine: whoever starts one waits for it.
func TestMain(m *testing.M) {
	process.TempInMemory()
	goleak.VerifyTestMain(m)
}
