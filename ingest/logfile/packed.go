package logfile

import (
	"bytes"
	"encoding/base64"
	"io"

	"github.com/klauspost/compress/gzip"

	"github.com/auditlake/auditlake/ingest"
	"github.com/auditlake/auditlake/jsontext"
)

// packedText returns the base64 text that holds packed events, nil if there is none: awslogs.data, which CloudWatch
// Logs sends to a function; kinesis.data, which a stream sends to one; and Data, as aws kinesis get-records prints
// it.
func (m *message) packedText() []byte {
	if m.packed == nil && m.isStreamed {
		return m.data
	}
	return m.packed
}

// dataOf returns the text of an object's member data, quotes included, nil if there is none.
func dataOf(object []byte) []byte { return textOf(object, "data") }

// textOf is dataOf for a member of another name, in any letter case.
func textOf(object []byte, of string) []byte {
	var sc jsontext.Scanner
	sc.Reset(object)
	if !sc.Enter() {
		return nil
	}
	sc.Pos++
	for more := sc.Next() != '}'; more; {
		name, ok := sc.Key()
		if !ok {
			return nil
		}
		value, ok := sc.Value()
		if !ok {
			return nil
		}
		if value.Kind == jsontext.String && bytes.EqualFold(object[name.Start+1:name.End-1], []byte(of)) {
			return object[value.Start:value.End]
		}
		if more, ok = sc.More('}'); !ok {
			return nil
		}
	}
	return nil
}

// addPacked adds the records of a base64 text, which may be packed with gzip.
func (u *unwrapping) addPacked(literal []byte, depth int) bool {
	text, err := base64.StdEncoding.DecodeString(string(unquoted(literal)))
	if err != nil {
		return u.fail("the data of the message is not base64")
	}
	if !bytes.HasPrefix(text, []byte(packings[gzipPacked].magic)) {
		return u.addValue(text, depth)
	}
	unpacked, err := gzip.NewReader(bytes.NewReader(text))
	if err != nil {
		return u.broken("the gzip data of the message is damaged")
	}
	text, err = io.ReadAll(io.LimitReader(unpacked, int64(u.room)+1))
	if len(text) > u.room {
		u.reason, u.problem = ingest.RecordTooLarge, "the data of the message unpacks to more than a record may have"
		return false
	}
	u.room -= len(text)
	if err != nil {
		return u.broken("the gzip data of the message is damaged")
	}
	return u.addValue(text, depth)
}
