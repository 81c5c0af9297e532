package logfile

import (
	"bytes"

	"github.com/auditlake/auditlake/jsontext"
)

// linesOf reports whether a file that starts with these bytes has one value per line.
func linesOf(start []byte) bool {
	end := bytes.IndexByte(start, '\n')
	if end < 0 {
		return false
	}
	rest := bytes.TrimLeft(start[end:], " \t\r\n")
	if len(rest) == 0 {
		return false
	}
	line := &window{buf: start, line: end, keep: -1}
	if line.value() {
		c, more := line.space()
		if more && c == ',' { // a line of an array that was cut into pieces
			line.pos++
			_, more = line.space()
		}
		return !more
	}
	// The first line is not a whole value. It is part of a longer one, unless the next line cannot continue it.
	var sc jsontext.Scanner
	sc.Reset(start[:len(start)-len(rest)+1])
	_, ok := sc.Value()
	return !ok && sc.Problem != jsontext.UnexpectedEnd && sc.Pos >= len(bytes.TrimRight(start[:end], " \t\r"))
}
