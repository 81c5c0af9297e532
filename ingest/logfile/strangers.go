package logfile

import (
	"bytes"

	"github.com/auditlake/auditlake/jsontext"
)

// A file whose first value or line is no event is still read if an event is among the bytes in memory, some 256
// KiB. Otherwise the file is another program's, and is one failure instead of one for each of its values.

// eventFollows reports whether an event follows the object at the top that has just ended.
func (r *Reader) eventFollows() bool {
	w := &r.window
	for w.end == nil && len(w.buf) < cap(w.buf) {
		w.read()
	}
	if w.line > 0 {
		return r.isAmongLines(w.buf[w.line:])
	}
	text := w.buf[w.pos:]
	var sc jsontext.Scanner
	sc.Reset(text)
	for sc.Next() != 0 {
		value, ok := sc.Value()
		if !ok {
			return false
		}
		if r.holdsRecord(text[value.Start:value.End]) {
			return true
		}
	}
	return false
}

// isAmongLines reports whether one of the lines is an event.
func (r *Reader) isAmongLines(lines []byte) bool {
	for line := range bytes.Lines(lines) {
		var sc jsontext.Scanner
		sc.Reset(line)
		if sc.Next() != '{' {
			continue
		}
		value, ok := sc.Value()
		if ok && sc.Next() == 0 && r.holdsRecord(line[value.Start:value.End]) {
			return true
		}
	}
	return false
}

// maxHeadBytes bounds the text in front of the JSON of a line.
const maxHeadBytes = 1 << 10

// isHeaded reports whether the first line is some text and then an event up to the end of the line. Programs write
// the time, the machine and their name there.
func (r *Reader) isHeaded(lines []byte) bool {
	line, _, _ := bytes.Cut(lines, []byte("\n"))
	at := bytes.IndexByte(line[:min(len(line), maxHeadBytes)], '{')
	if at < 0 {
		return false
	}
	var sc jsontext.Scanner
	sc.Reset(line[at:])
	value, ok := sc.Value()
	return ok && sc.Next() == 0 && r.holdsRecord(line[at:][value.Start:value.End])
}

// holdsRecord reports whether a valid value is or holds a record.
func (r *Reader) holdsRecord(value []byte) bool {
	if value[0] != '{' {
		return false
	}
	u := unwrapping{room: r.limits.RecordBytes}
	_ = u.addValue(value, 0)
	return len(u.records) > 0
}

// bulkActions are the lines before each document in a file for the bulk API of Elasticsearch and OpenSearch.
var bulkActions = map[string]bool{"index": true, "create": true, "update": true, "delete": true}

// isBulkAction reports whether an object is such a line: its only member names the action and is an object.
func isBulkAction(object []byte) bool {
	var sc jsontext.Scanner
	sc.Reset(object)
	if !sc.Enter() {
		return false
	}
	sc.Pos++
	if sc.Next() == '}' {
		return false
	}
	name, ok := sc.Key()
	if !ok || !bulkActions[string(object[name.Start+1:name.End-1])] {
		return false
	}
	value, ok := sc.Value()
	if !ok || value.Kind != jsontext.Object {
		return false
	}
	more, ok := sc.More('}')
	return ok && !more
}
