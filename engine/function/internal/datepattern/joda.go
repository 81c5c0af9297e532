// Package datepattern writes and reads dates and times by the patterns of Joda-Time, MySQL and Teradata.
package datepattern

import (
	"strings"
	"time"

	"github.com/auditlake/auditlake/engine/arrowtype"
	"github.com/auditlake/auditlake/planner/types"
)

// Item is a field, written as count letters, or a literal text.
type Item struct {
	Letter  byte // 0 for a literal
	Count   int
	literal string
}

const jodaLetters = "GCYxwyeEDMdaKhHkmsSzZ"

// CompileJoda takes a pattern apart. Text in quotes stands for itself, two
// quotes for one.
func CompileJoda(pattern string) ([]Item, error) {
	if pattern == "" {
		return nil, types.ArgumentError("Invalid pattern specification: Pattern is null or empty")
	}
	var items []Item
	literal := func(text string) {
		if n := len(items); n > 0 && items[n-1].Letter == 0 {
			items[n-1].literal += text
			return
		}
		items = append(items, Item{literal: text})
	}
	for i := 0; i < len(pattern); {
		c := pattern[i]
		if c == '\'' {
			text, size := jodaQuoted(pattern[i:])
			literal(text)
			i += size
			continue
		}
		if c < 'A' || c > 'Z' && c < 'a' || c > 'z' {
			literal(pattern[i : i+1])
			i++
			continue
		}
		if strings.IndexByte(jodaLetters, c) < 0 {
			return nil, types.ArgumentError("Illegal pattern component: %c", c)
		}
		from := i
		for i < len(pattern) && pattern[i] == c {
			i++
		}
		items = append(items, Item{Letter: c, Count: i - from})
	}
	if len(items) == 1 && items[0] == (Item{}) {
		return nil, types.ArgumentError("Both printing and parsing not supported")
	}
	return items, nil
}

// jodaQuoted reads a quoted text, or two quotes.
func jodaQuoted(pattern string) (text string, size int) {
	if strings.HasPrefix(pattern, "''") {
		return "'", 2
	}
	var out []byte
	for i := 1; i < len(pattern); i++ {
		if pattern[i] != '\'' {
			out = append(out, pattern[i])
			continue
		}
		if i+1 < len(pattern) && pattern[i+1] == '\'' {
			out = append(out, '\'')
			i++
			continue
		}
		return string(out), i + 1
	}
	return string(out), len(pattern)
}

// Append writes a local time, offset seconds ahead of UTC.
func Append(out []byte, items []Item, t time.Time, zone arrowtype.Zone, offset int64) []byte {
	now := shownTime{t: t}
	now.year, now.month, now.day = t.Date()
	now.hour, now.minute, now.second = t.Clock()
	for _, item := range items {
		switch item.Letter {
		case 0:
			out = append(out, item.literal...)
		case 'z', 'Z':
			out = append(out, jodaZone(item, t, zone, offset)...)
		default:
			out = jodaField(out, item, &now)
		}
	}
	return out
}

// shownTime is a time with the fields that most patterns show.
type shownTime struct {
	t                    time.Time
	year                 int
	month                time.Month
	day                  int
	hour, minute, second int
}

func jodaField(out []byte, item Item, now *shownTime) []byte {
	number := func(n int) []byte { return appendNumber(out, n, item.Count) }
	switch item.Letter {
	case 'G':
		if now.year < 1 {
			return append(out, "BC"...)
		}
		return append(out, "AD"...)
	case 'C':
		return number(eraYear(now.year) / 100)
	case 'Y':
		if item.Count != 2 {
			return jodaYear(out, item, eraYear(now.year))
		}
		return jodaYear(out, item, now.year)
	case 'y':
		return jodaYear(out, item, now.year)
	case 'x':
		weekYear, _ := now.t.ISOWeek()
		return jodaYear(out, item, weekYear)
	case 'w':
		_, week := now.t.ISOWeek()
		return number(week)
	case 'e':
		return number(int(now.t.Weekday()+6)%7 + 1)
	case 'E':
		return append(out, now.t.Format(byCount(item, "Mon", "Monday"))...)
	case 'D':
		return number(now.t.YearDay())
	case 'M':
		if item.Count < 3 {
			return number(int(now.month))
		}
		return append(out, now.t.Format(byCount(item, "Jan", "January"))...)
	case 'd':
		return number(now.day)
	case 'a':
		return append(out, now.t.Format("PM")...)
	case 'K':
		return number(now.hour % 12)
	case 'h':
		return number((now.hour+11)%12 + 1)
	case 'H':
		return number(now.hour)
	case 'k':
		return number((now.hour+23)%24 + 1)
	case 'm':
		return number(now.minute)
	case 's':
		return number(now.second)
	}
	begin := len(out)
	out = appendNumber(out, now.t.Nanosecond()/1e6, 3)
	for len(out) < begin+item.Count {
		out = append(out, '0')
	}
	return out[:begin+item.Count]
}

// eraYear counts years before Christ from 1 on.
func eraYear(year int) int {
	if year < 1 {
		return 1 - year
	}
	return year
}

// byCount is a short form for up to three letters.
func byCount(item Item, short, full string) string {
	if item.Count < 4 {
		return short
	}
	return full
}

// jodaYear: two letters show the last two digits.
func jodaYear(out []byte, item Item, year int) []byte {
	if item.Count == 2 {
		return appendNumber(out, max(year, -year)%100, 2)
	}
	return appendNumber(out, year, item.Count)
}

func appendNumber(out []byte, n, width int) []byte {
	if n < 0 {
		out, n = append(out, '-'), -n
	}
	return appendPadded(out, n, width)
}

func jodaZone(item Item, t time.Time, zone arrowtype.Zone, offset int64) string {
	if item.Letter == 'Z' {
		switch item.Count {
		case 1:
			return arrowtype.OffsetText(offset/60, "")
		case 2:
			return arrowtype.OffsetText(offset/60, ":")
		}
		return arrowtype.ZoneName(zone)
	}
	return zoneNameAt(t.Unix()-offset, zone, item.Count >= 4)
}
