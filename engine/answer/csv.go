package answer

import (
	"bufio"
	"bytes"
	"io"

	"github.com/apache/arrow/go/v15/arrow"
)

// writeCSV writes RFC 4180 with a header line: fields are quoted when they
// need to be. NULL is an empty field, the empty text is "".
func writeCSV(w io.Writer, src Source) (int64, error) {
	out := bufio.NewWriter(w)
	var value []byte
	line := AppendCSVNames(nil, src.Columns())
	if _, err := out.Write(line); err != nil {
		return 0, err
	}
	var rows int64
	for src.Next() {
		arrays := src.Arrays()
		for i := 0; i < rowsOf(arrays); i++ {
			line = line[:0]
			for j, c := range src.Columns() {
				value = AppendText(value[:0], c.Type, arrays[j], i)
				line = appendCSV(line, j, value, IsNull(arrays[j], i))
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
	for i, c := range columns {
		out = appendCSV(out, i, []byte(c.Name), false)
	}
	return append(out, '\n')
}

// AppendBareCSV appends a row as a line of CSV whose values are those of AppendBare. NULL is an empty field, the empty text
// is "". A row of nothing but one NULL is "", too: most readers take an empty line for none.
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
