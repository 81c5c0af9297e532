package process

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTempInMemory(t *testing.T) {
	own := t.TempDir()
	t.Setenv("TMPDIR", own)
	TempInMemory()
	require.Equal(t, own, os.TempDir(), "what the user chose stays")

	t.Setenv("TMPDIR", "")
	disk := os.TempDir()
	TempInMemory()
	if freeInMemory(memoryFolder) < minMemoryFolder {
		require.Equal(t, disk, os.TempDir())
		return
	}
	require.Equal(t, memoryFolder, os.TempDir())
	require.Zero(t, freeInMemory("/proc"), "not a folder for files")
	require.Zero(t, freeInMemory(own+"/missing"))
}
