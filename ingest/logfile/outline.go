package logfile

import (
	"bytes"
	"errors"
	"io"
	"strings"

	"github.com/auditlake/auditlake/ingest"
)

// state is the reader's position in the outline of a file.
type state uint8

const (
	betweenValues  state = iota
	inMembers            // of an object at the top
	inRecords            // in the array of the member Records
	inOtherRecords       // at the first element of the array of a member records, which other services' logs have too
	inEvents             // in the array of the member Events, as lookup-events answers
	inMessages           // in an array of values that wrap events
	inQueryRows          // in the array of the member QueryResultRows, as get-query-results answers
	inTexts              // at a text at the top, which is a whole event
	inRows               // in a file of rows
)

// outline is what the reader knows of the object at the top.
type outline struct {
	start   int64 // offset of its brace
	comma   bool  // a comma must come before the next member or element
	wrapped bool  // it has an array of records, so it is not a record itself
	record  bool  // it has a member that only records have
	message bool  // it has a member that may wrap events
	array   bool  // it is not an object but an array of records or messages
	begun   bool  // an element of its array was read
	depth   int   // objects around the member that the reader is in, without the one at the top
}

// step moves to the next record, failure or the end of the file.
func (r *Reader) step() (Record, error) {
	for {
		var rec Record
		var err error
		switch r.state {
		case betweenValues:
			err = r.value()
		case inMembers:
			rec, err = r.member()
		case inTexts:
			rec, err = r.topText()
		case inRows:
			rec, err = r.row()
		default:
			rec, err = r.element()
		}
		if err != nil {
			return Record{}, r.contain(err)
		}
		if rec.Raw != nil {
			return rec, nil
		}
	}
}

// contain limits an error to its line in a file with one value per line.
func (r *Reader) contain(err error) error {
	var f *ingest.Failure
	if r.window.line == 0 || !errors.As(err, &f) || f.Record != ingest.WholeFile || f.Reason == ingest.NotALogFile {
		return err
	}
	r.window.releaseLine()
	r.state, r.first = betweenValues, false
	return r.recordFailure(ingest.InvalidJSON, r.outline.start, "the line is not a JSON object")
}

// value begins the next value at the top.
func (r *Reader) value() error {
	w := &r.window
	if _, ok := w.space(); !ok && w.line > 0 {
		w.releaseLine()
	}
	c, ok := w.space()
	if ok && c == ',' && !r.first { // of an array that was cut into pieces
		w.pos++
		return nil
	}
	switch {
	case !ok && w.end != io.EOF:
		return r.ended()
	case !ok:
		return io.EOF
	}
	r.outline = outline{start: w.offset()}
	if r.lines && w.line == 0 && !w.holdLine() {
		if w.end != nil && w.end != io.EOF {
			return r.ended()
		}
		r.first = false
		return r.tooLarge(r.outline.start)
	}
	switch {
	case r.stamped:
		c = r.skipStamp()
	case r.headed:
		c = r.skipHead()
	}
	switch {
	case c == '[' && !r.lines:
		w.pos++
		r.state, r.outline.array, r.outline.wrapped, r.first = inMessages, true, true, false
		return nil
	case c == '"' && r.first || c == '"' && r.texts:
		r.state, r.first, r.texts = inTexts, false, true
		return nil
	case c != '{':
		return r.fileFailure(ingest.InvalidJSON, "text that is not a JSON object")
	}
	w.mark()
	w.pos++
	r.state = inMembers
	return nil
}

// skipStamp skips the time in front of the JSON of a line and returns the byte that follows.
func (r *Reader) skipStamp() byte {
	w := &r.window
	w.word()
	c, _ := w.space()
	r.outline.start = w.offset()
	return c
}

// skipHead skips the text in front of the JSON of a line and returns the byte that follows.
func (r *Reader) skipHead() byte {
	w := &r.window
	at := max(bytes.IndexByte(w.ahead(), '{'), 0)
	w.pos += at
	r.outline.start = w.offset()
	return w.buf[w.pos]
}

