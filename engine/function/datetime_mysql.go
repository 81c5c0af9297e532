package function

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/auditlake/auditlake/planner/types"
)

// MySQL's date patterns: %Y-%m-%d %H:%i:%s and the like.

func mysqlDateFunctions() []Function {
	return []Function{
		scalar("date_format(timestamp(p), varchar) -> varchar", "a timestamp as text by a MySQL pattern", bound(mysqlFormatTimestamp)),
		scalar("date_format(timestamp(p) with time zone, varchar) -> varchar", "a timestamp as text by a MySQL pattern, in its zone", bound(mysqlFormatZoned)),
		scalar("date_parse(varchar, varchar) -> timestamp(3)", "reads a timestamp by a MySQL pattern", binary(mysqlParse)),
	}
}

func mysqlFormatTimestamp(fn *types.Resolved) Bind {
	c := clockOf(fn.Args[0])
	return binary(func(v int64, pattern string) (string, error) { return mysqlFormat(roundMillis(c.local(v)), pattern) })
}

func mysqlFormatZoned(fn *types.Resolved) Bind {
	c := clockOf(fn.Args[0])
	return binary(func(v zoned, pattern string) (string, error) {
		return mysqlFormat(roundMillis(c.localZoned(v)), pattern)
	})
}

// roundMillis rounds half up: the patterns know no finer unit.
func roundMillis(t time.Time) time.Time {
	return t.Add(500 * time.Microsecond).Truncate(time.Millisecond)
}

func mysqlFormat(t time.Time, pattern string) (string, error) {
	out := make([]byte, 0, len(pattern)+16)
	for i := 0; i < len(pattern); i++ {
		if pattern[i] != '%' {
			out = append(out, pattern[i])
			continue
		}
		i++
		if i == len(pattern) {
			return "", argumentError("Invalid format: the pattern ends with %%")
		}
		var err error
		if out, err = mysqlField(out, t, pattern[i]); err != nil {
			return "", err
		}
	}
	return string(out), nil
}

func mysqlField(out []byte, t time.Time, letter byte) ([]byte, error) {
	twelve := (t.Hour()+11)%12 + 1
	switch letter {
	case 'a':
		return append(out, t.Format("Mon")...), nil
	case 'b':
		return append(out, t.Format("Jan")...), nil
	case 'c':
		return strconv.AppendInt(out, int64(t.Month()), 10), nil
	case 'd':
		return fmt.Appendf(out, "%02d", t.Day()), nil
	case 'e':
		return strconv.AppendInt(out, int64(t.Day()), 10), nil
	case 'f':
		return fmt.Appendf(out, "%06d", t.Nanosecond()/1e6*1000), nil
	case 'H':
		return fmt.Appendf(out, "%02d", t.Hour()), nil
	case 'h', 'I':
		return fmt.Appendf(out, "%02d", twelve), nil
	case 'i':
		return fmt.Appendf(out, "%02d", t.Minute()), nil
	case 'j':
		return fmt.Appendf(out, "%03d", t.YearDay()), nil
	case 'k':
		return strconv.AppendInt(out, int64(t.Hour()), 10), nil
	case 'l':
		return strconv.AppendInt(out, int64(twelve), 10), nil
	case 'M':
		return append(out, t.Format("January")...), nil
	case 'm':
		return fmt.Appendf(out, "%02d", int(t.Month())), nil
	case 'p':
		return append(out, t.Format("PM")...), nil
	case 'r':
		return append(out, t.Format("03:04:05 PM")...), nil
	case 'S', 's':
		return fmt.Appendf(out, "%02d", t.Second()), nil
	case 'T':
		return append(out, t.Format("15:04:05")...), nil
	case 'v':
		_, week := t.ISOWeek()
		return fmt.Appendf(out, "%02d", week), nil
	case 'W':
		return append(out, t.Format("Monday")...), nil
	case 'x':
		year, _ := t.ISOWeek()
		return fmt.Appendf(out, "%04d", year), nil
	case 'Y':
		return fmt.Appendf(out, "%04d", t.Year()), nil
	case 'y':
		return fmt.Appendf(out, "%02d", t.Year()%100), nil
	case 'D', 'U', 'u', 'V', 'w', 'X':
		return nil, argumentError("%%%c not supported in date format string", letter)
	}
	return append(out, letter), nil // %% and letters without meaning stand for themselves
}

// mysqlParts are what a pattern has read; zero values stand for what it left out.
type mysqlParts struct {
	year, month, day, yearDay  int
	hour, minute, second, nano int
	weekYear, week, weekday    int
	pm, twelve                 bool
	has                        map[byte]bool
}

func mysqlParse(text, pattern string) (int64, error) {
	p := mysqlParts{year: 1970, month: 1, day: 1, weekday: 1, has: map[byte]bool{}}
	rest := text
	for i := 0; i < len(pattern); i++ {
		var ok bool
		if pattern[i] != '%' || i+1 == len(pattern) {
			rest, ok = strings.CutPrefix(rest, pattern[i:i+1])
		} else {
			i++
			if strings.IndexByte("DUuVwX", pattern[i]) >= 0 {
				return 0, argumentError("%%%c not supported in date format string", pattern[i])
			}
			rest, ok = p.read(rest, pattern[i])
		}
		if !ok {
			return 0, argumentError("Invalid format: \"%s\" is malformed at \"%s\"", text, rest)
		}
	}
	if rest != "" {
		return 0, argumentError("Invalid format: \"%s\" is malformed at \"%s\"", text, rest)
	}
	t, ok := p.time()
	if !ok {
		return 0, argumentError("Cannot parse \"%s\": a value is out of range", text)
	}
	return t.UnixMilli(), nil
}

