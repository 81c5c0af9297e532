// Package process measures and configures the process of a test, and captures its output.
package process

import (
	"os"
	"strconv"
	"strings"
)

// PeakBytes returns the highest resident memory of this process, 0 if the system does not report it. On Linux,
// writing 5 to /proc/self/clear_refs resets the peak.
func PeakBytes() int64 {
	status, _ := os.ReadFile("/proc/self/status") // missing on other systems
	for line := range strings.Lines(string(status)) {
		if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kib, _ := strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
			return kib << 10
		}
	}
	return 0
}
