package function

import (
	"strconv"
	"strings"
	"time"

	"github.com/auditlake/auditlake/engine/arrowtype"
	"github.com/auditlake/auditlake/planner/types"
)

// jodaValues are the fields a text had, by letter.
type jodaValues struct {
	field  map[byte]int
	millis int
	zone   arrowtype.Zone
	zoned  bool
}

func jodaParse(*types.Resolved) Bind {
	compile := memo(compileJoda)
	c := clockOf(types.TimestampTZType)
	return binaryEnv(func(env *Env, text, pattern string) (zoned, error) {
		items, err := compile(pattern)
		if err != nil {
			return zoned{}, err
		}
		v, err := readJoda(items, text, env.Now.Year())
		if err != nil {
			return zoned{}, err
		}
		t, ok := v.time()
		if !ok {
			return zoned{}, argumentError("Cannot parse \"%s\": a value is out of range", shortened(text))
		}
		zone := v.zone
		if !v.zoned {
			if zone, err = parseZone(env.Zone); err != nil {
				return zoned{}, err
			}
		}
		return zoned{c.instant(t, zone, c.offset(c.value(t), zone)), zone}, nil
	})
}

// readJoda reads a whole text. Years of two digits depend on the current one.
func readJoda(items []jodaItem, text string, thisYear int) (*jodaValues, error) {
	v := &jodaValues{field: map[byte]int{}}
	rest, ok := text, true
	for i, item := range items {
		adjacent := i+1 < len(items) && items[i+1].isNumber()
		if rest, ok = v.read(rest, item, adjacent, thisYear); !ok {
			break
		}
	}
	if !ok || rest != "" {
		return nil, argumentError("Invalid format: \"%s\" is malformed at \"%s\"", shortened(text), shortened(rest))
	}
	return v, nil
}

// isNumber: a field in front of a number takes no more digits than letters.
func (item jodaItem) isNumber() bool {
	if item.letter == 'M' {
		return item.count < 3
	}
	return item.letter != 0 && strings.IndexByte("CYxwyeDdKhHkmsS", item.letter) >= 0
}

// read takes a field off the text.
func (v *jodaValues) read(text string, item jodaItem, adjacent bool, thisYear int) (string, bool) {
	switch item.letter {
	case 0:
		if len(text) < len(item.literal) || !strings.EqualFold(text[:len(item.literal)], item.literal) {
			return text, false
		}
		return text[len(item.literal):], true
	case 'Y', 'y', 'x':
		return v.readYear(text, item, adjacent, thisYear)
	case 'G':
		return v.readOneOf(text, 'G', "BC", "AD")
	case 'a':
		return v.readOneOf(text, 'a', "AM", "PM")
	case 'E':
		n := 0
		rest, ok := readName(text, &n, func(i int) string { return time.Weekday(i % 7).String() }, 7)
		v.field['e'] = n
		return rest, ok
	case 'M':
		if item.count >= 3 {
			n := 0
			rest, ok := readName(text, &n, func(i int) string { return time.Month(i).String() }, 12)
			v.field['M'] = n
			return rest, ok
		}
	case 'S':
		return v.readFraction(text, item.count)
	case 'z', 'Z':
		return v.readZone(text, item)
	}
	width := 2
	switch item.letter {
	case 'D':
		width = 3
	case 'e':
		width = 1
	}
	if adjacent && item.count < width {
		width = item.count
	}
	n := 0
	rest, ok := readInt(text, width, &n)
	v.field[item.letter] = n
	return rest, ok
}

// readYear: two letters and two digits name a year from 80 years ago to 19
// years ahead.
func (v *jodaValues) readYear(text string, item jodaItem, adjacent bool, thisYear int) (string, bool) {
	width, sign, rest := 9, 1, text
	if adjacent {
		width = item.count
	}
	if item.count != 2 || !adjacent {
		if after, ok := strings.CutPrefix(rest, "-"); ok {
			sign, rest = -1, after
		} else if after, ok := strings.CutPrefix(rest, "+"); ok {
			rest = after
		}
	}
	n := 0
	after, ok := readInt(rest, width, &n)
	if item.count == 2 && len(rest)-len(after) == 2 && len(rest) == len(text) {
		first := thisYear - 80
		n += first / 100 * 100
		if n < first {
			n += 100
		}
	}
	v.field[item.letter] = sign * n
	return after, ok
}

// readOneOf reads one of two words as 0 or 1.
func (v *jodaValues) readOneOf(text string, letter byte, zero, one string) (string, bool) {
	for n, word := range []string{zero, one} {
		if len(text) >= len(word) && strings.EqualFold(text[:len(word)], word) {
			v.field[letter] = n
			return text[len(word):], true
		}
	}
	return text, false
}

