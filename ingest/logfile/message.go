package logfile

import (
	"bytes"

	"github.com/auditlake/auditlake/ingest"
	"github.com/auditlake/auditlake/jsontext"
)

// messageMembers are the members that wrap events. EventBridge uses detail; CloudWatch Logs message and awslogs;
// SNS Message and Sns; SQS Body and body; Kinesis Data and kinesis; lookup output CloudTrailEvent; Splunk _raw.
var messageMembers = map[string]bool{
	"detail": true, "message": true, "Message": true, "Sns": true, "Body": true, "body": true, "CloudTrailEvent": true, "_raw": true,
	"awslogs": true, "Data": true, "kinesis": true,
}

// noEvent is the message for a value that holds no record.
const noEvent = "the message is no event"

// maxMessageDepth bounds the nesting of messages: an event in an EventBridge event, in a notification, in a queue's
// message, in the batch that a function receives.
const maxMessageDepth = 6

// controlMessage begins the text of the record with which CloudWatch Logs tests a subscription.
const controlMessage = "CWL CONTROL MESSAGE"

// IsAmidValue reports whether the last record's value has more records, which share its offsets.
func (r *Reader) IsAmidValue() bool { return len(r.waiting) > 0 }

// nextWaiting returns the next record of the value that was unwrapped last.
func (r *Reader) nextWaiting() Record {
	raw := r.waiting[0]
	r.waiting = r.waiting[1:]
	return r.record(raw, r.waitingOffset)
}

// unwrap returns the first record in a value. nextWaiting returns the others.
func (r *Reader) unwrap(value []byte, offset int64) (Record, error) {
	u := unwrapping{room: r.limits.RecordBytes}
	depth := 0
	if bytes.HasPrefix(value, []byte("[")) { // in the array that the reader is in
		depth = 1
	}
	return r.unwrapped(&u, u.addValue(value, depth), offset)
}

// unwrapped returns the failure of a value that holds anything but records, otherwise its first record. nextWaiting
// returns the others.
func (r *Reader) unwrapped(u *unwrapping, isWhole bool, offset int64) (Record, error) {
	r.waiting, r.waitingOffset = u.records, offset
	switch {
	case !isWhole:
		return Record{}, r.recordFailure(u.reason, offset, u.problem)
	case len(u.records) == 0:
		return Record{}, nil
	}
	return r.nextWaiting(), nil
}

// unwrapAll is unwrap for the first element of an array Records whose elements are messages. The reader then
// expects messages.
func (r *Reader) unwrapAll(value []byte, offset int64) (Record, error) {
	r.state = inMessages
	return r.unwrap(value, offset)
}

// holdsMessage reports whether an object wraps events in a message.
func holdsMessage(text []byte) bool {
	var m message
	m.read(text)
	return m.payload() != nil || m.packedText() != nil
}

// unwrapping holds the records found in a value so far.
type unwrapping struct {
	room    int // bytes that packed texts may still unpack to
	records [][]byte
	// Why a value holds no record:
	reason  ingest.Reason
	problem string
}

// addValue adds the records of a value. It reports whether the value holds nothing else.
func (u *unwrapping) addValue(text []byte, depth int) bool {
	text = bytes.TrimSpace(text)
	switch {
	case depth > maxMessageDepth:
		return u.broken("messages are wrapped in each other too deep")
	case len(text) > 0 && text[0] == '[':
		return u.addElements(text, depth)
	case bytes.HasPrefix(text, []byte(controlMessage)):
		return true
	case len(text) > 1 && text[0] == '"':
		return u.addValue(unquoted(text), depth+1)
	case len(text) == 0 || text[0] != '{':
		return u.fail(noEvent)
	}
	var m message
	if !m.read(text) {
		u.records = append(u.records, text) // reading the record reports what is wrong with it
		return true
	}
	payload := m.payload()
	if payload != nil && !m.record && m.isLogged && !beginsJSON(payload) && !bytes.HasPrefix(payload, []byte(`"`+controlMessage)) {
		payload = nil // a line of a log; another member has the event
	}
	switch {
	case m.packedText() != nil:
		return u.addPacked(m.packedText(), depth+1)
	case m.raw != nil:
		return u.addValue(unquoted(m.raw), depth+1)
	case m.lookup != nil:
		if len(m.lookup) == 2 {
			return u.fail(noLookupText)
		}
		u.records = append(u.records, unquoted(m.lookup))
		return true
	case m.detail != nil && m.isEvent && !m.isOfTrail && !holdsEvent(m.detail):
		return u.fail("the message is an event of EventBridge whose detail-type does not end with " + ofTrail)
	case payload != nil && payload[0] == '"':
		return u.addValue(unquoted(payload), depth+1)
	case payload != nil:
		return u.addValue(payload, depth+1)
	case m.rows != nil:
		return u.addQueryRows(m.rows)
	case m.list != nil:
		return u.addElements(m.list, depth)
	case m.namesFiles:
		return u.fail("the message names files and holds no event")
	case !m.record:
		return u.addWrapped(text, depth)
	case depth > 0 && isFlat(text):
		return u.fail(flattened)
	}
	u.records = append(u.records, text)
	return true
}

// fail notes that a value is not an event.
func (u *unwrapping) fail(problem string) bool {
	u.reason, u.problem = ingest.NotAnEvent, problem
	return false
}

// broken notes that a value cannot be read.
func (u *unwrapping) broken(problem string) bool {
	u.reason, u.problem = ingest.InvalidJSON, problem
	return false
}

