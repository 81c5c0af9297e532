package eventhistory

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/auditlake/auditlake/engine/answer"
	"github.com/auditlake/auditlake/engine/query"
	"github.com/auditlake/auditlake/engine/store"
	"github.com/auditlake/auditlake/storage/schema"
)

// maxStatementRows is how many rows of a store one statement reads. Up to as many, the columns that neither the order
// nor a condition needs are read for those rows alone.
const maxStatementRows = 10_000

// statement reads events of some stores.
type statement struct {
	sources []source
	lookup  *Lookup
	window  window
	after   *Place
	rows    int // of each store
	// withoutID: the statement reads the events that the event history leaves out for the lack of an id.
	withoutID bool
}

// source is a store whose events are looked up, with the SQL of what is read of them.
type source struct {
	storeID string
	// columns are the columns of a row of the answer, after the number of its source and the event's time and id.
	columns []string
	// category holds for the events that are looked up.
	category string
	// of has the conditions of attributes, by key.
	of map[string]func(value string) string
	// read makes the event of a row.
	read func(e *Event, values []string) error
}

// sources are the stores that hold events of a lookup's category.
func (h *History) sources(ctx context.Context, l *Lookup) (out []source, err error) {
	stores, err := h.stores.List(ctx)
	if err != nil {
		return nil, err
	}
	for _, s := range stores {
		switch {
		case s.IsActivity, s.Status == store.PendingDeletion, l.MayRead != nil && !l.MayRead(s):
		case s.Category == string(schema.Management) && l.Category == Management:
			out = append(out, managementSource(s.ID))
		case s.Category == string(schema.Management):
			out = append(out, trailInsightSource(s.ID))
		case s.Category == string(schema.Insight) && l.Category == Insight:
			out = append(out, insightSource(s.ID))
		}
	}
	return out, nil
}

// sql is the statement's text. Below each LIMIT is a scan alone, so that it reads the columns of the answer for the
// rows that are left.
func (s statement) sql() string {
	var parts []string
	for number, source := range s.sources {
		parts = append(parts, fmt.Sprintf("SELECT '%d', CAST(eventtime AS varchar), eventid, %s\nFROM (SELECT * FROM \"%s\"\n  WHERE %s\n  ORDER BY eventtime DESC, eventid LIMIT %d)",
			number, strings.Join(source.columns, ", "), source.storeID, s.condition(&source), s.rows))
	}
	return strings.Join(parts, "\nUNION ALL\n")
}

// hasPlace holds for the events that the event history shows. The oldest format of records, 1.0, has no ids; a longer
// id than that of any service would make page tokens too long.
const hasPlace = "length(eventid) BETWEEN 1 AND 100"

// condition is what holds for the events of a source.
func (s statement) condition(of *source) string {
	all := []string{hasPlace, of.category}
	if s.withoutID {
		all[0] = withoutID
	}
	if !s.window.from.IsZero() {
		all = append(all, "eventtime >= "+timeConstant(s.window.from))
	}
	if !s.window.to.IsZero() {
		all = append(all, "eventtime <= "+timeConstant(s.window.to))
	}
	if s.after != nil {
		at := timeConstant(s.after.Time)
		all = append(all, "eventtime <= "+at, fmt.Sprintf("(eventtime < %s OR eventid > %s)", at, textConstant(s.after.EventID)))
	}
	for _, a := range s.lookup.Attributes {
		all = append(all, "("+of.of[a.Key](a.Value)+")")
	}
	return strings.Join(all, " AND ")
}

// read adds the events of a statement to a page. If a store may have more in the window, it returns the place up to
// which all are there.
func (h *History) read(ctx context.Context, page *page, s statement, options []query.Option) (upTo *Place, err error) {
	last := make([]Place, len(s.sources))
	counts, err := h.each(ctx, s, options, func(number int, event *Event) {
		last[number] = event.Place
		if s.lookup.matchesResources(event) {
			page.add(event)
		}
	})
	if err != nil {
		return nil, err
	}
	for number, count := range counts {
		if count == s.rows && (upTo == nil || last[number].compare(*upTo) < 0) {
			upTo = &last[number]
		}
	}
	return upTo, nil
}

// each calls visit with each event of a statement's answer and the number of its source. It returns how many there
// were of each source.
func (h *History) each(ctx context.Context, s statement, options []query.Option, visit func(number int, e *Event)) (counts []int, err error) {
	rows, err := h.queries.Query(ctx, s.sql(), options...)
	if err != nil {
		return nil, err
	}
	defer rows.Close() // reading it has reported the error
	counts = make([]int, len(s.sources))
	columns := rows.Columns()
	values := make([]string, len(columns))
	for rows.Next() {
		arrays := rows.Arrays()
		for row := range arrays[0].Len() {
			for i, column := range columns {
				values[i] = ""
				if !answer.IsNull(arrays[i], row) {
					values[i] = string(answer.AppendBare(nil, column.Type, arrays[i], row))
				}
			}
			number, event, err := s.event(values)
			if err != nil {
				return nil, err
			}
			counts[number]++
			visit(number, event)
		}
	}
	return counts, rows.Err()
}

// event makes the event of an answer's row, and returns the number of its source.
func (s statement) event(values []string) (number int, e *Event, err error) {
	if _, err := fmt.Sscanf(values[0], "%d", &number); err != nil {
		return 0, nil, fmt.Errorf("number of a source: %w", err)
	}
	e = &Event{Place: Place{EventID: values[2]}}
	if e.Time, err = time.Parse(timeLayout, values[1]); err != nil {
		return 0, nil, err
	}
	return number, e, s.sources[number].read(e, values[3:])
}

const timeLayout = "2006-01-02 15:04:05.000"

func timeConstant(at time.Time) string { return "TIMESTAMP '" + at.UTC().Format(timeLayout) + "'" }

func textConstant(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }

// equals is the condition that a column has a value.
func equals(column string) func(string) string {
	return func(value string) string { return column + " = " + textConstant(value) }
}
