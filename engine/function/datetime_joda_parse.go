package function

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/auditlake/auditlake/engine/arrowtype"
	"github.com/auditlake/auditlake/planner/types"
)

// jodaValues is what a text had.
type jodaValues struct {
	fields parsedFields
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
		t, ok := v.fields.time()
		if !ok {
			return zoned{}, argumentError("Cannot parse \"%s\": a value is out of range", types.Shortened(text))
		}
		zone := v.zone
		if !v.zoned {
			if zone, err = parseZone(env.Zone); err != nil {
				return zoned{}, err
			}
		}
		instant := c.instant(t, zone, c.offset(c.value(t), zone))
		if c.localZoned(zoned{instant, zone}) != t {
			return zoned{}, argumentError("Cannot parse \"%s\": the time zone skips this time", types.Shortened(text))
		}
		return zoned{instant, zone}, nil
	})
}

// readJoda reads a whole text. Years of two digits depend on the current one.
func readJoda(items []jodaItem, text string, thisYear int) (*jodaValues, error) {
	v := &jodaValues{}
	rest, ok := text, true
	for i, item := range items {
		adjacent := i+1 < len(items) && items[i+1].isNumber()
		if rest, ok = v.read(rest, item, adjacent, thisYear); !ok {
			break
		}
	}
	if !ok || rest != "" {
		return nil, argumentError("Invalid format: \"%s\" is malformed at \"%s\"", types.Shortened(text), types.Shortened(rest))
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
		v.fields.save('e', n)
		return rest, ok
	case 'M':
		if item.count >= 3 {
			n := 0
			rest, ok := readName(text, &n, func(i int) string { return time.Month(i).String() }, 12)
			v.fields.save('M', n)
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
	v.fields.save(item.letter, n)
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
	v.fields.save(item.letter, sign*n)
	return after, ok
}

// readOneOf reads one of two words as 0 or 1.
func (v *jodaValues) readOneOf(text string, letter byte, zero, one string) (string, bool) {
	for n, word := range []string{zero, one} {
		if len(text) >= len(word) && strings.EqualFold(text[:len(word)], word) {
			v.fields.save(letter, n)
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
	millis, _ := strconv.Atoi((text[:digits] + "000")[:3])
	v.fields.save('S', millis)
	return text[digits:], digits > 0
}

// shortZones are the zone names that can be read.
var shortZones = map[string]string{
	"UTC": "UTC", "GMT": "UTC", "UT": "UTC",
	"EST": "America/New_York", "EDT": "America/New_York", "CST": "America/Chicago", "CDT": "America/Chicago",
	"MST": "America/Denver", "MDT": "America/Denver", "PST": "America/Los_Angeles", "PDT": "America/Los_Angeles",
}

// jodaOffset is what Z and ZZ read; ZZZ reads names.
var jodaOffset = regexp.MustCompile(`^(?:Z|[+-]\d\d(?::?\d\d)?)$`)

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
	case (item.count < 3) != jodaOffset.MatchString(name):
		return text, false
	}
	zone, err := arrowtype.ParseZone(name)
	v.zone = zone
	return text[size:], err == nil && name != ""
}
