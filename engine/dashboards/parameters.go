package dashboards

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/auditlake/auditlake/lazyregexp"
)

// The parameters of widgets' statements.
const (
	StartTime = "$StartTime$"
	EndTime   = "$EndTime$"
	Period    = "$Period$"
	// StoreID is the event data store of a managed dashboard's refresh.
	StoreID = "$EventDataStoreId$"
)

// maxParameters is how many parameters a statement may have.
const maxParameters = 10

// defaultSpan is how much time a refresh covers, up to now, by default.
const defaultSpan = 24 * time.Hour

// periods are what Period may be: units of date_trunc.
var periods = []string{"minute", "hour", "day", "week", "month"}

var valuePattern = lazyregexp.New(`^[a-zA-Z0-9._/\-:]+$`)

// maxValueBytes is how long a value may be.
const maxValueBytes = 128

// checkParameters returns an error unless there are as many parameters as question marks, and clients may use all
// of them.
func checkParameters(statement string, parameters []string) error {
	if len(parameters) > maxParameters {
		return fmt.Errorf("%w: a statement has at most %d, not %d", ErrParameters, maxParameters, len(parameters))
	}
	for _, p := range parameters {
		if p != StartTime && p != EndTime && p != Period {
			return fmt.Errorf("%w: they are %s, %s and %s, not '%s'", ErrParameters, StartTime, EndTime, Period, p)
		}
	}
	if _, marks := ReplaceQuestionMarks(statement, func(int, bool) string { return "" }); marks != len(parameters) {
		return fmt.Errorf("%w: the statement has %d question marks, but there are %d parameters", ErrParameters, marks, len(parameters))
	}
	return nil
}

// Values are the values of a refresh, by parameter, ready to stand in a statement. ParseValues makes them.
type Values map[string]string

// ParseValues reads the values that a client gives, by parameter. Without EndTime it is now, without StartTime 24
// hours before, and without Period one by which a chart has some dozens of points. store finds the id of the store
// that is meant by StoreID, which a managed dashboard needs and no other has; nil: the dashboard is not a managed
// one.
func ParseValues(given map[string]string, now time.Time, store func(reference string) (id string, err error)) (Values, error) {
	for _, name := range slices.Sorted(maps.Keys(given)) {
		value := given[name]
		switch {
		case len(value) > maxValueBytes || !valuePattern().MatchString(value):
			return nil, fmt.Errorf("%w: %s may have only letters, digits and . _ / - :, and 1 to %d of them", ErrValues, name, maxValueBytes)
		case name == StoreID && store == nil:
			return nil, fmt.Errorf("%w: only managed dashboards have %s", ErrValues, StoreID)
		case name != StartTime && name != EndTime && name != Period && name != StoreID:
			return nil, fmt.Errorf("%w: there is no parameter %s", ErrValues, name)
		}
	}
	end, err := instant(given, EndTime, now)
	if err != nil {
		return nil, err
	}
	start, err := instant(given, StartTime, end.Add(-defaultSpan))
	if err != nil {
		return nil, err
	}
	if !start.Before(end) {
		return nil, fmt.Errorf("%w: %s is not before %s", ErrValues, StartTime, EndTime)
	}
	const layout = "2006-01-02 15:04:05.000"
	values := Values{StartTime: start.Format(layout), EndTime: end.Format(layout), Period: periodOf(end.Sub(start))}
	if period, isGiven := given[Period]; isGiven {
		if values[Period] = strings.ToLower(period); !slices.Contains(periods, values[Period]) {
			return nil, fmt.Errorf("%w: %s is one of %s, not '%s'", ErrValues, Period, strings.Join(periods, ", "), period)
		}
	}
	if store != nil {
		reference, isGiven := given[StoreID]
		if !isGiven {
			return nil, fmt.Errorf("%w: a managed dashboard needs %s", ErrValues, StoreID)
		}
		if values[StoreID], err = store(reference); err != nil {
			return nil, err
		}
	}
	return values, nil
}

// instant reads an instant of ISO 8601: a date, with a time or without, in UTC unless it has an offset.
func instant(given map[string]string, name string, otherwise time.Time) (time.Time, error) {
	text, isGiven := given[name]
	if !isGiven {
		return otherwise.UTC(), nil
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02T15:04", time.DateOnly, "20060102T150405Z0700", "20060102T150405", "20060102"} {
		if at, err := time.Parse(layout, text); err == nil {
			return at.UTC(), nil
		}
	}
	return time.Time{}, fmt.Errorf("%w: %s is an instant such as 2026-01-31T10:00:00Z, not '%s'", ErrValues, name, text)
}

// periodOf returns the period by which a span has some dozens of points.
func periodOf(span time.Duration) string {
	switch {
	case span <= 2*time.Hour:
		return "minute"
	case span <= 3*24*time.Hour:
		return "hour"
	case span <= 120*24*time.Hour:
		return "day"
	}
	return "month"
}

// Fill returns the statement of a widget with values in place of its question marks: as a text, StoreID as a name.
func (w *Widget) Fill(values Values) (string, error) {
	filled, marks := ReplaceQuestionMarks(w.Statement, func(n int, _ bool) string {
		switch {
		case n >= len(w.Parameters):
			return "?"
		case w.Parameters[n] == StoreID:
			return values[StoreID]
		}
		return "'" + strings.ReplaceAll(values[w.Parameters[n]], "'", "''") + "'"
	})
	if marks != len(w.Parameters) {
		return "", fmt.Errorf("%w: the statement has %d question marks, but there are %d parameters", ErrParameters, marks, len(w.Parameters))
	}
	return filled, nil
}
