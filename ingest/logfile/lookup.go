package logfile

import (
	"bytes"

	"github.com/auditlake/auditlake/ingest"
	"github.com/auditlake/auditlake/jsontext"
)

// lookupEvent unpacks the record that an event of lookup output holds as a string.
func (r *Reader) lookupEvent(event []byte, offset int64) (Record, error) {
	var sc jsontext.Scanner
	sc.Reset(event)
	sc.Enter()
	sc.Pos++
	more := sc.Next() != '}'
	for more {
		name, ok := sc.Key()
		if !ok {
			break
		}
		value, ok := sc.Value()
		if !ok {
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
	return Record{}, r.recordFailure(ingest.InvalidJSON, offset, "the event has no text in CloudTrailEvent")
}
