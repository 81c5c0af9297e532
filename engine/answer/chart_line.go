package answer

import (
	"math"
	"slices"
	"strconv"
	"strings"
)

// chartHeight is how many lines the values of a line chart have.
const chartHeight = 16

// lineMarks are the characters of the series.
var lineMarks = []rune("•+x*o#")

// drawLines draws a line for each series, from the first row to the last; of times, from the earliest to the latest,
// each at its place. NULL interrupts a line.
func drawLines(c *chart, width int) (string, error) {
	low, high, err := c.bounds()
	if err != nil {
		return "", err
	}
	if len(c.series) > len(lineMarks) {
		return "", chartError("there are %d numeric columns; a line chart has at most %d", len(c.series), len(lineMarks))
	}
	if high == low { // all are 0
		high = 1
	}
	top, bottom := axisText(high), axisText(low)
	margin := max(len(top), len(bottom))
	cells := width - margin - 2
	if cells < minChartCells {
		return "", chartError("%d characters are too narrow for it", width)
	}
	grid := make([][]rune, chartHeight)
	for i := range grid {
		grid[i] = []rune(strings.Repeat(" ", cells))
	}
	order, places := c.places(cells)
	for i := len(c.series) - 1; i >= 0; i-- { // the first one is on top
		drawLine(grid, c.series[i].values, order, places, low, high, lineMarks[i])
	}
	var out strings.Builder
	for i, line := range grid {
		text := ""
		switch i {
		case 0:
			text = top
		case chartHeight - 1:
			text = bottom
		}
		out.WriteString(strings.TrimRight(strings.Repeat(" ", margin-len(text))+text+" │"+string(line), " ") + "\n")
	}
	out.WriteString(strings.Repeat(" ", margin+1) + "└" + strings.Repeat("─", cells) + "\n")
	out.WriteString(c.axisEnds(order, margin+2, cells))
	if len(c.series) > 1 {
		var names []string
		for i, s := range c.series {
			names = append(names, string(lineMarks[i])+" "+s.name)
		}
		out.WriteString(padded(strings.Repeat(" ", margin+2)+strings.Join(names, columnGap), width) + "\n")
	}
	return out.String(), nil
}

// places gives the rows in the order in which they are drawn, and the column of each.
func (c *chart) places(cells int) (order []int, columns []int) {
	order, columns = make([]int, len(c.labels)), make([]int, len(c.labels))
	for row := range order {
		order[row] = row
	}
	if c.times != nil {
		slices.SortStableFunc(order, func(a, b int) int { return int(min(max(c.times[a]-c.times[b], -1), 1)) })
	}
	for i, row := range order {
		share := float64(i) / float64(max(len(order)-1, 1))
		if c.times != nil {
			first, last := c.times[order[0]], c.times[order[len(order)-1]]
			share = float64(c.times[row]-first) / float64(max(last-first, 1))
		}
		columns[row] = int(math.Round(share * float64(cells-1)))
	}
	return order, columns
}

// drawLine draws the values of rows and what connects them.
func drawLine(grid [][]rune, values []float64, order, columns []int, low, high float64, mark rune) {
	line := func(v float64) int { return len(grid) - 1 - int(math.Round((v-low)/(high-low)*float64(len(grid)-1))) }
	before := -1 // the row drawn last; none after NULL
	for _, row := range order {
		if math.IsNaN(values[row]) {
			before = -1
			continue
		}
		x, y := columns[row], line(values[row])
		grid[y][x] = mark
		if before >= 0 {
			fromX, lastY := columns[before], line(values[before])
			for at := fromX; at <= x; at++ {
				share := 1.0
				if x > fromX {
					share = float64(at-fromX) / float64(x-fromX)
				}
				to := line(values[before] + (values[row]-values[before])*share)
				for y := min(lastY, to); y <= max(lastY, to); y++ {
					grid[y][at] = mark
				}
				lastY = to
			}
		}
		before = row
	}
}

// axisEnds is the line with the labels of the first and the last row drawn.
func (c *chart) axisEnds(order []int, margin, cells int) string {
	first, last := c.labels[order[0]], c.labels[order[len(order)-1]]
	room := (cells - len(columnGap)) / 2
	first = padded(first, min(textWidth(first), room))
	if len(order) == 1 {
		return strings.Repeat(" ", margin) + first + "\n"
	}
	last = padded(last, min(textWidth(last), room))
	return strings.Repeat(" ", margin) + first + strings.Repeat(" ", cells-textWidth(first)-textWidth(last)) + last + "\n"
}

// axisText writes the end of an axis.
func axisText(v float64) string { return strconv.FormatFloat(v, 'g', 6, 64) }
