package types

import (
	"math"
	"strconv"
	"strings"
	"unicode"

	"github.com/apache/arrow/go/v15/arrow/decimal128"

	"github.com/auditlake/auditlake/lazyregexp"
)

const (
	secondsPerDay = 24 * 60 * 60
	// maxZonedMillis bounds the instants of timestamps with time zone, which have 52 bits for milliseconds,
	// including the sign.
	maxZonedMillis = 1 << 51
	// maxYear bounds years so that days and seconds fit their integers.
	maxYear = 292277020
)

var (
	datePattern      = lazyregexp.New(`^([+-]?\d{1,9})-(\d{1,2})-(\d{1,2})$`)
	timePattern      = lazyregexp.New(`^(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.(\d+))?)?\s*([+-]\d\d:\d\d)?$`)
	timestampPattern = lazyregexp.New(`^([+-]?\d{4,9})-(\d{1,2})-(\d{1,2})(?: (?:(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.(\d+))?)?)?\s*(\S.*)?)?$`)
	longFraction     = lazyregexp.New(`:\d{1,2}\.(\d{1,18})(?:\D|$)`)
	lakePattern      = lazyregexp.New(`^(\d{4})-(\d{2})-(\d{2})(?:[ T](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d+))?)?)? ?(Z|UTC|[+-]\d\d:\d\d)?$`)
)

// ParseDate parses YYYY-MM-DD, with spaces around it, and returns days since 1970-01-01.
func ParseDate(text string) (days int64, ok bool) {
	if days, ok := parsePlainDay(text); ok {
		return days, true
	}
	text = strings.TrimFunc(text, func(r rune) bool { return r <= ' ' || unicode.IsSpace(r) })
	if text == "" || strings.IndexByte("+-0123456789", text[0]) < 0 { // faster than the pattern for most non-dates
		return 0, false
	}
	m := datePattern().FindStringSubmatch(text)
	if m == nil {
		return 0, false
	}
	days, ok = parseDay(m[1], m[2], m[3])
	return days, ok && days == int64(int32(days))
}

func parseDay(yearText, monthText, dayText string) (days int64, ok bool) {
	year, month, day := number64(yearText), number64(monthText), number64(dayText)
	if year < -maxYear || year > maxYear || month < 1 || month > 12 || day < 1 || day > daysIn(year, month) {
		return 0, false
	}
	return daysFromCivil(year, month, day), true
}

func daysIn(year, month int64) int64 {
	if month == 2 {
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	}
	return 30 + (month+month/8)%2
}

// daysFromCivil counts days from 1970-01-01 in the proleptic Gregorian calendar. Years begin in March here, so the
// leap day is the last.
func daysFromCivil(year, month, day int64) int64 {
	month -= 3
	if month < 0 {
		month += 12
		year--
	}
	era := FloorDiv(year, 400)
	yearOfEra := year - era*400
	dayOfYear := (153*month+2)/5 + day - 1
	return era*146097 + yearOfEra*365 + yearOfEra/4 - yearOfEra/100 + dayOfYear - 719468
}

// FloorDiv divides toward negative infinity.
func FloorDiv(a, b int64) int64 {
	q := a / b
	if a%b != 0 && (a < 0) != (b < 0) {
		q--
	}
	return q
}

func number64(digits string) int64 {
	n, _ := strconv.ParseInt(digits, 10, 64)
	return n
}

// parseClock parses hours, minutes and seconds; "" is 0.
func parseClock(hours, minutes, seconds string) (total int64, ok bool) {
	h, m, s := number64(hours), number64(minutes), number64(seconds)
	return h*3600 + m*60 + s, h < 24 && m < 60 && s < 60
}

// fractionUnits converts fraction digits to stored units (see UnitsPerSecond).
func fractionUnits(digits string) int64 {
	units := UnitsPerSecond(len(digits))
	for n := int64(1); n < units; n *= 10 {
		if len(digits) < 18 {
			digits += "0"
		}
	}
	width := len(strconv.FormatInt(units, 10)) - 1
	return number64(digits[:width])
}

