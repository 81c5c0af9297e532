package types

const (
	plainDay   = "0000-00-00"
	plainClock = "00:00:00"
	// maxPlainFraction is the most fraction digits that PlainTimestamp parses.
	maxPlainFraction = 9
)

var (
	clockForm = plainFormOf(plainClock)
	yearForm  = plainFormOf(plainDay)
	dayForm   = plainFormOf(plainDay[len(plainDay)-plainBytes:])
)

// PlainTimestamp parses the most common form of a time: YYYY-MM-DD, the byte between, HH:MM:SS, and optionally a
// point with up to nine digits. It returns the seconds since 1970, and the nanoseconds and number of digits of the
// fraction. If ok is false, the text has another form or is no time.
func PlainTimestamp(text string, between byte) (seconds, nanos int64, digits int, ok bool) {
	const clockAt, fractionAt = len(plainDay) + 1, len(plainDay) + 1 + len(plainClock)
	if len(text) < fractionAt || text[len(plainDay)] != between {
		return 0, 0, 0, false
	}
	days, isDay := parsePlainDay(text[:len(plainDay)])
	clock, isClock := clockForm.digits(text[clockAt:])
	hours, minutes, rest := twoDigits(clock), twoDigits(clock>>(3*8)), twoDigits(clock>>(6*8))
	if !isDay || !isClock || hours > 23 || minutes > 59 || rest > 59 {
		return 0, 0, 0, false
	}
	if fraction := text[fractionAt:]; fraction != "" {
		digits = len(fraction) - 1
		if nanos, ok = plainFraction(fraction); !ok {
			return 0, 0, 0, false
		}
	}
	return days*secondsPerDay + hours*3600 + minutes*60 + rest, nanos, digits, true
}

// plainFraction parses a point and one to nine digits as nanoseconds.
func plainFraction(text string) (nanos int64, ok bool) {
	if len(text) < 2 || len(text) > 1+maxPlainFraction || text[0] != '.' {
		return 0, false
	}
	for i := range maxPlainFraction {
		digit := byte(0)
		if i+1 < len(text) {
			digit = text[i+1] - '0'
		}
		if digit > 9 {
			return 0, false
		}
		nanos = nanos*10 + int64(digit)
	}
	return nanos, true
}

// parsePlainDay parses YYYY-MM-DD.
func parsePlainDay(text string) (days int64, ok bool) {
	if len(text) != len(plainDay) {
		return 0, false
	}
	front, isFront := yearForm.digits(text)
	back, isBack := dayForm.digits(text[len(plainDay)-plainBytes:])
	year, month, day := twoDigits(front)*100+twoDigits(front>>(2*8)), twoDigits(front>>(5*8)), twoDigits(back>>(6*8))
	if !isFront || !isBack || month < 1 || month > 12 || day < 1 || day > daysIn(year, month) {
		return 0, false
	}
	return daysFromCivil(year, month, day), true
}

// plainBytes is the number of characters that are checked at once.
const plainBytes = 8

// plainForm describes eight characters: digits where the form has zeros, elsewhere the form's own characters.
type plainForm struct {
	text  uint64
	fixed uint64 // all ones in the bytes of the form's own characters
}

func plainFormOf(form string) (f plainForm) {
	f.text = eightBytes(form)
	for i := range plainBytes {
		if form[i] != '0' {
			f.fixed |= 0xFF << (8 * i)
		}
	}
	return f
}

// digits parses the first eight characters of a text. Each byte of the result is a digit or zero; the first
// character is the lowest byte.
func (f plainForm) digits(text string) (digits uint64, ok bool) {
	const highs, pastNine = 0x8080808080808080, 0x7676767676767676
	digits = eightBytes(text) ^ f.text // the bits of '0' do not overlap those of a digit
	return digits, (digits+pastNine|digits)&highs == 0 && digits&f.fixed == 0
}

func eightBytes(text string) uint64 {
	_ = text[plainBytes-1]
	return uint64(text[0]) | uint64(text[1])<<8 | uint64(text[2])<<16 | uint64(text[3])<<24 |
		uint64(text[4])<<32 | uint64(text[5])<<40 | uint64(text[6])<<48 | uint64(text[7])<<56
}

// twoDigits returns the number that the two lowest digits write.
func twoDigits(digits uint64) int64 { return int64(digits&0xFF)*10 + int64(digits>>8&0xFF) }