// addElements adds the records of the elements of an array. An array in it is a row of columns that a program
// chose, as aws --query does: elements that are no objects, or texts of such, are ignored. So are the other fields
// of a row of CloudWatch Logs Insights. An element that is no event does not affect the others; all such elements
// share one failure.
func (u *unwrapping) addElements(text []byte, depth int) bool {
	var sc jsontext.Scanner
	sc.Reset(text)
	if !sc.Enter() {
		return u.broken("the message is nested too deep")
	}
	sc.Pos++
	skipped, before, isWhole := 0, len(u.records), true
	for more := sc.Next() != ']'; more; {
		value, ok := sc.Value()
		if !ok {
			return u.broken("the message is not valid JSON")
		}
		element := text[value.Start:value.End]
		inRow := depth > 0 && value.Kind != jsontext.Object && value.Kind != jsontext.Array && !(value.Kind == jsontext.String && beginsObject(element))
		if inRow || value.Kind == jsontext.Object && isOtherField(element) {
			skipped++
		} else if !u.addValue(element, depth+1) {
			isWhole = false
		}
		if more, ok = sc.More(']'); !ok {
			return u.broken("the message is not valid JSON")
		}
	}
	if isWhole && skipped > 0 && len(u.records) == before {
		return u.fail(noEvent)
	}
	return isWhole
}

func unquoted(literal []byte) []byte {
	return jsontext.AppendString(nil, literal[1:len(literal)-1])
}

// message holds the members of an object that may wrap events. Its texts are slices of the object's text, quotes
// included.
type message struct {
	detail, sns               []byte // objects
	text, body, entry, lookup []byte // strings: SNS, SQS, CloudWatch Logs, lookup output
	raw                       []byte // a string: Splunk's, which adds the members that it extracted from it
	packed, data              []byte // strings of base64: CloudWatch Logs to a function, Kinesis
	list                      []byte // an array of values
	rows                      []byte // an array of rows of the managed service
	record                    bool   // it has a member that only records have
	eventMembers              int    // how many members it has that every event has
	isEvent, isNotification   bool   // it has the members that accompany detail, or Message
	isOfTrail                 bool   // detail is an event of CloudTrail
	isQueued, isLogged        bool   // it has the members that accompany body, or message
	isStreamed                bool   // it has the members that accompany data
	namesFiles                bool   // it says that files were put into a bucket
}

// read reads the members of the object at the start of text. It reports whether the object is whole and valid.
func (m *message) read(text []byte) bool {
	var sc jsontext.Scanner
	sc.Reset(text)
	if !sc.Enter() {
		return false
	}
	sc.Pos++
	for more := sc.Next() != '}'; more; {
		name, ok := sc.Key()
		if !ok {
			return false
		}
		value, ok := sc.Value()
		if !ok {
			return false
		}
		m.addMember(string(text[name.Start+1:name.End-1]), value.Kind, text[value.Start:value.End])
		if more, ok = sc.More('}'); !ok {
			return false
		}
	}
	return true
}

func (m *message) addMember(name string, kind jsontext.Kind, value []byte) {
	m.record = m.record || isRecordMember(name)
	isText, isObject := kind == jsontext.String, kind == jsontext.Object
	switch name {
	case "detail":
		m.detail = pick(m.detail, isObject, value)
	case "Sns":
		m.sns = pick(m.sns, isObject, value)
	case "Message":
		m.text = pick(m.text, isText, value)
	case "_raw":
		m.raw = pick(m.raw, isText && beginsObject(value), value)
	case "Body", "body":
		m.body = pick(m.body, isText, value)
	case "message":
		m.entry = pick(m.entry, isText, value)
	case "Records", "records", "logEvents", "Messages", "messages", "Events", "events", "results":
		m.list = pick(m.list, kind == jsontext.Array, value)
	case "QueryResultRows":
		m.rows = pick(m.rows, kind == jsontext.Array, value)
	case "Data":
		m.data = pick(m.data, isText, value)
	case "awslogs", "kinesis":
		if isObject {
			m.packed = dataOf(value)
		}
	case "SequenceNumber":
		m.isStreamed = true
	case "detail-type":
		m.isEvent, m.isOfTrail = true, bytes.HasSuffix(value, []byte(ofTrail+`"`))
	case "eventVersion", "eventSource", "eventName", "eventTime":
		m.eventMembers++
	case "TopicArn", "TopicARN":
		m.isNotification = true
	case "MessageId", "messageId":
		m.isNotification, m.isQueued = true, true
	case "timestamp", "logStreamName", "ingestionTime":
		m.isLogged = true
	case "s3", "s3ObjectKey":
		m.namesFiles = true
	default:
		if bytes.EqualFold([]byte(name), []byte("CloudTrailEvent")) {
			m.lookup = pick(m.lookup, isText, value)
		}
	}
}

// pick returns value if it is of the right kind, otherwise before.
func pick(before []byte, right bool, value []byte) []byte {
	if right {
		return value
	}
	return before
}

// ofTrail ends the detail-type of an EventBridge event whose detail is an event of CloudTrail.
const ofTrail = "via CloudTrail"

// holdsEvent reports whether an object is an event of CloudTrail, whatever the message's detail-type says: a rule
// can forward events under a detail-type of its own.
func holdsEvent(object []byte) bool {
	var m message
	return m.read(object) && m.eventMembers >= 4
}

// isRecord reports whether an object has a member that only records have.
func isRecord(object []byte) bool {
	var m message
	return m.read(object) && m.record
}

// payload returns the value that wraps events, nil if there is none.
func (m *message) payload() []byte {
	switch {
	case m.detail != nil && m.isEvent:
		return m.detail
	case m.sns != nil:
		return m.sns
	case m.text != nil && m.isNotification:
		return m.text
	case m.body != nil && m.isQueued:
		return m.body
	case m.entry != nil && m.isLogged:
		return m.entry
	}
	return nil
}
