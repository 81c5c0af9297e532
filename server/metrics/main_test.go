package metrics_test

import (
	"testing"

	"go.uber.org/goleak"

	"github.com/auditlake/auditlake/internal/process"
)

func TestMain(m *testing.M) {
	process.TempInMemory()
	goleak.VerifyTestMain(m)
}
