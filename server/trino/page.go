package trino

import (
	"time"

	"github.com/apache/arrow/go/v15/arrow"

	"github.com/auditlake/auditlake/engine/answer"
)

const (
	// maxPageBytes is the size at which a page is full; its last row may exceed it.
	maxPageBytes = 1 << 20
	// blockBytes is the size at which a page's rows continue in another block.
	blockBytes = 64 << 10
	// maxPageTime is the age at which a page with rows is handed over before it is full.
	maxPageTime = 500 * time.Millisecond
)

// page is a range of a query's rows.
type page struct {
	rows rows
	last bool // no page of the query follows
}

// rows are JSON arrays separated by commas. They are in blocks, so that a growing page copies nothing.
type rows [][]byte

// bytes returns the size of the rows.
func (r rows) bytes() int {
	n := 0
	for _, block := range r {
		n += len(block)
	}
	return n
}

// pageWriter makes pages of rows.
type pageWriter struct {
	columns []answer.Column
	// millis is set if the client supports times only to the millisecond.
	millis bool

	full      rows // full blocks of the current page
	fullBytes int
	block     []byte    // the block being written
	since     time.Time // when the page got its first row
}

// add writes rows and hands over each page that is full.
func (w *pageWriter) add(arrays []arrow.Array, hand func(page) error) error {
	columns := w.columns
	if w.millis {
		columns, arrays = inMillis(columns, arrays)
	}
	cells := answer.RowCells(columns, arrays)
	for row := range arrays[0].Len() {
		if w.isEmpty() {
			w.since = time.Now()
		} else {
			w.block = append(w.block, ',')
		}
		w.block = append(w.block, '[')
		for i, cell := range cells {
			if i > 0 {
				w.block = append(w.block, ',')
			}
			w.block = cell(w.block, row)
		}
		w.block = append(w.block, ']')
		if w.fullBytes+len(w.block) >= maxPageBytes {
			if err := hand(page{rows: w.rest()}); err != nil {
				return err
			}
		} else if len(w.block) >= blockBytes {
			w.full, w.fullBytes = append(w.full, w.block), w.fullBytes+len(w.block)
			w.block = make([]byte, 0, blockBytes+blockBytes/16) // with the row that fills it
		}
	}
	if !w.isEmpty() && time.Since(w.since) >= maxPageTime {
		return hand(page{rows: w.rest()})
	}
	return nil
}

func (w *pageWriter) isEmpty() bool { return w.fullBytes+len(w.block) == 0 }

// rest returns the rows of the unfinished page, nil if it has none.
func (w *pageWriter) rest() rows {
	if w.isEmpty() {
		return nil
	}
	out := append(w.full, w.block)
	w.full, w.fullBytes, w.block = nil, 0, nil
	return out
}

// appendColumns appends the columns as the protocol describes them: type for people, typeSignature for programs.
// With millis, types have no precision.
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

// inMillis reduces the precision of an answer's times to milliseconds.
func inMillis(columns []answer.Column, arrays []arrow.Array) ([]answer.Column, []arrow.Array) {
	outColumns, outArrays := make([]answer.Column, len(columns)), make([]arrow.Array, len(arrays))
	for i, c := range columns {
		outColumns[i], outArrays[i] = answer.Millis(c), answer.MillisArray(c.Type, arrays[i])
	}
	return outColumns, outArrays
}
