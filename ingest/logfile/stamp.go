package logfile

import (
	"bytes"
	"time"
)

// isStamped reports whether text begins like a line that CloudWatch Logs exports: a time, a space, JSON.
func isStamped(text []byte) bool {
	stamp, rest, ok := bytes.Cut(text[:min(len(text), 64)], []byte(" "))
	if !ok || !bytes.HasPrefix(bytes.TrimLeft(rest, " "), []byte("{")) {
		return false
	}
	for _, layout := range []string{time.RFC3339, "20060102T150405Z0700"} {
		if _, err := time.Parse(layout, string(stamp)); err == nil {
			return true
		}
	}
	return false
}
