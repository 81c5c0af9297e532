package answer

import (
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/auditlake/auditlake/planner/types"
)

const (
	// chartWidth is how wide charts are that are not for a terminal, in characters.
	chartWidth = 80
	// maxChartRows bounds the rows of a chart. More do not fit what a person looks at.
	maxChartRows = 10_000
)

// charts draw an answer, by the name of the chart.
var charts = map[string]func(c *chart, width int) (string, error){"bar": drawBars, "line": drawLines}

// ChartError says why an answer cannot be drawn, and what can.
type ChartError struct{ Reason string }

func (e *ChartError) Error() string { return "no chart: " + e.Reason }

func chartError(format string, args ...any) error { return &ChartError{fmt.Sprintf(format, args...)} }

// CheckChart returns an error that names the charts when none has a name.
func CheckChart(name string) error {
	if charts[name] == nil {
		return fmt.Errorf("unknown chart %q; use bar or line", name)
	}
	return nil
}

// chart is an answer as numbers: a label for each row, and the values of each series.
type chart struct {
	labels []string
	times  []int64 // of labels, in milliseconds; nil: they are no times
	series []series
}

// series are the values of a numeric column.
type series struct {
	name   string
	values []float64 // NaN: there is none to draw
	texts  []string
}

// writeChart draws all rows of src: the first column has the labels, or the times, the numeric columns among the
// others the values.
func (l Layout) writeChart(w io.Writer, src Source) (rows int64, err error) {
	if err := CheckChart(l.Chart); err != nil {
		return 0, err
	}
	c, err := readChart(src)
	if err != nil {
		return 0, err
	}
	rows = int64(len(c.labels))
	if rows == 0 {
		return 0, nil
	}
	width := l.Width
	if width == 0 {
		width = chartWidth
	}
	text, err := charts[l.Chart](c, width)
	if err != nil {
		return rows, err
	}
	_, err = io.WriteString(w, text)
	return rows, err
}

// readChart reads an answer whole.
func readChart(src Source) (*chart, error) {
	columns := src.Columns()
	c := &chart{}
	var at []int // of the series among the columns
	for i, column := range columns {
		if i > 0 && column.Type.IsNumeric() {
			c.series = append(c.series, series{name: Printable(column.Name)})
			at = append(at, i)
		}
	}
	if len(at) == 0 {
		return nil, chartError("it needs a first column with labels or times, and a numeric column after it")
	}
	isTime := columns[0].Type.Kind == types.Date || columns[0].Type.Kind == types.Timestamp || columns[0].Type.Kind == types.TimestampTZ
	err := eachValue(src, func(values [][]byte) error {
		if len(c.labels) == maxChartRows {
			return chartError("there are more than %d rows; group further, or add LIMIT", maxChartRows)
		}
		label := cellOf(values[0]).text
		c.labels = append(c.labels, label)
		if millis, ok := timeOf(label); isTime && ok {
			c.times = append(c.times, millis)
		}
		for i := range c.series {
			c.series[i].add(values[at[i]])
		}
		return nil
	})
	if err == nil {
		err = src.Err()
	}
	if len(c.times) < len(c.labels) {
		c.times = nil
	}
	return c, err
}

func (s *series) add(value []byte) {
	number, err := strconv.ParseFloat(string(value), 64)
	if err != nil || math.IsInf(number, 0) {
		number = math.NaN()
	}
	s.values, s.texts = append(s.values, number), append(s.texts, cellOf(value).text)
}

// bounds are the least and the greatest value, 0 among them.
func (c *chart) bounds() (low, high float64, err error) {
	found := false
	for _, s := range c.series {
		for _, v := range s.values {
			if !math.IsNaN(v) {
				low, high, found = min(low, v), max(high, v), true
			}
		}
	}
	if !found {
		return 0, 0, chartError("none of the values is a number")
	}
	if math.IsInf(high-low, 0) {
		return 0, 0, chartError("the range of the values is too large")
	}
	return low, high, nil
}

// timeOf reads a date or timestamp as answers show it, with the name or offset of its zone if it has one.
func timeOf(text string) (millis int64, ok bool) {
	zone := time.UTC
	words := strings.Fields(text)
	if len(words) == 3 {
		if at, err := time.Parse("-07:00", words[2]); err == nil {
			_, offset := at.Zone()
			zone = time.FixedZone("", offset)
		} else if zone, err = time.LoadLocation(words[2]); err != nil {
			return 0, false
		}
		words = words[:2]
	}
	for _, layout := range []string{time.DateOnly, time.DateTime} {
		if at, err := time.ParseInLocation(layout, strings.Join(words, " "), zone); err == nil {
			return at.UnixMilli(), true
		}
	}
	return 0, false
}
