package catalog

import (
	"testing"

	"go.uber.org/goleak"
)

// No test leaves a goroutine, and no opening that fails leaves those of Badger.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