func checkFraction(kind, digits string) error {
	if len(digits) > maxFraction {
		return Errorf(NumericValueOutOfRange, Pos{}, "%s precision must be in range [0, %d]: %d", kind, maxFraction, len(digits))
	}
	return nil
}

// ParseTime parses a TIME literal. The number of its fraction digits is its precision; an offset makes it a time
// with time zone.
func ParseTime(text string) (Value, error) {
	return parseTime(text, false)
}

// ParseTimeTo is ParseTime for a cast to p digits. The text may have up to 12 fraction digits; they are rounded to
// p.
func ParseTimeTo(text string, p int) (Value, error) {
	if m := timePattern().FindStringSubmatch(text); m != nil && len(m[4]) > maxFraction {
		return Value{}, invalidLiteral("TIME", text)
	}
	text, up := shorten(text, p)
	return parseTime(text, up)
}

// parseTime parses a time. With up, it adds one unit of the last digit.
func parseTime(text string, up bool) (Value, error) {
	m := timePattern().FindStringSubmatch(text)
	if m == nil {
		return Value{}, invalidLiteral("TIME", text)
	}
	seconds, ok := parseClock(m[1], m[2], m[3])
	if !ok {
		return Value{}, invalidLiteral("TIME", text)
	}
	p := len(m[4])
	if err := checkFraction("TIME", m[4]); err != nil {
		return Value{}, err
	}
	units := UnitsPerSecond(p)
	value := seconds*units + fractionUnits(m[4])
	if up {
		value += lastDigit(units, p)
	}
	if m[5] == "" {
		return Value{Type: TimeOf(p), V: value}, nil
	}
	minutes, ok := parseOffset(m[5])
	if !ok || minutes < -maxOffsetMinutes || minutes > maxOffsetMinutes {
		return Value{}, invalidLiteral("TIME", text)
	}
	perDay := secondsPerDay * units
	instant := (value - int64(minutes)*60*units + perDay) % perDay
	return Value{Type: TimeTZOf(p), V: Zoned{Instant: instant, Zone: formatOffset(minutes)}}, nil
}

// ParseTimestamp parses a TIMESTAMP literal. The number of its fraction digits is its precision; a zone makes it a
// timestamp with time zone.
func ParseTimestamp(text string) (Value, error) {
	v, skipped, err := parseTimestamp(text, false)
	if err == nil && skipped {
		err = invalidLiteral("TIMESTAMP", text)
	}
	return v, err
}

// ParseTimestampTo is ParseTimestamp for a cast to p digits. The text may have up to 18 fraction digits; they are
// rounded to p. A time that a clock change skips is moved forward by the length of the gap.
func ParseTimestampTo(text string, p int) (Value, error) {
	text, up := shorten(text, p)
	v, _, err := parseTimestamp(text, up)
	return v, err
}

// ParseWallClockTo is ParseTimestampTo for a cast that drops the zone. The zone may therefore be unsupported.
func ParseWallClockTo(text string, p int) (Value, error) {
	if m := timestampPattern().FindStringSubmatchIndex(text); m != nil && m[16] >= 0 {
		if zone := text[m[16]:m[17]]; isJavaZone(zone) {
			if _, _, err := LoadZone(zone); err != nil {
				text = text[:m[16]]
			}
		}
	}
	return ParseTimestampTo(text, p)
}

// shorten cuts the fraction to p digits. up reports whether rounding adds one to the last digit.
func shorten(text string, p int) (short string, up bool) {
	m := longFraction().FindStringSubmatchIndex(text)
	if m == nil || m[3]-m[2] <= p {
		return text, false
	}
	before, fraction, rest := text[:m[2]], text[m[2]:m[3]], text[m[3]:]
	up = fraction[p] >= '5'
	if p == 0 {
		before = strings.TrimSuffix(before, ".")
	}
	return before + fraction[:p] + rest, up
}

// lastDigit returns how many of the units in a second make one unit of the last of p fraction digits.
func lastDigit(units int64, p int) int64 {
	for range p {
		units /= 10
	}
	return units
}

