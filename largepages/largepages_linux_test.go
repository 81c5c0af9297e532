package largepages

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"
)

// flags are those of the mapping that an address lies in.
func flags(t *testing.T, address uintptr) []string {
	file, err := os.Open("/proc/self/smaps")
	if err != nil {
		t.Skip(err)
	}
	defer file.Close()
	inside := false
	for lines := bufio.NewScanner(file); lines.Scan(); {
		var begin, end uintptr
		if n, _ := fmt.Sscanf(lines.Text(), "%x-%x ", &begin, &end); n == 2 {
			inside = begin <= address && address < end
		}
		if found, ok := strings.CutPrefix(lines.Text(), "VmFlags:"); ok && inside {
			return strings.Fields(found)
		}
	}
	t.Skip("the system does not say how memory is mapped")
	return nil
}

// TestLargePagesAreAskedFor finds the advice in the mappings of this process.
func TestLargePagesAreAskedFor(t *testing.T) {
	if _, err := os.Stat("/sys/kernel/mm/transparent_hugepage"); err != nil {
		t.Skip(err)
	}
	defer asking.begun.Store(asking.begun.Load())
	make4 := func() ([]byte, uintptr) {
		memory := make([]byte, 4*partBytes)
		return memory, uintptr(unsafe.Pointer(&memory[len(memory)/2]))
	}
	unasked, at := make4()
	Made(unasked)
	require.NotContains(t, flags(t, at), "hg", "nobody asked")

	Ask()
	Made(unasked[: leastBytes-1 : leastBytes-1])
	require.NotContains(t, flags(t, at), "hg", "it is little")
	asked, at := make4()
	Made(asked)
	require.Contains(t, flags(t, at), "hg")
	require.Empty(t, bytes.Trim(asked, "\x00"), "it is cleared")
	runtime.KeepAlive(unasked)
	runtime.KeepAlive(asked)
}
