package record

import (
	"bytes"
	"fmt"

	"github.com/auditlake/auditlake/ingest"
	"github.com/auditlake/auditlake/jsontext"
)

// Foreign returns a failure if the record that Scan read last is not an event of CloudTrail, otherwise nil. It also
// works if Scan failed for the eventTime. Records of other services look like events: notifications of S3 and
// compatible servers, and those of streams and queues, come in an array Records, and many have an eventTime and an
// eventName. Their eventSource is not a service's endpoint but has the form aws:s3.
func (a *Appender) Foreign() *ingest.Failure {
	if len(a.spans.values) == 0 {
		return nil
	}
	if a.sourceColumn >= 0 {
		if v := a.spans.values[a.sourceColumn]; v.Kind == jsontext.String {
			if source := a.spans.name(v.Token); isNotificationSource(source) {
				return &ingest.Failure{Reason: ingest.NotAnEvent,
					Message: fmt.Sprintf("the record is one of %s, and no event of CloudTrail", excerpt(source))}
			}
		}
	}
	if a.identityColumn >= 0 && a.spans.values[a.identityColumn].Kind == jsontext.Missing && isFlattened(a.spans.scanner.Data) {
		return &ingest.Failure{Reason: ingest.NotAnEvent,
			Message: "the event's members are flattened to names such as userIdentity.arn: export the original text"}
	}
	for i := range a.columns {
		if i != a.timeColumn && a.spans.values[i].Kind != jsontext.Missing {
			return nil
		}
	}
	if a.raw == nil && !hasFurtherMember(a.spans.scanner.Data) {
		return nil // Scan has reported what is wrong with its eventTime
	}
	if a.timeColumn >= 0 && a.spans.values[a.timeColumn].Kind == jsontext.Missing {
		return &ingest.Failure{Reason: ingest.NotAnEvent, Message: "the record has no member of an event of CloudTrail"}
	}
	return &ingest.Failure{Reason: ingest.NotAnEvent, Message: "the record has no member of an event of CloudTrail but eventTime"}
}

// isFlattened reports whether an object has a member whose name is the path of a member of userIdentity. The
// columns of userIdentity would stay empty.
func isFlattened(object []byte) bool {
	const path = "userIdentity."
	return hasMember(object, func(name []byte) bool {
		return len(name) > len(path) && bytes.EqualFold(name[:len(path)], []byte(path))
	})
}

// hasFurtherMember reports whether an object has a member whose name is not eventTime.
func hasFurtherMember(object []byte) bool {
	return hasMember(object, func(name []byte) bool { return !bytes.EqualFold(name, []byte("eventTime")) })
}

// hasMember reports whether isAsked returns true for the name, as written, of one of the object's members.
func hasMember(object []byte, isAsked func(name []byte) bool) bool {
	var sc jsontext.Scanner
	sc.Reset(object)
	if !sc.Enter() {
		return false
	}
	sc.Pos++
	for more := sc.Next() != '}'; more; {
		name, ok := sc.Key()
		if !ok {
			return false
		}
		if isAsked(object[name.Start+1 : name.End-1]) {
			return true
		}
		if _, ok = sc.Value(); !ok {
			return false
		}
		if more, ok = sc.More('}'); !ok {
			return false
		}
	}
	return false
}

// isNotificationSource reports whether an eventSource is that of a notification or a stream: two words of
// lower-case letters, digits and dashes, with a colon between them.
func isNotificationSource(source []byte) bool {
	vendor, service, ok := bytes.Cut(source, []byte(":"))
	return ok && isWord(vendor) && isWord(service)
}

func isWord(text []byte) bool {
	for _, c := range text {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' {
			return false
		}
	}
	return len(text) > 0
}
