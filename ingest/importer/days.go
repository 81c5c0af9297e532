package importer

import (
	"time"

	"github.com/auditlake/auditlake/lazyregexp"
	"github.com/auditlake/auditlake/storage/catalog"
)

// days are the UTC days whose folders an import reads.
type days struct {
	from, end time.Time // in [from, end); zero: no bound
}

// newDays returns the days of a window and the day after it, because trails deliver events within the day after
// they happened.
func newDays(from, to time.Time) days {
	const day = 24 * time.Hour
	var d days
	if !from.IsZero() {
		d.from = from.UTC().Truncate(day)
	}
	if !to.IsZero() {
		d.end = to.UTC().Add(-1).Truncate(day).Add(2 * day)
	}
	return d
}

// newKeyDays returns the days from that of from to that of to, inclusive.
func newKeyDays(from, to time.Time) days {
	const day = 24 * time.Hour
	var d days
	if !from.IsZero() {
		d.from = from.UTC().Truncate(day)
	}
	if !to.IsZero() {
		d.end = to.UTC().Truncate(day).Add(day)
	}
	return d
}

// has reports whether a day is one of the days. An unknown one is not.
func (d days) has(day catalog.Day) bool {
	if day == undated {
		return false
	}
	start := time.UnixMilli(day.Start())
	return !start.Before(d.from) && (d.end.IsZero() || start.Before(d.end))
}

func (d days) bounded() bool { return !d.from.IsZero() || !d.end.IsZero() }

// datedFolder finds the date in a trail's folder: …/region/YYYY/MM/DD/, or the beginning of one.
var datedFolder = lazyregexp.New(`(?:^|/)[a-z]{2,}(?:-[a-z]+)+-[0-9]+/([0-9]{4})/(?:(0[1-9]|1[0-2])/(?:(0[1-9]|[12][0-9]|3[01])/)?)?`)

// isDay reports whether a folder is, or lies in, that of one day.
func isDay(folder string) bool {
	m := datedFolder().FindStringSubmatch(folder)
	return m != nil && m[3] != ""
}

// overlaps reports whether a folder can hold files of the days: it has no date, or its year, month or day overlaps
// them.
func (d days) overlaps(folder string) bool {
	m := datedFolder().FindStringSubmatch(folder)
	if m == nil {
		return true
	}
	layout, date := "2006", m[1]
	years, months, count := 1, 0, 0
	if m[2] != "" {
		layout, date, years, months = layout+"01", date+m[2], 0, 1
	}
	if m[3] != "" {
		layout, date, months, count = layout+"02", date+m[3], 0, 1
	}
	start, err := time.Parse(layout, date)
	if err != nil {
		return true // no such day: the events' times decide
	}
	end := start.AddDate(years, months, count)
	return end.After(d.from) && (d.end.IsZero() || start.Before(d.end))
}
