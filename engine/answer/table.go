package answer

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/mattn/go-runewidth"

	"github.com/auditlake/auditlake/planner/types"
)

const (
	// tableRows and tableHeldBytes bound the rows that set the column widths; later
	// rows are printed with the same widths, so that a long answer streams.
	tableRows      = 1000
	tableHeldBytes = 4 << 20
	// maxPaddedWidth is the widest value that a column is padded for where nothing is cut. Names, ARNs and user
	// agents are shorter.
	maxPaddedWidth = 1000
	// narrowWidth is the width of a column with a longer value, which would bring its blanks into all other rows: it
	// is written whole and moves the columns after it in its own row. The last column, which needs no blanks, is no
	// wider either.
	narrowWidth = 100
)

// writeTable writes columns in aligned columns, numbers to the right. A value that is
// the whole answer, such as a plan, is neither cut nor put on one line. On a terminal, rows fit
// the width, and a last line says what was cut.
func writeTable(w io.Writer, src Source, layout Layout) (int64, error) {
	return (&table{out: bufio.NewWriter(w), columns: src.Columns(), layout: layout}).write(src)
}

// writeTableOrVertical writes a table, or a column a line if the table would not fit the terminal whole.
func writeTableOrVertical(w io.Writer, src Source, layout Layout) (int64, error) {
	return (&table{out: bufio.NewWriter(w), columns: src.Columns(), layout: layout, expands: true}).write(src)
}

// cell is a value as tables show it: on one line, without control characters.
type cell struct {
	text string
	null bool
}

// table holds the rows whose widths are not known yet.
type table struct {
	out     *bufio.Writer
	columns []Column
	layout  Layout
	expands bool // becomes vertical if it does not fit

	fit       fit
	held      [][]cell
	heldBytes int
	last      []byte // the latest value, nil when there was none but NULL
	started   bool
	vertical  *vertical // set: rows go there
	cutCells  int64
}

func (t *table) write(src Source) (rows int64, err error) {
	err = eachValue(src, func(values [][]byte) error {
		rows++
		cells := make([]cell, len(values))
		for i, v := range values {
			if cells[i] = cellOf(v); v != nil {
				t.last = v
			}
		}
		return t.add(cells)
	})
	if err != nil {
		return rows, err
	}
	if err := src.Err(); err != nil && !t.started {
		return rows, err // the rows that came before an error are no answer
	}
	if err := t.flush(); err != nil {
		return rows, err
	}
	return rows, src.Err()
}

// eachValue calls row with the texts of each row, nil for NULL, until it fails.
func eachValue(src Source, row func(values [][]byte) error) error {
	columns := src.Columns()
	for src.Next() {
		arrays := src.Arrays()
		for i := 0; i < rowsOf(arrays); i++ {
			values := make([][]byte, len(arrays))
			for j, arr := range arrays {
				if !IsNull(arr, i) {
					values[j] = shown(columns[j].Type, arr, i)
				}
			}
			if err := row(values); err != nil {
				return err
			}
		}
	}
	return nil
}

// eachRow calls row with the cells of each row until it fails.
func eachRow(src Source, row func(cells []cell) error) error {
	return eachValue(src, func(values [][]byte) error {
		cells := make([]cell, len(values))
		for i, v := range values {
			cells[i] = cellOf(v)
		}
		return row(cells)
	})
}

func cellOf(value []byte) cell {
	if value == nil {
		return cell{text: "NULL", null: true}
	}
	return cell{text: Printable(value)}
}

func (t *table) add(cells []cell) error {
	if t.started {
		return t.line(cells)
	}
	t.held = append(t.held, cells)
	for _, c := range cells {
		t.heldBytes += len(c.text)
	}
	if len(t.held) < tableRows && t.heldBytes < tableHeldBytes {
		return nil
	}
	return t.start()
}

// start fits the columns to the rows that are held, and writes those.
func (t *table) start() error {
	t.started = true
	isWhole := len(t.held) == 1 && len(t.columns) == 1 && t.last != nil
	if isWhole {
		t.held = wholeLines(t.last)
	}
	natural := make([]int, len(t.columns))
	names := make([]cell, len(t.columns))
	for i, c := range t.columns {
		names[i] = cell{text: Printable(c.Name)}
		natural[i] = textWidth(names[i].text)
		for _, cells := range t.held {
			natural[i] = max(natural[i], textWidth(cells[i].text))
		}
	}
	switch {
	case t.layout.Width == 0 || isWhole:
		t.fit = paddedWidths(natural, t.layout.Width)
	case t.expands && totalWidth(natural) > t.layout.Width:
		t.vertical = newVertical(t.out, t.columns, t.layout.Color)
	default:
		t.fit = fitWidths(natural, t.layout.Width)
	}
	if t.vertical == nil {
		if err := t.header(names); err != nil {
			return err
		}
	}
	for _, cells := range t.held {
		if err := t.line(cells); err != nil {
			return err
		}
	}
	t.held = nil
	return nil
}