func (v *jodaValues) readFraction(text string, most int) (string, bool) {
	digits := 0
	for digits < len(text) && digits < most && text[digits] >= '0' && text[digits] <= '9' {
		digits++
	}
	v.millis, _ = strconv.Atoi((text[:digits] + "000")[:3])
	return text[digits:], digits > 0
}

// shortZones are the zone names that can be read.
var shortZones = map[string]string{
	"UTC": "UTC", "GMT": "UTC", "UT": "UTC",
	"EST": "America/New_York", "EDT": "America/New_York", "CST": "America/Chicago", "CDT": "America/Chicago",
	"MST": "America/Denver", "MDT": "America/Denver", "PST": "America/Los_Angeles", "PDT": "America/Los_Angeles",
}

func (v *jodaValues) readZone(text string, item jodaItem) (string, bool) {
	v.zoned = true
	size := 0
	for size < len(text) && (text[size] >= 'a' && text[size] <= 'z' || text[size] >= 'A' && text[size] <= 'Z' ||
		text[size] >= '0' && text[size] <= '9' || strings.IndexByte("+-:/_", text[size]) >= 0) {
		size++
	}
	name := text[:size]
	switch {
	case item.letter == 'z':
		known, ok := shortZones[name]
		if !ok {
			return text, false
		}
		name = known
	case item.count < 3:
		if name != "Z" && (name == "" || name[0] != '+' && name[0] != '-') {
			return text, false
		}
	}
	zone, err := arrowtype.ParseZone(name)
	v.zone = zone
	return text[size:], err == nil && name != ""
}

// time puts the fields together, the longest first, each into what is there so
// far; false when one is out of range.
func (v *jodaValues) time() (time.Time, bool) {
	t, ok := v.day()
	if !ok {
		return t, false
	}
	hour, ok := v.hour()
	minute, second := v.field['m'], v.field['s']
	if !ok || minute > 59 || second > 59 {
		return t, false
	}
	return time.Date(t.Year(), t.Month(), t.Day(), hour, minute, second, v.millis*1e6, time.UTC), true
}

// day is the date; without any year, a month or day is of the year 2000.
func (v *jodaValues) day() (time.Time, bool) {
	has := func(letter byte) bool { _, ok := v.field[letter]; return ok }
	year := 1970
	switch {
	case has('y'):
		year = v.field['y']
	case has('Y'):
		year = v.field['Y']
	case has('C'):
		year = v.field['C'] * 100
	case has('M') || has('d') || has('D'):
		year = 2000
	}
	if has('G') && v.field['G'] == 0 {
		year = 1 - year
	}
	if year < -290000 || year > 290000 {
		return time.Time{}, false
	}
	month, day := 1, 1
	if has('M') {
		month = v.field['M']
	}
	if has('d') {
		day = v.field['d']
	}
	if month < 1 || month > 12 || day < 1 || day > daysInMonth(year, time.Month(month)) {
		return time.Time{}, false
	}
	t := time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
	if has('D') {
		t = time.Date(year, 1, v.field['D'], 0, 0, 0, 0, time.UTC)
		if v.field['D'] < 1 || t.Year() != year {
			return t, false
		}
	}
	if !has('x') && !has('w') && !has('e') {
		return t, true
	}
	return v.weekDay(t)
}

// weekDay moves t to the ISO week and weekday given.
func (v *jodaValues) weekDay(t time.Time) (time.Time, bool) {
	weekYear, week := t.ISOWeek()
	weekday := int(t.Weekday()+6)%7 + 1
	for letter, into := range map[byte]*int{'x': &weekYear, 'w': &week, 'e': &weekday} {
		if n, ok := v.field[letter]; ok {
			*into = n
		}
	}
	if week < 1 || week > 53 || weekday < 1 || weekday > 7 || weekYear < -290000 || weekYear > 290000 {
		return t, false
	}
	fourth := time.Date(weekYear, 1, 4, 0, 0, 0, 0, time.UTC)
	monday := fourth.AddDate(0, 0, -(int(fourth.Weekday()+6) % 7))
	return monday.AddDate(0, 0, (week-1)*7+weekday-1), true
}

// hour reads the first of the hour fields there is.
func (v *jodaValues) hour() (int, bool) {
	half := 12 * v.field['a']
	if n, ok := v.field['H']; ok {
		return n, n <= 23
	}
	if n, ok := v.field['k']; ok {
		return n % 24, n >= 1 && n <= 24
	}
	if n, ok := v.field['K']; ok {
		return n + half, n <= 11
	}
	if n, ok := v.field['h']; ok {
		return n%12 + half, n >= 1 && n <= 12
	}
	return half, true
}
