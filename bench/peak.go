package main

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
)

// forgetPeak sets the peak of a process's resident memory back to what is resident now. It reports whether that was
// possible: only Linux can, and only for a process of the same user.
func forgetPeak(pid int) bool {
	const resetsPeak = "5" // see proc_pid_clear_refs(5)
	return pid != 0 && os.WriteFile(fmt.Sprintf("/proc/%d/clear_refs", pid), []byte(resetsPeak), 0) == nil
}

// peakBytes returns the peak of a process's resident memory since its start or the last forgetPeak, 0 if it is not
// known.
func peakBytes(pid int) int64 {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	_, peak, found := bytes.Cut(text, []byte("VmHWM:"))
	if fields := bytes.Fields(peak); found && len(fields) > 0 {
		kib, err := strconv.ParseInt(string(fields[0]), 10, 64)
		if err == nil {
			return kib << 10
		}
	}
	return 0
}

// mibText writes bytes in whole MiB, and a dash where they are not known.
func mibText(bytes int64) string {
	if bytes == 0 {
		return "–"
	}
	return fmt.Sprintf("%.0f", float64(bytes)/(1<<20))
}
