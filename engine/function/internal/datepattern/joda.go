// Package datepattern writes and reads dates and times by the patterns of Joda-Time, MySQL and Teradata.
package datepattern

import (
	"fmt"
	"strconv"
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

// Format writes a local time, offset seconds ahead of UTC.
func Format(items []Item, t time.Time, zone arrowtype.Zone, offset int64) string {
	out := make([]byte, 0, 32)
	for _, item := range items {
		switch item.Letter {
		case 0:
			out = append(out, item.literal...)
		case 'z', 'Z':
			out = append(out, jodaZone(item, t, zone, offset)...)
		default:
			out = jodaField(out, item, t)
		}
	}
	return string(out)
}

func jodaField(out []byte, item Item, t time.Time) []byte {
	number := func(n int) []byte { return appendNumber(out, n, item.Count) }
	weekYear, week := t.ISOWeek()
	switch item.Letter {
	case 'G':
		if t.Year() < 1 {
			return append(out, "BC"...)
		}
		return append(out, "AD"...)
	case 'C':
		return number(eraYear(t.Year()) / 100)
	case 'Y':
		if item.Count != 2 {
			return jodaYear(out, item, eraYear(t.Year()))
		}
		return jodaYear(out, item, t.Year())
	case 'y':
		return jodaYear(out, item, t.Year())
	case 'x':
		return jodaYear(out, item, weekYear)
	case 'w':
		return number(week)
	case 'e':
		return number(int(t.Weekday()+6)%7 + 1)
	case 'E':
		return append(out, t.Format(byCount(item, "Mon", "Monday"))...)
	case 'D':
		return number(t.YearDay())
	case 'M':
		if item.Count < 3 {
			return number(int(t.Month()))
		}
		return append(out, t.Format(byCount(item, "Jan", "January"))...)
	case 'd':
		return number(t.Day())
	case 'a':
		return append(out, t.Format("PM")...)
	case 'K':
		return number(t.Hour() % 12)
	case 'h':
		return number((t.Hour()+11)%12 + 1)
	case 'H':
		return number(t.Hour())
	case 'k':
		return number((t.Hour()+23)%24 + 1)
	case 'm':
		return number(t.Minute())
	case 's':
		return number(t.Second())
	}
	digits := fmt.Sprintf("%03d", t.Nanosecond()/1e6)
	for len(digits) < item.Count {
		digits += "0"
	}
	return append(out, digits[:item.Count]...)
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
	digits := strconv.Itoa(n)
	for i := len(digits); i < width; i++ {
		out = append(out, '0')
	}
	return append(out, digits...)
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
