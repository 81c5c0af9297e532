package function

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/auditlake/auditlake/engine/arrowtype"
	"github.com/auditlake/auditlake/planner/types"
)

// Joda's date patterns: yyyy-MM-dd HH:mm:ss and the like.

func jodaDateFunctions() []Function {
	return []Function{
		scalar("format_datetime(timestamp(p), varchar) -> varchar", "a timestamp as text by a Joda pattern", bound(jodaFormatTimestamp)),
		scalar("format_datetime(timestamp(p) with time zone, varchar) -> varchar", "a timestamp as text by a Joda pattern, in its zone", bound(formatZoned(compileJoda))),
		scalar("parse_datetime(varchar, varchar) -> timestamp(3) with time zone", "reads a timestamp by a Joda pattern; without a zone in the session's", bound(jodaParse)),
	}
}

// jodaItem is a field, written as count letters, or a literal text.
type jodaItem struct {
	letter  byte // 0 for a literal
	count   int
	literal string
}

const jodaLetters = "GCYxwyeEDMdaKhHkmsSzZ"

// compileJoda takes a pattern apart. Text in quotes stands for itself, two
// quotes for one.
func compileJoda(pattern string) ([]jodaItem, error) {
	if pattern == "" {
		return nil, argumentError("Invalid pattern specification: Pattern is null or empty")
	}
	var items []jodaItem
	literal := func(text string) {
		if n := len(items); n > 0 && items[n-1].letter == 0 {
			items[n-1].literal += text
			return
		}
		items = append(items, jodaItem{literal: text})
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
			return nil, argumentError("Illegal pattern component: %c", c)
		}
		from := i
		for i < len(pattern) && pattern[i] == c {
			i++
		}
		items = append(items, jodaItem{letter: c, count: i - from})
	}
	if len(items) == 1 && items[0] == (jodaItem{}) {
		return nil, argumentError("Both printing and parsing not supported")
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

func jodaFormatTimestamp(fn *types.Resolved) Bind {
	c := clockOf(fn.Args[0])
	compile := memo(func(pattern string) ([]jodaItem, error) {
		items, err := compileJoda(pattern)
		for _, item := range items {
			if item.letter == 'z' || item.letter == 'Z' {
				return nil, argumentError("format_datetime for TIMESTAMP type, cannot use 'Z' nor 'z' in format, as this type does not contain TZ information")
			}
		}
		return items, err
	})
	return binary(func(v int64, pattern string) (string, error) {
		items, err := compile(pattern)
		if err != nil {
			return "", err
		}
		return jodaFormat(items, roundMillis(c.local(v)), arrowtype.UTC, 0), nil
	})
}

// formatZoned writes timestamps in their zones by patterns that compile takes apart.
func formatZoned(compile func(pattern string) ([]jodaItem, error)) func(*types.Resolved) Bind {
	return func(fn *types.Resolved) Bind {
		c := clockOf(fn.Args[0])
		compiled := memo(compile)
		return binary(func(v zoned, pattern string) (string, error) {
			items, err := compiled(pattern)
			if err != nil {
				return "", err
			}
			offset := c.offset(v.instant, v.zone)
			return jodaFormat(items, roundMillis(c.local(v.instant+offset)), v.zone, offset/c.units), nil
		})
	}
}

// jodaFormat writes a local time, offset seconds ahead of UTC.
func jodaFormat(items []jodaItem, t time.Time, zone arrowtype.Zone, offset int64) string {
	out := make([]byte, 0, 32)
	for _, item := range items {
		switch item.letter {
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

func jodaField(out []byte, item jodaItem, t time.Time) []byte {
	number := func(n int) []byte { return appendNumber(out, n, item.count) }
	weekYear, week := t.ISOWeek()
	switch item.letter {
	case 'G':
		if t.Year() < 1 {
			return append(out, "BC"...)
		}
		return append(out, "AD"...)
	case 'C':
		return number(eraYear(t.Year()) / 100)
	case 'Y':
		if item.count != 2 {
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
		if item.count < 3 {
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
	for len(digits) < item.count {
		digits += "0"
	}
	return append(out, digits[:item.count]...)
}

// eraYear counts years before Christ from 1 on.
func eraYear(year int) int {
	if year < 1 {
		return 1 - year
	}
	return year
}

// byCount is a short form for up to three letters.
func byCount(item jodaItem, short, full string) string {
	if item.count < 4 {
		return short
	}
	return full
}

// jodaYear: two letters show the last two digits.
func jodaYear(out []byte, item jodaItem, year int) []byte {
	if item.count == 2 {
		return appendNumber(out, max(year, -year)%100, 2)
	}
	return appendNumber(out, year, item.count)
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

func jodaZone(item jodaItem, t time.Time, zone arrowtype.Zone, offset int64) string {
	if item.letter == 'Z' {
		switch item.count {
		case 1:
			return offsetText(offset/60, "")
		case 2:
			return offsetText(offset/60, ":")
		}
		return arrowtype.ZoneName(zone)
	}
	return zoneNameAt(t.Unix()-offset, zone, item.count >= 4)
}

// zoneAbbreviation is EST, UTC or, where the zone has none, GMT-03:00.
func zoneAbbreviation(unix int64, zone arrowtype.Zone) string {
	name := arrowtype.ZoneName(zone)
	if name[0] == '+' || name[0] == '-' {
		return name
	}
	short, offset := time.Unix(unix, 0).In(arrowtype.Location(zone)).Zone()
	if short[0] == '+' || short[0] == '-' {
		return "GMT" + offsetText(int64(offset/60), ":")
	}
	return short
}
