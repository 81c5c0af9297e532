package types

import (
	"math"
	"strconv"
	"strings"

	"github.com/auditlake/auditlake/lazyregexp"
)

// intervalUnits lists the units of intervals from the largest.
var intervalUnits = []string{"YEAR", "MONTH", "DAY", "HOUR", "MINUTE", "SECOND"}

// unitSize is the size of a unit in months or milliseconds.
var unitSize = map[string]int64{
	"YEAR": 12, "MONTH": 1,
	"DAY": 24 * 60 * 60 * 1000, "HOUR": 60 * 60 * 1000, "MINUTE": 60 * 1000, "SECOND": 1000,
}

// unitSeparator is the text before a unit that is not the first.
var unitSeparator = map[string]string{"MONTH": "-", "HOUR": " ", "MINUTE": ":", "SECOND": ":"}

var secondsPattern = lazyregexp.New(`^(\d*)(?:[.,](\d*))?$`)

// ParseInterval parses the text of an INTERVAL literal with units from from to to ("" means the same unit). The
// units are YEAR, MONTH, DAY, HOUR, MINUTE and SECOND. The text may have a sign too. The error is INVALID_LITERAL.
func ParseInterval(text string, negative bool, from, to string) (Value, error) {
	given := to
	if to == "" {
		to = from
	}
	first, last := unitIndex(from), unitIndex(to)
	if first < 0 || last < first || given == from || (first < 2) != (last < 2) {
		return Value{}, Errorf(InvalidLiteral, Pos{}, "Invalid interval qualifier: %s TO %s", from, to)
	}
	rest := text
	if sign := strings.TrimPrefix(rest, "-"); sign != rest {
		negative, rest = !negative, sign
	}
	total, ok := parseUnits(rest, intervalUnits[first:last+1])
	if !ok || first < 2 && total > math.MaxInt32 {
		qualifier := from
		if to != from {
			qualifier += " TO " + to
		}
		return Value{}, Errorf(InvalidLiteral, Pos{}, "Invalid INTERVAL %s value: %s", qualifier, text)
	}
	if negative {
		total = -total
	}
	if first < 2 {
		return Value{Type: IntervalYearType, V: total}, nil
	}
	return Value{Type: IntervalDayType, V: total}, nil
}

func unitIndex(unit string) int {
	for i, u := range intervalUnits {
		if u == unit {
			return i
		}
	}
	return -1
}

// parseUnits parses units from the largest. The last ones, or all, may be left out.
func parseUnits(text string, units []string) (total int64, ok bool) {
	for i, unit := range units {
		if text == "" {
			break
		}
		part, rest, more := text, "", false
		if i < len(units)-1 {
			part, rest, more = strings.Cut(text, unitSeparator[units[i+1]])
		}
		n, ok := parseUnit(part, unit)
		if !ok {
			return 0, false
		}
		total += n
		if !more {
			break
		}
		text = rest
	}
	return total, true
}

func parseUnit(text, unit string) (int64, bool) {
	text = strings.TrimPrefix(text, "+")
	millis := int64(0)
	if unit == "SECOND" {
		m := secondsPattern().FindStringSubmatch(text)
		if m == nil || m[1] == "" && m[2] == "" {
			return 0, false
		}
		text, millis = "0"+m[1], number64((m[2] + "000")[:3])
	}
	n, err := strconv.ParseUint(text, 10, 31)
	if err != nil {
		return 0, false
	}
	total := int64(n) * unitSize[unit]
	if unitSize[unit] <= 12 && total > 1<<31-1 {
		return 0, false
	}
	return total + millis, true
}
