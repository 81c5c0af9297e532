package datepattern

import (
	"strconv"
	"strings"
	"time"

	"github.com/auditlake/auditlake/engine/arrowtype"
	"github.com/auditlake/auditlake/lazyregexp"
	"github.com/auditlake/auditlake/planner/types"
)

// Values is what a text had.
type Values struct {
	Fields parsedFields
	Zone   arrowtype.Zone
	Zoned  bool
}

// Read reads a whole text. Years of two digits depend on the current one.
func Read(items []Item, text string, thisYear int) (*Values, error) {
	v := &Values{}
	rest, ok := text, true
	for i, item := range items {
		adjacent := i+1 < len(items) && items[i+1].isNumber()
		if rest, ok = v.read(rest, item, adjacent, thisYear); !ok {
			break
		}
	}
	if !ok || rest != "" {
		return nil, types.ArgumentError("Invalid format: \"%s\" is malformed at \"%s\"", types.Shortened(text), types.Shortened(rest))
	}
	return v, nil
}

// isNumber: a field in front of a number takes no more digits than letters.
func (item Item) isNumber() bool {
	if item.Letter == 'M' {
		return item.Count < 3
	}
	return item.Letter != 0 && strings.IndexByte("CYxwyeDdKhHkmsS", item.Letter) >= 0
}

// read takes a field off the text.
func (v *Values) read(text string, item Item, adjacent bool, thisYear int) (string, bool) {
	switch item.Letter {
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
		v.Fields.save('e', n)
		return rest, ok
	case 'M':
		if item.Count >= 3 {
			n := 0
			rest, ok := readName(text, &n, func(i int) string { return time.Month(i).String() }, 12)
			v.Fields.save('M', n)
			return rest, ok
		}
	case 'S':
		return v.readFraction(text, item.Count)
	case 'z', 'Z':
		return v.readZone(text, item)
	}
	width := 2
	switch item.Letter {
	case 'D':
		width = 3
	case 'e':
		width = 1
	}
	if adjacent && item.Count < width {
		width = item.Count
	}
	n := 0
	rest, ok := readInt(text, width, &n)
	v.Fields.save(item.Letter, n)
	return rest, ok
}

// readYear: two letters and two digits name a year from 80 years ago to 19
// years ahead.
func (v *Values) readYear(text string, item Item, adjacent bool, thisYear int) (string, bool) {
	width, sign, rest := 9, 1, text
	if adjacent {
		width = item.Count
	}
	if item.Count != 2 || !adjacent {
		if after, ok := strings.CutPrefix(rest, "-"); ok {
			sign, rest = -1, after
		} else if after, ok := strings.CutPrefix(rest, "+"); ok {
			rest = after
		}
	}
	n := 0
	after, ok := readInt(rest, width, &n)
	if item.Count == 2 && len(rest)-len(after) == 2 && len(rest) == len(text) {
		first := thisYear - 80
		n += first / 100 * 100
		if n < first {
			n += 100
		}
	}
	v.Fields.save(item.Letter, sign*n)
	return after, ok
}

// readOneOf reads one of two words as 0 or 1.
func (v *Values) readOneOf(text string, letter byte, zero, one string) (string, bool) {
	for n, word := range []string{zero, one} {
		if len(text) >= len(word) && strings.EqualFold(text[:len(word)], word) {
			v.Fields.save(letter, n)
			return text[len(word):], true
		}
	}
	return text, false
}

func (v *Values) readFraction(text string, most int) (string, bool) {
	digits := 0
	for digits < len(text) && digits < most && text[digits] >= '0' && text[digits] <= '9' {
		digits++
	}
	millis, _ := strconv.Atoi((text[:digits] + "000")[:3])
	v.Fields.save('S', millis)
	return text[digits:], digits > 0
}

// shortZones are the zone names that can be read.
var shortZones = map[string]string{
	"UTC": "UTC", "GMT": "UTC", "UT": "UTC",
	"EST": "America/New_York", "EDT": "America/New_York", "CST": "America/Chicago", "CDT": "America/Chicago",
	"MST": "America/Denver", "MDT": "America/Denver", "PST": "America/Los_Angeles", "PDT": "America/Los_Angeles",
}

// jodaOffset is what Z and ZZ read; ZZZ reads names.
var jodaOffset = lazyregexp.New(`^(?:Z|[+-]\d\d(?::?\d\d)?)$`)

func (v *Values) readZone(text string, item Item) (string, bool) {
	v.Zoned = true
	size := 0
	for size < len(text) && (text[size] >= 'a' && text[size] <= 'z' || text[size] >= 'A' && text[size] <= 'Z' ||
		text[size] >= '0' && text[size] <= '9' || strings.IndexByte("+-:/_", text[size]) >= 0) {
		size++
	}
	name := text[:size]
	switch {
	case item.Letter == 'z':
		known, ok := shortZones[name]
		if !ok {
			return text, false
		}
		name = known
	case (item.Count < 3) != jodaOffset().MatchString(name):
		return text, false
	}
	zone, err := arrowtype.ParseZone(name)
	v.Zone = zone
	return text[size:], err == nil && name != ""
}
