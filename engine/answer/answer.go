// Package answer turns the arrays of an answer into text and files: Trino's
// JSON, CSV, tables, NDJSON, Arrow and Parquet.
package answer

import (
	"fmt"
	"io"
	"sort"
	"strings"

	"github.com/apache/arrow/go/v15/arrow"

	"github.com/auditlake/auditlake/planner/types"
)

// Column is a column of an answer.
type Column struct {
	Name string
	Type *types.Type
}

// Source is an answer being read.
type Source interface {
	// Columns is known before the first row.
	Columns() []Column
	// Next moves to the next rows; false at the end or on an error, see Err.
	Next() bool
	// Arrays are the current rows' columns, in the layout of engine/arrowtype
	// without dictionaries; valid until the answer is closed.
	Arrays() []arrow.Array
	// Err is what ended the rows, nil when all were read.
	Err() error
}

// Layout says how an answer is written where its format leaves a choice. The zero value is for files and pipes.
type Layout struct {
	// Width is the width of the terminal that tables must fit into, in characters. 0: tables are not for a terminal,
	// and nothing is cut.
	Width int
	// Color adds the colours of a terminal to tables.
	Color bool
	// SafeCSV puts an apostrophe before texts that a spreadsheet would compute as formulas.
	SafeCSV bool
	// Chart is bar or line: the answer is drawn, whatever its format. One that cannot be drawn is a *ChartError.
	Chart string
}

// writer writes one answer in one format.
type writer func(w io.Writer, src Source, layout Layout) (rows int64, err error)

var formats = map[string]writer{
	"table":      writeTable,
	"auto":       writeTableOrVertical,
	"vertical":   writeVertical,
	"markdown":   withoutLayout(writeMarkdown),
	"csv":        writeCSV,
	"json":       withoutLayout(writeJSON),
	"ndjson":     withoutLayout(writeNDJSON),
	"arrow":      withoutLayout(writeArrowStream),
	"arrow-file": withoutLayout(writeArrowFile),
	"parquet":    withoutLayout(writeParquet),
	"trino":      withoutLayout(writeTrino),
}

// withoutLayout makes a writer of a format that has one layout.
func withoutLayout(write func(w io.Writer, src Source) (int64, error)) writer {
	return func(w io.Writer, src Source, _ Layout) (int64, error) { return write(w, src) }
}

// Formats lists the names Write takes.
func Formats() []string {
	names := make([]string, 0, len(formats))
	for name := range formats {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}

// CheckFormat returns an error that names the known formats when there is none
// called format.
func CheckFormat(format string) error {
	if _, ok := formats[format]; !ok {
		return fmt.Errorf("unknown format %q; the formats are %s", format, strings.Join(Formats(), ", "))
	}
	return nil
}

// Write writes all rows of src to w and returns how many there were. Of an answer that ends with an error
// within the first maxDraftBytes nothing is written, not even its header.
func Write(format string, w io.Writer, src Source) (rows int64, err error) {
	return Layout{}.Write(format, w, src)
}

// Write writes as the function Write does, in this layout.
func (l Layout) Write(format string, w io.Writer, src Source) (rows int64, err error) {
	if l.Chart != "" {
		return l.writeChart(w, src)
	}
	if err := CheckFormat(format); err != nil {
		return 0, err
	}
	out := &draft{out: w}
	if rows, err = formats[format](out, src, l); err != nil {
		return rows, err
	}
	return rows, out.release()
}

// rowsOf is the number of rows in arrays; an answer always has a column.
func rowsOf(arrays []arrow.Array) int {
	if len(arrays) == 0 {
		return 0
	}
	return arrays[0].Len()
}
