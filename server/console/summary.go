package console

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/auditlake/auditlake/engine"
	"github.com/auditlake/auditlake/engine/answer"
)

const (
	// summaryAction is the managed service's action for summarizing a result, and the name of the activity's event.
	// The caller needs the right to read the result, too.
	summaryAction = "cloudtrail:GenerateQueryResultsSummary"
	// maxSummaryBytes limits the size, as NDJSON, of a result to summarize.
	maxSummaryBytes = 250_000
	// maxSummaryColumns limits the columns with a sentence.
	maxSummaryColumns = 12
	// maxNamedValues limits the values in a sentence, and maxNamedBytes the bytes of each.
	maxNamedValues = 3
	maxNamedBytes  = 100
)

// summaryCategories are the categories of stores whose results can be summarized.
var summaryCategories = []string{"Management", "Data", "NetworkActivity"}

// summarize describes a result in English, with template sentences filled from counted values.
func (d *Door) summarize(c *call) (any, error) {
	result, info, err := d.result(c)
	if err != nil {
		return nil, err
	}
	defer result.Close()
	if err := d.allowQuery(c.r.Context(), c, info, summaryAction); err != nil {
		return nil, err
	}
	if err := d.checkSummaryStores(c, info); err != nil {
		return nil, err
	}
	if _, err := answer.Write("ndjson", &roomWriter{left: maxSummaryBytes}, result.Page(c.r.Context(), 0, -1)); errors.Is(err, errNoRoom) {
		return nil, &problem{status: http.StatusRequestEntityTooLarge, Code: "RESULT_TOO_LARGE", Message: fmt.Sprintf("a summary needs a result of at most %d bytes: select fewer columns, or use GROUP BY", maxSummaryBytes)}
	} else if err != nil {
		return nil, err
	}
	sentences := []string{fmt.Sprintf("The result has %s in %s.", counted(result.Rows(), "row"), counted(int64(len(result.Columns())), "column"))}
	for i, column := range result.Columns() {
		if i == maxSummaryColumns || result.Rows() == 0 {
			break
		}
		statistics, err := countColumn(c.r.Context(), result, i)
		if err != nil {
			return nil, err
		}
		sentences = append(sentences, sentenceOf(column, statistics))
	}
	if left := len(result.Columns()) - maxSummaryColumns; left > 0 && result.Rows() > 0 {
		sentences = append(sentences, fmt.Sprintf("Columns not described here: %d.", left))
	}
	d.note(c, strings.TrimPrefix(summaryAction, "cloudtrail:"), true, map[string]any{"queryId": info.ID})
	return struct {
		Sentences []string `json:"sentences"`
	}{sentences}, nil
}

// checkSummaryStores refuses results of stores without CloudTrail events.
func (d *Door) checkSummaryStores(c *call, info *engine.QueryInfo) error {
	stores, err := d.lake.Stores().List(c.r.Context())
	if err != nil {
		return err
	}
	for _, s := range stores {
		if slices.Contains(info.StoreIDs, s.ID) && !slices.Contains(summaryCategories, s.Category) {
			return invalid("only results from stores of CloudTrail events can be summarized; %s has other events", s.Name)
		}
	}
	return nil
}

// sentenceOf describes a column.
func sentenceOf(column answer.Column, s *columnStatisticsView) string {
	name, present := column.Name, s.Rows-s.Nulls
	var says string
	switch {
	case present == 0:
		return name + " is NULL in every row."
	case s.Distinct == 1 && s.IsDistinct:
		says = fmt.Sprintf("%s is %s", name, named(s.Top[0].Value))
		if s.Rows > 1 {
			says += " in " + whichRows(present, s.Rows)
		}
		return says + "."
	case column.Type.IsNumeric() || strings.HasPrefix(column.Type.String(), "timestamp") || column.Type.String() == "date":
		says = fmt.Sprintf("%s ranges from %s to %s", name, named(*s.Least), named(*s.Greatest))
	case s.Top[0].Rows == 1:
		says = fmt.Sprintf("%s has a different value in each row, such as %s", name, named(s.Top[0].Value))
	default:
		parts := []string{}
		for _, top := range s.Top[:min(len(s.Top), maxNamedValues)] {
			parts = append(parts, fmt.Sprintf("%s (%s)", named(top.Value), counted(top.Rows, "row")))
		}
		says = fmt.Sprintf("%s has %s; the most frequent are %s", name, counted(s.Distinct, "value"), strings.Join(parts, ", "))
	}
	if s.Nulls > 0 {
		says += fmt.Sprintf("; it is NULL in %s", counted(s.Nulls, "row"))
	}
	return says + "."
}

// whichRows names a number of rows in relation to all.
func whichRows(rows, all int64) string {
	if rows == all {
		return "every row"
	}
	return fmt.Sprintf("%d of %d rows, and NULL in the others", rows, all)
}

// named formats a value for a sentence.
func named(value string) string {
	if value == "" {
		return "the empty string"
	}
	if short := cutText([]byte(value), maxNamedBytes); short != value {
		return short + "…"
	}
	return value
}

// counted formats a number with its noun.
func counted(n int64, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// errNoRoom ends the writing of a result that is too long.
var errNoRoom = errors.New("no room is left")

// roomWriter discards what is written, up to a limit.
type roomWriter struct{ left int }

func (w *roomWriter) Write(text []byte) (int, error) {
	if w.left -= len(text); w.left < 0 {
		return 0, errNoRoom
	}
	return len(text), nil
}
