package console

import (
	"testing"

	"go.uber.org/goleak"
)

// No test leaves a goroutine: whoever starts one waits for it.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