// member steps over the next member of the object at the top, into the array of records, or out of the object. At
// the object's end it may return the object as a record.
func (r *Reader) member() (Record, error) {
	w := &r.window
	closed, err := r.separator('}')
	if err != nil {
		return Record{}, err
	}
	if closed && r.outline.depth > 0 {
		r.outline.depth--
		return Record{}, nil
	}
	if closed {
		return r.closeObject()
	}
	name, err := r.name()
	if err != nil {
		return Record{}, err
	}
	c, ok := w.space()
	if !ok {
		return Record{}, r.ended()
	}
	next := wrapping(name)
	if name == "hits" && r.outline.depth > 0 {
		next = inMessages
	}
	if c == '[' && next != inMembers {
		w.pos++
		w.keep = -1
		r.state = next
		r.outline.wrapped, r.outline.comma = true, false
		return Record{}, nil
	}
	// An answer of Elasticsearch has its documents in hits.hits and may be larger than a record.
	if c == '{' && name == "hits" && r.outline.depth == 0 && !r.outline.record {
		w.pos++
		w.keep = -1
		r.outline.wrapped, r.outline.comma = true, false
		r.outline.depth++
		return Record{}, nil
	}
	r.outline.record = r.outline.record || isRecordMember(name)
	r.outline.message = r.outline.message || messageMembers[name]
	if !w.value() {
		return Record{}, r.ended()
	}
	return Record{}, nil
}

// separator steps over a required comma or over the closing bracket.
func (r *Reader) separator(closing byte) (closed bool, err error) {
	w := &r.window
	c, ok := w.space()
	if ok && c == closing {
		w.pos++
		return true, nil
	}
	if ok && r.outline.comma {
		if c != ',' {
			return false, r.fileFailure(ingest.InvalidJSON, "no comma between two values")
		}
		w.pos++
		_, ok = w.space()
	}
	if !ok {
		return false, r.ended()
	}
	r.outline.comma = true
	return false, nil
}

// name steps over a member's name and colon. Only names that matter here are unescaped; an overlong name is
// returned as "".
func (r *Reader) name() (string, error) {
	w := &r.window
	if w.buf[w.pos] == '\'' {
		return "", r.fileFailure(ingest.InvalidJSON, "a member name in single quotes, as Python prints a dict: write the file with json.dumps")
	}
	if w.buf[w.pos] != '"' {
		return "", r.fileFailure(ingest.InvalidJSON, "no member name where one must stand")
	}
	start, held := w.offset(), w.keep >= 0
	if !held {
		w.keep = w.pos
	}
	if !w.str() {
		return "", r.ended()
	}
	name := ""
	if from := start - w.base; from >= 0 {
		name = string(w.buf[from+1 : w.pos-1])
	}
	if !held {
		w.keep = -1
	}
	if c, ok := w.space(); !ok {
		return "", r.ended()
	} else if c != ':' {
		return "", r.fileFailure(ingest.InvalidJSON, "no colon behind a member name")
	}
	w.pos++
	return name, nil
}

// wrapping returns the state for the array of a member, inMembers if its elements are not records.
func wrapping(name string) state {
	switch name {
	case "Records":
		return inRecords
	case "records", "messages": // the latter of Sumo Logic and Graylog
		return inOtherRecords
	case "Events":
		return inEvents
	case "QueryResultRows":
		return inQueryRows
	case "logEvents", "events", "Messages", "results":
		return inMessages
	}
	return inMembers
}

// recordMembers distinguish a record from other JSON objects.
var recordMembers = []string{"eventTime", "eventVersion", "eventName", "eventSource", "eventID", "userIdentity", "eventData"}

func isRecordMember(name string) bool {
	for _, m := range recordMembers {
		if strings.EqualFold(name, m) {
			return true
		}
	}
	return false
}

// noRecords is the message for a file that is one object without a record.
const noRecords = "the file has no member Records and is no record itself"

// closeObject ends the object at the top.
func (r *Reader) closeObject() (Record, error) {
	r.state = betweenValues
	first := r.first
	r.first = false
	if first && r.long {
		r.lines = r.window.endsLine()
	}
	if r.outline.wrapped {
		return Record{}, nil
	}
	raw, ok := r.window.kept()
	switch {
	case !ok && (r.outline.record || r.outline.message || !first):
		return Record{}, r.tooLarge(r.outline.start)
	case r.outline.message:
		return r.unwrap(raw, r.outline.start)
	case !ok && !r.outline.record:
		return Record{}, r.notALogFile(noRecords)
	case !r.outline.record:
		return r.unwrapOther(raw, first)
	}
	return r.record(raw, r.outline.start), nil
}

