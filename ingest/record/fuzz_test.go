package record

import (
	"bytes"
	"encoding/json"
	"testing"
	"unicode/utf8"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/ingest"
	"github.com/auditlake/auditlake/storage/schema"
)

// FuzzRecord holds the appender to encoding/json: it takes exactly the valid
// objects whose eventTime it can read, and its arrays are sound.
func FuzzRecord(f *testing.F) {
	f.Add([]byte(event(`"userIdentity":{"type":"Root","sessionContext":{"attributes":{"creationDate":"2025-03-04T08:21:07Z"}}},"readOnly":"true"`)))
	f.Add([]byte(event(`"requestParameters":{"a":{ "b" : [1, 2.50, null] },"a":"\ud800","é":true},"responseElements":null`)))
	f.Add([]byte(event(`"resources":[{"ARN":"a"},null,[],{"arn":1}],"eventContext":{"tagContext":{"resourceTags":[{"tags":{"k":"v"}}]}}`)))
	f.Add([]byte(`{"eventTime":"1969-12-31T23:00:00.5-02:00","EVENTTIME":"2025-03-04 08:21:07.123456+00:30"}`))
	f.Add([]byte(event(`"userAgent":[ "x" , {} ],"requestParameters":"\u0000"`)))
	f.Add([]byte(`{"eventTime":17,"eventName":tru}`))
	var appenders []*Appender
	for _, category := range schema.Categories() {
		table, _ := schema.ForCategory(category)
		appenders = append(appenders, NewAppender(table))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		object := json.Valid(raw) && utf8.Valid(raw) && bytes.HasPrefix(bytes.TrimLeft(raw, " \t\r\n"), []byte("{"))
		for _, a := range appenders {
			_, failure := a.Scan(raw)
			a.Append()
			_, failureAgain := a.Scan([]byte(event(`"eventID":"behind"`)))
			require.Nil(t, failureAgain)
			a.Append()
			rec := a.Flush()
			last := int(rec.NumRows()) - 1
			if failure == nil {
				require.True(t, object)
				require.Equal(t, 1, last)
			} else {
				require.Zero(t, last)
				if failure.Reason != ingest.BadEventTime && failure.Reason != ingest.RecordTooDeep {
					require.False(t, object, failure.Message)
				}
			}
			requireAhead(t, a, raw, rec, failure)
			for c := range int(rec.NumCols()) {
				value := plain(rec.Column(c), 0)
				if rec.ColumnName(c) == "eventjson" && last == 1 {
					require.Equal(t, string(raw), value)
				}
				if rec.ColumnName(c) == "eventid" {
					require.Equal(t, "behind", plain(rec.Column(c), last))
				}
			}
			require.NoError(t, validText(rec))
		}
	})
}

// requireAhead scans raw ahead, with text behind it, and asks for the answer that
// Scan alone has given.
func requireAhead(t *testing.T, a *Appender, raw []byte, want arrow.Record, failed *ingest.Failure) {
	n := a.ScanAhead(append(bytes.Clone(raw), `,{"eventID":"ahead"}]}`...))
	if failed == nil && len(raw) > 0 && raw[0] == '{' {
		require.LessOrEqual(t, n, len(raw))
		require.Empty(t, bytes.TrimSpace(raw[n:]))
	}
	text := bytes.Clone(raw)
	n = a.ScanAhead(text)
	if n != len(raw) {
		return
	}
	_, failure := a.Scan(text)
	require.Equal(t, failed, failure)
	a.Append()
	_, failure = a.Scan([]byte(event(`"eventID":"behind"`)))
	require.Nil(t, failure)
	a.Append()
	require.True(t, array.RecordEqual(want, a.Flush()))
}
