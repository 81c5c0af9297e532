// Package record turns raw audit records into rows of Arrow columns, in one pass over the source text, without
// building anything per record. The columns come from storage/schema: a new event category needs a new table there,
// and no code here.
package record

import (
	"bytes"
	"fmt"
	"unicode/utf8"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/auditlake/auditlake/ingest"
	"github.com/auditlake/auditlake/jsontext"
	"github.com/auditlake/auditlake/storage/schema"
)

// Appender collects the rows of one table. Only one goroutine may use it.
type Appender struct {
	schema  *arrow.Schema
	fields  *fieldSet
	columns []column
	// Positions of eventtime, eventcategory and eventjson; -1: there is none.
	timeColumn, categoryColumn, textColumn int
	sourceColumn                           int // of eventsource; -1: there is none
	identityColumn                         int // of useridentity; -1: there is none

	spans spans
	ahead []byte // the text in which ScanAhead found a record
	raw   []byte
	row   Row

	rows  int
	bytes int64
}

// Row is what a caller needs to decide whether a record becomes a row.
type Row struct {
	// EventTimeMillis is the event's time in milliseconds since 1970, UTC.
	EventTimeMillis int64
	// Category is the event's category as written in the record, "" if it has none. It is valid until Append.
	Category []byte
	// RepeatedKeys counts the members that were replaced by a later one of the same name.
	RepeatedKeys int
}

// NewAppender returns an empty appender for the stored columns of a table.
func NewAppender(table *schema.Table) *Appender {
	stored := table.Stored()
	a := &Appender{schema: table.Arrow(), fields: newFieldSet(stored), timeColumn: -1, categoryColumn: -1, textColumn: -1, sourceColumn: -1, identityColumn: -1}
	a.fields.addForms(stored, trailForms[table.Category])
	a.columns = newColumns(a.fields, a.schema.Fields())
	for i, c := range stored {
		switch c.Name {
		case "eventsource":
			a.sourceColumn = i
		case "useridentity":
			a.identityColumn = i
		case "eventtime":
			a.timeColumn = i
		case "eventcategory":
			a.categoryColumn = i
		case "eventjson":
			a.textColumn = i
		}
	}
	if a.timeColumn < 0 {
		panic("record: table " + table.Category + " has no eventtime")
	}
	return a
}

// ScanAhead reads the record that text begins with and returns its length, 0 if text does not begin with a whole,
// valid one. If the next call is Scan of these very bytes, it need not read them again. It is meant for
// logfile.Reader.
func (a *Appender) ScanAhead(text []byte) (length int) {
	a.ahead, a.raw = nil, nil
	if length = a.spans.scanFirst(a.fields, text); length > 0 {
		a.ahead = text[:length]
	}
	return length
}

// Scan reads one record and notes the positions of its values. Append then adds them, so the caller must leave raw
// unchanged until then. The caller, which knows the file, sets the failure's Record and Offset.
func (a *Appender) Scan(raw []byte) (Row, *ingest.Failure) {
	a.raw, a.row = nil, Row{}
	whole := a.isAhead(raw) || a.spans.scan(a.fields, raw)
	a.ahead = nil
	if (!whole || !a.spans.scanner.ASCII()) && !utf8.Valid(raw) {
		return Row{}, &ingest.Failure{Reason: ingest.InvalidUTF8, Message: fmt.Sprintf("byte %d of the record is not valid UTF-8", invalidByte(raw))}
	}
	if !whole {
		return Row{}, a.broken()
	}
	if len(a.spans.values) == 0 {
		return Row{}, &ingest.Failure{Reason: ingest.InvalidJSON, Message: "the record is not a JSON object"}
	}
	millis, failure := a.eventTime()
	if failure != nil {
		return Row{}, failure
	}
	a.raw = raw
	a.row = Row{EventTimeMillis: millis, Category: a.category(), RepeatedKeys: a.spans.repeated}
	return a.row, nil
}

// ColumnOf returns the index of the column for a member of records, by the name that records write; ok is false if
// it has none.
func (a *Appender) ColumnOf(member string) (column int, ok bool) {
	f := a.fields.find([]byte(member))
	if f == nil || f.inner != nil {
		return 0, false
	}
	return f.index, true
}

// Value returns the position of a column's value in the record that Scan read last. That Scan must have succeeded.
func (a *Appender) Value(column int) jsontext.Token { return a.spans.values[column].Token }