// unwrapOther returns the records of an object at the top that is neither a record nor a message: other programs
// store events in members of their own. An object without records is a failed record. If it is the first value and
// no event follows, the file is not a log file.
func (r *Reader) unwrapOther(raw []byte, first bool) (Record, error) {
	u := unwrapping{room: r.limits.RecordBytes}
	isWhole := u.addWrapped(raw, 0)
	switch {
	case len(u.records) > 0:
		return r.unwrapped(&u, isWhole, r.outline.start)
	case isBulkAction(raw):
		r.first = first
		return Record{}, nil
	case first && !r.eventFollows():
		if u.problem == noEvent {
			u.problem = noRecords + namesOfMembers(raw)
		}
		return Record{}, r.notALogFile(u.problem)
	case u.problem != noEvent:
		return Record{}, r.recordFailure(u.reason, r.outline.start, u.problem)
	}
	return r.record(raw, r.outline.start), nil
}

// topText returns the records of the text at the top at which the reader stands.
func (r *Reader) topText() (Record, error) {
	w := &r.window
	w.mark()
	if !w.str() {
		return Record{}, r.ended()
	}
	r.state = betweenValues
	text, ok := w.kept()
	if !ok {
		return Record{}, r.tooLarge(r.outline.start)
	}
	return r.unwrap(text, r.outline.start)
}

// record returns a record whose end the reader has found itself.
func (r *Reader) record(raw []byte, offset int64) Record {
	if r.ScanAhead != nil {
		r.ScanAhead(nil)
	}
	return r.next(raw, offset)
}

func (r *Reader) next(raw []byte, offset int64) Record {
	rec := Record{Raw: raw, Ordinal: r.ordinal, Offset: offset, End: r.window.offset()}
	r.ordinal++
	return rec
}

// element returns the next record of the array, or steps out of the array.
func (r *Reader) element() (Record, error) {
	w := &r.window
	closed, err := r.separator(']')
	if err != nil {
		return Record{}, err
	}
	if closed {
		r.state, r.outline.comma, r.outline.begun = inMembers, true, false
		if r.outline.array {
			r.state = betweenValues
		}
		return Record{}, nil
	}
	offset := w.offset()
	isObject := w.buf[w.pos] == '{'
	first := r.state == inRecords && !r.outline.begun
	r.outline.begun = true
	if isObject && r.state == inRecords && r.ScanAhead != nil {
		if raw := w.cut(r.ScanAhead(w.ahead())); raw != nil && !(first && holdsMessage(raw)) {
			return r.next(raw, offset), nil
		} else if raw != nil {
			return r.unwrapAll(raw, offset)
		}
	}
	w.mark()
	if !w.value() {
		return Record{}, r.ended()
	}
	raw, ok := w.kept()
	switch {
	case !ok:
		return Record{}, r.tooLarge(offset)
	case r.state == inQueryRows && len(raw) > 0 && raw[0] == '[':
		return r.queryRow(raw, offset)
	case r.state == inQueryRows:
		return Record{}, r.recordFailure(ingest.InvalidJSON, offset, "the row is not a JSON array")
	case !isObject && r.state == inMessages && len(raw) > 0 && (raw[0] == '"' || raw[0] == '['):
		return r.unwrap(raw, offset)
	case !isObject && r.state == inOtherRecords:
		return Record{}, r.notALogFile(noRecords)
	case !isObject:
		return Record{}, r.recordFailure(ingest.InvalidJSON, offset, "the record is not a JSON object")
	case r.state == inOtherRecords:
		return r.firstOtherRecord(raw, offset)
	case r.state == inEvents:
		return r.lookupEvent(raw, offset)
	case r.state == inMessages:
		return r.unwrap(raw, offset)
	case first && holdsMessage(raw):
		return r.unwrapAll(raw, offset)
	}
	return r.record(raw, offset), nil
}

// firstOtherRecord returns the first element of the member records. It returns an error if the array is another
// service's.
func (r *Reader) firstOtherRecord(raw []byte, offset int64) (Record, error) {
	switch {
	case !r.holdsRecord(raw):
		return Record{}, r.notALogFile(noRecords)
	case holdsMessage(raw), !isRecord(raw):
		return r.unwrapAll(raw, offset)
	}
	r.state = inRecords
	return r.record(raw, offset), nil
}
