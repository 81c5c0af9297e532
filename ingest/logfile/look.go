package logfile

import (
	"errors"
	"io"
	"strings"

	"github.com/auditlake/auditlake/ingest"
)

// HasEvents reports whether a file, given by its stored bytes, has an event in the first 256 KiB of its text. A
// record counts if it has at least two members that each event has. Files whose events lost their form count too:
// reading one reports what is wrong.
func HasEvents(stored io.Reader) bool {
	text, err := Unpack(stored)
	if err != nil {
		return false
	}
	r := NewReader(DefaultLimits())
	r.Open(io.LimitReader(text, windowBytes))
	for {
		record, err := r.Next()
		var f *ingest.Failure
		switch {
		case err == io.EOF:
			return false
		case errors.As(err, &f) && strings.HasPrefix(f.Message, flattened):
			return true
		case err != nil:
			continue
		}
		var m message
		if m.read(record.Raw) && m.eventMembers >= 2 {
			return true
		}
	}
}

// mayHoldEvents are the otherExtensions under which some files do hold events.
var mayHoldEvents = map[string]bool{".csv": true, ".txt": true}

// MayHoldEvents reports whether the caller must ask HasEvents about an object that is an OtherFile by its name.
func MayHoldEvents(key string) bool { return mayHoldEvents[OtherFile.Describe(key)] }
