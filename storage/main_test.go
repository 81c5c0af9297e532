package storage

import (
	"testing"

	"go.uber.org/goleak"

	"github.com/auditlake/auditlake/internal/process"
	"github.com/auditlake/auditlake/storage/catalog"
)

// No test leaves a goroutine: whoever starts one waits for it.
func TestMain(m *testing.M) {
	process.TempInMemory()
	catalog.ShrinkMemTables()
	process.CollectRarely()
	goleak.VerifyTestMain(m)
}
