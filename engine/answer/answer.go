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

// writer writes one answer in one format.
type writer func(w io.Writer, src Source) (rows int64, err error)

var formats = map[string]writer{
	"table":    writeTable,
	"vertical": writeVertical,
	"csv":      writeCSV,
	"json":     writeJSON,
	"ndjson":   writeNDJSON,
	"arrow":    writeArrow,
	"parquet":  writeParquet,
	"trino":    writeTrino,
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
		return fmt.Errorf("unknown format %q; there are %s", format, strings.Join(Formats(), ", "))
	}
	return nil
}

// Write writes all rows of src to w and returns how many there were.
func Write(format string, w io.Writer, src Source) (rows int64, err error) {
	if err := CheckFormat(format); err != nil {
		return 0, err
	}
	return formats[format](w, src)
}

// rowsOf is the number of rows in arrays; an answer always has a column.
func rowsOf(arrays []arrow.Array) int {
	if len(arrays) == 0 {
		return 0
	}
	return arrays[0].Len()
}
