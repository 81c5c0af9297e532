package logfile

import (
	"bytes"

	"github.com/auditlake/auditlake/ingest"
	"github.com/auditlake/auditlake/jsontext"
)

// wrapper describes how another program has stored an event: Splunk in the member result, Elasticsearch in _source,
// Wazuh in data.aws; Graylog, Fluentd and filters of the AWS CLI as the text of some member.
type wrapper struct {
	texts   [][]byte // members whose texts are JSON objects or arrays, quotes included; originals first
	objects [][]byte // members that are objects or arrays and may hold an event
	members [][]byte // the names of the first members
	only    []byte   // the only member, if it is an object or an array
	flat    bool     // a member's name is the path of a member of an event, such as userIdentity.arn
	ocsf    bool     // it has the class of an OCSF event
	stamped bool     // it has the time of a document of Elastic's schema
	ecs     bool     // it has the event of Elastic's schema
}

// maxMembersNamed is how many members a message names of an object that holds no event.
const maxMembersNamed = 5

// originalMembers keep an event's text as it came, in Splunk, in Elastic's schema (two spellings) and in OCSF.
var originalMembers = map[string]bool{"_raw": true, "original": true, "event.original": true, "raw_data": true}

// objectMembers may hold an event, or an object with a member that holds one.
var objectMembers = map[string]bool{
	"_source": true, "result": true, "event": true, "data": true, "aws": true, "log": true, "fields": true, "unmapped": true, "attributes": true,
	"cloudtrail": true, "raw": true, "Event": true, "jsonPayload": true, "@message": true, "map": true, "message": true,
}

// listMembers may hold an array of events, or of arrays and objects that contain events.
var listMembers = map[string]bool{"result": true, "values": true, "rows": true, "items": true, "value": true, "logs": true, "entries": true}

// read reads the members of the object at the start of text, which must be whole and valid.
func (w *wrapper) read(text []byte) {
	var sc jsontext.Scanner
	sc.Reset(text)
	if !sc.Enter() {
		return
	}
	sc.Pos++
	for more := sc.Next() != '}'; more; {
		key, ok := sc.Key()
		if !ok {
			return
		}
		value, ok := sc.Value()
		if !ok {
			return
		}
		w.addMember(string(text[key.Start+1:key.End-1]), value.Kind, text[value.Start:value.End])
		if more, ok = sc.More('}'); !ok {
			return
		}
	}
}

func (w *wrapper) addMember(name string, kind jsontext.Kind, value []byte) {
	head, _, isPath := bytes.Cut([]byte(name), []byte("."))
	w.flat = w.flat || isPath && isRecordMember(string(head))
	w.ocsf = w.ocsf || name == "class_uid"
	w.stamped = w.stamped || name == "@timestamp"
	w.ecs = w.ecs || kind == jsontext.Object && name == "event" || string(head) == "event" && isPath
	isNested := kind == jsontext.Object || kind == jsontext.Array
	w.only = nil
	if isNested && len(w.members) == 0 {
		w.only = value
	}
	if len(w.members) <= maxMembersNamed {
		w.members = append(w.members, []byte(name))
	}
	switch {
	case kind == jsontext.String && originalMembers[name]:
		w.texts = append([][]byte{value}, w.texts...)
	case kind == jsontext.String && beginsJSON(value):
		w.texts = append(w.texts, value)
	case kind == jsontext.Object && objectMembers[name], kind == jsontext.Array && listMembers[name]:
		w.objects = append(w.objects, value)
	}
}

// beginsJSON reports whether a value is a JSON object or array, or a text that holds one.
func beginsJSON(value []byte) bool {
	rest := bytes.TrimLeft(bytes.TrimPrefix(value, []byte(`"`)), " ")
	return bytes.HasPrefix(rest, []byte("{")) || bytes.HasPrefix(rest, []byte("["))
}

// beginsObject reports whether the text of a string begins like a JSON object.
func beginsObject(literal []byte) bool {
	return bytes.HasPrefix(bytes.TrimLeft(literal[1:], " "), []byte("{"))
}

// addWrapped adds the records of an object that is neither a record nor a message, from the first member that holds
// some. If there is none it returns false and notes the problem.
func (u *unwrapping) addWrapped(object []byte, depth int) bool {
	var w wrapper
	w.read(object)
	before := len(u.records)
	for _, text := range w.texts {
		if isWhole := u.addValue(unquoted(text), depth+1); len(u.records) > before {
			return isWhole
		}
	}
	objects := w.objects
	if len(objects) == 0 && w.only != nil {
		objects = [][]byte{w.only}
	}
	problem := ""
	for _, inner := range objects {
		if isWhole := u.addNested(inner, depth); len(u.records) > before {
			return isWhole
		}
		if u.reason == ingest.NotAnEvent && u.problem != noEvent {
			problem = u.problem
		}
	}
	switch {
	case w.ocsf:
		return u.fail("the message is an OCSF event, as Security Lake keeps them, without the original in raw_data")
	case w.flat:
		return u.fail(flattened)
	case w.stamped && w.ecs:
		return u.fail("the message is a document of Elastic's schema without the event in event.original: " +
			"the integration keeps it with preserve_original_event, or export the log files")
	case problem != "":
		return u.fail(problem)
	}
	return u.fail(noEvent)
}

// addNested adds the records of a member that is an object or an array. An array is not a message of its own.
func (u *unwrapping) addNested(value []byte, depth int) bool {
	if value[0] == '[' && depth < maxMessageDepth {
		return u.addElements(value, depth)
	}
	return u.addValue(value, depth+1)
}

const flattened = "the event's members are flattened to names such as userIdentity.arn: export the original text (_raw, event.original)"

// isFlat reports whether an exported record has lost its form: some of its members are named by their path.
func isFlat(object []byte) bool {
	var w wrapper
	w.read(object)
	return w.flat
}

// namesOfMembers lists an object's members as the end of a message; "" if it has none.
func namesOfMembers(object []byte) string {
	var w wrapper
	w.read(object)
	switch names := string(bytes.Join(w.members[:min(len(w.members), maxMembersNamed)], []byte(", "))); {
	case names == "" || len(names) > 200:
		return ""
	case len(w.members) > maxMembersNamed:
		return ", but " + names + " …"
	default:
		return ", but " + names
	}
}

// isOtherField reports whether an object is a field of a row of CloudWatch Logs Insights, as aws logs
// get-query-results prints it, other than the text of the log's line.
func isOtherField(object []byte) bool {
	var sc jsontext.Scanner
	sc.Reset(object)
	if !sc.Enter() {
		return false
	}
	sc.Pos++
	isOther, hasValue := false, false
	for more := sc.Next() != '}'; more; {
		key, ok := sc.Key()
		if !ok {
			return false
		}
		value, ok := sc.Value()
		if !ok {
			return false
		}
		switch string(object[key.Start+1 : key.End-1]) {
		case "field":
			isOther = value.Kind == jsontext.String && string(object[value.Start:value.End]) != `"@message"`
		case "value":
			hasValue = true
		default:
			return false
		}
		if more, ok = sc.More('}'); !ok {
			return false
		}
	}
	return isOther && hasValue
}