// isAhead reports whether raw is the text that ScanAhead has just read.
func (a *Appender) isAhead(raw []byte) bool {
	return len(raw) > 0 && len(raw) == len(a.ahead) && &raw[0] == &a.ahead[0]
}

// Append adds the record that was scanned last as a row. It adds nothing if no record was scanned, the last one
// failed, or it was added already.
func (a *Appender) Append() {
	if a.raw == nil {
		return
	}
	for i, c := range a.columns {
		if v := &a.spans.values[i]; v.Kind > jsontext.Null {
			c.set(&a.spans, a.rows, v)
		}
	}
	if a.textColumn >= 0 {
		a.columns[a.textColumn].(*textColumn).setBytes(a.rows, a.raw)
	}
	a.rows++
	a.bytes += int64(2 * len(a.raw))
	a.raw = nil
}

// Rows returns the number of rows since the last Flush.
func (a *Appender) Rows() int { return a.rows }

// Bytes returns about how much memory the rows since the last Flush take. The caller must flush long before it
// reaches 2 GiB, the limit of Arrow's text columns.
func (a *Appender) Bytes() int64 { return a.bytes }

// Flush returns the rows as a record with the table's stored columns, and starts over.
func (a *Appender) Flush() arrow.Record { return a.handOut(given) }

// Lend returns the rows as Flush does but keeps their memory: the next Append overwrites them.
func (a *Appender) Lend() arrow.Record { return a.handOut(lent) }

func (a *Appender) handOut(hand handing) arrow.Record {
	columns := make([]arrow.Array, len(a.columns))
	for i, c := range a.columns {
		columns[i] = array.MakeFromData(c.data(a.rows, hand))
	}
	rec := array.NewRecord(a.schema, columns, int64(a.rows))
	a.rows, a.bytes, a.raw = 0, 0, nil
	return rec
}

// eventTime reads the one member that every record must have.
func (a *Appender) eventTime() (int64, *ingest.Failure) {
	v := a.spans.values[a.timeColumn]
	if v.Kind <= jsontext.Null {
		return 0, &ingest.Failure{Reason: ingest.BadEventTime, Message: "the record has no eventTime"}
	}
	if v.Kind == jsontext.String {
		if millis, ok := ParseTime(a.spans.name(v.Token)); ok && millis >= 0 {
			return millis, nil
		}
	}
	return 0, &ingest.Failure{Reason: ingest.BadEventTime,
		Message: fmt.Sprintf("eventTime %s is not a time after 1970 of the form YYYY-MM-DDThh:mm[:ss[.f]][Z|±hh:mm] or YYYYMMDDThhmm[ss[.f]][Z|±hhmm]", excerpt(a.spans.source(v.Token)))}
}

func (a *Appender) category() []byte {
	if a.categoryColumn < 0 || a.spans.values[a.categoryColumn].Kind != jsontext.String {
		return nil
	}
	return a.spans.name(a.spans.values[a.categoryColumn].Token)
}

// broken returns the failure for what the scanner found wrong.
func (a *Appender) broken() *ingest.Failure {
	if a.spans.tooMany() {
		return &ingest.Failure{Reason: ingest.RecordTooLarge, Message: fmt.Sprintf("the record has more than %d values", maxValues)}
	}
	sc := &a.spans.scanner
	if sc.Problem == jsontext.TooDeep {
		return &ingest.Failure{Reason: ingest.RecordTooDeep, Message: fmt.Sprintf("values nest more than %d levels deep", jsontext.MaxDepth)}
	}
	return &ingest.Failure{Reason: ingest.InvalidJSON, Message: fmt.Sprintf("%s at byte %d of the record", sc.Problem, sc.Pos)}
}

// excerpt shortens text from outside for a message.
func excerpt(text []byte) string {
	const most = 60
	if len(text) <= most {
		return string(text)
	}
	return string(bytes.ToValidUTF8(text[:most], nil)) + "…"
}

// invalidByte returns the position of the first byte that is not part of a valid UTF-8 sequence.
func invalidByte(text []byte) int {
	i := 0
	for i < len(text) {
		r, n := utf8.DecodeRune(text[i:])
		if r == utf8.RuneError && n == 1 {
			break
		}
		i += n
	}
	return i
}
