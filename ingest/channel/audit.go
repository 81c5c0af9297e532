package channel

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/auditlake/auditlake/ingest/record"
	"github.com/auditlake/auditlake/jsontext"
)

// The reasons for refusing an event that came through a channel, as the managed service names them.
const (
	FieldTooLong     = "FieldTooLong"
	FieldNotFound    = "FieldNotFound"
	InvalidChecksum  = "InvalidChecksum"
	InvalidData      = "InvalidData"
	InvalidRecipient = "InvalidRecipient"
)

// AuditData is the checked activity that a program reports.
type AuditData struct {
	SHA256 [sha256.Size]byte
	Millis int64 // its eventTime, in milliseconds since 1970 UTC
}

// JudgeAudit decides by their times, at now, on events that an Envelope wraps and whose activity passed CheckAudit.
// It does not read them again: any store of activity events takes them.
func (c *Channel) JudgeAudit(events [][]byte, times []int64, now time.Time) Judged {
	out := Judged{Results: make([]Result, len(events)), Taken: make([][]byte, 0, len(events)), Times: make([]int64, 0, len(events))}
	for i, event := range events {
		out.Results[i] = judgeTime(c.store, times[i], now)
		if len(event) > maxEventBytes {
			out.Results[i] = tooLarge(event)
		}
		if out.Results[i].Code == "" {
			out.Taken, out.Times = append(out.Taken, event), append(out.Times, times[i])
		}
	}
	return out
}

// auditField is a member of the activity, or of its userIdentity.
type auditField struct {
	name       string
	isRequired bool
	isObject   bool
	most       int // characters of a text, bytes of an object as it is written; 0: no limit
}

// auditFields are the members, in the order in which they are checked.
var auditFields = []auditField{
	{"version", true, false, 256},
	{"userIdentity", true, true, 0},
	{"userAgent", false, false, 1024},
	{"eventSource", true, false, 1024},
	{"eventName", true, false, 1024},
	{"eventTime", true, false, 0},
	{"UID", true, false, 1024},
	{"requestParameters", false, true, 100 << 10},
	{"responseElements", false, true, 100 << 10},
	{"errorCode", false, false, 256},
	{"errorMessage", false, false, 256},
	{"sourceIPAddress", false, false, 0},
	{"recipientAccountId", true, false, 0},
	{"additionalEventData", false, true, 28 << 10},
}

// Indexes of auditFields.
const (
	auditIdentity  = 1
	auditTime      = 5
	auditRecipient = 12
)

var identityFields = []auditField{
	{"type", true, false, 128},
	{"principalId", true, false, 1024},
	{"details", false, true, 0},
}

// auditScan holds the buffers for checking activity.
type auditScan struct {
	scanner jsontext.Scanner
	values  []jsontext.Token
	decoded []byte
}

var auditScans = sync.Pool{New: func() any { return new(auditScan) }}

// CheckAudit checks the activity of an event for a channel of an account: its members and, if it is not empty, its
// checksum (base64 of a SHA-256). The Result says what is wrong.
func CheckAudit(data []byte, checksum, accountID string) (AuditData, Result) {
	out := AuditData{SHA256: sha256.Sum256(data)}
	if checksum != "" && checksum != base64.StdEncoding.EncodeToString(out.SHA256[:]) {
		return out, Result{InvalidChecksum, "eventDataChecksum is not the base64 text of the SHA-256 of eventData"}
	}
	s := auditScans.Get().(*auditScan)
	defer auditScans.Put(s)
	result := s.check(data, auditFields, "")
	if result.Code != "" {
		return out, result
	}
	var ok bool
	if out.Millis, ok = record.ParseTime(s.text(data, auditTime)); !ok || out.Millis < 0 {
		return out, Result{InvalidData, "eventData.eventTime is not a time after 1970 of the form YYYY-MM-DDThh:mm:ssZ"}
	}
	if string(s.text(data, auditRecipient)) != accountID {
		return out, Result{InvalidRecipient, "eventData.recipientAccountId is not the account that owns the channel"}
	}
	identity := s.values[auditIdentity]
	return out, s.check(data[identity.Start:identity.End], identityFields, "userIdentity.")
}

// check checks the members of an object, and leaves their values in s.values.
func (s *auditScan) check(data []byte, fields []auditField, prefix string) Result {
	if problem := s.scan(data, fields); problem != "" {
		return Result{InvalidData, "eventData is not one JSON object: " + problem}
	}
	if !s.scanner.ASCII() && !utf8.Valid(data) {
		return Result{InvalidData, "eventData is not UTF-8"}
	}
	for i := range fields {
		f, v := &fields[i], s.values[i]
		wanted := jsontext.String
		if f.isObject {
			wanted = jsontext.Object
		}
		switch {
		case v.Kind <= jsontext.Null && f.isRequired:
			return Result{FieldNotFound, "eventData." + prefix + f.name + " is required"}
		case v.Kind <= jsontext.Null:
		case v.Kind != wanted && f.isObject:
			return Result{InvalidData, "eventData." + prefix + f.name + " is not an object"}
		case v.Kind != wanted:
			return Result{InvalidData, "eventData." + prefix + f.name + " is not a text"}
		case f.most > 0 && s.isLonger(data, i, f):
			unit := "characters"
			if f.isObject {
				unit = "bytes"
			}
			return Result{FieldTooLong, fmt.Sprintf("eventData.%s%s has more than %d %s", prefix, f.name, f.most, unit)}
		}
	}
	return Result{}
}

// scan finds the members of an object; the last of several with one name counts. It returns what is wrong with the
// text.
func (s *auditScan) scan(data []byte, fields []auditField) (problem string) {
	s.values = append(s.values[:0], make([]jsontext.Token, len(fields))...)
	sc := &s.scanner
	sc.Reset(data)
	sc.Enter() // the envelope
	broken := func() string { return fmt.Sprintf("%s at byte %d", sc.Problem, sc.Pos) }
	if !sc.Expect('{') || !sc.Enter() {
		return broken()
	}
	more := sc.Next() != '}'
	if !more {
		sc.Pos++
	}
	for more {
		name, ok := sc.Key()
		if !ok {
			return broken()
		}
		value, ok := sc.Value()
		if !ok {
			return broken()
		}
		s.keepMember(data, fields, name, value)
		if more, ok = sc.More('}'); !ok {
			return broken()
		}
	}
	if sc.Next(); sc.Pos < len(data) {
		return fmt.Sprintf("something follows it at byte %d", sc.Pos)
	}
	return ""
}

func (s *auditScan) keepMember(data []byte, fields []auditField, name, value jsontext.Token) {
	text := s.decode(data, name)
	for i := range fields {
		if fields[i].name == string(text) {
			s.values[i] = value
			return
		}
	}
}

// decode returns the text of a string, valid until the next call.
func (s *auditScan) decode(data []byte, literal jsontext.Token) []byte {
	inside := data[literal.Start+1 : literal.End-1]
	if !literal.Rough {
		return inside
	}
	s.decoded = jsontext.AppendString(s.decoded[:0], inside)
	return s.decoded
}

// text returns the text of a member that is a string.
func (s *auditScan) text(data []byte, field int) []byte { return s.decode(data, s.values[field]) }

func (s *auditScan) isLonger(data []byte, field int, f *auditField) bool {
	v := s.values[field]
	length := int(v.End - v.Start)
	if f.isObject || length <= f.most {
		return length > f.most
	}
	return utf8.RuneCount(s.text(data, field)) > f.most
}
