package datepattern

import (
	"slices"
	"strings"
	"time"
)

// parsedField is a field of a text, by its letter in Joda's patterns. Of the years, Y counts within an era, y over
// all time, and x by weeks.
type parsedField struct {
	letter byte
	value  int
}

// parsedFields become a time as Joda's parser makes it: the fields are set
// from the longest to the shortest, twice, as a field may move another.
type parsedFields []parsedField

// The year of texts that have no year, but a month, week or day.
const parsedYear = 2000

func (f *parsedFields) save(letter byte, value int) { *f = append(*f, parsedField{letter, value}) }

// rank orders fields by what they repeat in and then by their own length.
func (f parsedField) rank() int {
	letter := f.letter
	switch letter {
	case 'Y', 'x':
		letter = 'y'
	case 'k':
		letter = 'H'
	case 'h':
		letter = 'K'
	}
	return strings.IndexByte("GCyMwDdeaHKmsS", letter)
}

// Time puts the fields together; false when one is out of range.
func (f parsedFields) Time() (time.Time, bool) {
	if t, ok := f.plainTime(); ok {
		return t, true
	}
	return f.timeByField()
}

// timeByField is Time of any fields.
func (f parsedFields) timeByField() (time.Time, bool) {
	f = slices.Clone(f)
	slices.SortStableFunc(f, func(a, b parsedField) int { return a.rank() - b.rank() })
	if len(f) > 0 && strings.IndexByte("MwDde", f[0].letter) >= 0 {
		f = slices.Insert(f, 0, parsedField{'y', parsedYear})
	}
	t, ok := time.Unix(0, 0).UTC(), true
	for pass := range 2 {
		for i, field := range f {
			if t, ok = field.set(t); !ok {
				return t, false
			}
			if pass == 0 || i == len(f)-1 {
				t = field.floor(t)
			}
		}
	}
	return t, true
}

// plainTime is a faster Time for fields that do not affect each other: a year, and the parts of a date and a clock
// time, each once and in range. It is not ok for any others.
func (f parsedFields) plainTime() (t time.Time, ok bool) {
	const letters = "yMdHmsS"
	values, seen := [len(letters)]int{0, 1, 1}, 0
	for _, field := range f {
		at := strings.IndexByte(letters, field.letter)
		if at < 0 || seen&(1<<at) != 0 {
			return t, false
		}
		values[at], seen = field.value, seen|1<<at
	}
	year, month, day := values[0], time.Month(values[1]), values[2]
	isDay := seen&1 != 0 && year >= 1 && year <= 9999 && month >= 1 && month <= 12 && day >= 1 && (day <= 28 || day <= DaysInMonth(year, month))
	if !isDay || uint(values[3]) > 23 || uint(values[4]) > 59 || uint(values[5]) > 59 || uint(values[6]) > 999 {
		return t, false
	}
	return time.Date(year, month, day, values[3], values[4], values[5], values[6]*int(time.Millisecond), time.UTC), true
}

// set changes the field of t and keeps the others where that can be.
func (f parsedField) set(t time.Time) (time.Time, bool) {
	n := f.value
	switch f.letter {
	case 'G', 'C', 'Y', 'y', 'x', 'M', 'w', 'D', 'd', 'e':
		return f.setDay(t)
	case 'a':
		return t.Add(time.Duration(12*n-t.Hour()/12*12) * time.Hour), n == 0 || n == 1
	case 'H':
		return t.Add(time.Duration(n-t.Hour()) * time.Hour), n >= 0 && n <= 23
	case 'k':
		return t.Add(time.Duration(n%24-t.Hour()) * time.Hour), n >= 1 && n <= 24
	case 'K':
		return t.Add(time.Duration(n-t.Hour()%12) * time.Hour), n >= 0 && n <= 11
	case 'h':
		return t.Add(time.Duration(n%12-t.Hour()%12) * time.Hour), n >= 1 && n <= 12
	case 'm':
		return t.Add(time.Duration(n-t.Minute()) * time.Minute), n >= 0 && n <= 59
	case 's':
		return t.Add(time.Duration(n-t.Second()) * time.Second), n >= 0 && n <= 59
	}
	return t.Add(time.Duration(n)*time.Millisecond - time.Duration(t.Nanosecond())), true
}

