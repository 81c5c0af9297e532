package catalog

import (
	"fmt"
	"time"
)

const (
	millisPerDay = 24 * 60 * 60 * 1000
	dayLayout    = "2006-01-02"
)

// Day is a UTC day, counted from 1970-01-01.
type Day int32

// DayOf is the day of an instant in milliseconds since 1970 UTC.
func DayOf(millis int64) Day {
	day := millis / millisPerDay
	if millis%millisPerDay < 0 {
		day--
	}
	return Day(day)
}

// ParseDay reads YYYY-MM-DD.
func ParseDay(s string) (Day, error) {
	t, err := time.Parse(dayLayout, s)
	if err != nil {
		return 0, fmt.Errorf("day %q is not YYYY-MM-DD", s)
	}
	return DayOf(t.UnixMilli()), nil
}

// Start is the day's first millisecond since 1970 UTC.
func (d Day) Start() int64 { return int64(d) * millisPerDay }

// End is the first millisecond of the next day.
func (d Day) End() int64 { return (int64(d) + 1) * millisPerDay }

// String is YYYY-MM-DD.
func (d Day) String() string { return time.UnixMilli(d.Start()).UTC().Format(dayLayout) }

// MarshalText writes YYYY-MM-DD.
func (d Day) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads YYYY-MM-DD.
func (d *Day) UnmarshalText(text []byte) error {
	day, err := ParseDay(string(text))
	*d = day
	return err
}

// CeilMillis returns the first millisecond since 1970 UTC that is not before t.
func CeilMillis(t time.Time) int64 {
	millis := t.UnixMilli()
	if t.After(time.UnixMilli(millis)) {
		millis++
	}
	return millis
}
