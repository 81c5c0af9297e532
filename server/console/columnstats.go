package console

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/auditlake/auditlake/engine"
	"github.com/auditlake/auditlake/engine/answer"
)

const (
	// maxStatisticsTime limits how long one request reads a result for column statistics or a search.
	maxStatisticsTime = 5 * time.Second
	// maxDistinct limits the distinct values that are counted, and maxValueKeyBytes the bytes of each that are
	// compared.
	maxDistinct      = 200_000
	maxValueKeyBytes = 500
	topValues        = 20
)

// topValue is a frequent value.
type topValue struct {
	Value string `json:"value"`
	Rows  int64  `json:"rows"`
}

// columnStatisticsView is the statistics of a result's column.
type columnStatisticsView struct {
	Rows       int64      `json:"rows"` // rows that were read
	Total      int64      `json:"total"`
	Nulls      int64      `json:"nulls"`
	Empty      int64      `json:"empty"` // texts of length 0
	Distinct   int64      `json:"distinct"`
	IsDistinct bool       `json:"isDistinctExact"` // false: there are more than Distinct
	Least      *string    `json:"least"`
	Greatest   *string    `json:"greatest"`
	Top        []topValue `json:"top"`
}

// columnStatistics counts the values of a result's column within maxStatisticsTime.
func (d *Door) columnStatistics(c *call) (any, error) {
	at, err := c.number("column", 0, 1<<20, 0)
	if err != nil {
		return nil, err
	}
	result, info, err := d.result(c)
	if err != nil {
		return nil, err
	}
	defer result.Close()
	d.notePage(c, "GetPage", info.ID)
	if int(at) >= len(result.Columns()) {
		return nil, notFound("the result has %d columns", len(result.Columns()))
	}
	ctx, stop := context.WithTimeout(c.r.Context(), maxStatisticsTime)
	defer stop()
	return countColumn(ctx, result, int(at))
}

// countColumn counts the values of a column until all rows are read or ctx times out.
func countColumn(ctx context.Context, result *engine.QueryResult, at int) (*columnStatisticsView, error) {
	column := result.Columns()[at]
	out := &columnStatisticsView{Total: result.Rows(), IsDistinct: true, Top: []topValue{}}
	counts := map[string]int64{}
	before := func(a, b string) bool { return a < b }
	if column.Type.IsNumeric() {
		before = isLessNumber
	}
	page := result.Page(ctx, 0, -1)
	var text []byte
	for page.Next() {
		values := page.Arrays()[at]
		for row := range values.Len() {
			out.Rows++
			if answer.IsNull(values, row) {
				out.Nulls++
				continue
			}
			text = answer.AppendShown(text[:0], column.Type, values, row)
			if len(text) == 0 {
				out.Empty++
			}
			key := text[:min(len(text), maxValueKeyBytes)]
			out.noteEnds(key, before)
			if _, isKnown := counts[string(key)]; !isKnown && len(counts) >= maxDistinct {
				out.IsDistinct = false
				continue
			}
			counts[string(key)]++
		}
	}
	if err := page.Err(); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return nil, err
	}
	out.take(counts)
	return out, nil
}

// noteEnds updates the least and the greatest value.
func (s *columnStatisticsView) noteEnds(value []byte, before func(a, b string) bool) {
	shown := func() *string {
		text := strings.ToValidUTF8(string(value), "\uFFFD")
		return &text
	}
	if s.Least == nil || before(string(value), *s.Least) {
		s.Least = shown()
	}
	if s.Greatest == nil || before(*s.Greatest, string(value)) {
		s.Greatest = shown()
	}
}

// take sets the distinct count and the most frequent values.
func (s *columnStatisticsView) take(counts map[string]int64) {
	s.Distinct = int64(len(counts))
	for value, rows := range counts {
		s.Top = append(s.Top, topValue{strings.ToValidUTF8(value, "\uFFFD"), rows})
	}
	slices.SortFunc(s.Top, func(a, b topValue) int { return cmp.Or(cmp.Compare(b.Rows, a.Rows), strings.Compare(a.Value, b.Value)) })
	s.Top = s.Top[:min(len(s.Top), topValues)]
}

// isLessNumber compares numbers by their texts; integers of any length are compared exactly.
func isLessNumber(a, b string) bool {
	x, errX := strconv.ParseInt(a, 10, 64)
	y, errY := strconv.ParseInt(b, 10, 64)
	if errX == nil && errY == nil {
		return x < y
	}
	f, errF := strconv.ParseFloat(a, 64)
	g, errG := strconv.ParseFloat(b, 64)
	if errF != nil || errG != nil {
		return a < b
	}
	return f < g
}

// maxFound limits the rows that a search returns at once.
const maxFound = 200

// foundView is the rows of a result that contain a text.
type foundView struct {
	Rows []int64 `json:"rows"` // row numbers
	Next int64   `json:"next"` // the row to continue at; the number of rows ends the search
}

// search finds the rows from a given row on that have a text in any value. It ignores letter case.
func (d *Door) search(c *call) (any, error) {
	text := strings.ToLower(c.r.URL.Query().Get("text"))
	from, err := c.number("from", 0, 1<<53, 0)
	if err != nil {
		return nil, err
	}
	if text == "" || len(text) > maxCellBytes {
		return nil, invalid("text must have 1 to %d bytes", maxCellBytes)
	}
	result, info, err := d.result(c)
	if err != nil {
		return nil, err
	}
	defer result.Close()
	d.notePage(c, "GetPage", info.ID)
	ctx, stop := context.WithTimeout(c.r.Context(), maxStatisticsTime)
	defer stop()
	return searchResult(ctx, result, from, text)
}

func searchResult(ctx context.Context, result *engine.QueryResult, from int64, text string) (*foundView, error) {
	out := &foundView{Rows: []int64{}, Next: from}
	page := result.Page(ctx, from, -1)
	var value []byte
	for page.Next() {
		arrays := page.Arrays()
		for row := range arrays[0].Len() {
			if len(out.Rows) == maxFound {
				return out, nil
			}
			for i, column := range result.Columns() {
				value = answer.AppendShown(value[:0], column.Type, arrays[i], row)
				if strings.Contains(strings.ToLower(string(value)), text) {
					out.Rows = append(out.Rows, out.Next)
					break
				}
			}
			out.Next++
		}
	}
	if err := page.Err(); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return nil, err
	}
	return out, nil
}
