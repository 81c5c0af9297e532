package logfile

import (
	"bytes"

	"github.com/auditlake/auditlake/ingest/record"
)

// isStamped reports whether text begins like a line exported by CloudWatch Logs: a time, a space, JSON.
func isStamped(text []byte) bool {
	stamp, rest, ok := bytes.Cut(text[:min(len(text), 64)], []byte(" "))
	if !ok || !bytes.HasPrefix(bytes.TrimLeft(rest, " "), []byte("{")) {
		return false
	}
	_, ok = record.ParseTime(stamp)
	return ok
}
