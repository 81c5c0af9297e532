package memory

import (
	"math"

	"golang.org/x/sys/unix"
)

func machineBytes() int64 {
	bytes, err := unix.SysctlUint64("hw.memsize")
	if err != nil || bytes > math.MaxInt64 {
		return unknownMachineBytes
	}
	return int64(bytes)
}
