package catalog

import (
	"testing"

	"go.uber.org/goleak"

	"github.com/auditlake/auditlake/internal/process"
)

// No test leaves a goroutine, and no opening that fails leaves those of Badger.
func TestMain(m *testing.M) {
	process.TempInMemory()
	process.CollectRarely()
	goleak.VerifyTestMain(m)
}