// read takes the field of a letter off the text.
func (p *mysqlParts) read(text string, letter byte) (string, bool) {
	p.has[letter] = true
	switch letter {
	case 'Y':
		return readInt(text, 4, &p.year)
	case 'y':
		rest, ok := readInt(text, 2, &p.year)
		if p.year < 70 {
			p.year += 100
		}
		p.year += 1900
		return rest, ok
	case 'm', 'c':
		return readInt(text, 2, &p.month)
	case 'd', 'e':
		return readInt(text, 2, &p.day)
	case 'j':
		return readInt(text, 3, &p.yearDay)
	case 'H', 'k':
		return readInt(text, 2, &p.hour)
	case 'h', 'I', 'l':
		p.twelve = true
		return readInt(text, 2, &p.hour)
	case 'i':
		return readInt(text, 2, &p.minute)
	case 'S', 's':
		return readInt(text, 2, &p.second)
	case 'f':
		return p.readFraction(text)
	case 'x':
		return readInt(text, 4, &p.weekYear)
	case 'v':
		return readInt(text, 2, &p.week)
	case 'M', 'b':
		return readName(text, &p.month, func(i int) string { return time.Month(i).String() }, 12)
	case 'W', 'a':
		return readName(text, &p.weekday, func(i int) string { return time.Weekday(i % 7).String() }, 7)
	case 'p':
		return p.readHalf(text)
	case 'T':
		return p.readAll(text, "H:i:s")
	case 'r':
		return p.readAll(text, "h:i:s p")
	}
	return strings.CutPrefix(text, string(letter))
}

// readAll reads letters as fields, other bytes as themselves.
func (p *mysqlParts) readAll(text, fields string) (string, bool) {
	ok := true
	for i := 0; ok && i < len(fields); i++ {
		if c := fields[i]; c == ':' || c == ' ' {
			text, ok = strings.CutPrefix(text, fields[i:i+1])
			continue
		}
		text, ok = p.read(text, fields[i])
	}
	return text, ok
}

func (p *mysqlParts) readHalf(text string) (string, bool) {
	if len(text) < 2 {
		return text, false
	}
	switch strings.ToUpper(text[:2]) {
	case "PM":
		p.pm = true
	case "AM":
	default:
		return text, false
	}
	return text[2:], true
}

func (p *mysqlParts) readFraction(text string) (string, bool) {
	digits := 0
	for digits < len(text) && digits < 9 && text[digits] >= '0' && text[digits] <= '9' {
		digits++
	}
	n, _ := strconv.Atoi((text[:digits] + "000000000")[:9])
	p.nano = n
	return text[digits:], digits > 0
}

func readInt(text string, width int, into *int) (string, bool) {
	digits := 0
	for digits < len(text) && digits < width && text[digits] >= '0' && text[digits] <= '9' {
		digits++
	}
	*into, _ = strconv.Atoi(text[:digits])
	return text[digits:], digits > 0
}

// readName reads a full name or its first three letters, in any case.
func readName(text string, into *int, name func(int) string, count int) (string, bool) {
	for _, short := range []bool{false, true} {
		for i := 1; i <= count; i++ {
			n := name(i)
			if short {
				n = n[:3]
			}
			if len(text) >= len(n) && strings.EqualFold(text[:len(n)], n) {
				*into = i
				return text[len(n):], true
			}
		}
	}
	return text, false
}

// time puts the parts together, false when one is out of range.
func (p *mysqlParts) time() (time.Time, bool) {
	hour := p.hour
	if p.twelve {
		if hour < 1 || hour > 12 {
			return time.Time{}, false
		}
		hour %= 12
		if p.pm {
			hour += 12
		}
	}
	if hour > 23 || p.minute > 59 || p.second > 59 || p.month < 1 || p.month > 12 || p.day < 1 || p.day > daysInMonth(p.year, time.Month(p.month)) {
		return time.Time{}, false
	}
	month, day := p.month, p.day
	switch {
	case p.has['j']:
		month, day = 1, p.yearDay
	case p.has['v'] || p.has['x'] || p.has['W'] || p.has['a']:
		return p.weekTime(hour), true
	}
	return time.Date(p.year, time.Month(month), day, hour, p.minute, p.second, p.nano, time.UTC), true
}

// weekTime is the day of an ISO week.
func (p *mysqlParts) weekTime(hour int) time.Time {
	year, week := p.year, p.week
	if p.has['x'] {
		year = p.weekYear
	}
	if !p.has['v'] {
		given := time.Date(year, time.Month(p.month), p.day, 0, 0, 0, 0, time.UTC)
		_, week = given.ISOWeek()
	}
	fourth := time.Date(year, 1, 4, hour, p.minute, p.second, p.nano, time.UTC)
	monday := fourth.AddDate(0, 0, -(int(fourth.Weekday()+6) % 7))
	return monday.AddDate(0, 0, (week-1)*7+p.weekday-1)
}
