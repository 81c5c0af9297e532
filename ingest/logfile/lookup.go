package logfile

import (
	"bytes"

	"github.com/auditlake/auditlake/ingest"
	"github.com/auditlake/auditlake/jsontext"
)

// noLookupText is the message for an event of lookup output without a record.
const noLookupText = "the event has no text in CloudTrailEvent"

// lookupEvent unpacks the record that an event of lookup output holds as a string.
func (r *Reader) lookupEvent(event []byte, offset int64) (Record, error) {
	var sc jsontext.Scanner
	sc.Reset(event)
	sc.Enter()
	sc.Pos++
	ok := true
	for more := sc.Next() != '}'; more; {
		var name, value jsontext.Token
		if name, ok = sc.Key(); !ok {
			break
		}
		if value, ok = sc.Value(); !ok {
			break
		}
		if value.Kind == jsontext.String && bytes.EqualFold(event[name.Start+1:name.End-1], []byte("CloudTrailEvent")) {
			if r.text = jsontext.AppendString(r.text[:0], event[value.Start+1:value.End-1]); len(r.text) == 0 {
				break
			}
			return r.record(r.text, offset), nil
		}
		if more, ok = sc.More('}'); !ok {
			break
		}
	}
	if !ok {
		return Record{}, r.recordFailure(ingest.InvalidJSON, offset, "the event looked up is not valid JSON")
	}
	return Record{}, r.recordFailure(ingest.NotAnEvent, offset, noLookupText)
}
