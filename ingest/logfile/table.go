package logfile

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"github.com/auditlake/auditlake/ingest"
	"github.com/auditlake/auditlake/storage/schema"
)

// A file of rows is a result of the managed service: CSV whose first line names the columns. With the column
// eventjson each row holds a whole record; without it the columns make one, by their names. Exports of other
// programs hold the record in another column: _raw of Splunk, message of Graylog, event.original of Elastic's
// schema. Semicolons or tabs may replace the commas.

// table describes the first line of a file of rows.
type table struct {
	columns  []*schema.Column // nil: a column that no event has
	original int              // the column eventjson; -1: there is none
	flat     bool             // a column's name is the path of a member of userIdentity
	comma    byte             // between two values
	fields   []field
}

// field is one value of a row.
type field struct {
	text   []byte
	quoted bool
}

// maxHeaderBytes bounds the line that names the columns.
const maxHeaderBytes = 64 << 10

// beginTable begins a file of rows, or returns a failure that says what else the file is.
func (r *Reader) beginTable() *ingest.Failure {
	w := &r.window
	t := tableOf(w.ahead())
	if t != nil && t.flat && t.original < 0 {
		return r.notALogFile(flattened)
	}
	if t != nil {
		r.table, r.state = t, inRows
		w.pos += rowLength(w.ahead(), w.end != nil)
		return nil
	}
	if r.isHeaded(w.ahead()) {
		r.lines, r.headed = true, true
		return nil
	}
	if r.isAmongLines(w.ahead()) {
		r.lines = true
		return nil
	}
	return r.notALogFile(foreign(w.ahead()))
}

// tableOf reads the names of columns. It returns nil if text does not begin with a line of such names.
func tableOf(text []byte) *table {
	for _, comma := range []byte(",;\t") {
		if t := newTable(text, comma); t != nil {
			return t
		}
	}
	return nil
}

// isOtherTable reports whether text is CSV without the columns of events: its first two lines have the same number
// of values, at least three.
func isOtherTable(text []byte) bool {
	for _, comma := range []byte(",;\t") {
		n := rowLength(text, false)
		m := rowLength(text[n:], true)
		names, ok := splitRow(nil, text[:n], comma)
		values, isRow := splitRow(nil, text[n:n+m], comma)
		if ok && isRow && m > 0 && len(names) >= 3 && len(values) == len(names) {
			return true
		}
	}
	return false
}

// newTable is tableOf with comma between the values.
func newTable(text []byte, comma byte) *table {
	n := rowLength(text[:min(len(text), maxHeaderBytes)], len(text) < maxHeaderBytes)
	if n == 0 {
		return nil
	}
	t := &table{original: -1, comma: comma}
	log := -1 // the column with lines of a log
	fields, ok := splitRow(nil, text[:n], comma)
	if !ok {
		return nil
	}
	isEvent := false
	for i, f := range fields {
		name := strings.ToLower(string(f.text))
		t.flat = t.flat || strings.HasPrefix(name, "useridentity.")
		switch name {
		case "eventjson", "cloudtrailevent", "_raw", "event.original":
			t.original, isEvent = i, true
		case "message", "@message": // CloudWatch Logs Insights writes the latter
			log = i
		case "eventtime":
			isEvent = true
		}
		t.columns = append(t.columns, resultColumns[name])
	}
	if !isEvent && log >= 0 {
		t.original, isEvent = log, true
	}
	if !isEvent {
		return nil
	}
	return t
}

// row returns the record of the next row.
func (r *Reader) row() (Record, error) {
	w := &r.window
	if _, ok := w.space(); !ok {
		r.state = betweenValues // where the end of the file is found
		return Record{}, nil
	}
	offset := w.offset()
	w.mark()
	if !w.row() {
		return Record{}, r.ended()
	}
	text, ok := w.kept()
	if !ok {
		return Record{}, r.tooLarge(offset)
	}
	t := r.table
	if t.fields, ok = splitRow(t.fields[:0], text, t.comma); !ok || len(t.fields) != len(t.columns) {
		return Record{}, r.recordFailure(ingest.InvalidRow, offset, fmt.Sprintf("the row has %d values, there are %d columns", len(t.fields), len(t.columns)))
	}
	var problem string
	if r.text, problem = t.appendRecord(r.text[:0]); problem != "" {
		return Record{}, r.recordFailure(ingest.InvalidRow, offset, problem)
	}
	if len(r.text) > r.limits.RecordBytes {
		return Record{}, r.tooLarge(offset)
	}
	return r.record(r.text, offset), nil
}

// appendRecord appends the record of the row in fields, or returns why there is none.
func (t *table) appendRecord(out []byte) (record []byte, problem string) {
	if t.original >= 0 {
		text := bytes.TrimSpace(t.fields[t.original].text)
		if len(text) == 0 {
			return out, "the row has no eventjson"
		}
		return append(out, text...), ""
	}
	return appendColumns(out, t.columns, t.fields)
}

// row steps over a line of CSV, whose quoted values may contain line feeds. It returns false if the file ends
// within the line.
func (w *window) row() bool {
	quoted := false
	for {
		text := w.ahead()
		for i, c := range text {
			switch {
			case c == '"':
				quoted = !quoted
			case c == '\n' && !quoted:
				w.pos += i + 1
				return true
			}
		}
		w.pos += len(text)
		if !w.fill() {
			return !quoted && w.end == io.EOF
		}
	}
}

// rowLength returns the length of the CSV line at the start of text, with its line feed; 0: the line has no end. If
// isAll, the end of text ends it too.
func rowLength(text []byte, isAll bool) int {
	quoted := false
	for i, c := range text {
		switch {
		case c == '"':
			quoted = !quoted
		case c == '\n' && !quoted:
			return i + 1
		}
	}
	if isAll && !quoted {
		return len(text)
	}
	return 0
}

// splitRow appends the values of a line of CSV.
func splitRow(fields []field, line []byte, comma byte) ([]field, bool) {
	line = bytes.TrimRight(line, "\r\n")
	for {
		var f field
		var ok bool
		if f, line, ok = cutField(line, comma); !ok {
			return fields, false
		}
		fields = append(fields, f)
		if len(line) == 0 {
			return fields, true
		}
		line = line[1:] // the comma
	}
}

// cutField cuts the first value off a line. The rest is empty or begins with a comma.
func cutField(line []byte, comma byte) (f field, rest []byte, ok bool) {
	if len(line) == 0 || line[0] != '"' {
		end := bytes.IndexByte(line, comma)
		if end < 0 {
			end = len(line)
		}
		return field{text: line[:end]}, line[end:], true
	}
	text := make([]byte, 0, len(line))
	for i := 1; i < len(line); i++ {
		switch {
		case line[i] != '"':
			text = append(text, line[i])
		case i+1 < len(line) && line[i+1] == '"':
			text = append(text, '"')
			i++
		default:
			rest = line[i+1:]
			return field{text, true}, rest, len(rest) == 0 || rest[0] == comma
		}
	}
	return field{}, nil, false
}
