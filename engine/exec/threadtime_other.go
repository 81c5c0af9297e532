//go:build !linux

package exec

import "time"

// threadTime is 0: only on Linux is the processor time of a thread asked for.
func threadTime() time.Duration { return 0 }
