//go:build !linux

package exec

import "time"

// threadTime returns 0: a thread's processor time is only measured on Linux.
func threadTime() time.Duration { return 0 }
