package channel

import (
	"time"

	"github.com/auditlake/auditlake/jsontext"
)

// Envelope is what the lake adds to the activity that came through a channel.
type Envelope struct {
	Region, AccountID, ChannelARN string
	EventID                       string
	Millis                        int64 // eventTime of the activity
	IngestedAt                    time.Time
}

// auditVersion is the version of the events that envelopes make.
const auditVersion = "1.0"

// AppendEvent appends the event of an activity as a store has it: the activity as it came, inside of the envelope.
func (e *Envelope) AppendEvent(to, data []byte) []byte {
	to = append(to, `{"eventVersion":"`+auditVersion+`","eventCategory":"ActivityAuditLog","eventType":"ActivityLog","eventID":"`...)
	to = append(to, e.EventID...)
	to = append(to, `","eventTime":"`...)
	to = appendInstant(to, time.UnixMilli(e.Millis))
	to = append(to, `","awsRegion":`...)
	to = jsontext.AppendQuoted(to, e.Region, jsontext.Shortest)
	to = append(to, `,"recipientAccountId":`...)
	to = jsontext.AppendQuoted(to, e.AccountID, jsontext.Shortest)
	to = append(to, `,"metadata":{"ingestionTime":"`...)
	to = appendInstant(to, e.IngestedAt)
	to = append(to, `","channelARN":`...)
	to = jsontext.AppendQuoted(to, e.ChannelARN, jsontext.Shortest)
	to = append(to, `},"eventData":`...)
	to = append(to, data...)
	return append(to, '}')
}

// appendInstant writes an instant in UTC, with milliseconds if it has some.
func appendInstant(to []byte, at time.Time) []byte {
	layout := "2006-01-02T15:04:05.000Z"
	if at.UnixMilli()%1000 == 0 {
		layout = "2006-01-02T15:04:05Z"
	}
	return at.UTC().AppendFormat(to, layout)
}
