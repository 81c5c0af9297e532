package answer

import (
	"bufio"
	"fmt"
	"io"

	"github.com/mattn/go-runewidth"
)

// writeVertical writes a column a line, for wide rows.
func writeVertical(w io.Writer, src Source, layout Layout) (int64, error) {
	v := newVertical(bufio.NewWriter(w), src.Columns(), layout.Color)
	err := eachRow(src, func(cells []cell) error { return v.add(cells) })
	if err != nil {
		return v.rows, err
	}
	if err := v.out.Flush(); err != nil {
		return v.rows, err
	}
	return v.rows, src.Err()
}

// vertical writes rows a column a line.
type vertical struct {
	out   *bufio.Writer
	names []string // all of one width
	color bool
	rows  int64
}

func newVertical(out *bufio.Writer, columns []Column, color bool) *vertical {
	v := &vertical{out: out, color: color}
	width := 0
	for _, c := range columns {
		width = max(width, textWidth(Printable(c.Name)))
	}
	for _, c := range columns {
		v.names = append(v.names, runewidth.FillRight(Printable(c.Name), width))
	}
	return v
}

func (v *vertical) add(cells []cell) error {
	v.rows++
	if _, err := fmt.Fprintf(v.out, "-- row %d\n", v.rows); err != nil {
		return err
	}
	for i, c := range cells {
		name, text := v.names[i], c.text
		if v.color {
			name = bold(name)
			if c.null {
				text = dim(text)
			}
		}
		if _, err := fmt.Fprintf(v.out, "%s | %s\n", name, text); err != nil {
			return err
		}
	}
	return nil
}

// The colours of terminals: a name stands out, a NULL differs from a text of four letters.
func bold(text string) string { return "\x1b[1m" + text + "\x1b[0m" }
func dim(text string) string  { return "\x1b[2m" + text + "\x1b[0m" }