func (t *table) header(names []cell) error {
	line, rule := t.text(names), make([]string, t.fit.columns)
	if t.layout.Color {
		line = bold(line)
	}
	for i := range rule {
		rule[i] = strings.Repeat("-", t.fit.widths[i])
	}
	_, err := t.out.WriteString(line + "\n" + strings.Join(rule, columnGap) + "\n")
	return err
}

func (t *table) flush() error {
	if !t.started {
		if err := t.start(); err != nil {
			return err
		}
	}
	if note := t.note(); note != "" {
		if _, err := t.out.WriteString(note); err != nil {
			return err
		}
	}
	return t.out.Flush()
}

func (t *table) line(cells []cell) error {
	if t.vertical != nil {
		return t.vertical.add(cells)
	}
	if _, err := t.out.WriteString(t.text(cells)); err != nil {
		return err
	}
	return t.out.WriteByte('\n')
}

// text is a row on one line, each cell as wide as its column.
func (t *table) text(cells []cell) string {
	var b strings.Builder
	b.Grow(totalWidth(t.fit.widths[:t.fit.columns]))
	for i, c := range cells[:t.fit.columns] {
		if i > 0 {
			b.WriteString(columnGap)
		}
		width := textWidth(c.text)
		if t.fit.cuts && width > t.fit.widths[i] {
			c.text = runewidth.Truncate(c.text, t.fit.widths[i], "…")
			width = textWidth(c.text) // one less, if a wide character did not fit
			t.cutCells++
		}
		gap := max(0, t.fit.widths[i]-width)
		if t.layout.Color && c.null {
			c.text = dim(c.text)
		}
		switch {
		case rightAligned(t.columns[i].Type):
			writeSpaces(&b, gap)
			b.WriteString(c.text)
		case i == t.fit.columns-1:
			b.WriteString(c.text)
		default:
			b.WriteString(c.text)
			writeSpaces(&b, gap)
		}
	}
	return b.String()
}

func writeSpaces(b *strings.Builder, n int) {
	const spaces = "                                                                "
	for ; n > len(spaces); n -= len(spaces) {
		b.WriteString(spaces)
	}
	b.WriteString(spaces[:n])
}

func rightAligned(t *types.Type) bool { return t.IsNumeric() }

// shown is a value that is not NULL as AppendShown appends it. Empty texts are not nil.
func shown(t *types.Type, arr arrow.Array, row int) []byte { return AppendShown([]byte{}, t, arr, row) }

// AppendShown appends a value as people read it: nested values are JSON in which rows have their fields' names, and
// NULL is the empty text.
func AppendShown(out []byte, t *types.Type, arr arrow.Array, row int) []byte {
	if IsNull(arr, row) {
		return out
	}
	switch t.Kind {
	case types.Array, types.Map, types.Row:
		return appendValueObject(out, t, arr, row)
	}
	return AppendText(out, t, arr, row)
}

// textWidth is how many characters wide a terminal shows a printable text.
func textWidth(text string) int {
	for i := range len(text) {
		if text[i] >= utf8.RuneSelf {
			return runewidth.StringWidth(text)
		}
	}
	return len(text)
}

// wholeLines is a text with its line feeds, a row for each line.
func wholeLines(text []byte) [][]cell {
	var rows [][]cell
	for _, line := range bytes.Split(bytes.TrimSuffix(text, []byte("\n")), []byte("\n")) {
		rows = append(rows, []cell{{text: Printable(bytes.TrimSuffix(line, []byte("\r")))}})
	}
	return rows
}

// Printable puts a text on one line, and protects a terminal from the control characters that events and file names
// may hold. Characters that are invisible, or change the order of others on the screen (such as U+202E and U+200B),
// are written as \u202e.
func Printable[T string | []byte](text T) string {
	if isPlain(text) {
		return string(text)
	}
	var out strings.Builder
	for _, r := range string(text) {
		switch {
		case r == '\n' || r == '\t' || r == '\r':
			out.WriteByte(' ')
		case r < 0x20 || r >= 0x7f && r < 0xa0:
			out.WriteRune(utf8.RuneError)
		case r > 0xffff && isUnseen(r):
			fmt.Fprintf(&out, `\u{%x}`, r)
		case isUnseen(r):
			fmt.Fprintf(&out, `\u%04x`, r)
		default:
			out.WriteRune(r)
		}
	}
	return out.String()
}

// isUnseen reports whether a terminal shows nothing for a character that may change how others are shown or read.
func isUnseen(r rune) bool {
	switch r {
	case '\u034f', '\u115f', '\u1160', '\u2028', '\u2029', '\u3164', '\uffa0': // joiners, fillers, separators of lines
		return true
	}
	return unicode.Is(unicode.Cf, r)
}

// isPlain reports whether a text has nothing but the letters, digits and signs of ASCII.
func isPlain[T string | []byte](text T) bool {
	for i := range len(text) {
		if text[i] < ' ' || text[i] > '~' {
			return false
		}
	}
	return true
}
