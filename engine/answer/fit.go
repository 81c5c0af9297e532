package answer

import (
	"fmt"
	"strings"
)

const (
	// columnGap stands between two columns of a table.
	columnGap = "  "
	// minCellWidth is what a column keeps of its values when a table is too wide; below it, columns are left out.
	minCellWidth = 8
)

// fit is how wide the columns of a table are.
type fit struct {
	columns int // how many columns are shown, from the first
	widths  []int
	cuts    bool // values that are longer than their column are cut
}

// totalWidth is the width of rows whose columns have these widths.
func totalWidth(widths []int) int {
	total := len(columnGap) * (len(widths) - 1)
	for _, w := range widths {
		total += w
	}
	return total
}

// paddedWidths are the widths of columns whose values are not cut. terminal bounds the line below the header; 0:
// nothing does.
func paddedWidths(natural []int, terminal int) fit {
	widths := make([]int, len(natural))
	for i, w := range natural {
		if widths[i] = w; w > maxPaddedWidth || i == len(natural)-1 {
			widths[i] = min(w, narrowWidth)
		}
		if terminal > 0 {
			widths[i] = min(widths[i], terminal)
		}
	}
	return fit{columns: len(widths), widths: widths}
}

// fitWidths narrows the widest columns until rows are no wider than a terminal. When that would leave less than
// minCellWidth of a column, the last columns are left out.
func fitWidths(natural []int, terminal int) fit {
	columns := len(natural)
	for columns > 1 && totalWidth(boundedWidths(natural[:columns], minCellWidth)) > terminal {
		columns--
	}
	natural = natural[:columns]
	bound := 1
	for bound < terminal && totalWidth(boundedWidths(natural, bound+1)) <= terminal {
		bound++
	}
	widths := boundedWidths(natural, bound)
	for i := range widths { // what is left goes to the first columns that want it
		if spare := terminal - totalWidth(widths); spare > 0 && widths[i] < natural[i] {
			widths[i] = min(natural[i], widths[i]+spare)
		}
	}
	return fit{columns: columns, widths: widths, cuts: true}
}

func boundedWidths(natural []int, bound int) []int {
	widths := make([]int, len(natural))
	for i, w := range natural {
		widths[i] = min(w, bound)
	}
	return widths
}

// note is the line below a table that says what it does not show, "" if it shows everything.
func (t *table) note() string {
	var parts []string
	if t.cutCells > 0 {
		parts = append(parts, fmt.Sprintf("%d cut to the width (…)", t.cutCells))
	}
	if t.vertical == nil && t.fit.columns < len(t.columns) {
		var names []string
		for _, c := range t.columns[t.fit.columns:] {
			names = append(names, Printable(c.Name))
		}
		parts = append(parts, fmt.Sprintf("%d of %d columns left out (%s)", len(names), len(t.columns), strings.Join(names, ", ")))
	}
	if len(parts) == 0 {
		return ""
	}
	return "-- not shown: " + strings.Join(parts, ", ") + `; --format vertical, or \x on in the shell, shows all` + "\n"
}
