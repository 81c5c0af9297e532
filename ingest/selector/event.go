package selector

import (
	"encoding/binary"

	"github.com/auditlake/auditlake/jsontext"
	"github.com/auditlake/auditlake/storage/schema"
)

// event holds the values of an event that selectors read: texts without quotes and escapes, nil if the event has
// none.
type event struct {
	values    [fieldCount][]byte
	resources []resource
}

type resource struct{ typ, arn []byte }

// Matcher decides on events by one selector. Only one goroutine may use it.
type Matcher struct {
	selector *Selector
	event    event
	outer    jsontext.Scanner
	inner    jsontext.Scanner
	middle   jsontext.Scanner
	text     []byte // unescaped values
}

// NewMatcher returns a matcher.
func (s *Selector) NewMatcher() *Matcher { return &Matcher{selector: s} }

// Selects reports whether an event, given by its source text, is selected. Text that is not one JSON object is
// selected; the code that reads it reports what is wrong.
func (m *Matcher) Selects(raw []byte) bool {
	m.event = event{resources: m.event.resources[:0]}
	m.text = m.text[:0]
	if !m.scan(raw) {
		return true
	}
	return m.decide()
}

// SelectsMembers is Selects for an event that the caller knows to be one JSON object. values are the positions in
// raw of the values of Selector.Members, in their order; a missing one has the kind jsontext.Missing.
func (m *Matcher) SelectsMembers(raw []byte, values []jsontext.Token) bool {
	m.event = event{resources: m.event.resources[:0]}
	m.text = m.text[:0]
	for i := range m.selector.members {
		m.takeValue(m.selector.members[i].field, raw, values[i])
	}
	return m.decide()
}

// decide decides on the event whose values are set.
func (m *Matcher) decide() bool {
	e := &m.event
	if e.values[eventCategory] == nil {
		e.values[eventCategory] = e.impliedCategory()
	}
	return m.selector.selects(e)
}

// member is a top-level member of an event that a selector reads.
type member struct {
	name  string
	field field // identityARN and resourceARN: the value lies inside the member
	word  uint64
}

// memberWord is the length of the shortest of their names. That many first bytes are compared at once, in any
// letter case, which rules out most names.
const memberWord = 8

// lowerWord returns the first bytes of a name, with ASCII letters in lower case. Different other bytes may become
// equal.
func lowerWord(name []byte) uint64 { return binary.LittleEndian.Uint64(name) | 0x2020202020202020 }

func init() {
	for _, list := range members {
		for i := range list {
			list[i].word = lowerWord([]byte(list[i].name))
		}
	}
}

// members lists them by the length of their names, so most members of an event are compared with at most one.
var members = [...][]member{
	8:  {{name: "readOnly", field: readOnly}},
	9:  {{name: "eventName", field: eventName}, {name: "eventType", field: eventType}, {name: "errorCode", field: errorCode}, {name: "resources", field: resourceARN}},
	11: {{name: "eventSource", field: eventSource}},
	12: {{name: "userIdentity", field: identityARN}},
	13: {{name: "eventCategory", field: eventCategory}, {name: "vpcEndpointId", field: vpcEndpoint}},
	15: {{name: "managementEvent", field: managementEvent}},
	28: {{name: "sessionCredentialFromConsole", field: fromConsole}},
}

// scan finds the values in raw and reports whether it is one JSON object.
func (m *Matcher) scan(raw []byte) bool {
	sc := &m.outer
	sc.Reset(raw)
	name, value, more, ok := first(sc)
	for more {
		m.takeMember(sc.Data, m.name(sc, name), value)
		name, value, more, ok = next(sc)
	}
	return ok && sc.Next() == 0 && sc.Pos >= len(raw)
}

// takeMember takes a member of the event. The last of several members with one name counts.
func (m *Matcher) takeMember(data, name []byte, value jsontext.Token) {
	if len(name) < memberWord || len(name) >= len(members) {
		return
	}
	word := lowerWord(name)
	for i := range members[len(name)] {
		known := &members[len(name)][i]
		if word != known.word || !equalFold(name, known.name) {
			continue
		}
		if m.selector.reads[known.field] {
			m.takeValue(known.field, data, value)
		}
		return
	}
}

func (m *Matcher) takeValue(of field, data []byte, value jsontext.Token) {
	switch of {
	case identityARN:
		m.identity(data, value)
	case resourceARN:
		m.resources(data, value)
	default:
		m.event.values[of] = m.value(data, value)
	}
}

