package awsapi_test

import (
	"testing"

	"github.com/google/uuid"
	"go.uber.org/goleak"
)

// No test leaves a goroutine: whoever starts one waits for it.
func TestMain(m *testing.M) {
	uuid.SetRand(&processIDs)
	goleak.VerifyTestMain(m)
}
