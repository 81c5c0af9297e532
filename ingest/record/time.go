package record

import "time"

// parseTime reads YYYY-MM-DD[T| ]HH:MM:SS[.f][Z|±hh:mm] as milliseconds since
// 1970, UTC where no zone stands. Digits behind the millisecond are cut off.
func parseTime(text []byte) (millis int64, ok bool) {
	const layout = "0000-00-00T00:00:00" // digits where 0, else the byte itself
	if len(text) < len(layout) {
		return 0, false
	}
	for i := range layout {
		c := text[i]
		switch {
		case layout[i] == '0' && c-'0' <= 9:
		case layout[i] != '0' && layout[i] == c:
		case layout[i] == 'T' && c == ' ':
		default:
			return 0, false
		}
	}
	year, month, day := number(text[0:4]), number(text[5:7]), number(text[8:10])
	hour, minute, second := number(text[11:13]), number(text[14:16]), number(text[17:19])
	if hour > 23 || minute > 59 || second > 59 {
		return 0, false
	}
	date := time.Date(year, time.Month(month), day, hour, minute, second, 0, time.UTC)
	if date.Day() != day || date.Month() != time.Month(month) {
		return 0, false
	}
	fraction, rest, ok := parseFraction(text[len(layout):])
	if !ok {
		return 0, false
	}
	offset, ok := parseZone(rest)
	millis = date.UnixMilli() + fraction - offset
	return millis, ok && millis <= lastMillis
}

// lastMillis is the end of the year 9999: later days have no four-digit name.
const lastMillis = 253402300799999

// parseFraction reads the digits behind a point, if there is one, as milliseconds.
func parseFraction(text []byte) (millis int64, rest []byte, ok bool) {
	if len(text) == 0 || text[0] != '.' {
		return 0, text, true
	}
	unit := int64(100)
	i := 1
	for ; i < len(text) && text[i]-'0' <= 9; i++ {
		millis += int64(text[i]-'0') * unit
		unit /= 10
	}
	return millis, text[i:], i > 1
}

// parseZone reads nothing, Z or ±hh:mm as milliseconds east of UTC.
func parseZone(text []byte) (millis int64, ok bool) {
	if len(text) == 0 || string(text) == "Z" {
		return 0, true
	}
	if len(text) != 6 || text[3] != ':' || text[0] != '+' && text[0] != '-' {
		return 0, false
	}
	for _, i := range []int{1, 2, 4, 5} {
		if text[i]-'0' > 9 {
			return 0, false
		}
	}
	hours, minutes := number(text[1:3]), number(text[4:6])
	if hours > 23 || minutes > 59 {
		return 0, false
	}
	millis = int64(hours*60+minutes) * 60_000
	if text[0] == '-' {
		millis = -millis
	}
	return millis, true
}

// number reads digits.
func number(text []byte) int {
	n := 0
	for _, c := range text {
		n = n*10 + int(c-'0')
	}
	return n
}
