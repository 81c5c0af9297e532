package logfile

import (
	"errors"
	"io"
	"strings"

	"github.com/auditlake/auditlake/ingest"
)

// HasEvents reports whether a file, given by its stored bytes, has an event in the first 256 KiB of its text, whose
// record has two members or more that each event has. A file of events that lost their form has some, too: reading it
// says what is wrong.
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

// mayHoldEvents are those of otherExtensions with which some files do hold events.
var mayHoldEvents = map[string]bool{".csv": true, ".txt": true}

// MayHoldEvents reports whether HasEvents is to decide about an object that is an OtherFile by its name.
func MayHoldEvents(key string) bool { return mayHoldEvents[OtherFile.Describe(key)] }
