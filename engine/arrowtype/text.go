package arrowtype

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/apache/arrow/go/v15/arrow/decimal128"

	"github.com/auditlake/auditlake/planner/types"
)

const secondsPerDay = 86400

// AppendDate appends a date as Trino shows it: 2024-01-02, -0001-01-01,
// +12024-01-01 past the year 9999.
func AppendDate(out []byte, days int64) []byte {
	year, month, day := civil(days)
	switch {
	case year > 9999:
		out = append(out, '+')
		out = strconv.AppendInt(out, year, 10)
	case year < 0:
		out = append(out, '-')
		out = appendPadded(out, -year, 4)
	default:
		out = appendPadded(out, year, 4)
	}
	out = appendPadded(append(out, '-'), int64(month), 2)
	return appendPadded(append(out, '-'), int64(day), 2)
}

// civil is the proleptic Gregorian date of a day count from 1970-01-01, by
// eras of 400 years that start in March.
func civil(days int64) (year int64, month, day int) {
	days += 719468
	era := types.FloorDiv(days, 146097)
	dayOfEra := days - era*146097
	yearOfEra := (dayOfEra - dayOfEra/1460 + dayOfEra/36524 - dayOfEra/146096) / 365
	dayOfYear := dayOfEra - (365*yearOfEra + yearOfEra/4 - yearOfEra/100)
	shifted := (5*dayOfYear + 2) / 153
	day = int(dayOfYear-(153*shifted+2)/5) + 1
	month = int(shifted) + 3
	if month > 12 {
		month -= 12
	}
	year = yearOfEra + era*400
	if month <= 2 {
		year++
	}
	return year, month, day
}

// AppendTimestamp appends a timestamp with p fraction digits; units make a second.
func AppendTimestamp(out []byte, value int64, unitsPerSecond int64, p int) []byte {
	seconds := types.FloorDiv(value, unitsPerSecond)
	days := types.FloorDiv(seconds, secondsPerDay)
	out = append(AppendDate(out, days), ' ')
	return appendClock(out, value-days*secondsPerDay*unitsPerSecond, unitsPerSecond, p)
}

// Timestamps appends timestamps as AppendTimestamp does. It caches the text of the last day, which pays where many
// are of one day.
type Timestamps struct {
	unitsPerSecond int64
	precision      int
	midnight       int64 // of the day whose text follows
	day            []byte
}

// TimestampsOf appends timestamps of type t, which are not long.
func TimestampsOf(t *types.Type) *Timestamps {
	return &Timestamps{unitsPerSecond: UnitsPerSecond(t), precision: t.Precision}
}

// Append appends one.
func (s *Timestamps) Append(out []byte, value int64) []byte {
	unitsPerDay := secondsPerDay * s.unitsPerSecond
	if s.day == nil || value < s.midnight || uint64(value-s.midnight) >= uint64(unitsPerDay) {
		days := types.FloorDiv(value, unitsPerDay)
		midnight := days * unitsPerDay
		if midnight > value { // the first day of all begins before the first value
			return AppendTimestamp(out, value, s.unitsPerSecond, s.precision)
		}
		s.midnight, s.day = midnight, append(AppendDate(s.day[:0], days), ' ')
	}
	return appendClock(append(out, s.day...), value-s.midnight, s.unitsPerSecond, s.precision)
}

// AppendLong appends a long timestamp with p fraction digits.
func AppendLong(out []byte, value decimal128.Num, p int) []byte {
	const shortDigits = 6
	micros, picos := types.SplitPicos(value)
	out = AppendTimestamp(out, micros, 1e6, shortDigits)
	for digits := shortDigits; digits > p-shortDigits; digits-- {
		picos /= 10
	}
	return appendPadded(out, picos, p-shortDigits)
}

// appendClock appends hh:mm:ss and p fraction digits of a time of day.
func appendClock(out []byte, value, unitsPerSecond int64, p int) []byte {
	seconds := value / unitsPerSecond
	hour, minute, second := seconds/3600, seconds/60%60, seconds%60
	out = append(out, byte('0'+hour/10), byte('0'+hour%10), ':', byte('0'+minute/10), byte('0'+minute%10), ':', byte('0'+second/10), byte('0'+second%10))
	if p == 0 {
		return out
	}
	fraction := value - seconds*unitsPerSecond
	if p == 3 && unitsPerSecond == 1000 {
		return append(out, '.', byte('0'+fraction/100), byte('0'+fraction/10%10), byte('0'+fraction%10))
	}
	digits := 0
	for u := unitsPerSecond; u > 1; u /= 10 {
		digits++
	}
	for ; digits > p; digits-- {
		fraction /= 10
	}
	for ; digits < p; digits++ {
		fraction *= 10
	}
	return appendPadded(append(out, '.'), fraction, p)
}

// AppendTime appends a time of day of type t.
func AppendTime(out []byte, t *types.Type, value int64) []byte {
	return appendClock(out, value, UnitsPerSecond(t), t.Precision)
}

