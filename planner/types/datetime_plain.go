package types

import "strings"

const (
	plainDay   = "0000-00-00"
	plainClock = "00:00:00"
	// maxPlainFraction is how many digits of a fraction PlainTimestamp reads.
	maxPlainFraction = 9
)

// PlainTimestamp reads a time as nearly all are written, YYYY-MM-DD, then between, then HH:MM:SS, and perhaps a point and up to nine digits, as
// seconds after 1970 and the nanoseconds and digits of the fraction. Where it is not ok the text is of another form or no time.
func PlainTimestamp(text string, between byte) (seconds, nanos int64, digits int, ok bool) {
	const clockAt, fractionAt = len(plainDay) + 1, len(plainDay) + 1 + len(plainClock)
	if len(text) < fractionAt || text[len(plainDay)] != between {
		return 0, 0, 0, false
	}
	days, isDay := parsePlainDay(text[:len(plainDay)])
	clock, isClock := plainNumbers(text[clockAt:fractionAt], plainClock)
	if !isDay || !isClock || clock[0] > 23 || clock[1] > 59 || clock[2] > 59 {
		return 0, 0, 0, false
	}
	if rest := text[fractionAt:]; rest != "" {
		if digits = len(rest) - 1; rest[0] != '.' || digits < 1 || digits > maxPlainFraction || strings.Trim(rest[1:], "0123456789") != "" {
			return 0, 0, 0, false
		}
		nanos = number64(rest[1:])
		for range maxPlainFraction - digits {
			nanos *= 10
		}
	}
	return days*secondsPerDay + clock[0]*3600 + clock[1]*60 + clock[2], nanos, digits, true
}

// parsePlainDay reads YYYY-MM-DD.
func parsePlainDay(text string) (days int64, ok bool) {
	n, ok := plainNumbers(text, plainDay)
	if !ok || n[1] < 1 || n[1] > 12 || n[2] < 1 || n[2] > daysIn(n[0], n[1]) {
		return 0, false
	}
	return daysFromCivil(n[0], n[1], n[2]), true
}

// plainNumbers reads three numbers whose digits stand where a form has zeros.
func plainNumbers(text, form string) (numbers [3]int64, ok bool) {
	if len(text) != len(form) {
		return numbers, false
	}
	at := 0
	for i := range len(form) {
		if form[i] != '0' {
			if text[i] != form[i] {
				return numbers, false
			}
			at++
			continue
		}
		digit := text[i] - '0'
		if digit > 9 {
			return numbers, false
		}
		numbers[at] = numbers[at]*10 + int64(digit)
	}
	return numbers, true
}