func (m *Matcher) identity(data []byte, object jsontext.Token) {
	m.event.values[identityARN] = nil
	if object.Kind != jsontext.Object {
		return
	}
	sc := &m.inner
	sc.Reset(data[object.Start:object.End])
	name, value, more, _ := first(sc)
	for more {
		if equalFold(m.name(sc, name), "arn") {
			m.event.values[identityARN] = m.value(sc.Data, value)
		}
		name, value, more, _ = next(sc)
	}
}

func (m *Matcher) resources(data []byte, array jsontext.Token) {
	m.event.resources = m.event.resources[:0]
	if array.Kind != jsontext.Array {
		return
	}
	sc := &m.middle
	sc.Reset(data[array.Start+1 : array.End])
	if sc.Next() == ']' {
		return
	}
	for more := true; more; {
		element, ok := sc.Value()
		if !ok {
			return
		}
		if element.Kind == jsontext.Object {
			m.event.resources = append(m.event.resources, m.resource(sc.Data[element.Start:element.End]))
		}
		if more, ok = sc.More(']'); !ok {
			return
		}
	}
}

func (m *Matcher) resource(object []byte) (r resource) {
	sc := &m.inner
	sc.Reset(object)
	name, value, more, _ := first(sc)
	for more {
		switch name := m.name(sc, name); {
		case equalFold(name, "type"):
			r.typ = m.value(sc.Data, value)
		case equalFold(name, "ARN"):
			r.arn = m.value(sc.Data, value)
		}
		name, value, more, _ = next(sc)
	}
	return r
}

// first steps into the object at the scanner's position. more is false if it has no member, or if the text is
// broken; then ok is false too.
func first(sc *jsontext.Scanner) (name, value jsontext.Token, more, ok bool) {
	if sc.Next() != '{' || !sc.Enter() {
		return name, value, false, false
	}
	sc.Pos++
	if sc.Next() == '}' {
		sc.Pos++
		return name, value, false, true
	}
	return pair(sc)
}

// next steps to the next member and returns the same as first.
func next(sc *jsontext.Scanner) (name, value jsontext.Token, more, ok bool) {
	if more, ok = sc.More('}'); !more {
		return name, value, false, ok
	}
	return pair(sc)
}

func pair(sc *jsontext.Scanner) (name, value jsontext.Token, more, ok bool) {
	if name, ok = sc.Key(); !ok {
		return name, value, false, false
	}
	value, ok = sc.Value()
	return name, value, ok, ok
}

// name returns a member's name without quotes and escapes.
func (m *Matcher) name(sc *jsontext.Scanner, t jsontext.Token) []byte {
	return m.unescaped(sc.Data[t.Start+1:t.End-1], t.Rough)
}

// value returns a string's text, or the source text of a number or word; nil for anything else. It is valid until
// the next event.
func (m *Matcher) value(data []byte, t jsontext.Token) []byte {
	switch t.Kind {
	case jsontext.String:
		return m.unescaped(data[t.Start+1:t.End-1], t.Rough)
	case jsontext.Number, jsontext.True, jsontext.False:
		return data[t.Start:t.End]
	}
	return nil
}

func (m *Matcher) unescaped(text []byte, escaped bool) []byte {
	if !escaped {
		return text
	}
	from := len(m.text)
	m.text = jsontext.AppendString(m.text, text)
	return m.text[from:]
}

// categoryOfType maps the event types that belong to only one category.
var categoryOfType = map[string][]byte{
	"AwsVpceEvents":           []byte(schema.NetworkActivity),
	"AwsCloudTrailInsight":    []byte(schema.Insight),
	"AwsConfigurationItem":    []byte(schema.ConfigurationItem),
	"AwsAuditManagerEvidence": []byte(schema.Evidence),
	"ActivityLog":             []byte(schema.ActivityAuditLog),
}

var (
	management = []byte(schema.Management)
	data       = []byte(schema.Data)
)

// impliedCategory returns the category of an event without one, as in versions before 1.07. It follows from the
// event's type; from managementEvent (from 1.06); from resources of the two types that alone had data events before
// that; otherwise it is Management.
func (e *event) impliedCategory() []byte {
	if category, ok := categoryOfType[string(e.values[eventType])]; ok {
		return category
	}
	switch string(e.values[managementEvent]) {
	case "true":
		return management
	case "false":
		return data
	}
	for _, r := range e.resources {
		if typ := string(r.typ); typ == "AWS::S3::Object" || typ == "AWS::Lambda::Function" {
			return data
		}
	}
	return management
}
