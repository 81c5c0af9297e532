package answer

import (
	"bufio"
	"bytes"
	"io"
)

// writeCSV writes RFC 4180 with a header line: fields are quoted when they
// need to be. NULL is an empty field, the empty text is "".
func writeCSV(w io.Writer, src Source) (int64, error) {
	out := bufio.NewWriter(w)
	var line, value []byte
	for i, c := range src.Columns() {
		line = appendCSV(line, i, []byte(c.Name), false)
	}
	if _, err := out.Write(append(line, '\n')); err != nil {
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
