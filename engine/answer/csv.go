package answer

import (
	"bufio"
	"bytes"
	"io"

	"github.com/apache/arrow/go/v15/arrow"

	"github.com/auditlake/auditlake/planner/types"
)

// writeCSV writes RFC 4180 with a header line: fields are quoted when they need to be. NULL is an empty field, the
// empty text is "". Nested values are JSON in which rows have their fields' names.
func writeCSV(w io.Writer, src Source, layout Layout) (int64, error) {
	out := bufio.NewWriter(w)
	if _, err := out.Write(appendCSVHeader(nil, src.Columns(), layout.SafeCSV)); err != nil {
		return 0, err
	}
	var rows int64
	var line []byte
	for src.Next() {
		arrays := src.Arrays()
		for i := 0; i < rowsOf(arrays); i++ {
			line = line[:0]
			for j, c := range src.Columns() {
				null := IsNull(arrays[j], i)
				var value []byte
				if !null {
					value = shown(c.Type, arrays[j], i)
				}
				if layout.SafeCSV && isComputable(c.Type) {
					value = withoutFormula(value)
				}
				line = appendCSV(line, j, value, null)
			}
			if _, err := out.Write(append(line, '\n')); err != nil {
				return rows, err
			}
			rows++
		}
	}
	if err := out.Flush(); err != nil {
		return rows, err
	}
	return rows, src.Err()
}

// AppendCSVNames appends the header line of some columns.
func AppendCSVNames(out []byte, columns []Column) []byte {
	return appendCSVHeader(out, columns, false)
}

func appendCSVHeader(out []byte, columns []Column, safe bool) []byte {
	for i, c := range columns {
		name := []byte(c.Name)
		if safe {
			name = withoutFormula(name)
		}
		out = appendCSV(out, i, name, false)
	}
	return append(out, '\n')
}

// isComputable reports whether texts of t can be formulas. Numbers begin with a sign, too, but are what they are.
func isComputable(t *types.Type) bool { return !t.IsNumeric() }

// withoutFormula puts an apostrophe before a text that spreadsheets would read as a formula: one that begins with a
// sign or an at sign, also after white space.
func withoutFormula(value []byte) []byte {
	if len(value) == 0 || !bytes.ContainsRune([]byte("=+-@\t\r\n"), rune(value[0])) {
		return value
	}
	return append([]byte{'\''}, value...)
}

// AppendBareCSV appends a row as a line of CSV, with the values of AppendBare. NULL is an empty field, the empty
// text is "". A row of a single NULL is "" too, because most readers skip empty lines.
func AppendBareCSV(out []byte, columns []Column, arrays []arrow.Array, row int) []byte {
	for i, c := range columns {
		null := IsNull(arrays[i], row)
		var value []byte
		if !null {
			value = AppendBare(nil, c.Type, arrays[i], row)
		}
		out = appendCSV(out, i, value, null && len(columns) > 1)
	}
	return append(out, '\n')
}

func appendCSV(line []byte, column int, value []byte, null bool) []byte {
	if column > 0 {
		line = append(line, ',')
	}
	if null {
		return line
	}
	if len(value) > 0 && !bytes.ContainsAny(value, "\",\r\n") {
		return append(line, value...)
	}
	line = append(line, '"')
	line = append(line, bytes.ReplaceAll(value, []byte{'"'}, []byte{'"', '"'})...)
	return append(line, '"')
}
