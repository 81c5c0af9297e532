package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"text/tabwriter"

	"github.com/mattn/go-runewidth"

	"github.com/auditlake/auditlake/cmd/auditlake/shell"
	"github.com/auditlake/auditlake/engine/answer"
)

// printColumns writes rows with aligned columns.
func printColumns(w io.Writer, rows [][]string) error {
	out := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, row := range rows {
		for i, cell := range row {
			if i > 0 {
				fmt.Fprint(out, "\t")
			}
			fmt.Fprint(out, answer.Printable(cell))
		}
		fmt.Fprintln(out)
	}
	return out.Flush()
}

// printTable writes rows with aligned columns. On a terminal they fit its width, and what does not fit the screen is
// shown by the user's pager.
func (p *program) printTable(rows [][]string) error {
	return p.paged(func() error {
		fit(rows, p.layout("").Width)
		return printColumns(p.out, rows)
	})
}

// paged runs print with the user's pager as standard output, if that is a terminal and nothing else pages yet.
func (p *program) paged(print func() error) error {
	file, isFile := p.out.(*os.File)
	if !isFile || !terminal(file) {
		return print()
	}
	pager := shell.NewPager(file)
	p.out = pager
	defer func() { p.out = file }()
	return errors.Join(print(), pager.Finish())
}

// minCell is how wide a cut cell is at least, in characters.
const minCell = 8

// fit cuts the cells of rows so that each row takes at most a number of characters, the widest columns first; 0: they
// are not cut.
func fit(rows [][]string, width int) {
	if width == 0 {
		return
	}
	var widths []int
	for _, row := range rows {
		for i, cell := range row {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], runewidth.StringWidth(answer.Printable(cell)))
		}
	}
	total := 2 * (len(widths) - 1)
	for _, w := range widths {
		total += w
	}
	for total > width {
		widest := 0
		for i, w := range widths {
			if w >= widths[widest] { // the last of equal ones, as names come first
				widest = i
			}
		}
		if widths[widest] <= minCell {
			break
		}
		widths[widest]--
		total--
	}
	for _, row := range rows {
		for i, cell := range row {
			if shown := answer.Printable(cell); runewidth.StringWidth(shown) > widths[i] {
				row[i] = runewidth.Truncate(shown, widths[i], "…")
			}
		}
	}
}