// AppendTimestampTZ appends a timestamp with time zone of type t in its zone.
func AppendTimestampTZ(out []byte, t *types.Type, instant int64, zone Zone) []byte {
	units := UnitsPerSecond(t)
	local := instant + OffsetSeconds(zone, types.FloorDiv(instant, units))*units
	out = AppendTimestamp(out, local, units, t.Precision)
	return append(append(out, ' '), ZoneName(zone)...)
}

// AppendLongTZ appends a long timestamp with time zone of type t in its zone.
func AppendLongTZ(out []byte, t *types.Type, instant decimal128.Num, zone Zone) []byte {
	micros, picos := types.SplitPicos(instant)
	micros += OffsetSeconds(zone, types.FloorDiv(micros, 1e6)) * 1e6
	out = AppendLong(out, types.Picos(micros, picos), t.Precision)
	return append(append(out, ' '), ZoneName(zone)...)
}

// AppendTimeTZ appends a time with time zone of type t with its offset.
func AppendTimeTZ(out []byte, t *types.Type, instant int64, zone Zone) []byte {
	units := UnitsPerSecond(t)
	offset := OffsetSeconds(zone, 0)
	day := secondsPerDay * units
	local := ((instant+offset*units)%day + day) % day
	out = AppendTime(out, t, local)
	return append(out, OffsetText(offset/60, ":")...)
}

// AppendIntervalDay appends milliseconds as "1 02:03:04.567".
func AppendIntervalDay(out []byte, millis int64) []byte {
	unsigned := uint64(millis)
	if millis < 0 {
		out = append(out, '-')
		unsigned = -unsigned
	}
	return fmt.Appendf(out, "%d %02d:%02d:%02d.%03d", unsigned/86400000, unsigned/3600000%24, unsigned/60000%60, unsigned/1000%60, unsigned%1000)
}

// AppendIntervalYear appends months as "1-2".
func AppendIntervalYear(out []byte, months int64) []byte {
	if months < 0 {
		out = append(out, '-')
		months = -months
	}
	return fmt.Appendf(out, "%d-%d", months/12, months%12)
}

// AppendDouble appends a floating point number of 32 or 64 bits the way Java
// prints it: 1.5, 1.0E10, NaN, -Infinity.
func AppendDouble(out []byte, f float64, bits int) []byte {
	switch {
	case f != f:
		return append(out, "NaN"...)
	case f > maxFinite:
		return append(out, "Infinity"...)
	case f < -maxFinite:
		return append(out, "-Infinity"...)
	}
	magnitude := f
	if f < 0 {
		magnitude = -f
	}
	if magnitude != 0 && (magnitude < 1e-3 || magnitude >= 1e7) {
		return appendScientific(out, f, bits)
	}
	if thousandths := int64(magnitude*1000 + 0.5); bits == 64 && f != 0 && float64(thousandths)/1000 == magnitude {
		return appendThousandths(out, f < 0, thousandths)
	}
	from := len(out)
	out = strconv.AppendFloat(out, f, 'f', -1, bits)
	for _, c := range out[from:] {
		if c == '.' {
			return out
		}
	}
	return append(out, ".0"...)
}

// appendThousandths writes n/1000 as AppendDouble does. No other text is as short, because doubles distinguish all
// numbers of up to 15 digits.
func appendThousandths(out []byte, isNegative bool, n int64) []byte {
	if isNegative {
		out = append(out, '-')
	}
	out = append(strconv.AppendInt(out, n/1000, 10), '.')
	out = appendPadded(out, n%1000, 3)
	for range 2 {
		if out[len(out)-1] == '0' {
			out = out[:len(out)-1]
		}
	}
	return out
}

const maxFinite = 1.79769313486231570814527423731704356798070e+308

// appendScientific writes 1.0E10: at least one fraction digit, no plus sign,
// no leading zero in the exponent.
func appendScientific(out []byte, f float64, bits int) []byte {
	text := FormatShortest(f, bits)
	point := false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; c {
		case 'e':
			if !point {
				out = append(out, ".0"...)
			}
			exponent, _ := strconv.Atoi(text[i+1:])
			return strconv.AppendInt(append(out, 'E'), int64(exponent), 10)
		default:
			point = point || c == '.'
			out = append(out, c)
		}
	}
	return out
}

// FormatShortest returns the shortest text with an exponent that reads back as f. If a single digit would do, but a
// number with two digits is nearer, it chooses the latter, as Java does: 4.9e-324.
func FormatShortest(f float64, bits int) string {
	text := strconv.FormatFloat(f, 'e', -1, bits)
	if strings.Contains(text, ".") {
		return text
	}
	if two := strconv.FormatFloat(f, 'e', 1, bits); !strings.Contains(two, ".0e") {
		return two
	}
	return text
}

// appendPadded appends a number that is not negative with zeros before it, up to a width of at least 1.
func appendPadded(out []byte, v int64, width int) []byte {
	if width == 2 && v < 100 {
		return append(out, byte('0'+v/10), byte('0'+v%10))
	}
	var digits [20]byte // the longest has 19
	at := len(digits)
	for ; v > 0 || at > len(digits)-width; v /= 10 {
		at--
		digits[at] = byte('0' + v%10)
	}
	return append(out, digits[at:]...)
}
