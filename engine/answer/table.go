package answer

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"strings"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/mattn/go-runewidth"

	"github.com/auditlake/auditlake/planner/types"
)

const (
	// tableRows is how many rows set the column widths; later ones are printed
	// with the same, so that a long answer streams.
	tableRows = 1000
	// maxCellWidth cuts a cell; the vertical format shows it whole.
	maxCellWidth = 100
)

// writeTable writes columns side by side, numbers to the right. A value that is
// the whole answer, such as a plan, is neither cut nor put on one line.
func writeTable(w io.Writer, src Source) (int64, error) {
	t := &table{out: bufio.NewWriter(w), columns: src.Columns()}
	t.widths = make([]int, len(t.columns))
	for i, c := range t.columns {
		t.widths[i] = runewidth.StringWidth(c.Name)
	}
	var rows int64
	for src.Next() {
		arrays := src.Arrays()
		for i := 0; i < rowsOf(arrays); i++ {
			cells := make([]string, len(arrays))
			for j, arr := range arrays {
				cells[j] = "NULL"
				if !IsNull(arr, i) {
					value := shown(t.columns[j].Type, arr, i)
					cells[j] = cell(value)
					t.last = value
				}
			}
			if err := t.add(cells); err != nil {
				return rows, err
			}
			rows++
		}
	}
	if err := t.flush(); err != nil {
		return rows, err
	}
	return rows, src.Err()
}

// table holds the rows whose widths are not known yet.
type table struct {
	out     *bufio.Writer
	columns []Column
	widths  []int
	held    [][]string
	last    []byte // the latest value, nil when there was none but NULL
	started bool
}

func (t *table) add(cells []string) error {
	if t.started {
		return t.line(cells)
	}
	t.held = append(t.held, cells)
	if len(t.held) < tableRows {
		return nil
	}
	return t.start()
}

func (t *table) start() error {
	t.started = true
	if len(t.held) == 1 && len(t.columns) == 1 && t.last != nil {
		t.held = wholeLines(t.last)
	}
	for _, cells := range t.held {
		for i, c := range cells {
			t.widths[i] = max(t.widths[i], min(runewidth.StringWidth(c), maxCellWidth))
		}
	}
	names, rules := make([]string, len(t.columns)), make([]string, len(t.columns))
	for i, c := range t.columns {
		names[i] = c.Name
		rules[i] = strings.Repeat("-", t.widths[i])
	}
	for _, cells := range append([][]string{names, rules}, t.held...) {
		if err := t.line(cells); err != nil {
			return err
		}
	}
	t.held = nil
	return nil
}

func (t *table) flush() error {
	if !t.started {
		if err := t.start(); err != nil {
			return err
		}
	}
	return t.out.Flush()
}

func (t *table) line(cells []string) error {
	var b strings.Builder
	for i, c := range cells {
		if i > 0 {
			b.WriteString("  ")
		}
		gap := strings.Repeat(" ", max(0, t.widths[i]-runewidth.StringWidth(c)))
		switch {
		case rightAligned(t.columns[i].Type):
			b.WriteString(gap + c)
		case i == len(cells)-1:
			b.WriteString(c)
		default:
			b.WriteString(c + gap)
		}
	}
	b.WriteByte('\n')
	_, err := t.out.WriteString(b.String())
	return err
}

func rightAligned(t *types.Type) bool { return t.IsNumeric() }

// shown is a value as people read it: fields of rows have their names.
func shown(t *types.Type, arr arrow.Array, row int) []byte {
	switch t.Kind {
	case types.Array, types.Map, types.Row:
		return appendValueObject(nil, t, arr, row)
	}
	return AppendText(nil, t, arr, row)
}

// cell fits a value into a table: one line, no control characters, cut at
// maxCellWidth.
func cell(value []byte) string {
	s := Printable(value)
	if runewidth.StringWidth(s) > maxCellWidth {
		return runewidth.Truncate(s, maxCellWidth, "…")
	}
	return s
}

// wholeLines is a text with its line feeds, a row for each line.
func wholeLines(text []byte) [][]string {
	var rows [][]string
	for _, line := range bytes.Split(bytes.TrimSuffix(text, []byte("\n")), []byte("\n")) {
		rows = append(rows, []string{Printable(bytes.TrimSuffix(line, []byte("\r")))})
	}
	return rows
}

// Printable makes one line of a text and keeps a terminal safe from the control characters that
// events and the names of files may hold.
func Printable[T string | []byte](text T) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t' || r == '\r':
			return ' '
		case r < 0x20 || r >= 0x7f && r < 0xa0:
			return '\uFFFD'
		}
		return r
	}, string(text))
}

// writeVertical writes a column a line, for wide rows.
func writeVertical(w io.Writer, src Source) (int64, error) {
	out := bufio.NewWriter(w)
	width := 0
	for _, c := range src.Columns() {
		width = max(width, runewidth.StringWidth(c.Name))
	}
	var rows int64
	for src.Next() {
		arrays := src.Arrays()
		for i := 0; i < rowsOf(arrays); i++ {
			rows++
			if _, err := fmt.Fprintf(out, "-- row %d\n", rows); err != nil {
				return rows, err
			}
			for j, c := range src.Columns() {
				value := "NULL"
				if !IsNull(arrays[j], i) {
					value = Printable(shown(c.Type, arrays[j], i))
				}
				if _, err := fmt.Fprintf(out, "%s | %s\n", runewidth.FillRight(c.Name, width), value); err != nil {
					return rows, err
				}
			}
		}
	}
	if err := out.Flush(); err != nil {
		return rows, err
	}
	return rows, src.Err()
}
