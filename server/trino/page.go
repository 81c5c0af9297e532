package trino

import (
	"time"

	"github.com/apache/arrow/go/v15/arrow"

	"github.com/auditlake/auditlake/engine/answer"
)

const (
	// maxPageBytes is when a page is full; one row may lead beyond it.
	maxPageBytes = 1 << 20
	// maxPageTime is when a page with rows is handed over though not full.
	maxPageTime = 500 * time.Millisecond
)

// page is some rows as JSON arrays with commas between them.
type page struct {
	rows []byte
	last bool // of its query
}

// pageWriter makes pages of rows.
type pageWriter struct {
	columns []answer.Column
	// millis tells that the client knows times in milliseconds only.
	millis bool

	rows  []byte
	since time.Time // of the first row in rows
}

// add writes rows and hands over the pages that get full.
func (w *pageWriter) add(arrays []arrow.Array, hand func(page) error) error {
	columns := w.columns
	if w.millis {
		columns, arrays = inMillis(columns, arrays)
	}
	for row := range arrays[0].Len() {
		if len(w.rows) > 0 {
			w.rows = append(w.rows, ',')
		} else {
			w.since = time.Now()
		}
		w.rows = append(w.rows, '[')
		for i, c := range columns {
			if i > 0 {
				w.rows = append(w.rows, ',')
			}
			w.rows = answer.AppendJSON(w.rows, c.Type, arrays[i], row)
		}
		w.rows = append(w.rows, ']')
		if len(w.rows) >= maxPageBytes {
			if err := hand(page{rows: w.rest()}); err != nil {
				return err
			}
		}
	}
	if len(w.rows) > 0 && time.Since(w.since) >= maxPageTime {
		return hand(page{rows: w.rest()})
	}
	return nil
}

// rest takes the rows of the page that is being made; nil when it has none.
func (w *pageWriter) rest() []byte {
	rows := w.rows
	w.rows = nil
	return rows
}

// appendColumns appends the columns as the protocol describes them, to people
// (type) and to programs (typeSignature). Millis leaves precisions out.
func appendColumns(out []byte, columns []answer.Column, millis bool) []byte {
	out = append(out, '[')
	for i, c := range columns {
		display, signature := c.Type.Display(), string(answer.AppendTypeSignature(nil, c.Type))
		if millis {
			c = answer.Millis(c)
			display = answer.WithoutPrecision(c.Type.Display())
			signature = answer.WithoutPrecision(string(answer.AppendTypeSignature(nil, c.Type)))
		}
		if i > 0 {
			out = append(out, ',')
		}
		out = answer.AppendQuoted(append(out, `{"name":`...), []byte(c.Name))
		out = answer.AppendQuoted(append(out, `,"type":`...), []byte(display))
		out = append(append(out, `,"typeSignature":`...), signature...)
		out = append(out, '}')
	}
	return append(out, ']')
}

// inMillis is an answer without times more precise than milliseconds.
func inMillis(columns []answer.Column, arrays []arrow.Array) ([]answer.Column, []arrow.Array) {
	outColumns, outArrays := make([]answer.Column, len(columns)), make([]arrow.Array, len(arrays))
	for i, c := range columns {
		outColumns[i], outArrays[i] = answer.Millis(c), answer.MillisArray(c.Type, arrays[i])
	}
	return outColumns, outArrays
}
