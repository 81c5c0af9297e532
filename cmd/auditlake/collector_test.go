package main_test

import (
	"os"
	"os/exec"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestTheProgramBeginsWithoutACollection finds that nothing collects garbage before a command is at work.
func TestTheProgramBeginsWithoutACollection(t *testing.T) {
	cmd := exec.Command(buildProgram(t), "version")
	cmd.Env = append(os.Environ(), "GODEBUG=gctrace=1", "GOGC=")
	got, err := cmd.CombinedOutput()
	require.NoError(t, err)
	require.Contains(t, string(got), "auditlake")
	require.NotContains(t, string(got), "gc 1 @")
}
