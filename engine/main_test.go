package engine

import (
	"testing"

	"go.uber.org/goleak"

	"github.com/auditlake/auditlake/internal/process"
)

// No test leaves a goroutine: whoever starts one waits for it. Connections to buckets that are idle end by themselves.
func TestMain(m *testing.M) {
	process.TempInMemory()
	goleak.VerifyTestMain(m,
		goleak.IgnoreAnyFunction("github.com/dlclark/regexp2.runClock"), // ends by itself, after a while
		goleak.IgnoreAnyFunction("net/http.(*persistConn).readLoop"),
		goleak.IgnoreAnyFunction("net/http.(*persistConn).writeLoop"))
}
