package answer

import (
	"math"
	"strings"

	"github.com/mattn/go-runewidth"
)

// minChartCells is how many characters a chart needs for what it draws.
const minChartCells = 10

// barEnds are the parts of a character by eighths.
var barEnds = []rune{0, '▏', '▎', '▍', '▌', '▋', '▊', '▉'}

// drawBars draws a bar for each value, from 0 to the right, or to the left if it is negative. With several series
// each row has a bar of each, after its name.
func drawBars(c *chart, width int) (string, error) {
	low, high, err := c.bounds()
	if err != nil {
		return "", err
	}
	labels, names, values := 0, 0, 0
	for _, label := range c.labels {
		labels = max(labels, textWidth(label))
	}
	for _, s := range c.series {
		if len(c.series) > 1 {
			names = max(names, textWidth(s.name))
		}
		for _, text := range s.texts {
			values = max(values, textWidth(text))
		}
	}
	labels, names = min(labels, width/3), min(names, width/6)
	cells := width - labels - values - 2*len(columnGap)
	if names > 0 {
		cells -= names + len(columnGap)
	}
	if cells < minChartCells {
		return "", chartError("there is no room for bars in %d characters", width)
	}
	var out strings.Builder
	for row, label := range c.labels {
		for i, s := range c.series {
			if i > 0 {
				label = ""
			}
			out.WriteString(padded(label, labels) + columnGap)
			if names > 0 {
				out.WriteString(padded(s.name, names) + columnGap)
			}
			out.WriteString(bar(s.values[row], low, high, cells) + columnGap)
			out.WriteString(runewidth.FillLeft(s.texts[row], values) + "\n")
		}
	}
	return out.String(), nil
}

// bar draws a bar that is cells characters wide; the part left of 0 is for negative values.
func bar(value, low, high float64, cells int) string {
	if math.IsNaN(value) || high == low {
		return strings.Repeat(" ", cells)
	}
	left := int(math.Round(float64(cells) * -low / (high - low)))
	if value < 0 {
		n := int(math.Round(float64(left) * value / low))
		return strings.Repeat(" ", left-n) + strings.Repeat("█", n) + strings.Repeat(" ", cells-left)
	}
	text := strings.Repeat(" ", left)
	if high > 0 {
		eighths := int(math.Round(float64(cells-left) * 8 * value / high))
		text += strings.Repeat("█", eighths/8)
		if end := barEnds[eighths%8]; end != 0 {
			text += string(end)
		}
	}
	return text + strings.Repeat(" ", cells-len([]rune(text)))
}

// padded returns a text that is width characters wide: cut, or followed by blanks.
func padded(text string, width int) string {
	return runewidth.FillRight(runewidth.Truncate(text, width, "…"), width)
}
