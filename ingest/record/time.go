package record

// ParseTime parses an ISO 8601 time and returns milliseconds since 1970, in UTC if it has no zone. It accepts the
// extended form, YYYY-MM-DD[T| ]HH:MM[:SS[.f]][zone], and the basic one, YYYYMMDDTHHMM[SS[.f]][zone]. A zone is Z,
// ±hh:mm, ±hhmm or ±hh. T and Z may be small letters, the point may be a comma, and 24:00:00 is the end of the
// day. Digits after the millisecond are cut off.
func ParseTime(text []byte) (millis int64, ok bool) {
	const length = len("0000-00-00T00:00:00")
	if len(text) < length {
		return parseRareTime(text)
	}
	t := (*[length]byte)(text)
	if t[4] != '-' || t[7] != '-' || t[10] != 'T' && t[10] != ' ' || t[13] != ':' || t[16] != ':' {
		return parseRareTime(text)
	}
	century, year, month, day := two(t[0], t[1]), two(t[2], t[3]), two(t[5], t[6]), two(t[8], t[9])
	hour, minute, second := two(t[11], t[12]), two(t[14], t[15]), two(t[17], t[18])
	return timeOf(100*century+year, month, day, hour, minute, second, text[length:])
}

// parseRareTime is ParseTime for forms that CloudTrail does not write: a small t, no seconds, or the basic form.
func parseRareTime(text []byte) (millis int64, ok bool) {
	const date = len("00000000")
	if len(text) > date && (text[date] == 'T' || text[date] == 't') {
		return parseClock(two(text[0], text[1]), two(text[2], text[3]), two(text[4], text[5]), two(text[6], text[7]), text[date+1:], "")
	}
	const extended = len("0000-00-00")
	if len(text) <= extended || text[4] != '-' || text[7] != '-' || text[extended] != 'T' && text[extended] != 't' && text[extended] != ' ' {
		return 0, false
	}
	return parseClock(two(text[0], text[1]), two(text[2], text[3]), two(text[5], text[6]), two(text[8], text[9]), text[extended+1:], ":")
}

// parseClock reads the text after a date: the hour, the minute and the optional second, with a separator between
// them, then the fraction and the zone.
func parseClock(century, year, month, day uint32, clock []byte, separator string) (millis int64, ok bool) {
	n := len(separator)
	if len(clock) < 4+n || string(clock[2:2+n]) != separator {
		return 0, false
	}
	hour, minute := two(clock[0], clock[1]), two(clock[2+n], clock[3+n])
	follows, second := clock[4+n:], uint32(0)
	if len(follows) >= 2+n && string(follows[:n]) == separator && follows[n]-'0' <= 9 {
		second, follows = two(follows[n], follows[n+1]), follows[2+n:]
	} else if len(follows) > 0 && isPoint(follows[0]) {
		return 0, false // a fraction of a minute
	}
	return timeOf(100*century+year, month, day, hour, minute, second, follows)
}

// timeOf returns the time of the given numbers, followed by a fraction and a zone. It checks every number.
func timeOf(year, month, day, hour, minute, second uint32, follows []byte) (millis int64, ok bool) {
	if hour > 24 || minute > 59 || second > 59 || month-1 > 11 || day-1 >= daysIn(year, month) {
		return 0, false
	}
	fraction, rest, ok := parseFraction(follows)
	if !ok || hour == 24 && (minute > 0 || second > 0 || fraction > 0) {
		return 0, false
	}
	offset, ok := parseZone(rest)
	millis = (daysTo(year, month, day)*86400+int64(hour*3600+minute*60+second))*1000 + fraction - offset
	return millis, ok && millis <= lastMillis
}

// two returns the number that two digits write, a huge number if they are not digits.
func two(tens, ones byte) uint32 {
	tens, ones = tens-'0', ones-'0'
	if tens > 9 || ones > 9 {
		return 1 << 16
	}
	return uint32(tens)*10 + uint32(ones)
}

// daysIn returns the number of days of a month, which must be in [1, 12]; 0 for a year after 9999.
func daysIn(year, month uint32) uint32 {
	switch {
	case year > 9999:
		return 0
	case month == 2 && year%4 == 0 && (year%100 != 0 || year%400 == 0):
		return 29
	case month == 2:
		return 28
	case month == 4 || month == 6 || month == 9 || month == 11:
		return 30
	}
	return 31
}

// daysTo counts the days from 1970 to a date. Years begin in March here, so the leap day is the year's last.
func daysTo(year, month, day uint32) int64 {
	const to1970 = 719468 // from March 1st of the year 0
	y, m := int64(year), int64(month)-3
	if m < 0 {
		y, m = y-1, m+12
	}
	// Five months from March or August on have 153 days.
	days := y*365 + (153*m+2)/5 + int64(day) - 1
	return days + floor(y, 4) - floor(y, 100) + floor(y, 400) - to1970
}

// floor returns n/d rounded down, for n from -1 on.
func floor(n, d int64) int64 { return (n+d)/d - 1 }

// lastMillis is the end of the year 9999; later years have more than four digits.
const lastMillis = 253402300799999

func isPoint(c byte) bool { return c == '.' || c == ',' }

// parseFraction reads the digits after a point or comma, if there is one, as milliseconds.
func parseFraction(text []byte) (millis int64, rest []byte, ok bool) {
	if len(text) == 0 || !isPoint(text[0]) {
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

// parseZone reads nothing, Z, ±hh:mm, ±hhmm or ±hh as milliseconds east of UTC.
func parseZone(text []byte) (millis int64, ok bool) {
	if len(text) == 0 || string(text) == "Z" || string(text) == "z" {
		return 0, true
	}
	if text[0] != '+' && text[0] != '-' {
		return 0, false
	}
	var hours, minutes uint32
	switch {
	case len(text) == 6 && text[3] == ':':
		hours, minutes = two(text[1], text[2]), two(text[4], text[5])
	case len(text) == 5:
		hours, minutes = two(text[1], text[2]), two(text[3], text[4])
	case len(text) == 3:
		hours = two(text[1], text[2])
	default:
		return 0, false
	}
	if hours > 23 || minutes > 59 {
		return 0, false
	}
	millis = int64(hours*60+minutes) * 60_000
	if text[0] == '-' {
		millis = -millis
	}
	return millis, true
}
