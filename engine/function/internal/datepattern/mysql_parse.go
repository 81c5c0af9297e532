package datepattern

import (
	"strconv"
	"strings"
	"time"

	"github.com/auditlake/auditlake/planner/types"
)

// MySQLParser reads local times by MySQL patterns, one after the other.
type MySQLParser struct {
	fields parsedFields // of the text being read
}

// Plain is a MySQL pattern by which nearly all times are written: %Y-%m-%d, a byte, %H:%i:%s, and a text.
type Plain struct {
	between byte
	suffix  string
}

// PlainMySQL recognises a Plain.
func PlainMySQL(pattern string) (p Plain, ok bool) {
	rest, isDay := strings.CutPrefix(pattern, "%Y-%m-%d")
	if !isDay || rest == "" || rest[0] == '%' {
		return p, false
	}
	suffix, isClock := strings.CutPrefix(rest[1:], "%H:%i:%s")
	return Plain{rest[0], suffix}, isClock && !strings.Contains(suffix, "%")
}

// Parse reads a time as MySQLParser does; where it is not ok the text has other numbers of digits, or is no time.
func (p Plain) Parse(text string) (millis int64, ok bool) {
	text, hasSuffix := strings.CutSuffix(text, p.suffix)
	seconds, _, digits, ok := types.PlainTimestamp(text, p.between)
	return seconds * 1000, ok && hasSuffix && digits == 0
}

// Parse reads one, as milliseconds after 1970.
func (v *MySQLParser) Parse(text, pattern string) (int64, error) {
	if isEmptyMySQL(pattern) {
		return 0, types.ArgumentError("Both printing and parsing not supported")
	}
	rest := text
	v.fields = v.fields[:0]
	for i := 0; i < len(pattern); i++ {
		var ok bool
		if pattern[i] != '%' {
			rest, ok = strings.CutPrefix(rest, pattern[i:i+1])
		} else if i++; i == len(pattern) {
			break
		} else {
			if !isMySQLNumber(pattern[i]) && strings.IndexByte("DUuVwX", pattern[i]) >= 0 {
				return 0, types.ArgumentError("%%%c not supported in date format string", pattern[i])
			}
			rest, ok = v.read(rest, pattern[i])
		}
		if !ok {
			return 0, types.ArgumentError("Invalid format: \"%s\" is malformed at \"%s\"", text, rest)
		}
	}
	if rest != "" {
		return 0, types.ArgumentError("Invalid format: \"%s\" is malformed at \"%s\"", text, rest)
	}
	t, ok := v.fields.Time()
	if !ok {
		return 0, types.ArgumentError("Cannot parse \"%s\": a value is out of range", text)
	}
	return t.UnixMilli(), nil
}

// mysqlNumber is how the number of a letter is read.
type mysqlNumber struct {
	letter byte // Joda's
	width  int  // the most digits; 0: the letter has no number
}

var mysqlNumbers = [128]mysqlNumber{
	'm': {'M', 2}, 'c': {'M', 2}, 'd': {'d', 2}, 'e': {'d', 2}, 'j': {'D', 3}, 'v': {'w', 2},
	'H': {'H', 2}, 'k': {'H', 2}, 'h': {'h', 2}, 'I': {'h', 2}, 'l': {'h', 2}, 'i': {'m', 2}, 'S': {'s', 2}, 's': {'s', 2},
}

func isMySQLNumber(letter byte) bool {
	return int(letter) < len(mysqlNumbers) && mysqlNumbers[letter].width > 0
}

// read takes the field of a letter off the text.
func (v *MySQLParser) read(text string, letter byte) (string, bool) {
	n := 0
	if isMySQLNumber(letter) {
		number := mysqlNumbers[letter]
		rest, ok := readInt(text, number.width, &n)
		v.fields.save(number.letter, n)
		return rest, ok
	}
	switch letter {
	case 'Y':
		return v.readYear(text, 'y')
	case 'x':
		return v.readYear(text, 'x')
	case 'y':
		rest, ok := readInt(text, 2, &n)
		if n < 70 {
			n += 100
		}
		v.fields.save('y', 1900+n)
		return rest, ok && len(text)-len(rest) == 2
	case 'f':
		return v.readFraction(text)
	case 'M', 'b':
		rest, ok := readName(text, &n, func(i int) string { return time.Month(i).String() }, 12)
		v.fields.save('M', n)
		return rest, ok
	case 'W', 'a':
		rest, ok := readName(text, &n, func(i int) string { return time.Weekday(i % 7).String() }, 7)
		v.fields.save('e', n)
		return rest, ok
	case 'p':
		return v.readHalf(text)
	case 'T':
		return v.readAll(text, "H:i:s")
	case 'r':
		return v.readAll(text, "h:i:s p")
	}
	if text == "" || text[0] != letter { // a byte, which may be a part of a code point
		return text, false
	}
	return text[1:], true
}

func (v *MySQLParser) readYear(text string, letter byte) (string, bool) {
	sign, n := 1, 0
	if len(text) > 1 && (text[0] == '-' || text[0] == '+') {
		if text[0] == '-' {
			sign = -1
		}
		text = text[1:]
	}
	rest, ok := readInt(text, 4, &n)
	v.fields.save(letter, sign*n)
	return rest, ok
}

// readAll reads letters as fields, other bytes as themselves.
func (v *MySQLParser) readAll(text, fields string) (string, bool) {
	ok := true
	for i := 0; ok && i < len(fields); i++ {
		if c := fields[i]; c == ':' || c == ' ' {
			text, ok = strings.CutPrefix(text, fields[i:i+1])
			continue
		}
		text, ok = v.read(text, fields[i])
	}
	return text, ok
}

func (v *MySQLParser) readHalf(text string) (string, bool) {
	if len(text) < 2 {
		return text, false
	}
	switch strings.ToUpper(text[:2]) {
	case "PM":
		v.fields.save('a', 1)
	case "AM":
		v.fields.save('a', 0)
	default:
		return text, false
	}
	return text[2:], true
}

func (v *MySQLParser) readFraction(text string) (string, bool) {
	digits := 0
	for digits < len(text) && digits < 9 && text[digits] >= '0' && text[digits] <= '9' {
		digits++
	}
	millis, _ := strconv.Atoi((text[:digits] + "000")[:3])
	v.fields.save('S', millis)
	return text[digits:], digits > 0
}

func readInt(text string, width int, into *int) (string, bool) {
	digits, n := 0, 0
	for digits < len(text) && digits < width && text[digits] >= '0' && text[digits] <= '9' {
		n = n*10 + int(text[digits]-'0')
		digits++
	}
	*into = n
	return text[digits:], digits > 0
}

// readName reads a full name or its first three letters, in any case.
func readName(text string, into *int, name func(int) string, count int) (string, bool) {
	for _, short := range []bool{false, true} {
		for i := 1; i <= count; i++ {
			n := name(i)
			if short {
				n = n[:3]
			}
			if len(text) >= len(n) && strings.EqualFold(text[:len(n)], n) {
				*into = i
				return text[len(n):], true
			}
		}
	}
	return text, false
}