func (f parsedField) setDay(t time.Time) (time.Time, bool) {
	n := f.value
	switch f.letter {
	case 'G':
		if (n == 1) == (t.Year() > 0) {
			return t, true
		}
		return withYear(t, 1-t.Year())
	case 'C':
		return withYear(t, 100*n+max(t.Year(), -t.Year())%100)
	case 'Y':
		if t.Year() <= 0 {
			n = 1 - n
		}
		t, ok := withYear(t, n)
		return t, ok && f.value >= 1
	case 'y':
		return withYear(t, n)
	case 'x':
		return withWeekYear(t, n)
	case 'M':
		if n < 1 || n > 12 {
			return t, false
		}
		day := min(t.Day(), DaysInMonth(t.Year(), time.Month(n)))
		return time.Date(t.Year(), time.Month(n), day, t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), time.UTC), true
	case 'w':
		year, week := t.ISOWeek()
		return t.AddDate(0, 0, 7*(n-week)), n >= 1 && n <= weeksIn(year)
	case 'D':
		return t.AddDate(0, 0, n-t.YearDay()), n >= 1 && n <= DaysInMonth(t.Year(), time.February)+337
	case 'd':
		return t.AddDate(0, 0, n-t.Day()), n >= 1 && n <= DaysInMonth(t.Year(), t.Month())
	}
	return t.AddDate(0, 0, n-isoWeekday(t)), n >= 1 && n <= 7
}

// withYear changes the year; February 29 becomes 28 if need be.
func withYear(t time.Time, year int) (time.Time, bool) {
	if year < -290000 || year > 290000 {
		return t, false
	}
	day := min(t.Day(), DaysInMonth(year, t.Month()))
	return time.Date(year, t.Month(), day, t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), time.UTC), true
}

// withWeekYear changes the year of the week; week 53 becomes 52 if need be.
func withWeekYear(t time.Time, year int) (time.Time, bool) {
	if year < -290000 || year > 290000 {
		return t, false
	}
	_, week := t.ISOWeek()
	days := 7*(min(week, weeksIn(year))-1) + isoWeekday(t) - 1
	return firstMonday(year).AddDate(0, 0, days).Add(t.Sub(t.Truncate(24 * time.Hour))), true
}

// firstMonday begins the first ISO week of a year.
func firstMonday(year int) time.Time {
	fourth := time.Date(year, 1, 4, 0, 0, 0, 0, time.UTC)
	return fourth.AddDate(0, 0, 1-isoWeekday(fourth))
}

func weeksIn(year int) int {
	_, weeks := time.Date(year, 12, 28, 0, 0, 0, 0, time.UTC).ISOWeek()
	return weeks
}

func isoWeekday(t time.Time) int { return int(t.Weekday()+6)%7 + 1 }

// floor cuts t to the beginning of the field's value.
func (f parsedField) floor(t time.Time) time.Time {
	year, month, day := t.Date()
	switch f.letter {
	case 'C':
		return time.Date(year-year%100, 1, 1, 0, 0, 0, 0, time.UTC)
	case 'Y', 'y':
		return time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC)
	case 'x':
		year, _ := t.ISOWeek()
		return firstMonday(year)
	case 'M':
		return time.Date(year, month, 1, 0, 0, 0, 0, time.UTC)
	case 'w':
		return time.Date(year, month, day+1-isoWeekday(t), 0, 0, 0, 0, time.UTC)
	case 'D', 'd', 'e':
		return time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
	case 'a':
		return time.Date(year, month, day, t.Hour()/12*12, 0, 0, 0, time.UTC)
	case 'H', 'k', 'K', 'h':
		return time.Date(year, month, day, t.Hour(), 0, 0, 0, time.UTC)
	case 'm':
		return time.Date(year, month, day, t.Hour(), t.Minute(), 0, 0, time.UTC)
	case 's':
		return time.Date(year, month, day, t.Hour(), t.Minute(), t.Second(), 0, time.UTC)
	}
	return t
}

// DaysInMonth is the length of a month.
func DaysInMonth(year int, month time.Month) int {
	return time.Date(year, month+1, 0, 0, 0, 0, 0, time.UTC).Day()
}
