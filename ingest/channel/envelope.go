package channel

import (
	"time"

	"github.com/auditlake/auditlake/jsontext"
)

// Envelope wraps the activities of one push with the members that the lake adds.
type Envelope struct {
	middle []byte // from the region to the start of the activity: the same for all
}

// auditVersion is the version of the events that an envelope makes.
const auditVersion = "1.0"

// MaxEnvelopeBytes bounds the size of an envelope without the activity and the caller's names.
const MaxEnvelopeBytes = 400

// NewEnvelope returns the envelope for what came through a channel at ingestedAt.
func NewEnvelope(region, accountID, channelARN string, ingestedAt time.Time) *Envelope {
	to := append(make([]byte, 0, MaxEnvelopeBytes), `","awsRegion":`...)
	to = jsontext.AppendQuoted(to, region, jsontext.Shortest)
	to = append(to, `,"recipientAccountId":`...)
	to = jsontext.AppendQuoted(to, accountID, jsontext.Shortest)
	to = append(to, `,"metadata":{"ingestionTime":"`...)
	to = appendInstant(to, ingestedAt)
	to = append(to, `","channelARN":`...)
	to = jsontext.AppendQuoted(to, channelARN, jsontext.Shortest)
	return &Envelope{middle: append(to, `},"eventData":`...)}
}

// AppendEvent appends the event that a store keeps for an activity: the activity as it came, inside the envelope.
func (e *Envelope) AppendEvent(to []byte, eventID string, eventTime time.Time, activity []byte) []byte {
	to = append(to, `{"eventVersion":"`+auditVersion+`","eventCategory":"ActivityAuditLog","eventType":"ActivityLog","eventID":"`...)
	to = append(to, eventID...)
	to = append(to, `","eventTime":"`...)
	to = appendInstant(to, eventTime)
	to = append(to, e.middle...)
	to = append(to, activity...)
	return append(to, '}')
}

// appendInstant appends an instant in UTC, with milliseconds unless they are zero.
func appendInstant(to []byte, at time.Time) []byte {
	layout := "2006-01-02T15:04:05.000Z"
	if at.UnixMilli()%1000 == 0 {
		layout = time.RFC3339 // which the time package writes faster than others
	}
	return at.UTC().AppendFormat(to, layout)
}