// parseTimestamp parses a timestamp. With up, it adds one unit of the last digit. skipped reports whether a clock
// change of its zone skips that time.
func parseTimestamp(text string, up bool) (v Value, skipped bool, err error) {
	m := timestampPattern().FindStringSubmatch(text)
	if m == nil {
		return Value{}, false, invalidLiteral("TIMESTAMP", text)
	}
	days, okDay := parseDay(m[1], m[2], m[3])
	clock, okClock := parseClock(m[4], m[5], m[6])
	if !okDay || !okClock || m[8] != "" && !isJavaZone(m[8]) {
		return Value{}, false, invalidLiteral("TIMESTAMP", text)
	}
	if err := checkFraction("TIMESTAMP", m[7]); err != nil {
		return Value{}, false, err
	}
	p, local := len(m[7]), days*secondsPerDay+clock
	if m[8] == "" {
		v, ok := wallTime(local, m[7], up)
		if !ok {
			err = invalidLiteral("TIMESTAMP", text)
		}
		return v, false, err
	}
	location, zone, err := LoadZone(m[8])
	if err != nil {
		return Value{}, false, err
	}
	unix, ok := localToUTC(local, location)
	if millis := unix*1000 + fractionUnits((m[7] + "000")[:3]); millis >= maxZonedMillis || millis < -maxZonedMillis {
		return Value{}, false, invalidLiteral("TIMESTAMP", text)
	}
	v, _ = wallTime(unix, m[7], up)
	v.Type = TimestampTZOf(p)
	switch x := v.V.(type) {
	case int64:
		v.V = Zoned{Instant: x, Zone: zone}
	case decimal128.Num:
		v.V = LongZoned{Instant: x, Zone: zone}
	}
	return v, !ok, nil
}

// wallTime returns the timestamp of some seconds and a fraction. With up, it adds one unit of the fraction's last
// digit. ok is false if the microseconds overflow 64 bits.
func wallTime(seconds int64, fraction string, up bool) (v Value, ok bool) {
	const microsPerSecond = 1_000_000
	picos := fractionUnits(fraction + strings.Repeat("0", maxFraction-len(fraction)))
	if up {
		picos += lastDigit(UnitsPerSecond(maxFraction), len(fraction))
	}
	micros := picos / PicosPerMicro
	if seconds > (math.MaxInt64-micros)/microsPerSecond || seconds < math.MinInt64/microsPerSecond {
		return Value{}, false
	}
	micros += seconds * microsPerSecond
	t := TimestampOf(len(fraction))
	if t.IsLong() {
		return Value{Type: t, V: Picos(micros, picos%PicosPerMicro)}, true
	}
	return Value{Type: t, V: FloorDiv(micros, microsPerSecond/UnitsPerSecond(t.Precision))}, true
}

// ParseLakeTimestamp parses YYYY-MM-DD[( |T)HH:MM[:SS[.f]]][Z|±hh:mm] as UTC, for LakeTimestampLiteral's
// comparisons with a timestamp column. The result has the precision of the text, at least p.
func ParseLakeTimestamp(text string, p int) (Value, bool) {
	m := lakePattern().FindStringSubmatch(strings.TrimSpace(text))
	if m == nil || len(m[7]) > maxFraction {
		return Value{}, false
	}
	days, okDay := parseDay(m[1], m[2], m[3])
	clock, okClock := parseClock(m[4], m[5], m[6])
	if !okDay || !okClock {
		return Value{}, false
	}
	seconds := days*secondsPerDay + clock
	if minutes, ok := parseOffset(m[8]); ok {
		seconds -= int64(minutes) * 60
	}
	fraction := strings.TrimRight(m[7], "0")
	for len(fraction) < p {
		fraction += "0"
	}
	return wallTime(seconds, fraction, false)
}

func invalidLiteral(kind, text string) error {
	return Errorf(InvalidLiteral, Pos{}, "'%s' is not a valid %s literal", text, kind)
}
